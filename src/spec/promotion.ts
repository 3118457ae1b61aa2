import { failure, nearest } from '../lib/index.ts';
import type { AddonOn, AppOn, Cluster, Fleet } from './fleet.ts';
import type { HelmSource } from './schema/index.ts';

/** One value that is promoted. */
export interface PromotedField {
  /** Below spec: `['images', 'web']`, `['version']`, `['source', 'helm', 'version']`. */
  readonly path: readonly string[];
  /** What the clusters of the environment have now, each value once; empty where none has one. */
  readonly now: readonly string[];
  readonly next: string;
}

/** What is copied from one environment into the next. */
export interface Promotion {
  /** `App/shop/web`, `Addon/metallb`. */
  readonly owner: string;
  /** The file that defines it, from the repository's root. */
  readonly file: string;
  readonly line: number;
  /** True when the file is code, which is not edited. */
  readonly isCode: boolean;
  readonly from: string;
  readonly to: string;
  /** What differs; at least one. */
  readonly fields: readonly PromotedField[];
  /** The chart that a promoted chart version belongs to. */
  readonly chart: string | undefined;
}

type On = ReadonlyMap<string, AppOn | AddonOn>;

interface Side {
  readonly environment: string;
  readonly on: readonly (readonly [cluster: string, said: AppOn | AddonOn])[];
}

/** What promoting an owner into an environment would copy there; a TORYO_USAGE that says why when nothing can be. */
export function promotionOf(fleet: Fleet, owner: string, to: string): Promotion {
  const found = ownerOf(fleet, owner);
  const from = environmentBefore(fleet, to);
  const before = sideOf(fleet, found.on, from);
  const target = sideOf(fleet, found.on, to);
  for (const side of [before, target])
    if (side.on.length === 0) refuse(`${owner} runs on no cluster of ${side.environment}`);
  const paths = pathsOf(before, target, owner);
  if (paths.length === 0) refuse(`${owner} names no image and no version in ${from}: nothing can be copied`);
  const all = paths.map((one) => fieldOf(one, before, target, owner));
  const fields = all.filter((field) => field.now.length !== 1 || field.now[0] !== field.next);
  if (fields.length === 0) refuse(`${owner} is in ${to} what it is in ${from}: nothing is left to promote`);
  const { file, line } = found.from;
  const isCode = !/\.(ya?ml|json)$/.test(file);
  return { owner, file, line, isCode, from, to, fields, chart: helmOf(before.on[0]?.[1])?.chart };
}

function refuse(why: string): never {
  throw failure('TORYO_USAGE', { why });
}

function ownerOf(fleet: Fleet, owner: string): { readonly on: On; readonly from: Fleet['from'] } {
  const owners = new Map<string, { readonly on: On; readonly from: Fleet['from'] }>([
    ...fleet.apps.map((app) => [`App/${app.tenant}/${app.name}`, app] as const),
    ...fleet.addons.map((addon) => [`Addon/${addon.name}`, addon] as const),
  ]);
  return owners.get(owner) ?? refuse(`there is no ${owner}${didYouMean(owner, owners.keys())}`);
}

function environmentBefore(fleet: Fleet, to: string): string {
  const names = fleet.environments.map((one) => one.name);
  const index = names.indexOf(to);
  if (index < 0) refuse(`there is no environment "${to}" in the Fleet${didYouMean(to, names)}`);
  return names[index - 1] ?? refuse(`${to} is the first environment: nothing comes before it`);
}

function didYouMean(word: string, candidates: Iterable<string>): string {
  const near = nearest(word, candidates);
  return near === undefined ? '' : `, did you mean "${near}"?`;
}

function sideOf(fleet: Fleet, on: On, environment: string): Side {
  const isOf = (cluster: Cluster | undefined): boolean => cluster?.environment === environment;
  return { environment, on: [...on].filter(([name]) => isOf(fleet.clusters.get(name))) };
}

/** Everything that can be copied: what some cluster of the environment before names. */
function pathsOf(before: Side, target: Side, owner: string): readonly (readonly string[])[] {
  const images = new Set(before.on.flatMap(([, said]) => ('source' in said ? Object.keys(said.images) : [])));
  const paths = [...images].map((name) => ['images', name]);
  const hasVersion = before.on.some(([, said]) => versionOf(said) !== undefined);
  if (hasVersion) paths.push(['version']);
  const chart = chartPath(before, target, owner);
  return chart === undefined ? paths : [...paths, chart];
}

function chartPath(before: Side, target: Side, owner: string): readonly string[] | undefined {
  const charts = new Set(before.on.map(([, said]) => helmOf(said)?.chart ?? ''));
  const targets = new Set(target.on.map(([, said]) => helmOf(said)?.chart ?? ''));
  const isVersioned = before.on.some(([, said]) => helmOf(said)?.version !== undefined);
  if (!isVersioned) return undefined;
  const [all, first = ''] = [new Set([...charts, ...targets]), [...charts][0]];
  if (all.size > 1) {
    const named = (side: Side, found: ReadonlySet<string>): string =>
      `${[...found].map((one) => one || 'no chart').join(' and ')} in ${side.environment}`;
    refuse(
      `${owner} is not one chart everywhere: ${named(before, charts)}, ${named(target, targets)}; change the file by hand`,
    );
  }
  const isApp = before.on.some(([, said]) => 'source' in said);
  return first === '' ? undefined : [isApp ? 'source' : 'from', 'helm', 'version'];
}

function helmOf(said: AppOn | AddonOn | undefined): HelmSource | undefined {
  if (said === undefined) return undefined;
  if ('source' in said) return said.source.helm;
  return said.from === 'catalog' ? undefined : said.from.helm;
}

function versionOf(said: AppOn | AddonOn): string | undefined {
  return 'source' in said ? undefined : said.version;
}

function valueOf(said: AppOn | AddonOn, field: readonly string[]): string | undefined {
  const [first, second = ''] = field;
  if (first === 'images') return 'source' in said ? said.images[second] : undefined;
  return first === 'version' ? versionOf(said) : helmOf(said)?.version;
}

function fieldOf(field: readonly string[], before: Side, target: Side, owner: string): PromotedField {
  const values = Map.groupBy(before.on, ([, said]) => valueOf(said, field));
  const [next] = values.keys();
  if (values.size !== 1 || next === undefined) {
    const list = [...values].map(
      ([value, clusters]) => `${value ?? 'nothing'} on ${clusters.map(([name]) => name).join(', ')}`,
    );
    refuse(`${field.join('.')} of ${owner} is not one value in ${before.environment}: ${list.join('; ')}`);
  }
  const now = new Set(target.on.map(([, said]) => valueOf(said, field)));
  // A cluster without a value is one that differs.
  const known = [...now].filter((value) => value !== undefined);
  return { path: field, now: now.has(undefined) ? [...known, ''] : known, next };
}

/** Clusters of the environment that keep another value although the promotion is written: a later override says so. */
export function keepersOf(fleet: Fleet, promotion: Promotion): readonly string[] {
  const { on } = ownerOf(fleet, promotion.owner);
  return sideOf(fleet, on, promotion.to).on.flatMap(([cluster, said]) =>
    promotion.fields
      .filter((field) => valueOf(said, field.path) !== field.next)
      .map((field) => {
        const { file, line } = said.place.locate(field.path);
        const value = valueOf(said, field.path) ?? 'nothing';
        return `${cluster} keeps ${field.path.join('.')} ${value} (${file}:${line})`;
      }),
  );
}
