import { blocksOf, isOverlapping, isWithin, type AddressRange, type Origin } from '../../lib/index.ts';
import type { Whereabouts } from '../../spec/index.ts';
import { internetRanges, isClusterDns, portsOfSet, rangesOf } from './end.ts';
import { allOf } from './label-match.ts';
import type { Endpoint, Outside, PodGroup } from './network.ts';
import { addonsWithRole, tenantSpaceOf, type NetworkPlace, type TenantSpace } from './place.ts';
import type { Way } from './policy.ts';
import { connectionsText, differenceOf, isNone, type Connections } from './ports.ts';
import type { Reach } from './reach.ts';
import { nodeMetadata, podIdentity } from './well-known.ts';

/** What was refused: two ends, the ports that the question is about, and the sides that let none of them through. */
interface Refused {
  readonly from: Endpoint;
  readonly to: Endpoint;
  readonly asked: Connections;
  readonly closed: Reach['closed'];
}

/** One side of it: its pods, and the other end. */
interface ClosedSide {
  readonly way: Way;
  readonly pod: PodGroup;
  readonly other: Endpoint;
  readonly asked: Connections;
}

/** What to write so that a refused pair is let through: one sentence for each side that refuses. */
export function openingsOf(place: NetworkPlace, { from, to, asked, closed }: Refused): readonly string[] {
  return closed.flatMap((way) => {
    const [pod, other] = way === 'egress' ? [from, to] : [to, from];
    return pod.is === 'pods' ? [openingOf(place, { way, pod, other, asked })] : [];
  });
}

function openingOf(place: NetworkPlace, side: ClosedSide): string {
  const { way, pod, other, asked } = side;
  const space = tenantSpaceOf(place, pod.namespace);
  if (space === undefined)
    return `namespace ${pod.namespace} is the platform’s: change the NetworkPolicies that its Addon or App brings`;
  if (space.namespace.network === 'own')
    return `namespace ${pod.namespace} brings its own NetworkPolicies: add the ${way} rule to the App that writes them`;
  const sets = setsFor(place, space, way, other).map((name) => ({
    name,
    ports: portsOfSet(name, place.fleet),
  }));
  const set = sets.find(({ ports }) => isNone(differenceOf(asked, ports)));
  if (set !== undefined) return setText(space, way, set);
  const apart = apartText(place, side, sets.length > 0);
  if (sets.length === 0) return apart;
  const narrow = sets.map(({ name, ports }) => `${name} opens ${connectionsText(ports)} only`);
  return `${narrow.join(', ')}; for ${connectionsText(asked)}: ${apart}`;
}

interface OpeningSet {
  readonly name: string;
  readonly ports: Connections;
}

function setText(
  { tenant, on, index, namespace }: TenantSpace,
  way: Way,
  { name, ports }: OpeningSet,
): string {
  const { file, line } = networkOrigin(on.place, ['namespaces', index], way);
  const sets: readonly string[] = namespace.network === 'own' ? [] : namespace.network[way];
  const where = `Tenant ${tenant} (${file}:${line}), namespace ${namespace.name}`;
  const written = [...new Set([...sets, name])].join(', ');
  return `${where}: network: { ${way}: [${written}] } (${name} opens ${connectionsText(ports)})`;
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

/** Network sets that are about the other end, the narrowest first. */
function setsFor(place: NetworkPlace, space: TenantSpace, way: Way, other: Endpoint): readonly string[] {
  if (other.is === 'outside') return addressSets(place, way, other);
  if (other.namespace === space.namespace.name) return ['same-namespace'];
  if (tenantSpaceOf(place, other.namespace)?.tenant === space.tenant) return ['tenant'];
  if (way === 'egress' && isClusterDns(other)) return ['dns'];
  return ['ingress-controller', 'monitoring'].filter((role) =>
    addonsWithRole(place, role).some(
      ({ namespace, pods }) => namespace === other.namespace && allOf(pods)(other.labels) === 'yes',
    ),
  );
}

function addressSets({ fleet }: NetworkPlace, way: Way, { ranges }: Outside): readonly string[] {
  if (ranges === undefined) return [];
  const holds = (blocks: readonly AddressRange[]): boolean =>
    ranges.every((range) => blocks.some((block) => isWithin(block, range)));
  const own = Object.entries(fleet.networkSets).filter(([, set]) => holds(rangesOf(set.cidrs)));
  return [
    ...(way === 'egress' && holds(rangesOf([podIdentity])) ? ['pod-identity'] : []),
    ...own.map(([name]) => name),
    ...(holds(internetRanges) ? ['internet'] : []),
  ];
}

function apartText(place: NetworkPlace, { way, pod, other, asked }: ClosedSide, isNamed: boolean): string {
  if (other.is === 'outside') {
    const { ranges = [] } = other;
    const isMetadata = ranges.some((range) =>
      rangesOf(nodeMetadata).some((one) => isOverlapping(one, range)),
    );
    if (way === 'egress' && isMetadata)
      return `better not: whoever reaches the metadata service of a node (${nodeMetadata.join(', ')}) may have the node’s rights; pods get rights of their own by the network set pod-identity`;
    const cidrs = ranges.flatMap(blocksOf).join(', ') || `addresses of ${other.title}`;
    return `Fleet: networkSets: { NAME: { cidrs: [${cidrs}]${portsField(asked)} } }, then NAME in network.${way} of namespace ${pod.namespace}`;
  }
  const ownPolicies = `namespace ${pod.namespace} \`network: own\``;
  if (isNamed) return `give ${ownPolicies} and policies that say it`;
  const tenant = tenantSpaceOf(place, other.namespace)?.tenant;
  return tenant === undefined
    ? `no network set is about namespace ${other.namespace}: give its Addon a role, or ${ownPolicies}`
    : `tenants are kept apart, and no network set is about tenant ${tenant}: go through the ingress controller, or give ${ownPolicies} and policies that say it`;
}

/** Ports of a network set are some of TCP; one without `ports` opens all. */
function portsField({ TCP, UDP, SCTP }: Connections): string {
  const isSome = UDP.length + SCTP.length === 0 && TCP.every(({ from, to }) => from === to);
  return isSome ? `, ports: [${TCP.map(({ from }) => from).join(', ')}]` : '';
}
