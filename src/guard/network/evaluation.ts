import { isOverlapping, isWithin } from '../../lib/index.ts';
import type { Answer3 } from './label-match.ts';
import { labelsOfNamespace, type Endpoint, type Network, type Outside, type PodGroup } from './network.ts';
import type { Peer, Policy, Rule, RulePort, Way } from './policy.ts';
import {
  allConnections,
  connectionsOn,
  intersectionOf,
  noConnections,
  unionOf,
  type Connections,
} from './ports.ts';

/** Why something is only maybe so. */
export type Doubt =
  /** An ipBlock holds addresses that pods may have. */
  | 'ip-block'
  /** An ipBlock, and nobody knows the addresses outside. */
  | 'addresses'
  /** A pod on the node's network. */
  | 'node-network'
  /** Labels that are not known. */
  | 'labels'
  /** A named port of containers that are not known. */
  | 'named-port';

/** What passes for certain, and what may pass. */
export interface Span {
  readonly sure: Connections;
  readonly possible: Connections;
  readonly doubts: ReadonlySet<Doubt>;
}

/** A policy that restricts a way of a pod, and what it lets through. */
export interface Restriction {
  readonly policy: Policy;
  /** maybe: whether it selects the pod is not known. */
  readonly selects: 'yes' | 'maybe';
  readonly lets: Span;
}

/** One side of a connection: what leaves the source, or what enters the destination. */
export interface Side extends Span {
  readonly restrictions: readonly Restriction[];
}

const everything: Span = { sure: allConnections, possible: allConnections, doubts: new Set() };
const nothing: Span = { sure: noConnections, possible: noConnections, doubts: new Set() };

/** Who is asked, and to whom or from whom. */
interface Question {
  readonly network: Network;
  readonly way: Way;
  /** The pod whose policies are read. */
  readonly pod: PodGroup;
  readonly other: Endpoint;
  readonly view: View;
}

/** How a network plugin takes pods on the node's network: as pods, or as their node, which no selector and no policy is about. */
type View = 'pod' | 'node';

interface Ends {
  readonly network: Network;
  readonly from: Endpoint;
  readonly to: Endpoint;
}

/** What the policies on one end let through; outside of the cluster there are none. */
function sideOf({ network, from, to }: Ends, way: Way, view: View): Side {
  const [pod, other] = way === 'egress' ? [from, to] : [to, from];
  if (pod.is === 'outside' || (view === 'node' && pod.isOnNode)) return { ...everything, restrictions: [] };
  const question = { network, way, pod, other, view };
  const restrictions = (network.policies.get(pod.namespace) ?? []).flatMap((policy) => {
    const rules = policy[way];
    const selects = rules === undefined ? 'no' : policy.selects(pod.labels);
    if (rules === undefined || selects === 'no') return [];
    return [{ policy, selects, lets: spanOf(rules, policy, question) }];
  });
  return { ...together(restrictions), restrictions };
}

/**
 * Policies add up. Where it is not known whether one selects the pod, what is sure is what passes with every choice of
 * those, and what is possible is what passes with one of them.
 */
function together(restrictions: readonly Restriction[]): Span {
  const certain = restrictions.filter((one) => one.selects === 'yes').map((one) => one.lets);
  const doubtful = restrictions.filter((one) => one.selects === 'maybe').map((one) => one.lets);
  const all = [...certain, ...doubtful];
  const isRestricted = certain.length > 0;
  const doubts = new Set(all.flatMap((one) => [...one.doubts]));
  if (doubtful.length > 0) doubts.add('labels');
  return {
    sure: isRestricted
      ? unionOf(certain.map((one) => one.sure))
      : doubtful.reduce((left, one) => intersectionOf(left, one.sure), allConnections),
    possible: isRestricted ? unionOf(all.map((one) => one.possible)) : allConnections,
    doubts,
  };
}

function spanOf(rules: readonly Rule[], policy: Policy, question: Question): Span {
  return anyOf(rules.map((rule) => ruleSpan(rule, policy, question)));
}

/** What one of them lets through. */
function anyOf(spans: readonly Span[]): Span {
  const some = spans.filter((one) => one !== nothing);
  const [first, ...more] = some;
  if (first === undefined) return nothing;
  if (more.length === 0) return first;
  return {
    sure: unionOf(some.map((one) => one.sure)),
    possible: unionOf(some.map((one) => one.possible)),
    doubts: new Set(some.flatMap((one) => [...one.doubts])),
  };
}

function ruleSpan(rule: Rule, policy: Policy, question: Question): Span {
  const doubts = new Set<Doubt>();
  const match = rule.peers === undefined ? 'yes' : anyPeer(rule.peers, policy, question, doubts);
  if (match === 'no') return nothing;
  const target = question.way === 'egress' ? question.other : question.pod;
  const ports = rule.ports === undefined ? everything : portsSpan(rule.ports, target);
  return {
    sure: match === 'yes' ? ports.sure : noConnections,
    possible: ports.possible,
    doubts: new Set([...(match === 'yes' ? [] : doubts), ...ports.doubts]),
  };
}

function anyPeer(peers: readonly Peer[], policy: Policy, question: Question, doubts: Set<Doubt>): Answer3 {
  let best: Answer3 = 'no';
  for (const peer of peers) {
    const answer = peerMatch(peer, policy, question, doubts);
    if (answer === 'yes') return 'yes';
    if (answer === 'maybe') best = 'maybe';
  }
  return best;
}

function peerMatch(peer: Peer, policy: Policy, question: Question, doubts: Set<Doubt>): Answer3 {
  const { other, network, view } = question;
  if (peer.is === 'addresses') {
    const answer = other.is === 'outside' ? blockMatch(peer, other) : podBlockMatch(peer, network);
    if (answer === 'maybe') doubts.add(other.is === 'outside' ? 'addresses' : 'ip-block');
    return answer;
  }
  if (other.is === 'outside' || (view === 'node' && other.isOnNode)) return 'no';
  const answer = podMatch(peer, policy, other, network);
  if (answer === 'maybe') doubts.add('labels');
  return answer;
}

type Pods = Extract<Peer, { is: 'pods' }>;

function podMatch(peer: Pods, policy: Policy, other: PodGroup, network: Network): Answer3 {
  const inNamespace =
    peer.namespaces === undefined
      ? sameNamespace(policy, other)
      : peer.namespaces(labelsOfNamespace(network, other.namespace));
  if (inNamespace === 'no') return 'no';
  const isPod = peer.pods(other.labels);
  return isPod === 'yes' ? inNamespace : isPod;
}

function sameNamespace(policy: Policy, other: PodGroup): Answer3 {
  return policy.namespace === other.namespace ? 'yes' : 'no';
}

type Block = Extract<Peer, { is: 'addresses' }>;

function blockMatch(peer: Block, other: Outside): Answer3 {
  const { ranges } = other;
  if (ranges === undefined) return 'maybe';
  const inside = ranges.filter((range) => peer.ranges.some((block) => isWithin(block, range)));
  if (inside.length === ranges.length) return 'yes';
  const isTouched = ranges.some((range) => peer.ranges.some((block) => isOverlapping(block, range)));
  return isTouched ? 'maybe' : 'no';
}

// A pod's address is not known before it runs, and whether an ipBlock is about pods at all is left to the plugin.
function podBlockMatch(peer: Block, network: Network): Answer3 {
  const isPossible = peer.ranges.some((block) =>
    network.podRanges.some((range) => isOverlapping(block, range)),
  );
  return isPossible ? 'maybe' : 'no';
}

function portsSpan(ports: readonly RulePort[], target: Endpoint): Span {
  return anyOf(ports.map((port) => portSpan(port, target)));
}

function portSpan(port: RulePort, target: Endpoint): Span {
  const { protocol, name, from, to } = port;
  if (name !== undefined) return namedSpan(name, port, target);
  const set =
    from === undefined ? connectionsOn(protocol) : connectionsOn(protocol, { from, to: to ?? from });
  return { sure: set, possible: set, doubts: new Set() };
}

// A name means what the destination's own containers call so; outside of the cluster nothing is called anything.
function namedSpan(name: string, { protocol }: RulePort, target: Endpoint): Span {
  if (target.is === 'outside') return nothing;
  if (target.ports === undefined)
    return { sure: noConnections, possible: connectionsOn(protocol), doubts: new Set(['named-port']) };
  const set = unionOf(
    target.ports
      .filter((one) => one.name === name && one.protocol === protocol)
      .map(({ port }) => connectionsOn(protocol, { from: port, to: port })),
  );
  return { sure: set, possible: set, doubts: new Set() };
}

/** Both sides of a connection, and what passes both. */
export interface Crossing extends Span {
  readonly egress: Side;
  readonly ingress: Side;
}

/**
 * What passes between two ends. With a pod on the node's network, what is sure is what passes for either kind of plugin; and
 * as a node and the pods on it always reach each other, nothing is refused for certain.
 */
export function crossingOf(network: Network, from: Endpoint, to: Endpoint): Crossing {
  const ends = { network, from, to };
  const crossing = crossingIn(ends, 'pod');
  const isOnNode = [from, to].some((end) => end.is === 'pods' && end.isOnNode);
  if (!isOnNode) return crossing;
  return {
    ...crossing,
    sure: intersectionOf(crossing.sure, crossingIn(ends, 'node').sure),
    possible: allConnections,
    doubts: new Set([...crossing.doubts, 'node-network']),
  };
}

function crossingIn(ends: Ends, view: View): Crossing {
  const egress = sideOf(ends, 'egress', view);
  const ingress = sideOf(ends, 'ingress', view);
  return {
    egress,
    ingress,
    sure: intersectionOf(egress.sure, ingress.sure),
    possible: intersectionOf(egress.possible, ingress.possible),
    doubts: new Set([...egress.doubts, ...ingress.doubts]),
  };
}
