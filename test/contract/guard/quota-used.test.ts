import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { quotaViolations } from '../../../src/guard/index.ts';
import { accessOf, openClient, readKubeconfig, type KubeClient } from '../../../src/kube/index.ts';
import { stringsAt } from '../../../src/lib/index.ts';
import type { KubeObject } from '../../../src/objects/index.ts';
import { nodesFor, startCluster } from '../../../src/sandbox/index.ts';
import { testRun } from '../kube/server.ts';

let client: KubeClient;
let stop: () => Promise<void>;

beforeAll(async () => {
  const folder = await mkdtemp(join(tmpdir(), 'toryo-quota-'));
  const pool = { name: 'web', count: 2, instanceType: 'm6i.xlarge', cpu: '4', memory: '16Gi', pods: 58 };
  const nodes = nodesFor([pool], { zones: ['a'] });
  const cluster = await startCluster({ name: 'quota', nodes }, folder, testRun(), { subnet: 11 });
  const access = accessOf(await readKubeconfig([cluster.kubeconfig]));
  client = openClient({ ...access, name: 'quota' }, testRun(), {});
  stop = async () => {
    await client.close();
    await cluster.stop();
    await rm(folder, { recursive: true, force: true, maxRetries: 5 });
  };
});
afterAll(() => stop());

type Fields = Readonly<Record<string, unknown>>;

const make = (apiVersion: string, kind: string, name: string, fields: Fields): KubeObject => ({
  apiVersion,
  kind,
  metadata: { name, namespace: 'shop' },
  ...fields,
});
const image = 'registry.example.com/web:1';
const box = (name: string, requests: Fields = {}, limits: Fields = {}, more: Fields = {}): Fields => ({
  name,
  image,
  resources: { requests, limits },
  ...more,
});
const workload = (kind: string, name: string, spec: Fields, pod: Fields): KubeObject =>
  make('apps/v1', kind, name, {
    spec: {
      ...spec,
      selector: { matchLabels: { app: name } },
      template: { metadata: { labels: { app: name } }, spec: pod },
    },
  });
const claim = (size: string): Fields => ({
  accessModes: ['ReadWriteOnce'],
  storageClassName: 'gold',
  resources: { requests: { storage: size } },
});

const objects: readonly KubeObject[] = [
  make('v1', 'LimitRange', 'limits', {
    spec: {
      limits: [
        {
          type: 'Container',
          defaultRequest: { cpu: '50m', memory: '64Mi' },
          default: { cpu: '500m', memory: '128Mi' },
        },
      ],
    },
  }),
  workload(
    'Deployment',
    'web',
    { replicas: 3 },
    {
      initContainers: [
        box('side', { cpu: '20m' }, {}, { restartPolicy: 'Always' }),
        box('prepare', { cpu: '400m', memory: '32Mi' }),
      ],
      containers: [box('main'), box('proxy', { cpu: '0.1' }, { cpu: '300m', memory: '256Mi' })],
    },
  ),
  workload(
    'StatefulSet',
    'db',
    {
      replicas: 2,
      serviceName: 'db',
      podManagementPolicy: 'Parallel',
      volumeClaimTemplates: [{ metadata: { name: 'data' }, spec: claim('10Gi') }],
    },
    { containers: [box('main', { memory: '1Gi' }, { cpu: '1', memory: '1Gi' })] },
  ),
  make('v1', 'Pod', 'brief', {
    spec: { activeDeadlineSeconds: 600, priorityClassName: 'important', containers: [box('main')] },
  }),
  make('v1', 'Service', 'web', {
    spec: {
      type: 'LoadBalancer',
      selector: { app: 'web' },
      ports: [
        { name: 'a', port: 80 },
        { name: 'b', port: 443 },
      ],
    },
  }),
  make('v1', 'Service', 'db', {
    spec: { clusterIP: 'None', selector: { app: 'db' }, ports: [{ port: 5432 }] },
  }),
  make('v1', 'PersistentVolumeClaim', 'spare', { spec: claim('512Mi') }),
  make('v1', 'ConfigMap', 'settings', { data: { a: 'b' } }),
  make('v1', 'Secret', 'key', { stringData: { a: 'b' } }),
];
/** Quotas for some pods only. */
const scoped: Readonly<Record<string, Fields>> = {
  'best-effort': { hard: { pods: '50' }, scopes: ['BestEffort'] },
  demanding: { hard: { pods: '50', 'requests.cpu': '20' }, scopes: ['NotBestEffort'] },
  passing: { hard: { pods: '50', 'limits.memory': '20Gi' }, scopes: ['Terminating'] },
  lasting: { hard: { pods: '50', cpu: '20' }, scopes: ['NotTerminating'] },
  important: {
    hard: { pods: '50', 'requests.memory': '20Gi' },
    scopeSelector: {
      matchExpressions: [{ scopeName: 'PriorityClass', operator: 'In', values: ['important'] }],
    },
  },
};
const hard = {
  configmaps: '10',
  'count/deployments.apps': '10',
  'count/pods': '50',
  'count/statefulsets.apps': '10',
  cpu: '20',
  'gold.storageclass.storage.k8s.io/persistentvolumeclaims': '10',
  'gold.storageclass.storage.k8s.io/requests.storage': '100Gi',
  'limits.cpu': '20',
  'limits.memory': '40Gi',
  persistentvolumeclaims: '10',
  pods: '50',
  'requests.cpu': '20',
  'requests.memory': '40Gi',
  'requests.storage': '100Gi',
  secrets: '10',
  services: '10',
  'services.loadbalancers': '2',
  'services.nodeports': '5',
};
const ref = { group: '', kind: 'ResourceQuota', namespace: 'shop' };

describe('what a namespace needs of its quota', () => {
  it('is what the quota controller counts when all of it runs', async () => {
    await client.create({ apiVersion: 'v1', kind: 'Namespace', metadata: { name: 'shop' } });
    // What the controllers put there is counted for sure only when it is there before the quota.
    const given = { ...ref, kind: 'ConfigMap', name: 'kube-root-ca.crt' };
    await until(async () => (await client.get(given)) !== undefined);
    await client.create({
      apiVersion: 'scheduling.k8s.io/v1',
      kind: 'PriorityClass',
      metadata: { name: 'important' },
      value: 1,
    });
    const wanted = new Map<string, Readonly<Record<string, string>>>();
    for (const [name, spec] of Object.entries({ quota: { hard }, ...scoped })) {
      const quota = await client.create(make('v1', 'ResourceQuota', name, { spec }));
      const { sums, refusals, unknown } = quotaViolations(objects, quota);
      expect([refusals, unknown]).toEqual([[], []]);
      wanted.set(name, sorted(Object.fromEntries(sums.map((one) => [one.resource, one.wanted]))));
    }
    // The controller must have looked once before it lets anything in.
    const isLookedAt = async (name: string): Promise<boolean> => Object.keys(await used(name)).length > 0;
    for (const name of wanted.keys()) await until(() => isLookedAt(name));
    for (const object of objects) await client.create(object);
    for (const [name, amounts] of wanted) {
      await until(async () => JSON.stringify(await used(name)) === JSON.stringify(amounts));
      expect([name, await used(name)]).toEqual([name, amounts]);
    }
  });
});

function sorted(amounts: Readonly<Record<string, string>>): Readonly<Record<string, string>> {
  return Object.fromEntries(Object.entries(amounts).sort(([left], [right]) => (left < right ? -1 : 1)));
}

async function used(name: string): Promise<Readonly<Record<string, string>>> {
  return sorted(stringsAt(await client.get({ ...ref, name }), 'status', 'used'));
}

/** Waits until it holds, or for 60 seconds: the comparison after it says what does not. */
async function until(holds: () => Promise<boolean>): Promise<void> {
  const late = Date.now() + 60_000;
  while (Date.now() < late && !(await holds())) await sleep(500);
}
