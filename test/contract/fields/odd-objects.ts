import type { KubeObject } from '../../../src/objects/index.ts';
import { definition, podSpec, template } from './odd-parts.ts';

const selector = { matchLabels: { app: 'web' } };
const hook = {
  name: 'hook.example.com',
  clientConfig: { service: { name: 'hook', namespace: 'odd' } },
  rules: [
    { apiGroups: ['none.example.com'], apiVersions: ['v1'], operations: ['CREATE'], resources: ['nothings'] },
  ],
  sideEffects: 'None',
  admissionReviewVersions: ['v1'],
};
const admission = 'admissionregistration.k8s.io/v1';
const rbac = 'rbac.authorization.k8s.io';
const one = (apiVersion: string, kind: string, fields: object, namespace?: string): KubeObject => ({
  apiVersion,
  kind,
  metadata: { name: 'odd', ...(namespace === undefined ? {} : { namespace }) },
  ...fields,
});
const inside = (apiVersion: string, kind: string, fields: object): KubeObject =>
  one(apiVersion, kind, fields, 'odd');
/** Objects of many kinds with what is easily misread: defaults inside atomic values, quantities, empty and zero values, keys with defaults. */
export const oddObjects: readonly KubeObject[] = [
  one('v1', 'Namespace', {}),
  {
    ...one('apiextensions.k8s.io/v1', 'CustomResourceDefinition', { spec: definition }),
    metadata: { name: 'boats.example.com' },
  },
  inside('v1', 'ConfigMap', {
    data: { limits: '1', 'a.b': '1000m', empty: '' },
    binaryData: { b: 'aGVsbG8=' },
  }),
  inside('v1', 'Secret', { type: 'Opaque', data: { a: 'aGVs\nbG8=' } }),
  {
    ...inside('v1', 'Secret', { stringData: { a: 'hello' } }),
    metadata: { name: 'texts', namespace: 'odd' },
  },
  inside('v1', 'Service', {
    spec: {
      selector: { app: 'web' },
      ports: [
        { name: 'a', port: 80 },
        { name: 'b', port: 80, protocol: 'UDP' },
        { name: 'c', port: 81, targetPort: 'http' },
      ],
    },
  }),
  inside('v1', 'LimitRange', {
    spec: {
      limits: [
        { type: 'Container', max: { cpu: '4000m' }, default: { cpu: 1 } },
        { type: 'PersistentVolumeClaim', min: { storage: '1024Mi' } },
      ],
    },
  }),
  inside('v1', 'ResourceQuota', {
    spec: { hard: { 'requests.cpu': 4, 'limits.memory': '8192Mi', pods: 10, 'count/jobs.batch': '0' } },
  }),
  inside('v1', 'PersistentVolumeClaim', {
    spec: {
      accessModes: ['ReadWriteOnce'],
      storageClassName: '',
      resources: { requests: { storage: '1024Mi' } },
    },
  }),
  one('v1', 'PersistentVolume', {
    spec: {
      capacity: { storage: '1024Mi' },
      accessModes: ['ReadWriteOnce'],
      hostPath: { path: '/x' },
      persistentVolumeReclaimPolicy: 'Retain',
      storageClassName: 'none',
    },
  }),
  inside('v1', 'ReplicationController', { spec: { replicas: 0, selector: { app: 'web' }, template } }),
  inside('v1', 'PodTemplate', { template }),
  inside('v1', 'ServiceAccount', {
    automountServiceAccountToken: false,
    imagePullSecrets: [{ name: 'a' }, { name: 'b' }],
  }),
  inside('apps/v1', 'Deployment', { spec: { replicas: 0, selector, strategy: {}, template } }),
  inside('apps/v1', 'DaemonSet', {
    spec: { selector, template, updateStrategy: { rollingUpdate: { maxUnavailable: '10%' } } },
  }),
  inside('apps/v1', 'ReplicaSet', { spec: { replicas: 0, selector, template } }),
  inside('apps/v1', 'StatefulSet', {
    spec: {
      replicas: 0,
      serviceName: 'web',
      selector,
      template,
      volumeClaimTemplates: [
        {
          metadata: { name: 'data' },
          spec: { accessModes: ['ReadWriteOnce'], resources: { requests: { storage: '2048Mi' } } },
        },
      ],
    },
  }),
  inside('batch/v1', 'Job', {
    spec: { suspend: true, template: { ...template, spec: { ...podSpec, restartPolicy: 'Never' } } },
  }),
  inside('autoscaling/v2', 'HorizontalPodAutoscaler', {
    spec: {
      scaleTargetRef: { apiVersion: 'apps/v1', kind: 'Deployment', name: 'odd' },
      maxReplicas: 3,
      metrics: [
        {
          type: 'Resource',
          resource: { name: 'memory', target: { type: 'AverageValue', averageValue: '1024Mi' } },
        },
        {
          type: 'Pods',
          pods: { metric: { name: 'rate' }, target: { type: 'AverageValue', averageValue: '1000m' } },
        },
      ],
      behavior: { scaleDown: { policies: [{ type: 'Pods', value: 1, periodSeconds: 60 }] } },
    },
  }),
  inside('networking.k8s.io/v1', 'NetworkPolicy', {
    spec: {
      podSelector: {},
      policyTypes: ['Ingress', 'Egress'],
      ingress: [{}],
      egress: [{ ports: [{ port: 53, protocol: 'UDP' }, { port: 53 }], to: [{ namespaceSelector: {} }] }],
    },
  }),
  inside('networking.k8s.io/v1', 'Ingress', {
    spec: {
      rules: [
        {
          host: 'a.example.com',
          http: {
            paths: [
              { path: '/', pathType: 'Prefix', backend: { service: { name: 'web', port: { number: 80 } } } },
            ],
          },
        },
      ],
      tls: [],
    },
  }),
  one('networking.k8s.io/v1', 'IngressClass', { spec: { controller: 'example.com/none' } }),
  one('storage.k8s.io/v1', 'StorageClass', {
    provisioner: 'example.com/none',
    parameters: { type: 'gp3', iops: '' },
    mountOptions: ['noatime'],
  }),
  one('storage.k8s.io/v1', 'CSIDriver', { spec: { attachRequired: false } }),
  one('scheduling.k8s.io/v1', 'PriorityClass', { value: 10, description: '' }),
  one('node.k8s.io/v1', 'RuntimeClass', { handler: 'none', overhead: { podFixed: { cpu: '1000m' } } }),
  inside('policy/v1', 'PodDisruptionBudget', { spec: { maxUnavailable: '30%', selector } }),
  inside('coordination.k8s.io/v1', 'Lease', { spec: { holderIdentity: 'a', leaseDurationSeconds: 15 } }),
  inside('discovery.k8s.io/v1', 'EndpointSlice', {
    addressType: 'IPv4',
    endpoints: [{ addresses: ['192.0.2.1'] }],
    ports: [{ port: 80 }],
  }),
  inside(`${rbac}/v1`, 'Role', { rules: [{ apiGroups: [''], resources: ['pods'], verbs: ['get'] }] }),
  inside(`${rbac}/v1`, 'RoleBinding', {
    roleRef: { kind: 'Role', name: 'odd', apiGroup: rbac },
    subjects: [
      { kind: 'Group', name: 'a' },
      { kind: 'ServiceAccount', name: 'default', namespace: 'odd', apiGroup: '' },
    ],
  }),
  one(`${rbac}/v1`, 'ClusterRole', {
    aggregationRule: { clusterRoleSelectors: [{ matchLabels: { a: 'b' } }] },
    rules: [],
  }),
  one(`${rbac}/v1`, 'ClusterRoleBinding', {
    roleRef: { kind: 'ClusterRole', name: 'odd', apiGroup: rbac },
    subjects: [{ kind: 'User', name: 'a' }],
  }),
  one(admission, 'ValidatingWebhookConfiguration', { webhooks: [hook] }),
  one(admission, 'MutatingWebhookConfiguration', {
    webhooks: [{ ...hook, namespaceSelector: { matchLabels: { a: 'b' } } }],
  }),
  one(admission, 'ValidatingAdmissionPolicy', {
    spec: {
      matchConstraints: {
        resourceRules: [
          {
            apiGroups: ['none.example.com'],
            apiVersions: ['v1'],
            operations: ['CREATE'],
            resources: ['nothings'],
          },
        ],
      },
      validations: [{ expression: 'true' }],
      variables: [{ name: 'a', expression: 'true' }],
    },
  }),
  one(admission, 'ValidatingAdmissionPolicyBinding', {
    spec: { policyName: 'odd', validationActions: ['Deny'] },
  }),
  one('flowcontrol.apiserver.k8s.io/v1', 'FlowSchema', {
    spec: {
      priorityLevelConfiguration: { name: 'workload-low' },
      rules: [
        {
          subjects: [{ kind: 'User', user: { name: 'nobody' } }],
          nonResourceRules: [{ verbs: ['get'], nonResourceURLs: ['/nothing'] }],
        },
      ],
    },
  }),
  inside('example.com/v1', 'Boat', {
    spec: {
      a: null,
      size: 1,
      free: { limits: { cpu: '1000m' }, list: [{ a: 1 }, []], empty: {}, nothing: [] },
      names: ['x', 'y'],
      plain: [{}, { n: 1 }],
      byKey: [
        { id: 1, protocol: 'TCP', more: { k: { x: 'a' }, e: {} } },
        { id: 2, protocol: 'UDP' },
      ],
    },
  }),
  {
    ...inside('example.com/v1', 'Boat', { spec: { byKey: [{ id: 3 }], names: [] } }),
    metadata: { name: 'defaulted', namespace: 'odd' },
  },
];
