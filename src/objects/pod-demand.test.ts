import { describe, expect, it } from 'vitest';
import type { KubeObject } from './manifest.ts';
import { podQuantities, podsOf } from './pod-demand.ts';

const box = (cpu: string, more: object = {}): object => ({ resources: { requests: { cpu } }, ...more });
const workload = (pod: object, kind = 'Deployment', spec: object = {}): KubeObject => ({
  apiVersion: 'apps/v1',
  kind,
  metadata: { name: 'a' },
  spec: { ...spec, template: { spec: pod } },
});
const cpuOf = (pod: object): number =>
  Number(podQuantities({ ...pod }).get('requests.cpu')?.nanos ?? 0n) / 1e9;

describe('what one pod needs', () => {
  it.each<[string, object, number]>([
    ['its containers together', { containers: [box('1'), box('500m')] }, 1.5],
    ['its largest step of starting', { initContainers: [box('3'), box('2')], containers: [box('1')] }, 3],
    [
      'sidecars beside its containers',
      { initContainers: [box('1', { restartPolicy: 'Always' })], containers: [box('1')] },
      2,
    ],
    [
      'a step beside the sidecars that began before it',
      { initContainers: [box('1', { restartPolicy: 'Always' }), box('2')], containers: [box('1')] },
      3,
    ],
    ['its overhead', { overhead: { cpu: '250m' }, containers: [box('1')] }, 1.25],
    ['its limits where it asks for nothing', { containers: [{ resources: { limits: { cpu: '2' } } }] }, 2],
  ])('is %s', (_about, pod, wanted) => {
    expect(cpuOf(pod)).toBe(wanted);
  });

  it('is what the pod says as a whole, where it does', () => {
    const containers = [box('300m'), {}];
    expect(cpuOf({ containers, resources: { requests: { cpu: '1' } } })).toBe(1);
    expect(cpuOf({ containers, resources: { limits: { cpu: '2' } } })).toBe(0.3);
    expect(cpuOf({ containers: [{}], resources: { limits: { cpu: '2' } } })).toBe(2);
    expect(cpuOf({ containers, resources: { requests: { memory: '1Gi' } }, overhead: { cpu: '100m' } })).toBe(
      0.4,
    );
  });
});

describe('how many pods run', () => {
  it.each<[string, object, number | undefined]>([
    ['Deployment', { replicas: 3 }, 3],
    ['StatefulSet', {}, 1],
    ['Job', { parallelism: 2 }, 2],
    ['DaemonSet', {}, undefined],
  ])('of a %s', (kind, spec, count) => {
    expect(podsOf(workload({ containers: [] }, kind, spec))).toBe(count);
  });
});
