import { describe, expect, it } from 'vitest';
import { known } from '../../lib/index.ts';
import { Guards } from '../../guard/index.ts';
import { keyOf, refOf, type KubeObject } from '../../objects/index.ts';
import type { Prediction } from '../../world/index.ts';
import { bare, listed, ours, planned, stored, type Scene } from '../testing/scene.ts';

type Fields = Readonly<Record<string, unknown>>;

const quota = (name: string, hard: Fields, more: Fields = {}): KubeObject => ({
  ...ours(name, 'ResourceQuota'),
  spec: { hard, ...more },
});
const pod = (cpu?: string, more: Fields = {}): Fields => ({
  containers: [{ name: 'main', ...(cpu === undefined ? {} : { resources: { requests: { cpu } } }) }],
  ...more,
});
const workload = (kind: string, name: string, template: Fields, more: Fields = {}): KubeObject => ({
  ...ours(name, kind),
  apiVersion: kind === 'Job' ? 'batch/v1' : 'apps/v1',
  spec: { template: { spec: template }, ...more },
});
const claims = [{ metadata: { name: 'data' }, spec: { resources: { requests: { storage: '5Gi' } } } }];
const database = (replicas: number, more: Fields = {}): KubeObject =>
  workload('StatefulSet', 'db', pod('1'), { replicas, volumeClaimTemplates: claims, ...more });
const scaler: KubeObject = {
  ...ours('web', 'HorizontalPodAutoscaler'),
  apiVersion: 'autoscaling/v2',
  spec: { minReplicas: 2, scaleTargetRef: { kind: 'Deployment', name: 'web' } },
};
const range: KubeObject = {
  ...ours('toryo', 'LimitRange'),
  spec: { limits: [{ type: 'Container', defaultRequest: { cpu: '100m' } }] },
};
const texts = (scene: Scene): readonly string[] =>
  (planned(scene).effects ?? []).map(({ text }) => text.replace(/^shop-web: /, ''));
const removing = (object: KubeObject): Scene => ({
  live: [stored(object)],
  inventory: listed([object]),
  input: { permissions: { deletions: new Set(['StatefulSet/db']), prunes: new Set() } },
});

describe('room in quotas', () => {
  const storage = { 'requests.storage': '20Gi', persistentvolumeclaims: 3, pods: 9 };

  it('counts claims of StatefulSets and of pods, which stay when their StatefulSet shrinks or goes', () => {
    const there = { ...quota('toryo', storage), status: { used: { 'requests.storage': '10Gi', pods: '2' } } };
    const scratch = { volumes: [{ name: 'a', ephemeral: { volumeClaimTemplate: claims[0] } }] };
    expect(
      texts({
        wanted: [there, database(2), workload('Deployment', 'web', pod('1', scratch))],
        live: [there],
      }),
    ).toEqual([
      'persistentvolumeclaims 0 of 3 used, this adds 3',
      'pods 2 of 9 used, this adds 3',
      'requests.storage 10Gi of 20Gi used, this adds 15Gi: it does not fit',
    ]);
    const less = [
      { wanted: [there, database(1)], live: [there, stored(database(2))] },
      { ...removing(database(2)), wanted: [there], world: { quotas: known([there]) } },
    ];
    expect(less.map(texts)).toEqual([['pods 2 of 9 used, this frees 1'], ['pods 2 of 9 used, this frees 2']]);
    const own = { persistentVolumeClaimRetentionPolicy: { whenScaled: 'Delete' } };
    expect(texts({ wanted: [there, database(1, own)], live: [there, stored(database(2, own))] })).toEqual([
      'persistentvolumeclaims 2 of 3 used, this frees 1',
      'pods 2 of 9 used, this frees 1',
      'requests.storage 10Gi of 20Gi used, this frees 5Gi',
    ]);
  });

  it('is told of quotas with scopes, for the pods that they are for', () => {
    const priority = { scopeName: 'PriorityClass', operator: 'In', values: ['high'] };
    const wanted = [
      quota('busy', { pods: 2 }, { scopes: ['NotBestEffort'] }),
      quota('idle', { pods: 2 }, { scopes: ['BestEffort'] }),
      quota('high', { 'requests.cpu': 1 }, { scopeSelector: { matchExpressions: [priority] } }),
      workload('Deployment', 'web', pod('500m'), { replicas: 2 }),
      workload('Deployment', 'first', pod('600m', { priorityClassName: 'high' }), { replicas: 2 }),
      workload('Deployment', 'rest', pod()),
    ];
    expect(texts({ wanted })).toEqual([
      'pods (ResourceQuota busy) 0 of 2 used, this adds 4: it does not fit',
      'pods (ResourceQuota idle) 0 of 2 used, this adds 1',
      'requests.cpu (ResourceQuota high) 0 of 1 used, this adds 1200m: it does not fit',
    ]);
  });

  it('counts a pod as it is stored: with what LimitRanges give it, and what it says as a whole', () => {
    const wanted = [quota('toryo', { cpu: 1 }), range];
    const whole = pod('2', { resources: { requests: { cpu: '300m' } } });
    expect(
      texts({ wanted: [...wanted, workload('Deployment', 'a', whole), workload('Deployment', 'b', pod())] }),
    ).toEqual(['cpu 0 of 1 used, this adds 400m']);
    const running = workload('Deployment', 'b', pod());
    expect(texts({ wanted: [...wanted, running], live: [stored(running)] })).toEqual([]);
  });

  it('counts what is scaled as it is at this moment, and Jobs not at all', () => {
    const wanted = [
      quota('toryo', { pods: 4 }),
      scaler,
      workload('Deployment', 'web', pod('1'), { replicas: 3 }),
      workload('Job', 'once', pod('1')),
    ];
    expect(texts({ wanted })).toEqual(['pods 0 of 4 used, this adds 3']);
  });

  it('is of what is written, also where the server could not say what it would store', () => {
    const web = (replicas: number | undefined, image: string): KubeObject =>
      workload(
        'Deployment',
        'web',
        { ...pod('1'), nodeName: image },
        replicas === undefined ? {} : { replicas },
      );
    const there = quota('toryo', { pods: 9 });
    const wanted = web(2, 'new');
    const left = [{ path: 'spec.replicas', manager: 'HorizontalPodAutoscaler/web', value: 3, wanted: 2 }];
    const unasked: Prediction = {
      by: 'nothing',
      hasRights: true,
      send: { object: web(undefined, 'new'), inherits: new Set() },
      left,
    };
    const { changes, effects } = planned({
      wanted: [there, wanted],
      live: [there, stored(web(3, 'old'))],
      world: {
        predicted: new Map([
          [keyOf(refOf(wanted)), unasked],
          [keyOf(refOf(there)), { by: 'managed-fields', hasRights: true, object: there }],
        ]),
      },
    });
    expect(changes[1]).toMatchObject({ action: 'configure', leaves: left });
    expect(changes[1]?.fields.map(({ path }) => path)).toEqual(['spec.template.spec.nodeName']);
    expect(effects).toBeUndefined();
  });

  it('is told of quotas of others, and of one that goes where it holds up what it waits for', () => {
    const of = (one: KubeObject): KubeObject => ({ ...stored(one), status: { used: { pods: '3' } } });
    const theirs = of({ ...bare('theirs', 'ResourceQuota'), spec: { hard: { pods: 3 } } });
    const old = of(quota('old', { pods: 3 }));
    const scene = {
      ...removing(old),
      wanted: [{ ...ours('web', 'Pod'), spec: pod() }],
      world: { quotas: known([theirs, old]) },
    };
    const waits = ': it does not fit until what is deleted is gone, which is after the wait for health';
    expect(texts(scene)).toEqual([
      'pods (ResourceQuota theirs) 3 of 3 used, this adds 1: it does not fit',
      `pods (ResourceQuota old) 3 of 3 used, this adds 1${waits}`,
    ]);
    const roomy = of(quota('old', { pods: 4 }));
    expect(texts({ ...scene, world: { quotas: known([roomy]) } })).toEqual([]);
  });

  it('is wanted twice by what is deleted under one name and made under another', () => {
    const there = (pods: number): KubeObject => ({
      ...quota('toryo', { pods }),
      status: { used: { pods: '2' } },
    });
    const old = workload('Deployment', 'web', pod(), { replicas: 2 });
    const renamed = (pods: number): Scene => ({
      wanted: [there(pods), workload('Deployment', 'front', pod(), { replicas: 2 })],
      live: [there(pods), stored(old)],
      inventory: listed([there(pods), old]),
    });
    expect(texts(renamed(3))).toEqual([
      'pods 2 of 3 used, this adds 2: it does not fit until what is deleted is gone, which is after the wait for health',
    ]);
    expect(texts(renamed(4))).toEqual([]);
  });

  it('is what check adds up, where nothing is there yet', () => {
    const hard = { cpu: 3, pods: 4, configmaps: 1, 'count/statefulsets.apps': 1, 'requests.storage': '5Gi' };
    const wanted = [
      quota('toryo', hard),
      quota('busy', { pods: 1 }, { scopes: ['NotBestEffort'] }),
      range,
      ours('settings'),
      database(2),
      workload('Deployment', 'web', pod(), { replicas: 3 }),
      workload('Job', 'once', pod('1')),
    ];
    const checked = new Guards(wanted, '1.35')
      .quotas()
      .flatMap(({ answer }) => answer.sums.filter((one) => one.isExceeded).map(({ resource }) => resource));
    const told = (planned({ wanted }).effects ?? []).filter((one) => one.isTooMuch);
    expect(told.map(({ text }) => text.split(' ')[1])).toEqual(checked);
    expect(checked).toEqual(['configmaps', 'pods', 'requests.storage', 'pods']);
  });
});
