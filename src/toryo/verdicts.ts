import {
  andThen,
  checked,
  failure,
  isClean,
  nearest,
  type Checked,
  type Diagnostic,
  type Origin,
  type Run,
} from '../lib/index.ts';
import { loadCatalog } from '../catalog/index.ts';
import { compile, guardsIn, reasonsOn, type Bundle } from '../compile/index.ts';
import {
  exceededSums,
  smallestChange,
  unknownVerdict,
  type Change,
  type Guards,
  type QuotaAnswer,
  type Verdict,
} from '../guard/index.ts';
import { isBuiltIn, makesPods, ownerName, refOf, titleOf, type KubeObject } from '../objects/index.ts';
import { render } from '../render/index.ts';
import { load, type Fleet } from '../spec/index.ts';
import { explained, type ExplainedVerdict } from './explained.ts';
import { mustHaveClusters, type Reading } from './looking.ts';

/** An object to be held against the guards of a fleet, and where it was written. */
export interface Asked {
  readonly object: KubeObject;
  readonly from: Origin;
}

/** What is to be held against the guards. */
export interface VerdictRequest {
  /** `App/shop/web`, `Addon/metallb`; every one when empty. */
  readonly owners: readonly string[];
  /** Names; every cluster when empty. */
  readonly clusters: readonly string[];
  /** Objects that are not the fleet's, instead of its own. */
  readonly objects?: readonly Asked[];
  /** Of objects that name none. */
  readonly namespace?: string | undefined;
}

/** One object and what the clusters' guards say of it. */
export interface ObjectVerdict extends Asked {
  readonly title: string;
  /** Undefined: it is not the fleet's. */
  readonly owner: string | undefined;
  /** Clusters on which this is the verdict. */
  readonly clusters: readonly string[];
  readonly verdict: ExplainedVerdict;
  /** What would mend it; undefined: it is not refused. */
  readonly change: Change | undefined;
}

/** Verdicts, with the fleet that they are of. */
export interface FleetVerdicts {
  readonly fleet: Fleet;
  readonly verdicts: readonly ObjectVerdict[];
  /** Quotas that cannot hold all that is to be in their namespaces. */
  readonly quotas: readonly FullQuota[];
  /** How many of the objects that were asked are nothing to be held: no pods, no Services. */
  readonly passedOver: number;
}

/** A quota that is too small, and of what. */
export interface FullQuota {
  readonly namespace: string;
  readonly quota: string;
  readonly clusters: readonly string[];
  readonly sums: QuotaAnswer['sums'];
}

/** guard check: what the clusters' API servers would say of a fleet's pods and Services, or of others; no cluster is asked. */
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
    const isWhole = loaded.value !== undefined && rendered.value !== undefined;
    return andThen(rendered, (objects) => {
      const { value, sound = value, diagnostics } = compile(fleet, objects);
      const wanted = (sound ?? []).filter(
        ({ cluster }) => request.clusters.length === 0 || request.clusters.includes(cluster),
      );
      const others = diagnostics.filter((one) => !isVerdict(one));
      const held = wanted.map((bundle) => heldIn(fleet, bundle, request));
      const all = told(held.flatMap((one) => one.verdicts));
      const found = [...all, ...homeless(held, request)];
      const judged = new Set(found.map(({ from }) => from));
      const passedOver = (request.objects ?? []).filter(({ from }) => !judged.has(from)).length;
      const result = { fleet, verdicts: found, quotas: fullQuotas(held), passedOver };
      // Where there are other mistakes no verdict is shown: its mistakes are told with them.
      return checked(result, isWhole && isClean(others) ? others : diagnostics);
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
  return /^TRY-(SEC-0([0-3]\d|4[0-7]|6\d)|LOCK-004|OBJ-013|QUOTA-003)$/.test(code);
}

interface Held {
  readonly guards: Guards;
  readonly verdicts: readonly ObjectVerdict[];
  readonly quotas: readonly FullQuota[];
}

function heldIn(fleet: Fleet, bundle: Bundle, request: VerdictRequest): Held {
  const guards = guardsIn(bundle);
  const clusters = [bundle.cluster];
  const reasons = reasonsOn(fleet, bundle.cluster);
  const judge = (object: KubeObject): Verdict => guards.verdictOn(object);
  const found = askedOf(bundle, guards, request).map((one) => {
    const verdict = judge(one.object);
    return {
      ...one,
      title: titleOf(refOf(one.object)),
      clusters,
      verdict: explained(verdict, reasons),
      change: verdict.outcome === 'refused' ? smallestChange(one.object, verdict, judge) : undefined,
    };
  });
  const isWhole = request.objects === undefined && request.owners.length === 0;
  const quotas = (isWhole ? guards.quotas() : []).flatMap(({ namespace, answer }) => {
    const sums = exceededSums(answer);
    return sums.length === 0 ? [] : [{ namespace, quota: answer.quota, clusters, sums }];
  });
  return { guards, verdicts: found, quotas };
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
function homeless(held: readonly Held[], request: VerdictRequest): readonly ObjectVerdict[] {
  return (request.objects ?? [])
    .map(({ object, from }) => ({ object: placed(object, request.namespace), from }))
    .filter(
      ({ object }) => isPlaced(object) && !held.some(({ guards }) => guards.knows(object.metadata.namespace)),
    )
    .map(({ object, from }) => {
      const { namespace } = object.metadata;
      const why =
        namespace === undefined
          ? 'it names no namespace: say which with -n'
          : absenceText(namespace, request.clusters);
      return {
        object,
        from,
        title: titleOf(refOf(object)),
        owner: undefined,
        clusters: [],
        verdict: explained(unknownVerdict(why), () => []),
        change: undefined,
      };
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
  guards: Guards,
  request: VerdictRequest,
): readonly (Asked & { readonly owner: string | undefined })[] {
  if (request.objects !== undefined)
    return request.objects
      .map(({ object, from }) => ({ object: placed(object, request.namespace), from, owner: undefined }))
      .filter(({ object }) => guards.isAbout(object) && guards.knows(object.metadata.namespace));
  return bundle.manifests
    .map(({ object, from, owner }) => ({ object, from, owner: ownerName(owner) }))
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
