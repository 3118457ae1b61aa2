import type { Origin } from '../lib/index.ts';
import type { Bundle, Mistaken } from '../compile/index.ts';
import { unknownVerdict } from '../guard/index.ts';
import { ownerName } from '../objects/index.ts';
import type { Addon, App } from '../spec/index.ts';
import { explained } from './explained.ts';
import type { ObjectVerdict, VerdictRequest } from './verdict-shapes.ts';

/** Clusters, Apps and Addons that were asked for and that mistakes keep from being judged, or from being judged whole. */
export function unjudged(
  mistaken: Mistaken,
  bundles: readonly Bundle[],
  request: VerdictRequest,
): readonly ObjectVerdict[] {
  return [
    ...lostClusters(mistaken, request),
    ...(request.objects === undefined ? lostOwners(mistaken, bundles, request) : []),
  ];
}

/** What is not known, and why. */
export function unknownOf(
  title: string,
  why: string,
  from?: Origin,
  clusters: readonly string[] = [],
): ObjectVerdict {
  const verdict = explained(unknownVerdict(why), () => []);
  return { title, from, owner: undefined, clusters, verdict, change: undefined };
}

function lostClusters({ fleet }: Mistaken, { clusters }: VerdictRequest): readonly ObjectVerdict[] {
  const left = (fleet.leftOut?.titles ?? []).filter((title) => title.startsWith('Cluster/'));
  const asked = clusters.filter((name) => !fleet.clusters.has(name)).map((name) => `Cluster/${name}`);
  const isAsked = (title: string): boolean =>
    clusters.length === 0 || clusters.includes(title.slice('Cluster/'.length));
  return [...new Set([...left.filter(isAsked), ...asked])].map((title) =>
    unknownOf(title, `${absenceOf(title, left)}: nothing was judged on it`),
  );
}

function absenceOf(title: string, left: readonly string[]): string {
  return left.includes(title) ? 'it has a mistake' : 'it is not among what has no mistakes';
}

function lostOwners(
  mistaken: Mistaken,
  bundles: readonly Bundle[],
  { owners }: VerdictRequest,
): readonly ObjectVerdict[] {
  const { fleet } = mistaken;
  const left = (fleet.leftOut?.titles ?? []).filter((title) => /^(App|Addon)\//.test(title));
  const kept = new Map<string, App | Addon>([
    ...fleet.apps.map((app) => [ownerName({ tenant: app.tenant, app: app.name }), app] as const),
    ...fleet.addons.map((addon) => [ownerName({ addon: addon.name }), addon] as const),
  ]);
  const asked = owners.length === 0 ? [...new Set([...kept.keys(), ...left])] : owners;
  return asked.flatMap((name) => {
    const one = kept.get(name);
    return one === undefined
      ? unknownOf(name, absenceOf(name, left))
      : lostOn(name, one, { mistaken, bundles });
  });
}

/** Where an App or Addon could not be compiled, or not whole. */
function lostOn(
  name: string,
  one: App | Addon,
  { mistaken, bundles }: { readonly mistaken: Mistaken; readonly bundles: readonly Bundle[] },
): readonly ObjectVerdict[] {
  const sources = mistaken.sources.get(name);
  const isThere = ({ manifests }: Bundle): boolean =>
    manifests.some(({ owner }) => ownerName(owner) === name);
  const on = bundles.filter(({ cluster }) => one.on.has(cluster));
  const lost = on.filter((bundle) => !isThere(bundle) || sources?.get(bundle.cluster)?.isPartial === true);
  if (lost.length === 0 && one.on.size > 0) return [];
  const tenant = 'tenant' in one ? `Tenant/${one.tenant}` : name;
  const why =
    mistaken.fleet.leftOut?.titles.includes(tenant) === true
      ? `${tenant} has a mistake`
      : 'for mistakes of its own, or of what it needs, not all of it was judged';
  return [
    unknownOf(
      name,
      why,
      one.from,
      lost.map(({ cluster }) => cluster),
    ),
  ];
}
