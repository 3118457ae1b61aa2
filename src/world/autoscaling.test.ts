import { describe, expect, it } from 'vitest';
import { keyOf, refOf, type KubeObject } from '../objects/index.ts';
import { settleReplicas, type Scaled } from './autoscaling.ts';

const workload = (replicas?: number, ...owners: readonly object[]): KubeObject => ({
  apiVersion: 'apps/v1',
  kind: 'Deployment',
  metadata: { name: 'web', namespace: 'shop-web', managedFields: owners },
  spec: { paused: false, ...(replicas === undefined ? {} : { replicas }) },
});
const owner = (manager: string, more: object = {}): object => ({
  manager,
  operation: 'Update',
  fieldsV1: { 'f:spec': { 'f:replicas': {} } },
  ...more,
});
const ours = owner('toryo-acme', { operation: 'Apply' });
const scaler = owner('kube-controller-manager', { subresource: 'scale' });
const settle = (wanted: KubeObject, live: KubeObject, more: Partial<Scaled> = {}) =>
  settleReplicas(wanted, {
    live,
    fieldManager: 'toryo-acme',
    rules: [],
    isForeign: false,
    autoscalers: async () => new Map([[keyOf(refOf(live)), 'HorizontalPodAutoscaler/web']]),
    ...more,
  });
const replicasOf = async (...parts: Parameters<typeof settle>) =>
  ((await settle(...parts)).object['spec'] as Record<string, unknown>)['replicas'];

describe('the replicas of a workload that is scaled', () => {
  it('are left out when the autoscaler has written them', async () => {
    const { object, left } = await settle(workload(1), workload(4, scaler));
    expect(object['spec']).toEqual({ paused: false });
    expect(left).toEqual([
      { path: 'spec.replicas', manager: 'HorizontalPodAutoscaler/web', value: 4, wanted: 1 },
    ]);
  });

  it.each([
    ['are wanted as they are when only we own them', workload(1), workload(3, ours), 3],
    ['also when they are wanted no more', workload(), workload(3, ours), 3],
    ['are left out when somebody owns them too', workload(), workload(3, ours, scaler), undefined],
    ['are nobody’s business when they are the same', workload(3), workload(3, ours), 3],
    ['or were never ours', workload(), workload(3, scaler), undefined],
  ])('%s', async (_what, wanted, live, replicas) => {
    expect(await replicasOf(wanted, live)).toBe(replicas);
  });

  it('are kept when what people wrote is adopted', async () => {
    const live = workload(3, owner('kubectl-client-side-apply'));
    expect(await replicasOf(workload(), live, { isForeign: true })).toBe(3);
    expect(await replicasOf(workload(), live)).toBeUndefined();
  });

  it('are ours when nothing scales it, or a rule of the fleet says so', async () => {
    const live = workload(4, scaler);
    expect(await replicasOf(workload(1), live, { autoscalers: async () => new Map() })).toBe(1);
    const rules = [{ managers: ['*'], fields: ['spec.replicas'], decide: 'take' }] as const;
    expect(await replicasOf(workload(1), live, { rules })).toBe(1);
  });
});
