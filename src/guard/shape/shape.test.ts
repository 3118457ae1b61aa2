import { describe, expect, it } from 'vitest';
import { at } from '../../lib/index.ts';
import type { KubeObject } from '../../objects/index.ts';
import { shapeMistakes } from './shape.ts';

const sentences = (...asked: Parameters<typeof shapeMistakes>): readonly string[] =>
  shapeMistakes(...asked).map(({ sentence }) => sentence);

const pod = (spec: Readonly<Record<string, unknown>>): KubeObject => ({
  apiVersion: 'v1',
  kind: 'Pod',
  metadata: { name: 'web' },
  spec: { containers: [{ name: 'web', image: 'web' }], ...spec },
});

describe('shapes of pods', () => {
  it('leave fields that are not known to clusters that may have them', () => {
    const newer = pod({ somethingNew: true });
    expect(sentences(newer, '1.37')).toEqual([]);
    for (const version of [undefined, '1.33', '1.36'])
      expect(sentences(newer, version)).toEqual([
        'spec.somethingNew is no field of Pods in Kubernetes 1.36: the API server would not take it',
      ]);
  });

  it('name the field that was meant', () => {
    expect(sentences(pod({ hostPid: true, volumes: [{ name: 'a', hostpath: {} }] }))).toEqual([
      'spec.hostPid is no field of Pods in Kubernetes 1.36 (did you mean hostPID?): the API server would not take it',
      'spec.volumes[0].hostpath is no field of Pods in Kubernetes 1.36 (did you mean hostPath?): the API server would not take it',
    ]);
  });

  it('name fields of what makes pods, and of its template', () => {
    const template = { metadata: { lables: {} }, spec: at(pod({}), 'spec') };
    const job = { apiVersion: 'batch/v1', kind: 'CronJob', metadata: { name: 'web' } };
    expect(
      sentences({
        ...job,
        spec: { schedule: '@daily', concurencyPolicy: null, jobTemplate: { spec: { template } } },
        status: { anything: 1 },
      }),
    ).toEqual([
      'spec.concurencyPolicy is no field of CronJobs in Kubernetes 1.36 (did you mean concurrencyPolicy?): the API server would not take it',
      'spec.jobTemplate.spec.template.metadata.lables is no field of CronJobs in Kubernetes 1.36 (did you mean labels?): the API server would not take it',
    ]);
  });

  it('tell types of all fields, not only of those that the rules read', () => {
    const container = {
      name: 'web',
      image: 'web',
      env: [{ name: 'A', value: 1 }],
      ports: [{ containerPort: 'http' }],
    };
    expect(sentences(pod({ containers: [container], nodeSelector: { a: true } }))).toEqual([
      'spec.containers[0].env[0].value is no text but the value 1, quote it: the API server would not take it',
      'spec.containers[0].ports[0].containerPort is no whole number: the API server would not take it',
      'spec.nodeSelector.a is no text but the value true, quote it: the API server would not take it',
    ]);
  });

  it('leave a field that only clusters of an older version have', () => {
    const older = pod({ workloadRef: { name: 'training', podGroup: 'workers' } });
    expect(sentences(older, '1.35')).toEqual([]);
    expect(sentences(older, '1.36')).toHaveLength(1);
  });

  it('take nothing as an object in lists that are written as a whole, and no others', () => {
    const terms = (nodeSelectorTerms: readonly unknown[]) =>
      pod({
        affinity: { nodeAffinity: { requiredDuringSchedulingIgnoredDuringExecution: { nodeSelectorTerms } } },
      });
    expect(sentences(terms([null]))).toEqual([]);
    expect(sentences(terms(['']))).toHaveLength(1);
    expect(sentences(pod({ imagePullSecrets: [null] }))).toEqual([
      'spec.imagePullSecrets is no list of objects: the API server would not take it',
    ]);
  });

  it('name items that server-side apply cannot tell apart', () => {
    const env = [{ name: 'A', value: '1' }, { name: 'B' }, { name: 'A', value: '2' }];
    const ports = [
      { containerPort: 80, name: 'a' },
      { containerPort: 80, name: 'b', protocol: 'UDP' },
      { containerPort: 80, name: 'c', protocol: 'TCP' },
    ];
    const tolerations = [{ operator: 'Exists' }, { operator: 'Exists' }];
    expect(sentences(pod({ containers: [{ name: 'web', image: 'web', env, ports }], tolerations }))).toEqual([
      'spec.containers[0].env[2] is another one with the same name, of which server-side apply takes one: the API server would not take it',
      'spec.containers[0].ports[2] is another one with the same containerPort and protocol, of which server-side apply takes one: the API server would not take it',
    ]);
  });
});
