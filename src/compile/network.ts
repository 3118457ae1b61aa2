import { labels, warning, problem, type Diagnostic } from '../lib/index.ts';
import { clusterDns, internetBlocks, nodeLocalDns, podIdentity } from '../guard/index.ts';
import type { KubeObject } from '../objects/index.ts';
import type { AddonOn, Fleet, NetworkSet, TenantNamespace, TenantOn } from '../spec/index.ts';

type Way = 'ingress' | 'egress';

/** One rule of a NetworkPolicy: peers, and ports when not all. */
interface NetworkRule {
  readonly peers: readonly Readonly<Record<string, unknown>>[];
  readonly ports?: readonly { readonly protocol: string; readonly port: number }[];
}

/** What the network sets of one tenant on one cluster can refer to. */
export interface NetworkContext {
  readonly fleet: Fleet;
  readonly cluster: string;
  readonly tenant: string;
  readonly on: TenantOn;
}

const dnsPorts = [
  { protocol: 'UDP', port: 53 },
  { protocol: 'TCP', port: 53 },
] as const;

/** Default deny both ways, then one policy for each network set. A namespace with policies of its own keeps the deny. */
export function networkObjects(
  namespace: TenantNamespace,
  context: NetworkContext,
  diagnostics: Diagnostic[],
): readonly KubeObject[] {
  const deny = policy(namespace.name, 'toryo-default-deny', {
    podSelector: {},
    policyTypes: ['Ingress', 'Egress'],
  });
  const { network } = namespace;
  if (network === 'own') return [deny];
  const index = context.on.namespaces.indexOf(namespace);
  const ways = (['ingress', 'egress'] as const).flatMap((way) =>
    [...new Set(network[way])].flatMap((set, position) => {
      const at = () => context.on.place.locate(['namespaces', index, 'network', way, position]);
      const rules = rulesOf(set, context, (make) => diagnostics.push(make(at())), way);
      return rules.length === 0
        ? []
        : [
            policy(namespace.name, `toryo-${way}-${set}`, {
              podSelector: {},
              policyTypes: [typeOf(way)],
              [way]: rules.map((rule) => ruleText(rule, way)),
            }),
          ];
    }),
  );
  return [deny, ...ways];
}

type Report = (make: (at: Diagnostic['at']) => Diagnostic) => void;

function rulesOf(set: string, context: NetworkContext, report: Report, way: Way): readonly NetworkRule[] {
  switch (set) {
    case 'same-namespace':
      return [{ peers: [{ podSelector: {} }] }];
    case 'tenant':
      return [{ peers: [{ namespaceSelector: { matchLabels: { [labels.tenant]: context.tenant } } }] }];
    case 'ingress-controller':
    case 'monitoring':
      return addonRules(set, context, report);
    case 'internet':
      return [
        {
          peers: internetBlocks.map(({ cidr, except }) => ({ ipBlock: { cidr, except: [...except] } })),
        },
      ];
    case 'dns':
    case 'kube-api':
    case 'pod-identity':
      return egressRules(set, context, report, way);
    default:
      return namedRules(context.fleet.networkSets[set]);
  }
}

function egressRules(
  set: 'dns' | 'kube-api' | 'pod-identity',
  context: NetworkContext,
  report: Report,
  way: Way,
): readonly NetworkRule[] {
  if (way === 'ingress') {
    report((at) => problem('TRY-NET-003', at, { set }));
    return [];
  }
  if (set === 'dns') return dnsRules;
  if (set === 'pod-identity')
    return [{ peers: [{ ipBlock: { cidr: podIdentity } }], ports: [{ protocol: 'TCP', port: 80 }] }];
  report((at) => warning('TRY-NET-004', at, { cluster: context.cluster }));
  return [];
}

// Cluster DNS by its namespace and label; the node-local cache by the address that it listens on.
const dnsRules: readonly NetworkRule[] = [
  {
    peers: [
      {
        namespaceSelector: { matchLabels: { [labels.namespaceName]: clusterDns.namespace } },
        podSelector: { matchLabels: clusterDns.labels },
      },
    ],
    ports: dnsPorts,
  },
  { peers: [{ ipBlock: { cidr: nodeLocalDns } }], ports: dnsPorts },
];

function addonRules(
  set: 'ingress-controller' | 'monitoring',
  context: NetworkContext,
  report: Report,
): readonly NetworkRule[] {
  const found = context.fleet.addons
    .flatMap((addon) => addon.on.get(context.cluster) ?? [])
    .filter((on): on is AddonOn => on.role?.is === set);
  if (found.length === 0) report((at) => warning('TRY-NET-002', at, { set, cluster: context.cluster }));
  const peers = found.map((on) => ({
    namespaceSelector: { matchLabels: { [labels.namespaceName]: on.namespace.name } },
    podSelector: { matchLabels: on.role?.pods ?? {} },
  }));
  return peers.length === 0 ? [] : [{ peers }];
}

function namedRules(set: NetworkSet | undefined): readonly NetworkRule[] {
  if (set === undefined) return [];
  const peers = set.cidrs.map((cidr) => ({ ipBlock: { cidr } }));
  return [
    set.ports === undefined
      ? { peers }
      : { peers, ports: set.ports.map((port) => ({ protocol: 'TCP', port })) },
  ];
}

function typeOf(way: Way): string {
  return way === 'ingress' ? 'Ingress' : 'Egress';
}

function ruleText(rule: NetworkRule, way: Way): Readonly<Record<string, unknown>> {
  const peers = { [way === 'ingress' ? 'from' : 'to']: rule.peers };
  return rule.ports === undefined ? peers : { ...peers, ports: rule.ports };
}

function policy(namespace: string, name: string, spec: Readonly<Record<string, unknown>>): KubeObject {
  return { apiVersion: 'networking.k8s.io/v1', kind: 'NetworkPolicy', metadata: { name, namespace }, spec };
}
