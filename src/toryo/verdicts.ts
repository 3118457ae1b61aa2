import {
  andThen,
  checked,
  failure,
  isClean,
  nearest,
  type Checked,
  type Diagnostic,
  type Run,
} from '../lib/index.ts';
import { loadCatalog } from '../catalog/index.ts';
import { compile, Doubts, guardsIn, reasonsOn, type Bundle, type Mistaken } from '../compile/index.ts';
import {
  exceededSums,
  shapeMistakes,
  smallestChange,
  unknownVerdict,
  type Guards,
  type Verdict,
} from '../guard/index.ts';
import { isBuiltIn, makesPods, ownerName, refOf, titleOf, type KubeObject } from '../objects/index.ts';
import { render } from '../render/index.ts';
import { load, type Fleet } from '../spec/index.ts';
import { explained, type ExplainedVerdict } from './explained.ts';
import { mustHaveClusters, type Reading } from './looking.ts';
import { unjudged, unknownOf } from './unjudged.ts';
import type { Asked, FleetVerdicts, FullQuota, ObjectVerdict, VerdictRequest } from './verdict-shapes.ts';

/**
 * guard check: what the clusters' API servers would say of a fleet's pods and Services, or of others; no cluster is asked. Of a
 * fleet with mistakes `sound` is what they leave to be judged; what depends on them is unknown.
 */
export async function verdicts(
  root: string,
  request: VerdictRequest,
  reading: Reading,
  run: Run,
): Promise<Checked<FleetVerdicts>> {
  const loaded = await load(root, run, reading);
  if (loaded.value !== undefined) {
    mustHaveClusters(loaded.value, request.clusters);
    mustHaveOwners(loaded.value, request);
  }
  return andThen(loaded, async (fleet) => {
    const rendered = await render(fleet, loadCatalog(), run, reading.env);
    return andThen(rendered, (objects) => {
      const { value, sound = value, diagnostics } = compile(fleet, objects);
      const wanted = (sound ?? []).filter(
        ({ cluster }) => request.clusters.length === 0 || request.clusters.includes(cluster),
      );
      const others = diagnostics.filter((one) => !isVerdict(one));
      const known = [...loaded.diagnostics, ...rendered.diagnostics, ...others];
      const mistaken = isClean(known) ? undefined : { fleet, sources: objects, diagnostics: known };
      const held = wanted.map((bundle) => heldIn(fleet, bundle, request, mistaken));
      const all = told(held.flatMap((one) => one.verdicts));
      const lost = mistaken === undefined ? [] : unjudged(mistaken, wanted, request);
      const found = [...all, ...homeless(held, request, mistaken !== undefined), ...lost];
      const judged = new Set(found.map(({ from }) => from));
      const passedOver = (request.objects ?? []).filter(({ from }) => !judged.has(from)).length;
      return checked({ fleet, verdicts: found, quotas: fullQuotas(held), passedOver }, others);
    });
  });
}

/** Throws TORYO_USAGE for Apps and Addons that the fleet, or the clusters that are asked, do not have. */
function mustHaveOwners(fleet: Fleet, { owners, clusters }: VerdictRequest): void {
  const places = new Map<string, readonly string[]>([
    ...fleet.apps.map(({ tenant, name, on }) => [`App/${tenant}/${name}`, [...on.keys()]] as const),
    ...fleet.addons.map(({ name, on }) => [`Addon/${name}`, [...on.keys()]] as const),
  ]);
  for (const owner of owners) {
    const on = places.get(owner);
    if (on === undefined) {
      const near = nearOwner(owner, [...places.keys()]);
      const meant = near === undefined ? '' : `, did you mean ${near}?`;
      throw failure('TORYO_USAGE', { why: `there is no ${owner}${meant}` });
    }
    if (clusters.length > 0 && !clusters.some((one) => on.includes(one)))
      throw failure('TORYO_USAGE', { why: `${owner} is not on ${clusters.join(', ')}` });
  }
}

/** The nearest by spelling; else one whose last part is the same: `App/web` for `App/shop/web`. */
function nearOwner(owner: string, known: readonly string[]): string | undefined {
  const last = `/${owner.split('/').at(-1) ?? ''}`;
  return nearest(owner, known) ?? known.find((one) => one.endsWith(last));
}

// What the verdicts say themselves.
function isVerdict({ code }: Diagnostic): boolean {
  return /^TRY-(SEC-0([0-3]\d|4[0-57]|6\d)|LOCK-004|OBJ-013|QUOTA-003)$/.test(code);
}

interface Held {
  /** True for a namespace that is the cluster's, or may be. */
  readonly knows: (namespace: string | undefined) => boolean;
  readonly verdicts: readonly ObjectVerdict[];
  readonly quotas: readonly FullQuota[];
}

function heldIn(fleet: Fleet, bundle: Bundle, request: VerdictRequest, mistaken: Mistaken | undefined): Held {
  const guards = guardsIn(bundle);
  const clusters = [bundle.cluster];
  const reasons = reasonsOn(fleet, bundle.cluster);
  const doubts = mistaken === undefined ? undefined : new Doubts(mistaken, bundle.cluster, guards);
  const knows = (namespace: string | undefined): boolean =>
    guards.knows(namespace) || doubts?.isWished(namespace) === true;
  const judge = (object: KubeObject): Verdict => guards.verdictOn(object);
  const found = askedOf(bundle, { guards, knows }, request).map(({ object, from, locate, owner }) => {
    const first = withPlaces(judge(object), { object, from, locate }, bundle);
    const why = doubts?.why({ namespace: object.metadata.namespace, owner, verdict: first });
    const verdict = why === undefined ? first : unknownVerdict(why);
    return {
      from,
      owner,
      title: titleOf(refOf(object)),
      clusters,
      verdict: explained(verdict, reasons),
      change: verdict.outcome === 'refused' ? smallestChange(object, verdict, judge) : undefined,
    };
  });
  const isWhole = request.objects === undefined && request.owners.length === 0;
  const quotas = (isWhole ? guards.quotas() : []).flatMap(({ namespace, answer }) => {
    const sums = exceededSums(answer);
    return sums.length === 0 ? [] : [{ namespace, quota: answer.quota, clusters, sums }];
  });
  return { knows, verdicts: found, quotas };
}

/** What no API server takes is told with the line that it stands in. */
function withPlaces(
  verdict: Verdict,
  { object, locate }: Asked,
  { version }: Pick<Bundle, 'version'>,
): Verdict {
  if (verdict.outcome !== 'unknown' || locate === undefined) return verdict;
  const places = new Map(
    shapeMistakes(object, version).map(({ sentence, path }) => [sentence, locate(path)]),
  );
  const unknowns = verdict.unknowns.map((text) => {
    const place = places.get(text);
    return place === undefined ? text : `${text} (${place.file}:${place.line})`;
  });
  return { ...verdict, unknowns };
}

function fullQuotas(held: readonly Held[]): readonly FullQuota[] {
  const groups = Map.groupBy(
    held.flatMap(({ quotas }) => quotas),
    ({ namespace, quota, sums }) => JSON.stringify([namespace, quota, sums]),
  );
  return [...groups.values()].flatMap((group) => {
    const [first] = group;
    return first === undefined ? [] : [{ ...first, clusters: group.flatMap(({ clusters }) => clusters) }];
  });
}

// A kind that no namespace is asked of may be in none.
function isPlaced(object: KubeObject): boolean {
  return makesPods(object) || (object.kind === 'Service' && isBuiltIn(object));
}

/** Objects that no cluster has the namespace of. */
function homeless(
  held: readonly Held[],
  request: VerdictRequest,
  hasMistakes: boolean,
): readonly ObjectVerdict[] {
  return (request.objects ?? [])
    .map(({ object, from }) => ({ object: placed(object, request.namespace), from }))
    .filter(({ object }) => isPlaced(object) && !held.some(({ knows }) => knows(object.metadata.namespace)))
    .map(({ object, from }) => {
      const { namespace } = object.metadata;
      const why =
        namespace === undefined
          ? 'it names no namespace: say which with -n'
          : `${absenceText(namespace, request.clusters)}${hasMistakes ? ', unless mistakes hide it' : ''}`;
      return unknownOf(titleOf(refOf(object)), why, from);
    });
}

function absenceText(namespace: string, clusters: readonly string[]): string {
  if (clusters.length === 0) return `no cluster of the fleet has namespace ${namespace}`;
  return clusters.length === 1
    ? `cluster ${clusters.join('')} has no namespace ${namespace}`
    : `none of ${clusters.join(', ')} has namespace ${namespace}`;
}

function askedOf(
  bundle: Bundle,
  { guards, knows }: Pick<Held, 'knows'> & { readonly guards: Guards },
  request: VerdictRequest,
): readonly (Asked & { readonly owner: string | undefined })[] {
  if (request.objects !== undefined)
    return request.objects
      .map((one) => ({ ...one, object: placed(one.object, request.namespace), owner: undefined }))
      .filter(({ object }) => guards.isAbout(object) && knows(object.metadata.namespace));
  return bundle.manifests
    .map(({ object, from, locate, owner }) => ({ object, from, locate, owner: ownerName(owner) }))
    .filter(
      ({ object, owner }) =>
        guards.isAbout(object) && (request.owners.length === 0 || request.owners.includes(owner)),
    );
}

function placed(object: KubeObject, namespace: string | undefined): KubeObject {
  if (namespace === undefined || object.metadata.namespace !== undefined) return object;
  return { ...object, metadata: { ...object.metadata, namespace } };
}

/** One entry for all clusters that say the same of the same. */
function told(found: readonly ObjectVerdict[]): readonly ObjectVerdict[] {
  const groups = Map.groupBy(found, ({ title, owner, from, verdict, change }) =>
    JSON.stringify([title, owner, from, verdict.outcome, sentencesOf(verdict), change?.steps]),
  );
  return [...groups.values()].flatMap((group) => {
    const [first] = group;
    return first === undefined ? [] : [{ ...first, clusters: group.flatMap(({ clusters }) => clusters) }];
  });
}

// Only the version of Pod Security may differ between clusters that say the same.
function sentencesOf({ violations, tried, waived, unknowns }: ExplainedVerdict): readonly unknown[] {
  const all = [...violations, ...tried, ...waived];
  const texts = [...all.map(({ sentence }) => sentence), ...unknowns];
  return [texts.map((text) => text.replace(/"(\w+):v?[\d.a-z]+"/, '"$1"')), all.map(({ why }) => why)];
}
