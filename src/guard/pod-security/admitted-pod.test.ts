import { describe, expect, it } from 'vitest';
import { admittedPod } from '../index.ts';

const metadata = { name: 'web' };
const template = { metadata: { annotations: { a: 'b' } }, spec: { containers: [] } };

describe('admittedPod', () => {
  it('is the pod itself, or the one of the template', () => {
    const job = { spec: { jobTemplate: { spec: { template } } } };
    expect(admittedPod({ apiVersion: 'v1', kind: 'Pod', metadata, spec: {} })?.metadata).toEqual(metadata);
    for (const object of [
      { apiVersion: 'apps/v1', kind: 'Deployment', metadata, spec: { template } },
      { apiVersion: 'batch/v1', kind: 'CronJob', metadata, ...job },
    ])
      expect(admittedPod(object)).toMatchObject(template);
  });

  it('is none of what makes no pods', () => {
    expect(admittedPod({ apiVersion: 'v1', kind: 'Service', metadata, spec: {} })).toBeUndefined();
    expect(
      admittedPod({ apiVersion: 'example.com/v1', kind: 'Deployment', metadata, spec: { template } }),
    ).toBeUndefined();
  });

  it('has an emptyDir where a volume names no source', () => {
    const volumes = [{ name: 'a' }, { name: 'b', nfs: {} }, { name: 'c', emptyDir: null }];
    const pod = admittedPod({ apiVersion: 'v1', kind: 'Pod', metadata, spec: { volumes } });
    expect(pod?.spec['volumes']).toEqual([
      { name: 'a', emptyDir: {} },
      { name: 'b', nfs: {} },
      { name: 'c', emptyDir: {} },
    ]);
  });

  it('has its ports on the node when it has the node’s network', () => {
    const containers = [{ name: 'web', ports: [{ containerPort: 80 }, { containerPort: 81, hostPort: 82 }] }];
    const ports = (hostNetwork: boolean): unknown =>
      admittedPod({ apiVersion: 'v1', kind: 'Pod', metadata, spec: { hostNetwork, containers } })?.spec[
        'containers'
      ];
    expect(ports(false)).toEqual(containers);
    expect(ports(true)).toEqual([
      {
        name: 'web',
        ports: [
          { containerPort: 80, hostPort: 80 },
          { containerPort: 81, hostPort: 82 },
        ],
      },
    ]);
  });
});
