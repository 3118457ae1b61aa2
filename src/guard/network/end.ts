import {
  type AddressRange,
  listAt,
  nearest,
  numberAt,
  rangeOf,
  stringAt,
  withoutRanges,
} from '../../lib/index.ts';
import { ownerFrom, ownerName, type KubeObject } from '../../objects/index.ts';
import { builtInNetworkSets, type Fleet, type NetworkSet } from '../../spec/index.ts';
import { allOf } from './label-match.ts';
import { anyPodIn, serviceSelector, type Endpoint, type PodGroup } from './network.ts';
import { addonsWithRole, type NetworkPlace } from './place.ts';
import {
  allConnections,
  connectionsOn,
  intersectionOf,
  isNone,
  isProtocol,
  unionOf,
  type Connections,
} from './ports.ts';
import { clusterDns, dnsConnections, dnsPods, internetBlocks, podIdentity } from './well-known.ts';

/** One end that a text names, and the ports that are meant when nobody asks for others. */
export interface End {
  readonly endpoint: Endpoint;
  readonly ports: Connections;
  /** Of a Service: its own port, and the container's behind it. */
  readonly behind?: readonly { readonly port: Connections; readonly target: Connections }[];
}

/** What a text names on one cluster. elsewhere: the fleet may have it, this cluster has not. */
export type Named =
  | { readonly is: 'found'; readonly ends: readonly End[] }
  | { readonly is: 'elsewhere'; readonly why: string }
  | { readonly is: 'wrong'; readonly why: string };

const forms =
  'App/TENANT/NAME, Addon/NAME, tenant/NAME, namespace/NAME, NAMESPACE/KIND/NAME, a network set, an address or a CIDR';

/** The ends that a text names on a cluster. */
export function endsOf(text: string, place: NetworkPlace): Named {
  const range = rangeOf(text);
  if (range !== undefined) return found([outside(text, [range], allConnections)]);
  if (!text.includes('/')) return setNamed(text, place);
  if (/^(App|Addon)\//.test(text)) return ownerNamed(text, place);
  const [first = '', second = '', third, ...more] = text.split('/');
  if (more.length > 0) return wrong(`${text} is none of: ${forms}`);
  return third === undefined
    ? groupNamed(first.toLowerCase(), second, place)
    : objectNamed({ namespace: first, kind: second, name: third }, place);
}

function groupNamed(word: string, name: string, place: NetworkPlace): Named {
  if (word === 'namespace') return namespaceNamed(name, place);
  return word === 'tenant' ? tenantNamed(name, place) : wrong(`${word}/${name} is none of: ${forms}`);
}

/** The ports that a question is about: those that were asked for, else those that the end means. */
export function portsAsked(end: End, wanted: Connections | undefined): Connections {
  if (wanted === undefined) return end.ports;
  if (end.behind === undefined) return wanted;
  const met = end.behind.filter((one) => !isNone(intersectionOf(one.port, wanted)));
  return unionOf(met.map((one) => one.target));
}

function found(ends: readonly End[]): Named {
  return { is: 'found', ends };
}

function wrong(why: string): Named {
  return { is: 'wrong', why };
}

function elsewhere(what: string, { cluster }: NetworkPlace): Named {
  return { is: 'elsewhere', why: `cluster ${cluster} has no ${what}` };
}

function podEnds(groups: readonly PodGroup[]): readonly End[] {
  return groups.map((endpoint) => ({ endpoint, ports: allConnections }));
}

function outside(title: string, ranges: readonly AddressRange[] | undefined, ports: Connections): End {
  return { endpoint: { is: 'outside', title, ranges }, ports };
}

function ownerNamed(text: string, place: NetworkPlace): Named {
  const owner = ownerFrom(text);
  const { apps, addons } = place.fleet;
  const all = [
    ...apps.map((app) => [ownerName({ tenant: app.tenant, app: app.name }), app.on] as const),
    ...addons.map((addon) => [ownerName({ addon: addon.name }), addon.on] as const),
  ];
  const known = owner === undefined ? undefined : all.find(([name]) => name === text);
  if (known === undefined) {
    const near = nearest(
      text,
      all.map(([name]) => name),
    );
    return wrong(`the fleet has no ${text}${near === undefined ? '' : `, did you mean ${near}?`}`);
  }
  if (!known[1].has(place.cluster)) return elsewhere(text, place);
  const groups = place.owned.get(text) ?? [];
  return groups.length === 0 ? elsewhere(`pods of ${text}`, place) : found(podEnds(groups));
}

function namespaceNamed(name: string, place: NetworkPlace): Named {
  const groups = place.network.groups.filter((one) => one.namespace === name);
  if (groups.length > 0) return found(podEnds(groups));
  if (place.network.namespaces.has(name) || name === clusterDns.namespace)
    return found(podEnds([anyPodIn(name)]));
  const isKnown = [...place.fleet.tenants.values()].some((tenant) =>
    [...tenant.on.values()].some((on) => on.namespaces.some((one) => one.name === name)),
  );
  const addons = place.fleet.addons.some((addon) =>
    [...addon.on.values()].some((on) => on.namespace.name === name),
  );
  return isKnown || addons
    ? elsewhere(`namespace ${name}`, place)
    : wrong(`no cluster has a namespace ${name} from this fleet`);
}

function tenantNamed(name: string, place: NetworkPlace): Named {
  const tenant = place.fleet.tenants.get(name);
  if (tenant === undefined) {
    const near = nearest(name, place.fleet.tenants.keys());
    return wrong(`the fleet has no tenant ${name}${near === undefined ? '' : `, did you mean ${near}?`}`);
  }
  const on = tenant.on.get(place.cluster);
  if (on === undefined) return elsewhere(`tenant ${name}`, place);
  const spaces = new Set(on.namespaces.map((one) => one.name));
  const groups = place.network.groups.filter((one) => spaces.has(one.namespace));
  return found(podEnds(groups.length > 0 ? groups : [...spaces].map(anyPodIn)));
}

interface ObjectName {
  readonly namespace: string;
  readonly kind: string;
  readonly name: string;
}

function objectNamed({ namespace, kind, name }: ObjectName, place: NetworkPlace): Named {
  const title = `${kind}/${namespace}/${name}`;
  if (kind === 'Service') {
    const service = place.network.services.find(
      (one) => one.metadata.name === name && one.metadata.namespace === namespace,
    );
    return service === undefined ? elsewhere(title, place) : serviceNamed(service, title, place);
  }
  const groups = place.network.groups.filter((one) => one.title === title);
  return groups.length === 0 ? elsewhere(title, place) : found(podEnds(groups));
}

function serviceNamed(service: KubeObject, title: string, place: NetworkPlace): Named {
  const selector = serviceSelector(service);
  if (selector === undefined)
    return wrong(`${title} has no selector: what is behind it is not written in the fleet`);
  const groups = place.network.groups.filter(
    (one) => one.namespace === service.metadata.namespace && allOf(selector)(one.labels) === 'yes',
  );
  if (groups.length === 0) return elsewhere(`pods that ${title} selects`, place);
  return found(groups.map((endpoint) => serviceEnd(service, endpoint)));
}

function serviceEnd(service: KubeObject, endpoint: PodGroup): End {
  const behind = listAt(service, 'spec', 'ports').flatMap((entry) => {
    const port = numberAt(entry, 'port');
    const protocol = stringAt(entry, 'protocol') ?? 'TCP';
    if (port === undefined || !isProtocol(protocol)) return [];
    const name = stringAt(entry, 'targetPort');
    const numbers =
      name === undefined
        ? [numberAt(entry, 'targetPort') ?? port]
        : (endpoint.ports ?? [])
            .filter((one) => one.name === name && one.protocol === protocol)
            .map((one) => one.port);
    const target = unionOf(numbers.map((number) => connectionsOn(protocol, { from: number, to: number })));
    return [{ port: connectionsOn(protocol, { from: port, to: port }), target }];
  });
  return { endpoint, ports: unionOf(behind.map((one) => one.target)), behind };
}

function setNamed(name: string, place: NetworkPlace): Named {
  switch (name) {
    case 'dns':
      return found(dnsEnds(place));
    case 'internet':
      return found([outside(name, internetRanges, allConnections)]);
    case 'kube-api':
      return found([outside(name, undefined, unionOf([443, 6443].map(onTcp)))]);
    case 'pod-identity':
      return found([outside(name, rangesOf([podIdentity]), portsOfSet(name, place.fleet))]);
    case 'ingress-controller':
    case 'monitoring':
      return roleNamed(name, place);
    case 'same-namespace':
    case 'tenant':
      return wrong(`${name} is another one for each namespace: name the namespace or the tenant`);
    default:
      return ownSetNamed(name, place);
  }
}

/** The ports that a network set opens. */
export function portsOfSet(name: string, fleet: Fleet): Connections {
  if (name === 'dns') return dnsConnections;
  if (name === 'pod-identity') return onTcp(80);
  const ports = ownSet(name, fleet)?.ports;
  return ports === undefined ? allConnections : unionOf(ports.map(onTcp));
}

function ownSet(name: string, { networkSets }: Fleet): NetworkSet | undefined {
  return Object.hasOwn(networkSets, name) ? networkSets[name] : undefined;
}

function ownSetNamed(name: string, { fleet }: NetworkPlace): Named {
  const set = ownSet(name, fleet);
  if (set === undefined) {
    const near = nearest(name, [...builtInNetworkSets, ...Object.keys(fleet.networkSets)]);
    return wrong(
      `${name} is no network set${near === undefined ? '' : `, did you mean ${near}?`}; or write one of: ${forms}`,
    );
  }
  return found([outside(name, rangesOf(set.cidrs), portsOfSet(name, fleet))]);
}

function onTcp(port: number): Connections {
  return connectionsOn('TCP', { from: port, to: port });
}

/** Addresses of blocks; what is no block is left out. */
export function rangesOf(cidrs: readonly string[]): readonly AddressRange[] {
  return cidrs.flatMap((cidr) => rangeOf(cidr) ?? []);
}

/** The addresses of the network set `internet`. */
export const internetRanges: readonly AddressRange[] = internetBlocks.flatMap(({ cidr, except }) =>
  rangesOf([cidr]).flatMap((range) => withoutRanges(range, rangesOf(except))),
);

/** Pods of the cluster's DNS: the fleet's own, or as clusters come with it. */
function dnsEnds({ network }: NetworkPlace): readonly End[] {
  const own = network.groups.filter(isClusterDns);
  return (own.length > 0 ? own : [dnsPods]).map((endpoint) => ({ endpoint, ports: dnsConnections }));
}

/** True for the pods that the network set `dns` is about. */
export function isClusterDns(group: PodGroup): boolean {
  return group.namespace === clusterDns.namespace && allOf(clusterDns.labels)(group.labels) === 'yes';
}

function roleNamed(role: string, place: NetworkPlace): Named {
  const groups = addonsWithRole(place, role).flatMap(({ namespace, pods }) =>
    place.network.groups.filter((one) => one.namespace === namespace && allOf(pods)(one.labels) === 'yes'),
  );
  return groups.length === 0
    ? elsewhere(`Addon with pods of the role ${role}`, place)
    : found(podEnds(groups));
}
