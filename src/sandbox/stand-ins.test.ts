import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { numberAt, stringAt } from '../lib/index.ts';
import type { Api } from './api.ts';
import { nodesFor, startCluster, type RunningCluster } from './index.ts';
import {
  adminOf,
  conditionOf,
  create,
  newBench,
  pidsOf,
  podNamed,
  until,
  untilText,
  waitingReason,
  type Bench,
} from './testing/bench.ts';

const fail = (how: string): Record<string, string> => ({ 'sandbox.toryo.dev/fail': how });
const phase = (body: unknown): string | undefined => stringAt(body, 'status', 'phase');
const ready = (body: unknown): string | undefined => conditionOf(body, 'Ready');
const address = (body: unknown): string | undefined =>
  stringAt(body, 'status', 'loadBalancer', 'ingress', 0, 'ip');

let bench: Bench;
let cluster: RunningCluster;
let api: Api;

beforeAll(async () => {
  bench = await newBench();
  const kind = { instanceType: 'm6i.xlarge', cpu: '4', memory: '16Gi', pods: 58 };
  const pools = [
    { ...kind, name: 'web', count: 2 },
    { ...kind, name: 'tainted', count: 1, taints: ['only=me:NoSchedule'] },
  ];
  const nodes = nodesFor(pools, { zones: ['eu-1a', 'eu-1b'] });
  cluster = await startCluster({ name: 'ins', nodes, images: ['known'] }, bench.folder, bench, { subnet: 9 });
  api = await adminOf(bench.folder, cluster.server);
});

afterAll(async () => {
  await api.close();
  await cluster.stop();
  expect(await pidsOf(bench.folder)).toEqual([]);
  await bench.clear();
});

describe('nodes', () => {
  it('have capacity, zone and taints, and can be not ready', async () => {
    const get = async (name: string): Promise<unknown> =>
      (await api.call('GET', `/api/v1/nodes/${name}`)).body;
    const node = await until(
      () => get('web-2'),
      (body) => ready(body) === 'True',
    );
    expect(stringAt(node, 'metadata', 'labels', 'topology.kubernetes.io/zone')).toBe('eu-1b');
    expect(stringAt(node, 'metadata', 'labels', 'topology.kubernetes.io/region')).toBe('eu-1');
    expect(stringAt(node, 'status', 'allocatable', 'cpu')).toBe('4');
    expect(stringAt(await get('tainted-1'), 'spec', 'taints', 0, 'key')).toBe('only');
    await api.patch('/api/v1/nodes/tainted-1', { metadata: { annotations: fail('NotReady') } });
    await until(
      () => get('tainted-1'),
      (body) => ready(body) === 'False',
    );
    await api.patch('/api/v1/nodes/tainted-1', {
      metadata: { annotations: { 'sandbox.toryo.dev/fail': null } },
    });
    await until(
      () => get('tainted-1'),
      (body) => ready(body) === 'True',
    );
  });
});

describe('pods', () => {
  it('become ready', async () => {
    await create(api, podNamed('good'));
    const pod = await until(
      async () => (await api.call('GET', '/api/v1/namespaces/default/pods/good')).body,
      (body) => ready(body) === 'True',
    );
    expect(phase(pod)).toBe('Running');
    expect(stringAt(pod, 'spec', 'nodeName')).toMatch(/^web-/);
    expect(stringAt(pod, 'status', 'podIP')).toMatch(/^10\./);
  });

  it('fail as their annotation says, and recover when it goes', async () => {
    await create(api, podNamed('crash', { annotations: fail('CrashLoopBackOff') }));
    await create(api, podNamed('pull', { annotations: fail('ImagePullBackOff') }));
    await create(api, podNamed('unready', { annotations: fail('NotReady') }));
    await create(api, podNamed('error', { annotations: fail('Error'), spec: { restartPolicy: 'Never' } }));
    await untilText(api, 'pods/crash', waitingReason, 'CrashLoopBackOff');
    await untilText(api, 'pods/pull', waitingReason, 'ImagePullBackOff');
    await untilText(api, 'pods/unready', ready, 'False');
    await untilText(api, 'pods/error', phase, 'Failed');
    await api.patch('/api/v1/namespaces/default/pods/crash', {
      metadata: { annotations: { 'sandbox.toryo.dev/fail': null } },
    });
    await untilText(api, 'pods/crash', ready, 'True');
  });

  it('cannot pull an image that the sandbox does not have', async () => {
    await create(api, podNamed('strange', { image: 'strange:1' }));
    await untilText(api, 'pods/strange', waitingReason, 'ImagePullBackOff');
    await cluster.change({
      name: 'ins',
      images: ['known', 'strange:1'],
      nodes: nodesFor(
        [{ name: 'web', count: 2, instanceType: 'm6i.xlarge', cpu: '4', memory: '16Gi', pods: 58 }],
        { zones: ['eu-1a', 'eu-1b'] },
      ),
    });
    await untilText(api, 'pods/strange', ready, 'True');
    expect((await api.call('GET', '/api/v1/nodes/tainted-1')).status).toBe(404);
  });

  it('are played on by a kwok that was killed and started again', async () => {
    const before = cluster.components.find((component) => component.name === 'kwok');
    process.kill(before?.life.pid ?? 0, 'SIGKILL');
    await create(api, podNamed('after'));
    await untilText(api, 'pods/after', ready, 'True');
    const kwok = cluster.components.find((component) => component.name === 'kwok');
    expect([kwok?.restarts, kwok?.isRunning]).toEqual([1, true]);
  });

  it('wait for a readiness gate that nobody opens', async () => {
    await create(
      api,
      podNamed('gated', { spec: { readinessGates: [{ conditionType: 'example.com/open' }] } }),
    );
    await untilText(api, 'pods/gated', ready, 'False');
    const open = { status: { conditions: [{ type: 'example.com/open', status: 'True' }] } };
    await api.ask(
      'PATCH',
      '/api/v1/namespaces/default/pods/gated/status',
      open,
      'application/strategic-merge-patch+json',
    );
    await untilText(api, 'pods/gated', ready, 'True');
  });

  it('of a Job complete, or fail', async () => {
    const job = (name: string, annotations: Record<string, string>) => ({
      metadata: { name },
      spec: {
        backoffLimit: 0,
        template: {
          metadata: { annotations },
          spec: { restartPolicy: 'Never', containers: [{ name: 'main', image: 'known' }] },
        },
      },
    });
    const path = '/apis/batch/v1/namespaces/default/jobs';
    await api.ask('POST', path, job('good', {}));
    await api.ask('POST', path, job('bad', fail('Error')));
    const statusOf = (name: string) => async () => (await api.call('GET', `${path}/${name}`)).body;
    await until(statusOf('good'), (body) => numberAt(body, 'status', 'succeeded') === 1);
    await until(statusOf('bad'), (body) => numberAt(body, 'status', 'failed') === 1);
  });
});

describe('load balancers', () => {
  const service = (name: string, annotations: Record<string, string>) => ({
    kind: 'Service',
    metadata: { name, annotations },
    spec: { type: 'LoadBalancer', ports: [{ port: 80 }] },
  });

  it('have an address of their own in the subnet, or none when asked to fail', async () => {
    await create(api, service('one', {}));
    await create(api, service('two', {}));
    await create(api, service('none', fail('NoAddress')));
    const get = (name: string) => async () =>
      address((await api.call('GET', `/api/v1/namespaces/default/services/${name}`)).body);
    const one = await until(get('one'), (ip) => ip !== undefined);
    const two = await until(get('two'), (ip) => ip !== undefined);
    expect(one).toMatch(/^127\.9\./);
    expect(one).not.toBe(two);
    expect(await get('none')()).toBeUndefined();
    await api.patch('/api/v1/namespaces/default/services/none', {
      metadata: { annotations: { 'sandbox.toryo.dev/fail': null } },
    });
    await until(get('none'), (ip) => ip !== undefined && ip !== one && ip !== two);
  });
});

describe('claims', () => {
  const claim = (name: string, annotations: Record<string, string>) => ({
    kind: 'PersistentVolumeClaim',
    metadata: { name, annotations },
    spec: { accessModes: ['ReadWriteOnce'], resources: { requests: { storage: '1Gi' } } },
  });
  const pod = (name: string) =>
    podNamed(name, { spec: { volumes: [{ name: 'data', persistentVolumeClaim: { claimName: name } }] } });

  it('are bound in the zone of their pod, or stay pending with an event', async () => {
    for (const [name, how] of [
      ['data', {}],
      ['nodata', fail('ProvisioningFailed')],
    ] as const) {
      await create(api, claim(name, how));
      await create(api, pod(name));
    }
    await untilText(api, 'persistentvolumeclaims/data', phase, 'Bound');
    await untilText(api, 'pods/data', ready, 'True');
    const events = async () =>
      (await api.call('GET', '/api/v1/namespaces/default/events?fieldSelector=reason=ProvisioningFailed'))
        .body;
    await until(events, (list) => stringAt(list, 'items', 0, 'involvedObject', 'name') === 'nodata');
    expect(
      phase((await api.call('GET', '/api/v1/namespaces/default/persistentvolumeclaims/nodata')).body),
    ).toBe('Pending');
  });

  it('take their volume with them', async () => {
    await api.call('DELETE', '/api/v1/namespaces/default/pods/data');
    await api.call('DELETE', '/api/v1/namespaces/default/persistentvolumeclaims/data');
    await until(
      () => api.ask('GET', '/api/v1/persistentvolumes'),
      (list) => stringAt(list, 'items', 0) === undefined && JSON.stringify(list['items']) === '[]',
    );
  });
});

describe('metrics.k8s.io', () => {
  const metrics = '/apis/metrics.k8s.io/v1beta1';

  it('is available while the pods behind its Service are ready, and feeds the autoscaler’s questions', async () => {
    await create(api, podNamed('metrics'));
    await create(api, {
      kind: 'Service',
      metadata: { name: 'metrics' },
      spec: { selector: { app: 'metrics' }, ports: [{ port: 443 }] },
    });
    await api.ask('POST', '/apis/apiregistration.k8s.io/v1/apiservices', {
      metadata: { name: 'v1beta1.metrics.k8s.io' },
      spec: {
        group: 'metrics.k8s.io',
        version: 'v1beta1',
        groupPriorityMinimum: 100,
        versionPriority: 100,
        insecureSkipTLSVerify: true,
        service: { name: 'metrics', namespace: 'default' },
      },
    });
    const get = async () =>
      (await api.call('GET', '/apis/apiregistration.k8s.io/v1/apiservices/v1beta1.metrics.k8s.io')).body;
    await until(get, (body) => conditionOf(body, 'Available') === 'True', 60);
    await create(
      api,
      podNamed('busy', { annotations: { 'sandbox.toryo.dev/usage': 'cpu=900m,memory=1Gi' } }),
    );
    await untilText(api, 'pods/busy', ready, 'True');
    const pods = await api.ask('GET', `${metrics}/namespaces/default/pods?labelSelector=app%3Dbusy`);
    expect(stringAt(pods, 'items', 0, 'containers', 0, 'usage', 'cpu')).toBe('900m');
    const nodes = await api.ask('GET', `${metrics}/nodes`);
    expect(stringAt(nodes, 'items', 1, 'usage', 'memory')).toMatch(/^\d+Ki$/);
  });

  it('fails when its Service is asked to, and answers nothing else in its name', async () => {
    await api.patch('/api/v1/namespaces/default/services/metrics', {
      metadata: { annotations: fail('Unavailable') },
    });
    const failed = await until(
      () => api.call('GET', `${metrics}/nodes`),
      (answer) => answer.status >= 500,
    );
    expect(failed.status).toBe(503);
  });
});
