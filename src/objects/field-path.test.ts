import { describe, expect, it } from 'vitest';
import { isUnderPattern, pathText, stepsOf, valueAt, withoutPath } from './field-path.ts';

const object = {
  metadata: { labels: { 'app.kubernetes.io/name': 'web', app: 'x' }, finalizers: ['a', 'b]'] },
  spec: {
    replicas: 3,
    ports: [{ port: 80 }, { port: 80, protocol: 'UDP' }],
    containers: [{ name: 'we]b', resources: { limits: { cpu: '1' } } }, { name: 'side' }],
  },
};

describe('a path as the server writes it', () => {
  it.each([
    ['.spec.replicas', 'spec.replicas', 3],
    ['.metadata.labels.app.kubernetes.io/name', 'metadata.labels["app.kubernetes.io/name"]', 'web'],
    ['.metadata.labels.app', 'metadata.labels.app', 'x'],
    ['.metadata.finalizers[="b]"]', 'metadata.finalizers[b]]', 'b]'],
    ['.spec.ports[port=80,protocol="UDP"].port', 'spec.ports[80,UDP].port', 80],
    ['.spec.ports[port=80,protocol="TCP"].port', 'spec.ports[80,TCP].port', 80],
    ['.spec.containers[name="we]b"].resources.limits.cpu', 'spec.containers[we]b].resources.limits.cpu', '1'],
    ['.spec.containers[1].name', 'spec.containers[1].name', 'side'],
    ['.spec.missing.field', 'spec.missing.field', undefined],
  ])('%s', (path, text, value) => {
    const steps = stepsOf(path, object)!;
    expect(pathText(steps)).toBe(text);
    expect(valueAt(object, steps)).toEqual(value);
  });

  it('that is none is not read', () => {
    expect(stepsOf('.spec.containers[name=]', object)).toBeUndefined();
    expect(stepsOf('.spec..a', object)).toBeUndefined();
  });
});

describe('what is taken away', () => {
  const without = (path: string) => withoutPath(object, stepsOf(path, object)!);

  it('takes with it what it leaves empty, but no item of a list', () => {
    expect(without('.spec.containers[name="we]b"].resources.limits.cpu').spec.containers).toEqual([
      { name: 'we]b' },
      { name: 'side' },
    ]);
    expect(without('.metadata.finalizers[="a"]').metadata.finalizers).toEqual(['b]']);
    expect(withoutPath({ a: { b: 1 }, c: 1 }, ['a', 'b'])).toEqual({ c: 1 });
  });

  it('leaves the rest as it is', () => {
    expect(without('.spec.replicas')).toEqual({ ...object, spec: { ...object.spec, replicas: undefined } });
    expect(without('.spec.nothing.here')).toEqual(object);
    expect(withoutPath(object, ['spec', 'containers', { key: { name: 'none' } }])).toEqual(object);
  });
});

it.each([
  ['spec.replicas', '.spec.replicas', true],
  ['spec', '.spec.replicas', true],
  ['spec.replica', '.spec.replicas', false],
  ['spec.containers[*].resources', '.spec.containers[name="we]b"].resources.limits.cpu', true],
  ['spec.containers[side].resources', '.spec.containers[name="we]b"].resources', false],
  ['spec.containers[side]', '.spec.containers[name="side"].name', true],
  ['metadata.labels["app.kubernetes.io/name"]', '.metadata.labels.app.kubernetes.io/name', true],
  ['metadata.*.app', '.metadata.labels.app', true],
  ['spec.replicas.more', '.spec.replicas', false],
])('the pattern %s is above %s: %j', (pattern, path, isAbove) => {
  expect(isUnderPattern(stepsOf(path, object)!, pattern)).toBe(isAbove);
});
