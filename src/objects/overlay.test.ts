import { describe, expect, it } from 'vitest';
import { difference } from './difference.ts';
import type { KubeObject } from './manifest.ts';
import { overlay } from './overlay.ts';

const object = (fields: object, kind = 'Deployment'): KubeObject => ({
  apiVersion: 'apps/v1',
  kind,
  metadata: { name: 'a' },
  ...fields,
});
const paths = (live: KubeObject, wanted: KubeObject): readonly string[] =>
  difference(live, overlay(live, wanted)).map((change) => change.path);

describe('what is wanted over what is there', () => {
  const live = object({
    metadata: { name: 'a', uid: 'u-1', annotations: { other: 'x' } },
    spec: {
      replicas: 1,
      template: { spec: { containers: [{ name: 'main', image: 'a:1', imagePullPolicy: 'IfNotPresent' }] } },
    },
  });

  it.each<[string, object, readonly string[]]>([
    [
      'defaults of the server are no difference',
      { template: { spec: { containers: [{ name: 'main', image: 'a:1' }] } } },
      [],
    ],
    [
      'a wanted value is one',
      { replicas: 2, template: { spec: { containers: [{ name: 'main', image: 'a:2' }] } } },
      ['spec.replicas', 'spec.template.spec.containers[main].image'],
    ],
    ['a text where a number is stored is one', { replicas: '1' }, ['spec.replicas']],
  ])('%s', (_about, spec, wanted) => {
    expect(paths(live, object({ spec }))).toEqual(wanted);
  });

  it('texts of a Secret are its data', () => {
    const secret = (fields: object): KubeObject => ({ ...object(fields, 'Secret'), apiVersion: 'v1' });
    expect(paths(secret({ data: { a: 'b2xk' } }), secret({ stringData: { a: 'old' } }))).toEqual([]);
    expect(paths(secret({ data: { a: 'b2xk' } }), secret({ stringData: { a: 'new' } }))).toEqual(['data.a']);
  });
});
