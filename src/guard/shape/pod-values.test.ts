import { describe, expect, it } from 'vitest';
import { shapeMistakes } from './shape.ts';

const mistakes = (container: object, replicas: unknown = 1) =>
  shapeMistakes({
    apiVersion: 'apps/v1',
    kind: 'Deployment',
    metadata: { name: 'web' },
    spec: { replicas, template: { spec: { containers: [{ name: 'web', image: 'web', ...container }] } } },
  }).map(({ sentence }) =>
    sentence.replace('spec.template.spec.containers[0].', '').replace(/: the API server.*/, ''),
  );

describe('values that no API server takes', () => {
  it('are replicas that are no number of pods', () => {
    for (const wrong of ['two', 1.5])
      expect(mistakes({}, wrong)).toEqual(['spec.replicas is no whole number']);
    expect(mistakes({}, -1)).toEqual(['spec.replicas is less than 0']);
    for (const right of [0, 3, null]) expect(mistakes({}, right)).toEqual([]);
  });

  it('are quantities that cannot be read', () => {
    const limits = { cpu: 'abc', memory: '1 Gi', a: '64MI', b: '' };
    expect(mistakes({ resources: { limits } })).toEqual(
      Object.keys(limits).map((name) => `resources.limits.${name} is no quantity (100m, 1.5, 64Mi)`),
    );
    const requests = { cpu: '100m', memory: ' 1Gi ', a: 1, b: 0.5, c: '1e3', d: '.5', e: '2E', f: null };
    expect(mistakes({ resources: { requests } })).toEqual([]);
    const divided = {
      name: 'A',
      valueFrom: { resourceFieldRef: { resource: 'limits.cpu', divisor: 'abc' } },
    };
    expect(mistakes({ env: [divided] })).toEqual([
      'env[0].valueFrom.resourceFieldRef.divisor is no quantity (100m, 1.5, 64Mi)',
    ]);
  });

  it('are ports out of range, and names of ports that are none', () => {
    expect(mistakes({ ports: [{ containerPort: 70000, hostPort: -1 }] })).toEqual([
      'ports[0].containerPort is no port of 1 to 65535',
      'ports[0].hostPort is no port of 1 to 65535',
    ]);
    for (const name of ['Web', 'a-name-that-is-long', '8080', '-a', 'a--b', 'a_b'])
      expect(mistakes({ ports: [{ containerPort: 80, name }] })).toEqual([
        'ports[0].name is no name of a port: at most 15 small letters, digits and -, one letter among them',
      ]);
    expect(mistakes({ ports: [{ containerPort: 80, name: 'http-2', hostPort: 0 }] })).toEqual([]);
  });

  it('are images that are not said', () => {
    for (const image of [undefined, null])
      expect(mistakes({ image })).toEqual(['image is missing, and a container needs one']);
    expect(mistakes({ image: '' })).toEqual(['image is empty, and a container needs one']);
  });

  it('are no containers at all', () => {
    const sentence = /containers is empty, and a pod needs one container/;
    expect(
      shapeMistakes({ apiVersion: 'v1', kind: 'Pod', metadata: { name: 'p' }, spec: { containers: [] } })[0]
        ?.sentence,
    ).toMatch(sentence);
  });
});
