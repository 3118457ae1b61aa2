import { describe, expect, it } from 'vitest';
import { podOf, type KubeObject } from '../objects/index.ts';
import { Bounds } from './bounds.ts';

const named = (apiVersion: string, kind: string, name: string, spec: object): KubeObject => ({
  apiVersion,
  kind,
  metadata: { name, namespace: 'shop' },
  spec,
});
const range = named('v1', 'LimitRange', 'limits', {
  limits: [{ type: 'Container', defaultRequest: { memory: '64Mi' }, max: { cpu: '1' } }],
});
const quota = named('v1', 'ResourceQuota', 'room', { hard: { 'requests.cpu': '2' } });
const pod = (name: string, requests: object): KubeObject =>
  named('v1', 'Pod', name, { containers: [{ name: 'web', image: 'web', resources: { requests } }] });

const told = (bounds: Bounds, object: KubeObject): readonly string[] =>
  bounds.violations(object).map(({ rule, sentence }) => `${rule} ${sentence}`);

describe('bounds of a namespace', () => {
  const small = pod('small', { cpu: '1' });

  it('tell what a pod breaks of a LimitRange, and what it gets from one', () => {
    const bounds = new Bounds([range]);
    expect(told(bounds, pod('large', { cpu: '2' }))).toEqual([
      'TRY-SEC-060 maximum cpu usage per Container is 1, but request is 2',
    ]);
    expect(bounds.defaults(podOf(small) ?? { metadata: {}, spec: {} })).toContainEqual({
      container: 'web',
      field: 'requests',
      resource: 'memory',
      value: '64Mi',
      by: 'limits',
    });
  });

  it('tell what claims break, those of a StatefulSet too, and nothing of claims where nothing bounds them', () => {
    const storage = { resources: { requests: { storage: '100Gi' } } };
    const claim = named('v1', 'PersistentVolumeClaim', 'data', storage);
    const set = named('apps/v1', 'StatefulSet', 'db', {
      template: { spec: { containers: [] } },
      volumeClaimTemplates: [{ metadata: { name: 'data' }, spec: storage }],
    });
    const most = named('v1', 'LimitRange', 'claims', {
      limits: [{ type: 'PersistentVolumeClaim', max: { storage: '10Gi' } }],
    });
    const bounds = new Bounds([most]);
    const words = 'TRY-SEC-060 maximum storage usage per PersistentVolumeClaim is 10Gi, but request is 100Gi';
    expect([bounds.isAbout(claim), told(bounds, claim), told(bounds, set)]).toEqual([true, [words], [words]]);
    expect(bounds.violations(set)[0]?.places).toMatchObject([{ path: ['spec', 'volumeClaimTemplates', 0] }]);
    const volumeClaimTemplate = { spec: storage };
    const web = named('apps/v1', 'Deployment', 'web', {
      template: { spec: { volumes: [{ name: 'tmp', ephemeral: { volumeClaimTemplate } }] } },
    });
    expect(bounds.violations(web)).toMatchObject([
      {
        places: [{ path: ['spec', 'template', 'spec', 'volumes', 0, 'ephemeral', 'volumeClaimTemplate'] }],
      },
    ]);
    expect([new Bounds([range]).isAbout(claim), told(new Bounds([range]), claim)]).toEqual([false, []]);
  });

  it('tell a default that contradicts what a pod says, and the field that gives it', () => {
    const limit = named('v1', 'LimitRange', 'toryo', {
      limits: [{ type: 'Container', default: { cpu: '500m' } }],
    });
    const whole = named('v1', 'Pod', 'whole', {
      resources: { limits: { cpu: '200m' } },
      containers: [{ name: 'web', image: 'web', resources: { requests: { cpu: '100m' } } }],
    });
    const on = (version: string): Bounds => new Bounds([limit], { version });
    expect(told(on('1.35'), pod('large', { cpu: '2' }))).toEqual([
      'TRY-SEC-060 spec.containers[0].resources.requests: Invalid value: "2": must be less than or equal to cpu limit of 500m',
    ]);
    expect(on('1.35').violations(whole)).toMatchObject([
      {
        sentence:
          'spec.resources.containers[0][cpu].limits: Invalid value: "500m": must be less than or equal to pod limits of 200m',
        decided: [{ of: 'Namespace', name: 'shop', path: ['limits', 'container', 'default', 'cpu'] }],
      },
    ]);
    expect(told(on('1.33'), whole)).toEqual([]);
  });

  it('tell what a quota wants to be said', () => {
    const silent = pod('silent', {});
    expect(told(new Bounds([quota, silent]), silent)).toEqual([
      expect.stringMatching(/^TRY-SEC-061 failed quota: room: must specify requests\.cpu/),
    ]);
  });

  it('sum up what is to be in the namespace', () => {
    const all = ['a', 'b', 'c'].map((name) => pod(name, { cpu: '1' }));
    const [answer] = new Bounds([quota, ...all]).quotas;
    expect(answer?.sums).toEqual([
      expect.objectContaining({ resource: 'requests.cpu', wanted: '3', isExceeded: true }),
    ]);
  });
});
