import {
  at,
  failure,
  isEqual,
  isObject,
  isString,
  listAt,
  parseYaml,
  type JsonObject,
  type PathStep,
} from '../lib/index.ts';
import type { Fleet } from './fleet.ts';
import type { PromotedField, Promotion } from './promotion.ts';
import { isSelected } from './selection.ts';

/** Comments at the beginning of a file that somebody else writes. */
const generated = /^\uFEFF?(\s*#.*\n)*?\s*#.*(@generated|do not edit|generated (by|from|with))/i;

/** The text of the file with the promotion in the override that selects exactly that environment. */
export async function editedFor(fleet: Fleet, promotion: Promotion, text: string): Promise<string> {
  const isWanted = (value: unknown): boolean => titleIn(value) === promotion.owner;
  if (generated.test(text))
    refuse(`${promotion.file} says that it is generated: change what it is made from`);
  const raw = parseYaml(text, promotion.file).value?.find((one) => isWanted(one.value))?.value;
  const edits = editsFor(fleet, promotion, raw);
  // Loaded here only: all other verbs read, and none of them pays for what edits.
  const { editedYaml } = await import('./yaml-edit.ts');
  const edited = editedYaml(text, isWanted, edits);
  return (
    edited ??
    refuse(
      `${promotion.file} is written in a way that cannot be edited safely (an anchor that other places share?): change it by hand to\n${overrideText(promotion)}`,
    )
  );
}

/** The override as a person would write it. */
export function overrideText({ to, fields }: Promotion): string {
  const lines = fields.map(({ path, next }) => `  ${path.join('.')}: ${JSON.stringify(next)}`);
  return [`- select: { environment: ${to} }`, ...lines].join('\n');
}

function refuse(why: string): never {
  throw failure('TORYO_USAGE', { why });
}

function titleIn(value: unknown): string {
  const [kind, name, tenant] = [
    at(value, 'kind'),
    at(value, 'metadata', 'name'),
    at(value, 'spec', 'tenant'),
  ];
  return kind === 'App' ? `App/${String(tenant)}/${String(name)}` : `${String(kind)}/${String(name)}`;
}

interface Edit {
  readonly path: readonly PathStep[];
  readonly value: unknown;
}

function editsFor(fleet: Fleet, promotion: Promotion, raw: unknown): readonly Edit[] {
  const overrides = listAt(raw, 'spec', 'overrides');
  const index = overrides.findLastIndex((entry) => isExactly(at(entry, 'select'), promotion.to));
  const own = overrides[index];
  const edits = promotion.fields.map((field) =>
    editFor(field, own, promotion, () => sourceOf(fleet, promotion, raw)),
  );
  const base = ['spec', 'overrides'];
  if (own !== undefined) return edits.map(({ path, value }) => ({ path: [...base, index, ...path], value }));
  const entry: Record<string, unknown> = { select: { environment: promotion.to } };
  const images: Record<string, unknown> = {};
  for (const { path, value } of edits) {
    const [first = '', second] = path.map(String);
    if (first === 'images' && second !== undefined) images[second] = value;
    else entry[first] = value;
  }
  const value = Object.keys(images).length === 0 ? entry : { ...entry, images };
  return [{ path: [...base, overrides.length], value }];
}

function isExactly(select: unknown, environment: string): boolean {
  if (!isObject(select) || Object.keys(select).length !== 1) return false;
  const named = select['environment'];
  return isEqual(named, environment) || isEqual(named, [environment]);
}

/** One value; a source is written as a whole where the override has none: half of one source and half of another is neither. */
function editFor(
  { path, next }: PromotedField,
  override: unknown,
  promotion: Promotion,
  source: () => JsonObject,
): Edit {
  const [first = ''] = path;
  if (first !== 'source' && first !== 'from') return { path, value: next };
  if (isObject(at(override, first, 'helm'))) return { path, value: next };
  if (first === 'from')
    return { path: [first], value: { helm: { chart: promotion.chart ?? '', version: next } } };
  const whole = source();
  const helm = at(whole, 'helm');
  return { path: [first], value: { ...whole, helm: { ...(isObject(helm) ? helm : {}), version: next } } };
}

/** The source of the environment's clusters as it is written, variables and all. */
function sourceOf(fleet: Fleet, promotion: Promotion, raw: unknown): JsonObject {
  const layers = [at(raw, 'spec'), ...listAt(raw, 'spec', 'overrides')].filter((layer) =>
    isObject(at(layer, 'source')),
  );
  const clusters = [...fleet.clusters.values()].filter(
    (cluster) =>
      cluster.environment === promotion.to &&
      isSelected(at(raw, 'spec', 'clusters'), selectableFrom(cluster)),
  );
  const sources = clusters.map((cluster) =>
    at(
      layers.findLast((layer) => {
        const select = at(layer, 'select');
        return select === undefined || isSelected(select, selectableFrom(cluster));
      }),
      'source',
    ),
  );
  const [first] = sources;
  if (!isObject(first) || !sources.every((one) => isEqual(one, first)))
    refuse(
      `${promotion.owner} has more than one source in ${promotion.to}: change ${promotion.file} by hand`,
    );
  return first;
}

type OneCluster = Fleet['clusters'] extends ReadonlyMap<string, infer C> ? C : never;

function selectableFrom({
  name,
  environment,
  provider,
  labels,
  eks,
}: OneCluster): Parameters<typeof isSelected>[1] {
  return { name, environment, provider, labels, region: isString(eks?.region) ? eks.region : undefined };
}
