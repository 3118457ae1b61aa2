import type { KubeObject } from '../objects/index.ts';

/** ClusterRoles that Toryo brings to every cluster, and what they are for. */
export const roleNames = {
  view: 'toryo:view',
  edit: 'toryo:edit',
  admin: 'toryo:admin',
  exec: 'toryo:exec',
  secrets: 'toryo:secrets',
  deploy: 'toryo:deploy',
  network: 'toryo:network',
} as const;

interface Rule {
  readonly apiGroups: readonly string[];
  readonly resources: readonly string[];
  readonly verbs: readonly string[];
}

const read = ['get', 'list', 'watch'] as const;
const write = ['create', 'delete', 'deletecollection', 'patch', 'update'] as const;

const rule = (apiGroup: string, resources: readonly string[], verbs: readonly string[]): Rule => ({
  apiGroups: [apiGroup],
  resources,
  verbs,
});

/** Everything of a namespace but the values of Secrets. */
const viewRules: readonly Rule[] = [
  rule(
    '',
    [
      'configmaps',
      'endpoints',
      'events',
      'limitranges',
      'persistentvolumeclaims',
      'persistentvolumeclaims/status',
      'pods',
      'pods/log',
      'pods/status',
      'replicationcontrollers',
      'resourcequotas',
      'resourcequotas/status',
      'serviceaccounts',
      'services',
      'services/status',
    ],
    read,
  ),
  rule(
    'apps',
    [
      'controllerrevisions',
      'daemonsets',
      'daemonsets/status',
      'deployments',
      'deployments/scale',
      'deployments/status',
      'replicasets',
      'replicasets/scale',
      'replicasets/status',
      'statefulsets',
      'statefulsets/scale',
      'statefulsets/status',
    ],
    read,
  ),
  rule('autoscaling', ['horizontalpodautoscalers', 'horizontalpodautoscalers/status'], read),
  rule('batch', ['cronjobs', 'cronjobs/status', 'jobs', 'jobs/status'], read),
  rule('discovery.k8s.io', ['endpointslices'], read),
  rule('events.k8s.io', ['events'], read),
  rule('networking.k8s.io', ['ingresses', 'ingresses/status', 'networkpolicies'], read),
  rule('policy', ['poddisruptionbudgets', 'poddisruptionbudgets/status'], read),
  rule('rbac.authorization.k8s.io', ['rolebindings', 'roles'], read),
];

/** Workloads and what they need. No NetworkPolicies (allows add up), no DaemonSets, no tokens of service accounts. */
const editRules: readonly Rule[] = [
  rule('', ['configmaps', 'persistentvolumeclaims', 'pods', 'services'], write),
  rule('', ['pods/eviction'], ['create']),
  rule('', ['serviceaccounts'], write),
  rule('apps', ['deployments', 'deployments/scale', 'statefulsets', 'statefulsets/scale'], write),
  rule('apps', ['replicasets', 'replicasets/scale'], ['delete', 'patch', 'update']),
  rule('autoscaling', ['horizontalpodautoscalers'], write),
  rule('batch', ['cronjobs', 'jobs'], write),
  rule('networking.k8s.io', ['ingresses'], write),
  rule('policy', ['poddisruptionbudgets'], write),
];

/** Who may do what in the namespace; the API server refuses to give away more than one has. */
const adminRules: readonly Rule[] = [
  rule('authorization.k8s.io', ['localsubjectaccessreviews'], ['create']),
  rule('rbac.authorization.k8s.io', ['rolebindings', 'roles'], [...read, ...write]),
];

const execRules: readonly Rule[] = [
  rule(
    '',
    ['pods/attach', 'pods/exec', 'pods/portforward', 'pods/ephemeralcontainers'],
    ['create', 'get', 'patch', 'update'],
  ),
];

const secretRules: readonly Rule[] = [rule('', ['secrets'], [...read, ...write])];

/** What a tenant's Apps are made of. No Namespace, ResourceQuota, LimitRange, NetworkPolicy or DaemonSet. */
const deployRules: readonly Rule[] = [
  rule(
    '',
    [
      'configmaps',
      'endpoints',
      'persistentvolumeclaims',
      'pods',
      'replicationcontrollers',
      'secrets',
      'serviceaccounts',
      'services',
    ],
    [...read, ...write],
  ),
  rule('', ['events', 'pods/log', 'pods/status', 'limitranges', 'resourcequotas'], read),
  rule(
    'apps',
    ['deployments', 'deployments/scale', 'replicasets', 'statefulsets', 'statefulsets/scale'],
    [...read, ...write],
  ),
  rule('apps', ['controllerrevisions', 'daemonsets'], read),
  rule('autoscaling', ['horizontalpodautoscalers'], [...read, ...write]),
  rule('batch', ['cronjobs', 'jobs'], [...read, ...write]),
  rule('discovery.k8s.io', ['endpointslices'], [...read, ...write]),
  rule('networking.k8s.io', ['ingresses'], [...read, ...write]),
  rule('networking.k8s.io', ['networkpolicies'], read),
  rule('policy', ['poddisruptionbudgets'], [...read, ...write]),
  rule('rbac.authorization.k8s.io', ['rolebindings', 'roles'], [...read, ...write]),
];

/** For Apps of a namespace that says `network: own`. */
const networkRules: readonly Rule[] = [rule('networking.k8s.io', ['networkpolicies'], [...read, ...write])];

function clusterRole(
  name: string,
  fields: Readonly<Record<string, unknown>>,
  labels: Readonly<Record<string, string>> = {},
): KubeObject {
  const metadata = Object.keys(labels).length === 0 ? { name } : { name, labels };
  return { apiVersion: 'rbac.authorization.k8s.io/v1', kind: 'ClusterRole', metadata, ...fields };
}

const joining = (word: string) => ({ [`toryo.dev/aggregate-to-${word}`]: 'true' });

const aggregated = (word: string) => ({
  aggregationRule: { clusterRoleSelectors: [{ matchLabels: joining(word) }] },
});

/** A role that other roles add to by label, and the part of it that is ours; all of it joins the role `within`. */
function open(name: string, word: string, rules: readonly Rule[], within?: string): readonly KubeObject[] {
  return [
    clusterRole(name, aggregated(word), within === undefined ? {} : joining(within)),
    clusterRole(`${name}:base`, { rules }, joining(word)),
  ];
}

/**
 * The ClusterRoles of every cluster; add-ons add their kinds to view, edit, admin and deploy by label. What is added to view is in edit
 * too, and what is in edit in admin, as in the API server's own.
 */
export function clusterRoles(): readonly KubeObject[] {
  return [
    ...open(roleNames.view, 'view', viewRules, 'edit'),
    ...open(roleNames.edit, 'edit', editRules, 'admin'),
    ...open(roleNames.admin, 'admin', adminRules),
    ...open(roleNames.deploy, 'deploy', deployRules),
    clusterRole(roleNames.exec, { rules: execRules }),
    clusterRole(roleNames.secrets, { rules: secretRules }),
    clusterRole(roleNames.network, { rules: networkRules }),
  ];
}
