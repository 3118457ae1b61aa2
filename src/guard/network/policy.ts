import {
  type AddressRange,
  at,
  isArray,
  listAt,
  numberAt,
  objectAt,
  rangeOf,
  stringAt,
  withoutRanges,
} from '../../lib/index.ts';
import type { KubeObject } from '../../objects/index.ts';
import { hasSelector, selectorOf, type Selector } from './label-match.ts';
import { isProtocol, type Protocol } from './ports.ts';

/** The two ways that a NetworkPolicy can restrict. */
export type Way = 'ingress' | 'egress';

/** Who is meant by one entry of `from` or `to`. */
export type Peer =
  | { readonly is: 'addresses'; readonly cidr: string; readonly ranges: readonly AddressRange[] }
  | {
      readonly is: 'pods';
      /** Undefined: the policy's own namespace. */
      readonly namespaces: Selector | undefined;
      readonly pods: Selector;
    };

/** One entry of `ports`: a range, a name that the destination's containers give a number, or all of a protocol. */
export interface RulePort {
  readonly protocol: Protocol;
  readonly from?: number;
  readonly to?: number;
  readonly name?: string;
}

/** One rule: its peers and ports; undefined for either means all. */
export interface Rule {
  readonly peers: readonly Peer[] | undefined;
  readonly ports: readonly RulePort[] | undefined;
}

/** A networking.k8s.io/v1 NetworkPolicy as the evaluation reads it. */
export interface Policy {
  readonly name: string;
  readonly namespace: string;
  readonly selects: Selector;
  /** Undefined for a way that it does not restrict. */
  readonly ingress: readonly Rule[] | undefined;
  readonly egress: readonly Rule[] | undefined;
  readonly object: KubeObject;
}

/** Reads a NetworkPolicy with the API server's defaults: without policyTypes it restricts ingress, and egress where it has such rules. */
export function policyOf(object: KubeObject): Policy {
  const spec = objectAt(object, 'spec');
  const said = listAt(spec, 'policyTypes');
  const types =
    said.length > 0 ? said : ['Ingress', ...(listAt(spec, 'egress').length > 0 ? ['Egress'] : [])];
  return {
    name: object.metadata.name,
    namespace: object.metadata.namespace ?? '',
    selects: selectorOf(objectAt(spec, 'podSelector')),
    ingress: types.includes('Ingress')
      ? listAt(spec, 'ingress').map((one) => ruleOf(one, 'from'))
      : undefined,
    egress: types.includes('Egress') ? listAt(spec, 'egress').map((one) => ruleOf(one, 'to')) : undefined,
    object,
  };
}

/** True for what `policyOf` reads. */
export function isNetworkPolicy(object: KubeObject): boolean {
  return object.kind === 'NetworkPolicy' && object.apiVersion.startsWith('networking.k8s.io/');
}

function ruleOf(rule: unknown, side: 'from' | 'to'): Rule {
  const peers = at(rule, side);
  const ports = at(rule, 'ports');
  return {
    peers: isArray(peers) && peers.length > 0 ? peers.flatMap(peerOf) : undefined,
    ports: isArray(ports) && ports.length > 0 ? ports.map(portOf) : undefined,
  };
}

function peerOf(peer: unknown): readonly Peer[] {
  const cidr = stringAt(peer, 'ipBlock', 'cidr');
  if (cidr !== undefined) {
    const whole = rangeOf(cidr);
    const except = listAt(peer, 'ipBlock', 'except').flatMap((one) =>
      typeof one === 'string' ? (rangeOf(one) ?? []) : [],
    );
    return [{ is: 'addresses', cidr, ranges: whole === undefined ? [] : withoutRanges(whole, except) }];
  }
  const hasNamespaces = hasSelector(peer, 'namespaceSelector');
  if (!hasNamespaces && !hasSelector(peer, 'podSelector')) return [];
  const namespaces = hasNamespaces ? selectorOf(at(peer, 'namespaceSelector')) : undefined;
  return [{ is: 'pods', namespaces, pods: selectorOf(objectAt(peer, 'podSelector')) }];
}

function portOf(entry: unknown): RulePort {
  const said = stringAt(entry, 'protocol') ?? 'TCP';
  const protocol = isProtocol(said) ? said : 'TCP';
  const name = stringAt(entry, 'port');
  if (name !== undefined) return { protocol, name };
  const from = numberAt(entry, 'port');
  return from === undefined ? { protocol } : { protocol, from, to: numberAt(entry, 'endPort') ?? from };
}
