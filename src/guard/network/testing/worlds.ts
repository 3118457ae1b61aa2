import * as fc from 'fast-check';
import type { KubeObject } from '../../../objects/index.ts';
import type { NaivePeer, NaivePod, NaivePolicy, NaivePort, NaiveWorld } from './naive.ts';

const key = fc.constantFrom('a', 'b', 'c');
const value = fc.constantFrom('x', 'y');
const labels = fc.dictionary(key, value, { maxKeys: 3 });
const namespace = fc.constantFrom('one', 'two', 'three');
const protocol = fc.constantFrom('TCP', 'UDP', 'SCTP');
const portName = fc.constantFrom('web', 'admin');

/** Ports that worlds speak of; the tests ask about each of them, and about those at the ends. */
export const askedPorts = [...Array.from({ length: 14 }, (_, index) => index + 1), 65_534, 65_535];
const port = fc.oneof(fc.integer({ min: 1, max: 12 }), fc.constant(65_535));

const expression = fc.oneof(
  fc.record({
    key,
    operator: fc.constantFrom('In', 'NotIn'),
    values: fc.uniqueArray(value, { minLength: 1, maxLength: 2 }),
  }),
  fc.record({ key, operator: fc.constantFrom('Exists', 'DoesNotExist') }),
);
const selector = fc.oneof(
  { weight: 2, arbitrary: fc.constant({}) },
  { weight: 3, arbitrary: fc.record({ matchLabels: fc.dictionary(key, value, { minKeys: 1, maxKeys: 2 }) }) },
  {
    weight: 2,
    arbitrary: fc.record({ matchExpressions: fc.array(expression, { minLength: 1, maxLength: 2 }) }),
  },
);
const spaceSelector = fc.oneof(
  selector,
  namespace.map((name) => ({ matchLabels: { 'kubernetes.io/metadata.name': name } })),
);

const peer: fc.Arbitrary<NaivePeer> = fc.oneof(
  { weight: 3, arbitrary: fc.record({ podSelector: selector }) },
  { weight: 3, arbitrary: fc.record({ namespaceSelector: spaceSelector }) },
  { weight: 3, arbitrary: fc.record({ podSelector: selector, namespaceSelector: spaceSelector }) },
  {
    weight: 1,
    arbitrary: fc.constantFrom<NaivePeer>(
      { ipBlock: { cidr: '10.1.0.0/16', except: ['10.1.2.0/24'] } },
      { ipBlock: { cidr: '192.0.2.0/24' } },
    ),
  },
);

const rulePort: fc.Arbitrary<NaivePort> = fc.oneof(
  fc.record({ protocol, port }, { requiredKeys: [] }),
  fc
    .tuple(protocol, fc.integer({ min: 1, max: 8 }), fc.integer({ min: 0, max: 6 }))
    .map(([one, from, more]) => ({ protocol: one, port: from, endPort: from + more })),
  fc.record({ protocol, port: portName }, { requiredKeys: ['port'] }),
);

const ports = fc.array(rulePort, { maxLength: 2 });
const peers = fc.array(peer, { maxLength: 2 });

const policy: fc.Arbitrary<NaivePolicy> = fc.record(
  {
    namespace,
    podSelector: selector,
    policyTypes: fc.constantFrom([], ['Ingress'], ['Egress'], ['Ingress', 'Egress']),
    ingress: fc.array(fc.record({ from: peers, ports }, { requiredKeys: [] }), { maxLength: 2 }),
    egress: fc.array(fc.record({ to: peers, ports }, { requiredKeys: [] }), { maxLength: 2 }),
  },
  { requiredKeys: ['namespace', 'podSelector'] },
);

const pod: fc.Arbitrary<NaivePod> = fc.record({
  namespace,
  labels,
  ports: fc.uniqueArray(
    fc.record({ name: portName, containerPort: fc.integer({ min: 1, max: 12 }), protocol }),
    { maxLength: 2, selector: (one) => one.name },
  ),
  hostNetwork: fc.integer({ min: 0, max: 7 }).map((number) => number === 0),
});

/** A cluster of three namespaces, a few pods and policies. */
export const world: fc.Arbitrary<{ world: NaiveWorld; pods: NaivePod[] }> = fc.record({
  world: fc.record({
    namespaces: fc.record({ one: labels, two: labels, three: labels }),
    policies: fc.array(policy, { maxLength: 6 }),
  }),
  pods: fc.array(pod, { minLength: 2, maxLength: 4 }),
});

/** The same world as objects of Kubernetes. */
export function objectsOf({ world, pods }: { world: NaiveWorld; pods: NaivePod[] }): readonly KubeObject[] {
  return [
    ...Object.entries(world.namespaces).map(([name, labels]) => ({
      apiVersion: 'v1',
      kind: 'Namespace',
      metadata: { name, labels },
    })),
    ...world.policies.map(({ namespace, ...spec }, index) => ({
      apiVersion: 'networking.k8s.io/v1',
      kind: 'NetworkPolicy',
      metadata: { name: `policy-${index}`, namespace },
      spec,
    })),
    ...pods.map(({ namespace, labels, ports, hostNetwork }, index) => ({
      apiVersion: 'v1',
      kind: 'Pod',
      metadata: { name: `pod-${index}`, namespace, labels },
      spec: { hostNetwork, containers: [{ name: 'main', ports }] },
    })),
  ];
}
