import { describe, expect, it } from 'vitest';
import { causeOf, questionsAbout } from './cause.ts';
import type { KubeObject } from '../manifest.ts';
import type { Related } from './pod-cause.ts';

const object = (apiVersion: string, kind: string, name: string, fields: object): KubeObject => ({
  apiVersion,
  kind,
  metadata: { name, namespace: 'shop', uid: name },
  ...fields,
});
const web = (fields: object = {}): KubeObject =>
  object('apps/v1', 'Deployment', 'web', { spec: { replicas: 3 }, ...fields });
const unready = { type: 'Ready', status: 'False', reason: 'ContainersNotReady' };
const pod = (name: string, status: object, spec: object = {}): KubeObject =>
  object('v1', 'Pod', name, {
    spec: {
      containers: [{ name: 'main', image: 'registry/x:1.5', resources: { limits: { memory: '128Mi' } } }],
      ...spec,
    },
    status: { phase: 'Pending', conditions: [unready], ...status },
  });
const ready = (name: string): KubeObject =>
  pod(name, { phase: 'Running', conditions: [{ type: 'Ready', status: 'True' }] });
const waiting = (reason: string, message = '', more: object = {}): object => ({
  containerStatuses: [{ name: 'main', state: { waiting: { reason, message } }, ...more }],
});
const event = (about: string, reason: string, message: string): KubeObject =>
  object('v1', 'Event', `${about}.1`, {
    type: 'Warning',
    reason,
    message,
    involvedObject: { uid: about },
    lastTimestamp: '2026-01-01T00:00:00Z',
  });
const related = (given: Partial<Related>): Related => ({
  pods: [],
  events: [],
  claims: [],
  nodes: [],
  ...given,
});
const unschedulable = (message: string): object => ({
  conditions: [unready, { type: 'PodScheduled', status: 'False', reason: 'Unschedulable', message }],
});

describe('the cause of a Deployment that is not ready', () => {
  const crash = (terminated: object): object =>
    waiting('CrashLoopBackOff', 'back-off', { restartCount: 4, lastState: { terminated } });

  it.each<[string, object, string]>([
    [
      'an image that is not there',
      waiting('ErrImagePull', 'rpc error: code = NotFound desc = registry/x:1.5: not found'),
      'cannot pull registry/x:1.5 (not found)',
    ],
    [
      'an image that it may not have',
      waiting('ImagePullBackOff', 'pull access denied'),
      'cannot pull registry/x:1.5 (not allowed)',
    ],
    [
      'an image whose name is none',
      waiting('InvalidImageName'),
      'cannot pull registry/x:1.5 (not a name of an image)',
    ],
    [
      'a program that crashes',
      crash({ exitCode: 2, message: 'starting\npanic: no database\n' }),
      'crashes 4 times: exit code 2: panic: no database',
    ],
    [
      'a limit of memory',
      crash({ exitCode: 137, reason: 'OOMKilled' }),
      'crashes 4 times: out of memory (its limit is 128Mi)',
    ],
    [
      'a Secret that is missing',
      waiting('CreateContainerConfigError', 'secret "db" not found'),
      'needs Secret/db, which does not exist',
    ],
    [
      'a key that is missing',
      waiting('CreateContainerConfigError', "couldn't find key url in ConfigMap shop/db"),
      'needs key url of ConfigMap/db, which does not exist',
    ],
    [
      'an init container',
      { initContainerStatuses: [{ name: 'wait', state: { terminated: { exitCode: 1 } } }] },
      'failed: exit code 1 (init container wait)',
    ],
    [
      'no room',
      unschedulable(
        '0/3 nodes are available: 3 Insufficient cpu. preemption: 0/3 nodes are available: 3 No preemption victims.',
      ),
      'has no node: of 3 nodes, 3 Insufficient cpu',
    ],
    [
      'an eviction',
      { phase: 'Failed', reason: 'Evicted', message: 'The node was low on memory.' },
      'was stopped: The node was low on memory.',
    ],
  ])('is %s', (_about, status, cause) => {
    const pods = [ready('web-1'), pod('web-2', status), pod('web-3', status)];
    expect(causeOf(web(), related({ pods }))).toBe(`2 of 3 pods are not ready: web-2 ${cause}`);
    expect(questionsAbout(web(), pods)).toEqual({ claims: false });
  });

  it('is a full quota, whatever the pods that are there say', () => {
    const refused =
      'pods "web-x" is forbidden: exceeded quota: small, requested: pods=1, used: pods=1, limited: pods=1';
    const conditions = [{ type: 'ReplicaFailure', status: 'True', message: refused }];
    expect(causeOf(web({ status: { conditions } }), related({ pods: [ready('web-1')] }))).toBe(
      '2 of 3 pods are missing: quota small is full (requested: pods=1, used: pods=1, limited: pods=1)',
    );
  });

  it('is a volume that is not bound, with its class', () => {
    const volumes = [{ name: 'data', persistentVolumeClaim: { claimName: 'data' } }];
    const waits = pod('web-1', unschedulable('pod has unbound immediate PersistentVolumeClaims'), {
      volumes,
    });
    expect(questionsAbout(web(), [waits]).claims).toBe(true);
    const claims = [
      object('v1', 'PersistentVolumeClaim', 'data', {
        spec: { storageClassName: 'fast' },
        status: { phase: 'Pending' },
      }),
    ];
    expect(causeOf(web({ spec: { replicas: 1 } }), related({ pods: [waits], claims }))).toBe(
      'its only pod is not ready: web-1 waits for its volume: claim data is not bound (class fast)',
    );
  });

  it('is asked of events and the node when the pod does not say', () => {
    const quiet = pod('web-1', { phase: 'Running' }, { nodeName: 'node-1' });
    const one = web({ spec: { replicas: 1 } });
    expect(questionsAbout(one, [quiet])).toEqual({ claims: false, events: quiet, node: 'node-1' });
    const events = [
      event('web-1', 'Unhealthy', 'Readiness probe failed: HTTP probe failed with statuscode: 503'),
    ];
    expect(causeOf(one, related({ pods: [quiet], events }))).toMatch(
      /web-1 runs and is not ready: Readiness probe failed: .* 503$/,
    );
    const conditions = [
      { type: 'Ready', status: 'Unknown', message: 'Kubelet stopped posting node status.' },
    ];
    const nodes = [object('v1', 'Node', 'node-1', { status: { conditions } })];
    expect(causeOf(one, related({ pods: [quiet], nodes }))).toMatch(
      /is on node node-1, which is not ready: Kubelet/,
    );
    const mount = [
      event('web-1', 'FailedMount', 'MountVolume.SetUp failed for volume "tls" : secret "tls" not found'),
    ];
    expect(causeOf(one, related({ pods: [quiet], events: mount }))).toMatch(
      /web-1 cannot start: .*secret "tls" not found/,
    );
  });
});

describe('the cause of other objects', () => {
  it('is what nobody lets a StatefulSet make, and why the pods of a Job fail', () => {
    const db = object('apps/v1', 'StatefulSet', 'db', { spec: { replicas: 1 } });
    expect(questionsAbout(db, []).events).toBe(db);
    const events = [
      event('db', 'FailedCreate', 'create Pod db-0 failed: violates PodSecurity "restricted:latest"'),
    ];
    expect(causeOf(db, related({ events }))).toMatch(/^its only pod is missing: .* violates PodSecurity/);
    const job = object('batch/v1', 'Job', 'migrate', {});
    const failed = pod('migrate-1', {
      phase: 'Failed',
      containerStatuses: [{ name: 'main', state: { terminated: { exitCode: 3 } } }],
    });
    expect(causeOf(job, related({ pods: [failed] }))).toBe('migrate-1 failed: exit code 3');
  });

  it('is the finalizer of what is being deleted, and what is left in a namespace', () => {
    const leaving = { name: 'a', deletionTimestamp: 'now', finalizers: ['example.com/keep'] };
    const boat = { ...object('example.com/v1', 'Boat', 'a', {}), metadata: leaving };
    expect(causeOf(boat, related({}))).toBe('is being deleted and waits for example.com/keep');
    const conditions = [
      {
        type: 'NamespaceContentRemaining',
        status: 'True',
        message: 'boats.example.com has 1 resource instances',
      },
    ];
    const space = {
      ...object('v1', 'Namespace', 'a', { status: { conditions } }),
      metadata: { name: 'a', deletionTimestamp: 'now' },
    };
    expect(causeOf(space, related({}))).toBe('is being deleted: boats.example.com has 1 resource instances');
  });

  it('is the warning about a Service or a claim, and nothing where nothing says', () => {
    const service = object('v1', 'Service', 'web', { spec: { type: 'LoadBalancer' } });
    const events = [event('web', 'SyncLoadBalancerFailed', 'no subnet has a tag')];
    expect(causeOf(service, related({ events }))).toBe('no subnet has a tag');
    expect(causeOf(service, related({}))).toBeUndefined();
    expect(
      causeOf(web(), related({ pods: [ready('web-1'), ready('web-2'), ready('web-3')] })),
    ).toBeUndefined();
    const claim = object('v1', 'PersistentVolumeClaim', 'data', { status: { phase: 'Pending' } });
    expect(causeOf(claim, related({}))).toBe('not bound (no class and the cluster has no default one)');
  });
});
