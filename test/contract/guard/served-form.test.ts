import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { creationOf } from '../../../src/guard/index.ts';
import { isArray, isObject } from '../../../src/lib/index.ts';
import type { KubeObject } from '../../../src/objects/index.ts';
import { object, TestServer } from '../kube/server.ts';

let server: TestServer;
type Fields = Readonly<Record<string, unknown>>;

beforeAll(async () => {
  server = await TestServer.start();
});
afterAll(() => server.stop());

const labels = { app: 'web' };
const selector = { matchLabels: labels };
const probe = { httpGet: { port: 80 } };
const container = (more: Fields = {}): Fields => ({
  name: 'web',
  image: 'registry.example.com/web',
  ...more,
});
const rich = container({
  image: 'registry.example.com:5000/web:1',
  ports: [{ containerPort: 80 }],
  env: [{ name: 'A', valueFrom: { fieldRef: { fieldPath: 'metadata.name' } } }],
  livenessProbe: probe,
  readinessProbe: { grpc: { port: 1 }, periodSeconds: 3 },
  lifecycle: { preStop: probe },
  resources: { limits: { cpu: '1' } },
  securityContext: null,
});
const volumes = [
  { name: 'a' },
  { name: 'b', secret: { secretName: 'x' } },
  { name: 'c', configMap: { name: 'x' } },
  { name: 'd', hostPath: { path: '/x' } },
  { name: 'e', projected: { sources: [{ serviceAccountToken: { path: 'x' } }] } },
];
const template = (spec: Fields): Fields => ({ metadata: { labels }, spec });
const plain = template({ containers: [container()] });
const full = template({
  serviceAccountName: 'web',
  hostNetwork: true,
  containers: [rich],
  initContainers: [container({ name: 'init' })],
  volumes,
  nodeSelector: {},
});

const app = (kind: string, spec: Fields): KubeObject => ({ ...object('apps/v1', kind, 'web', 'test'), spec });
const core = (kind: string, fields: Fields): KubeObject => ({
  ...object('v1', kind, 'web', 'test'),
  ...fields,
});
const port = { ports: [{ port: 80 }] };

const manifests: Readonly<Record<string, KubeObject>> = {
  Deployment: app('Deployment', { selector, template: plain }),
  'Deployment, full': app('Deployment', {
    selector,
    template: full,
    strategy: { rollingUpdate: { maxSurge: 1 } },
  }),
  'Deployment, recreated': app('Deployment', { selector, template: plain, strategy: { type: 'Recreate' } }),
  StatefulSet: app('StatefulSet', {
    selector,
    serviceName: 'web',
    template: plain,
    volumeClaimTemplates: [
      {
        metadata: { name: 'data' },
        spec: { accessModes: ['ReadWriteOnce'], resources: { requests: { storage: '1Gi' } } },
      },
    ],
  }),
  DaemonSet: app('DaemonSet', { selector, template: full }),
  ReplicaSet: app('ReplicaSet', { selector, template: plain }),
  Job: {
    ...object('batch/v1', 'Job', 'web', 'test'),
    spec: { template: { spec: { restartPolicy: 'Never', containers: [container()] } } },
  },
  CronJob: {
    ...object('batch/v1', 'CronJob', 'web', 'test'),
    spec: {
      schedule: '@daily',
      jobTemplate: { spec: { template: { spec: { restartPolicy: 'Never', containers: [rich] } } } },
    },
  },
  Service: core('Service', { spec: { selector: labels, ...port } }),
  'Service, outside': core('Service', { spec: { type: 'LoadBalancer', selector: labels, ...port } }),
  'Service, elsewhere': core('Service', { spec: { type: 'ExternalName', externalName: 'a.example.com' } }),
  ConfigMap: core('ConfigMap', { data: {}, binaryData: null }),
  Secret: core('Secret', { stringData: { a: 'ü' } }),
  Namespace: { ...object('v1', 'Namespace', 'web') },
  NetworkPolicy: {
    ...object('networking.k8s.io/v1', 'NetworkPolicy', 'web', 'test'),
    spec: { podSelector: {}, egress: [{ ports: [{ port: 53 }] }] },
  },
  RoleBinding: {
    ...object('rbac.authorization.k8s.io/v1', 'RoleBinding', 'web', 'test'),
    roleRef: { apiGroup: 'rbac.authorization.k8s.io', kind: 'ClusterRole', name: 'view' },
    subjects: [
      { kind: 'Group', name: 'web' },
      { kind: 'ServiceAccount', name: 'web', namespace: 'test' },
    ],
  },
  PriorityClass: { ...object('scheduling.k8s.io/v1', 'PriorityClass', 'web'), value: 1 },
  StorageClass: { ...object('storage.k8s.io/v1', 'StorageClass', 'web'), provisioner: 'x.example.com' },
  PersistentVolumeClaim: core('PersistentVolumeClaim', {
    spec: { accessModes: ['ReadWriteOnce'], resources: { requests: { storage: '1Gi' } } },
  }),
  Pod: core('Pod', { spec: { containers: [rich], volumes } }),
};

const serverSet = new Set(['uid', 'creationTimestamp', 'generation', 'managedFields', 'resourceVersion']);

/** Where ours and theirs differ; what is unknown to us may be anything. */
function differences(ours: unknown, theirs: unknown, path = ''): readonly string[] {
  if (isObject(ours) && ours['is'] === 'unknown') return [];
  if (isObject(ours) && isObject(theirs))
    return [...new Set([...Object.keys(ours), ...Object.keys(theirs)])].flatMap((key) =>
      differences(ours[key], theirs[key], `${path}.${key}`),
    );
  if (isArray(ours) && isArray(theirs))
    return Array.from({ length: Math.max(ours.length, theirs.length) }).flatMap((_item, index) =>
      differences(ours[index], theirs[index], `${path}[${index}]`),
    );
  return ours === theirs ? [] : [`${path}: ${JSON.stringify(ours)}; theirs: ${JSON.stringify(theirs)}`];
}

describe('the form in which policies see a manifest, against a real API server', () => {
  it.each(Object.entries(manifests))('%s', async (_name, manifest) => {
    const stored = await server.client.create(manifest, { dryRun: true });
    const metadata = Object.fromEntries(
      Object.entries(stored.metadata).filter(([field]) => !serverSet.has(field)),
    );
    const ours = creationOf(manifest, { objects: [], minor: 36 }).object;
    expect(differences(ours, { ...stored, metadata })).toEqual([]);
  });
});
