/**
 * A second reading of NetworkPolicies, written for tests from the API's documentation alone and sharing nothing with the
 * evaluation: one pod, one other pod, one port at a time, field by field.
 */

export type Ternary = 'yes' | 'no' | 'maybe';

interface Selector {
  matchLabels?: Record<string, string>;
  matchExpressions?: { key: string; operator: string; values?: string[] }[];
}

export interface NaivePeer {
  podSelector?: Selector;
  namespaceSelector?: Selector;
  ipBlock?: { cidr: string; except?: string[] };
}

export interface NaivePort {
  protocol?: string;
  port?: number | string;
  endPort?: number;
}

export interface NaivePolicy {
  namespace: string;
  podSelector: Selector;
  policyTypes?: string[];
  ingress?: { from?: NaivePeer[]; ports?: NaivePort[] }[];
  egress?: { to?: NaivePeer[]; ports?: NaivePort[] }[];
}

export interface NaivePod {
  namespace: string;
  labels: Record<string, string>;
  ports: { name: string; containerPort: number; protocol: string }[];
  hostNetwork: boolean;
}

export interface NaiveWorld {
  namespaces: Record<string, Record<string, string>>;
  policies: NaivePolicy[];
}

/** How a plugin may see pods on the node's network. */
type Plugin = 'sees pods' | 'sees nodes';

/** One connection. */
export interface NaiveCall {
  source: NaivePod;
  destination: NaivePod;
  port: number;
  protocol: string;
}

/** Whether one connection passes; maybe where the API leaves it to the network plugin. */
export function naiveVerdict(world: NaiveWorld, call: NaiveCall): Ternary {
  const answers: Ternary[] = [];
  for (const plugin of ['sees pods', 'sees nodes'] as const) {
    const leaves = direction(world, call, 'Egress', plugin);
    const enters = direction(world, call, 'Ingress', plugin);
    if (leaves === 'no' || enters === 'no') answers.push('no');
    else answers.push(leaves === 'yes' && enters === 'yes' ? 'yes' : 'maybe');
  }
  // A node and a pod that runs on it always reach each other.
  if (call.source.hostNetwork || call.destination.hostNetwork) answers.push('yes');
  if (answers.every((answer) => answer === 'yes')) return 'yes';
  return answers.every((answer) => answer === 'no') ? 'no' : 'maybe';
}

function direction(world: NaiveWorld, call: NaiveCall, type: 'Ingress' | 'Egress', plugin: Plugin): Ternary {
  const subject = type === 'Ingress' ? call.destination : call.source;
  if (subject.hostNetwork && plugin === 'sees nodes') return 'yes';
  const isolating = world.policies.filter(
    (policy) =>
      policy.namespace === subject.namespace &&
      selects(policy.podSelector, subject.labels) &&
      typesOf(policy).includes(type),
  );
  if (isolating.length === 0) return 'yes';
  const answers = new Set(
    isolating.flatMap((policy) =>
      rulesOf(policy, type)
        .filter((rule) => isPortIn(rule.ports, call))
        .map((rule) =>
          isPeerIn(world, rule.peers, policy.namespace, {
            pod: type === 'Ingress' ? call.source : call.destination,
            plugin,
          }),
        ),
    ),
  );
  if (answers.has('yes')) return 'yes';
  return answers.has('maybe') ? 'maybe' : 'no';
}

function typesOf(policy: NaivePolicy): string[] {
  if (policy.policyTypes !== undefined && policy.policyTypes.length > 0) return policy.policyTypes;
  return policy.egress !== undefined && policy.egress.length > 0 ? ['Ingress', 'Egress'] : ['Ingress'];
}

interface NaiveRule {
  peers: NaivePeer[] | undefined;
  ports: NaivePort[] | undefined;
}

function rulesOf(policy: NaivePolicy, type: 'Ingress' | 'Egress'): NaiveRule[] {
  if (type === 'Ingress')
    return (policy.ingress ?? []).map((rule) => ({ peers: rule.from, ports: rule.ports }));
  return (policy.egress ?? []).map((rule) => ({ peers: rule.to, ports: rule.ports }));
}

function isPortIn(ports: NaivePort[] | undefined, call: NaiveCall): boolean {
  if (ports === undefined || ports.length === 0) return true;
  return ports.some((entry) => {
    if ((entry.protocol ?? 'TCP') !== call.protocol) return false;
    if (entry.port === undefined) return true;
    if (typeof entry.port === 'string')
      return call.destination.ports.some(
        (own) => own.name === entry.port && own.protocol === call.protocol && own.containerPort === call.port,
      );
    return call.port >= entry.port && call.port <= (entry.endPort ?? entry.port);
  });
}

function isPeerIn(
  world: NaiveWorld,
  peers: NaivePeer[] | undefined,
  home: string,
  other: { pod: NaivePod; plugin: Plugin },
): Ternary {
  if (peers === undefined || peers.length === 0) return 'yes';
  if (peers.some((peer) => peer.ipBlock === undefined && isSelected(world, peer, home, other))) return 'yes';
  // The tests' blocks are either private, where pods live, or documentation addresses, where they do not.
  return peers.some((peer) => peer.ipBlock?.cidr.startsWith('10.')) ? 'maybe' : 'no';
}

function isSelected(
  world: NaiveWorld,
  peer: NaivePeer,
  home: string,
  { pod, plugin }: { pod: NaivePod; plugin: Plugin },
): boolean {
  if (pod.hostNetwork && plugin === 'sees nodes') return false;
  const labels = { ...world.namespaces[pod.namespace], 'kubernetes.io/metadata.name': pod.namespace };
  const isInNamespace =
    peer.namespaceSelector === undefined ? pod.namespace === home : selects(peer.namespaceSelector, labels);
  return isInNamespace && (peer.podSelector === undefined || selects(peer.podSelector, pod.labels));
}

function selects(selector: Selector, labels: Record<string, string>): boolean {
  for (const key in selector.matchLabels) if (labels[key] !== selector.matchLabels[key]) return false;
  return (selector.matchExpressions ?? []).every(({ key, operator, values = [] }) => {
    const isListed = key in labels && values.includes(labels[key] ?? '');
    if (operator === 'In') return isListed;
    if (operator === 'NotIn') return !isListed;
    return operator === 'Exists' ? key in labels : !(key in labels);
  });
}
