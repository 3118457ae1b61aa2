import { describe, expect, it } from 'vitest';
import type { KubeObject } from '../../objects/index.ts';
import { withDefaults } from './defaults.ts';
import { limitMessage, limitViolations } from './limit-range.ts';
import { quotaViolations } from './quota.ts';

type Fields = Readonly<Record<string, unknown>>;

const make = (apiVersion: string, kind: string, name: string, spec: Fields): KubeObject => ({
  apiVersion,
  kind,
  metadata: { name, namespace: 'shop' },
  spec,
});
const quota = (hard: Fields, more: Fields = {}): KubeObject =>
  make('v1', 'ResourceQuota', 'toryo', { hard, ...more });
const range = (...limits: readonly Fields[]): KubeObject => make('v1', 'LimitRange', 'toryo', { limits });
const box = (cpu?: string): Fields => ({
  name: 'main',
  ...(cpu === undefined ? {} : { resources: { requests: { cpu } } }),
});
const workload = (kind: string, name: string, spec: Fields, cpu?: string): KubeObject =>
  make(kind === 'Job' || kind === 'CronJob' ? 'batch/v1' : 'apps/v1', kind, name, {
    template: { spec: { containers: [box(cpu)] } },
    ...spec,
  });

describe('what a LimitRange gives', () => {
  it('is told with its name, the first range first', () => {
    const pod = { metadata: {}, spec: { containers: [{ name: 'a', resources: { limits: { cpu: '1' } } }] } };
    const second = {
      ...range({ type: 'Container', default: { memory: '1Gi' } }),
      metadata: { name: 'second' },
    };
    const { set, pod: whole } = withDefaults(pod, [
      range(
        { type: 'Container', max: { memory: '256Mi' }, min: { cpu: '10m' } },
        { type: 'Pod', max: { cpu: '1' } },
      ),
      second,
    ]);
    expect(set).toEqual([
      { container: 'a', field: 'limits', resource: 'memory', value: '256Mi', by: 'toryo' },
      { container: 'a', field: 'requests', resource: 'memory', value: '256Mi', by: 'toryo' },
    ]);
    expect(whole.spec['containers']).toEqual([
      {
        name: 'a',
        resources: { limits: { cpu: '1', memory: '256Mi' }, requests: { cpu: '1', memory: '256Mi' } },
      },
    ]);
  });

  it('is refused where it breaks bounds, each once', () => {
    const pod = { metadata: {}, spec: { containers: [box('2'), box('2')] } };
    const ranges = [range({ type: 'Container', max: { cpu: '1' } })];
    const [violations] = limitViolations(pod, ranges);
    expect(limitMessage(violations!)).toBe('maximum cpu usage per Container is 1.  No limit is specified');
    const [filled] = limitViolations(withDefaults(pod, ranges).pod, ranges);
    expect(limitMessage(filled!)).toBe('maximum cpu usage per Container is 1, but request is 2');
  });
});

describe('a quota and what a namespace is to hold', () => {
  it('adds up pods that run, and what a rollout may add', () => {
    const objects = [
      workload('Deployment', 'web', { replicas: 6 }, '500m'),
      workload('StatefulSet', 'db', { replicas: 2 }, '1'),
      workload('Job', 'migrate', { parallelism: 5, completions: 2 }, '100m'),
      workload('Deployment', 'one', { strategy: { type: 'Recreate' } }, '300m'),
    ];
    const { sums, refusals, unknown } = quotaViolations(objects, quota({ 'requests.cpu': '6', pods: 12 }));
    expect(refusals).toEqual([]);
    expect(unknown).toEqual([]);
    // 3 + 2 + 0.3; besides that 25 % of six pods, rounded up, and 0.2 of a Job that ends.
    expect(sums).toEqual([
      {
        resource: 'pods',
        wanted: '9',
        by: [
          { object: 'Deployment/shop/web', wanted: '6' },
          { object: 'StatefulSet/shop/db', wanted: '2' },
          { object: 'Deployment/shop/one', wanted: '1' },
        ],
        surging: '13',
        hard: '12',
        isExceeded: false,
        isExceededSurging: true,
      },
      {
        resource: 'requests.cpu',
        wanted: '5300m',
        by: [
          { object: 'Deployment/shop/web', wanted: '3' },
          { object: 'StatefulSet/shop/db', wanted: '2' },
          { object: 'Deployment/shop/one', wanted: '300m' },
        ],
        surging: '6500m',
        hard: '6',
        isExceeded: false,
        isExceededSurging: true,
      },
    ]);
  });

  it('says what it cannot count', () => {
    const objects = [
      workload('DaemonSet', 'log', {}, '1'),
      make('batch/v1', 'CronJob', 'night', {
        jobTemplate: { spec: { template: { spec: { containers: [box('1')] } } } },
      }),
      workload('Deployment', 'web', {}, '1'),
      make('autoscaling/v2', 'HorizontalPodAutoscaler', 'web', {
        scaleTargetRef: { kind: 'Deployment', name: 'web' },
      }),
    ];
    expect(quotaViolations(objects, quota({ cpu: 1 })).unknown).toEqual([
      'DaemonSet/shop/log: as many pods as there are nodes',
      'CronJob/shop/night: pods as its schedule says',
      'Deployment/shop/web: HorizontalPodAutoscaler/shop/web may run more pods',
    ]);
    const ofClaims = { scopeSelector: { matchExpressions: [{ scopeName: 'VolumeAttributesClass' }] } };
    expect(quotaViolations(objects, quota({ cpu: 1 }, ofClaims))).toEqual({
      quota: 'toryo',
      refusals: [],
      sums: [],
      unknown: ['toryo is for some objects only'],
    });
  });

  it('counts the fewest pods that an autoscaler leaves', () => {
    const scaler = make('autoscaling/v2', 'HorizontalPodAutoscaler', 'web', {
      minReplicas: 2,
      maxReplicas: 9,
      scaleTargetRef: { kind: 'Deployment', name: 'web' },
    });
    const web = workload('Deployment', 'web', { replicas: 7 }, '1');
    const [sum] = quotaViolations([web, scaler], quota({ cpu: 2 })).sums;
    expect(sum).toMatchObject({ wanted: '2', isExceeded: false });
  });

  it('counts the pods of its scopes only, and nothing but pods', () => {
    const objects = [
      workload('Deployment', 'lazy', { replicas: 3 }),
      workload('Deployment', 'web', { replicas: 2 }, '1'),
      make('v1', 'ConfigMap', 'settings', {}),
    ];
    const wantedOf = (more: Fields, priorityClass?: string): readonly string[] =>
      quotaViolations(objects, quota({ pods: 9, configmaps: 9 }, more), { priorityClass }).sums.map(
        ({ wanted }) => wanted,
      );
    const priority = (operator: string, values?: readonly string[]): Fields => ({
      scopeSelector: { matchExpressions: [{ scopeName: 'PriorityClass', operator, values }] },
    });
    expect([
      wantedOf({ scopes: ['BestEffort'] }),
      wantedOf({ scopes: ['NotBestEffort', 'NotTerminating'] }),
      wantedOf({ scopes: ['Terminating'] }),
      wantedOf(priority('Exists')),
      wantedOf(priority('NotIn', ['high'])),
      wantedOf(priority('In', ['usual']), 'usual'),
    ]).toEqual([
      ['0', '3'],
      ['0', '2'],
      ['0', '0'],
      ['0', '0'],
      ['0', '5'],
      ['0', '5'],
    ]);
  });

  it('counts what pods say as a whole where the API server reads it', () => {
    const spec = { resources: { requests: { cpu: '3' } }, containers: [box('1')] };
    const web = make('apps/v1', 'Deployment', 'web', { template: { spec } });
    const wantedOn = (version: string | undefined): string | undefined =>
      quotaViolations([web], quota({ cpu: 9 }), { version }).sums[0]?.wanted;
    expect([wantedOn('1.33'), wantedOn('1.34'), wantedOn(undefined)]).toEqual(['1', '3', '3']);
  });

  it('names workloads whose pods it refuses, unless a LimitRange helps', () => {
    const objects = [workload('Deployment', 'web', {}), workload('Deployment', 'big', {}, '3')];
    const hard = quota({ 'requests.cpu': '2' });
    expect(quotaViolations(objects, hard).refusals).toEqual([
      {
        object: 'Deployment/shop/web',
        words: 'failed quota: toryo: must specify requests.cpu for: main',
        resources: ['requests.cpu'],
      },
      {
        object: 'Deployment/shop/big',
        words:
          'exceeded quota: toryo, requested: requests.cpu=3, used: requests.cpu=0, limited: requests.cpu=2',
        resources: ['requests.cpu'],
      },
    ]);
    const helped = [...objects, range({ type: 'Container', defaultRequest: { cpu: '50m' } })];
    expect(quotaViolations(helped, hard).refusals.map((one) => one.object)).toEqual(['Deployment/shop/big']);
  });

  it('counts objects, claims and what Services ask for', () => {
    const claim = { spec: { storageClassName: 'gold', resources: { requests: { storage: '10Gi' } } } };
    const objects = [
      make('v1', 'Service', 'lb', { type: 'LoadBalancer', ports: [{ port: 80 }, { port: 443 }] }),
      make('v1', 'PersistentVolumeClaim', 'data', { resources: { requests: { storage: '1Gi' } } }),
      workload('StatefulSet', 'db', { replicas: 3, volumeClaimTemplates: [claim] }),
      make('networking.k8s.io/v1', 'Ingress', 'web', {}),
    ];
    const hard = {
      'count/ingresses.networking.k8s.io': 0,
      'gold.storageclass.storage.k8s.io/persistentvolumeclaims': 2,
      'gold.storageclass.storage.k8s.io/requests.storage': '20Gi',
      persistentvolumeclaims: 4,
      'requests.storage': '30Gi',
      'services.loadbalancers': 0,
      'services.nodeports': 2,
      services: 1,
    };
    const { sums } = quotaViolations(objects, quota(hard));
    expect(sums.map((one) => [one.resource, one.wanted, one.isExceeded])).toEqual([
      ['count/ingresses.networking.k8s.io', '1', true],
      ['gold.storageclass.storage.k8s.io/persistentvolumeclaims', '3', true],
      ['gold.storageclass.storage.k8s.io/requests.storage', '30Gi', true],
      ['persistentvolumeclaims', '4', false],
      ['requests.storage', '31Gi', true],
      ['services', '1', false],
      ['services.loadbalancers', '1', true],
      ['services.nodeports', '2', false],
    ]);
  });

  it('counts claims that live as long as their pods', () => {
    const volumeClaimTemplate = { spec: { resources: { requests: { storage: '5Gi' } } } };
    const spec = { containers: [], volumes: [{ name: 'tmp', ephemeral: { volumeClaimTemplate } }] };
    const web = make('apps/v1', 'Deployment', 'web', { replicas: 3, template: { spec } });
    const { sums } = quotaViolations([web], quota({ persistentvolumeclaims: 3, 'requests.storage': '10Gi' }));
    expect(sums.map((one) => [one.resource, one.wanted, one.surging])).toEqual([
      ['persistentvolumeclaims', '3', '4'],
      ['requests.storage', '15Gi', '20Gi'],
    ]);
  });
});
