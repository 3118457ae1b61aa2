import { blocksOf, isOverlapping, isWithin, type AddressRange, type Origin } from '../../lib/index.ts';
import type { Whereabouts } from '../../spec/index.ts';
import { internetRanges, isClusterDns, rangesOf } from './end.ts';
import { allOf } from './label-match.ts';
import type { Endpoint, Outside, PodGroup } from './network.ts';
import { addonsWithRole, tenantSpaceOf, type NetworkPlace, type TenantSpace } from './place.ts';
import type { Way } from './policy.ts';
import type { Reach } from './reach.ts';
import { nodeMetadata, podIdentity } from './well-known.ts';

/** What to write so that a refused pair is let through: one sentence for each side that refuses. */
export function openingsOf(
  place: NetworkPlace,
  from: Endpoint,
  to: Endpoint,
  closed: Reach['closed'],
): readonly string[] {
  return closed.flatMap((way) => {
    const [pod, other] = way === 'egress' ? [from, to] : [to, from];
    return pod.is === 'pods' ? [openingOf(place, way, pod, other)] : [];
  });
}

function openingOf(place: NetworkPlace, way: Way, pod: PodGroup, other: Endpoint): string {
  const space = tenantSpaceOf(place, pod.namespace);
  if (space === undefined)
    return `namespace ${pod.namespace} is the platform’s: change the NetworkPolicies that its Addon or App brings`;
  if (space.namespace.network === 'own')
    return `namespace ${pod.namespace} brings its own NetworkPolicies: add the ${way} rule to the App that writes them`;
  const set = setFor(place, space, way, other);
  return set === undefined ? apartText(place, way, pod, other) : setText(space, way, set);
}

function setText({ tenant, on, index, namespace }: TenantSpace, way: Way, set: string): string {
  const { file, line } = networkOrigin(on.place, ['namespaces', index], way);
  const sets: readonly string[] = namespace.network === 'own' ? [] : namespace.network[way];
  const where = `Tenant ${tenant} (${file}:${line}), namespace ${namespace.name}`;
  return sets.includes(set)
    ? `${where}: its network.${way} has ${set} already, which does not let these ports through`
    : `${where}: network: { ${way}: [${[...sets, set].join(', ')}] }`;
}

/** The line that decides; where nothing does, that of the namespace, and not of an override that says other things of it. */
function networkOrigin(place: Whereabouts, namespace: readonly (string | number)[], way: Way): Origin {
  const paths = [
    [...namespace, 'network', way],
    [...namespace, 'network'],
  ];
  const written = paths.find((path) => place.isWritten(path));
  return written === undefined ? place.locate([...namespace, 'profile']) : place.locate(written, 'key');
}

/** The network set that lets the other end through; undefined where there is none. */
function setFor(place: NetworkPlace, space: TenantSpace, way: Way, other: Endpoint): string | undefined {
  if (other.is === 'outside') return addressSet(place, way, other);
  if (other.namespace === space.namespace.name) return 'same-namespace';
  if (tenantSpaceOf(place, other.namespace)?.tenant === space.tenant) return 'tenant';
  if (way === 'egress' && isClusterDns(other)) return 'dns';
  return ['ingress-controller', 'monitoring'].find((role) =>
    addonsWithRole(place, role).some(
      ({ namespace, pods }) => namespace === other.namespace && allOf(pods)(other.labels) === 'yes',
    ),
  );
}

function addressSet({ fleet }: NetworkPlace, way: Way, { ranges }: Outside): string | undefined {
  if (ranges === undefined) return undefined;
  const holds = (blocks: readonly AddressRange[]): boolean =>
    ranges.every((range) => blocks.some((block) => isWithin(block, range)));
  if (way === 'egress' && holds(rangesOf([podIdentity]))) return 'pod-identity';
  const own = Object.entries(fleet.networkSets).find(([, set]) => holds(rangesOf(set.cidrs)));
  return own?.[0] ?? (holds(internetRanges) ? 'internet' : undefined);
}

function apartText(place: NetworkPlace, way: Way, pod: PodGroup, other: Endpoint): string {
  if (other.is === 'outside') {
    const { ranges = [] } = other;
    const isMetadata = ranges.some((range) =>
      rangesOf(nodeMetadata).some((one) => isOverlapping(one, range)),
    );
    if (way === 'egress' && isMetadata)
      return `better not: whoever reaches the metadata service of a node (${nodeMetadata.join(', ')}) may have the node’s rights; pods get rights of their own by the network set pod-identity`;
    const cidrs = ranges.flatMap(blocksOf).join(', ') || `addresses of ${other.title}`;
    return `Fleet: networkSets: { NAME: { cidrs: [${cidrs}] } }, then NAME in network.${way} of namespace ${pod.namespace}`;
  }
  const tenant = tenantSpaceOf(place, other.namespace)?.tenant;
  return tenant === undefined
    ? `no network set is about namespace ${other.namespace}: give its Addon a role, or namespace ${pod.namespace} \`network: own\``
    : `tenants are kept apart, and no network set is about tenant ${tenant}: go through the ingress controller, or give namespace ${pod.namespace} \`network: own\` and policies that say it`;
}
