import { describe, expect, it } from 'vitest';
import { difference, isSame, lastWriter, shownValue, withoutSecrets } from './difference.ts';
import type { KubeObject } from './manifest.ts';

const object = (fields: object, kind = 'ConfigMap'): KubeObject => ({
  apiVersion: 'v1',
  kind,
  metadata: { name: 'a' },
  ...fields,
});
const lines = (before: KubeObject, after: KubeObject): readonly string[] =>
  difference(before, after).map(
    (change) => `${change.path}: ${JSON.stringify(change.before)} -> ${JSON.stringify(change.after)}`,
  );

describe('difference', () => {
  it.each<[string, object, object, readonly string[]]>([
    ['nothing', { data: { a: 1, b: 2 } }, { data: { b: 2, a: 1 } }, []],
    ['a field that changes', { data: { a: '1' } }, { data: { a: '2' } }, ['data.a: "1" -> "2"']],
    ['a field that comes', {}, { data: { a: '1' } }, ['data: undefined -> {"a":"1"}']],
    ['a field that goes', { data: { a: '1', b: '2' } }, { data: { b: '2' } }, ['data.a: "1" -> undefined']],
    [
      'a key that is no word',
      { data: { 'a.b': '1' } },
      { data: { 'a.b': '2' } },
      ['data["a.b"]: "1" -> "2"'],
    ],
    [
      'a named item',
      {
        l: [
          { name: 'a', v: 1 },
          { name: 'b', v: 1 },
        ],
      },
      {
        l: [
          { name: 'b', v: 2 },
          { name: 'a', v: 1 },
        ],
      },
      ['l[b].v: 1 -> 2'],
    ],
    [
      'an item that comes',
      { l: [{ name: 'a' }] },
      { l: [{ name: 'a' }, { name: 'b' }] },
      ['l[b]: undefined -> {"name":"b"}'],
    ],
    [
      'the order of named items',
      { l: [{ name: 'a' }, { name: 'b' }] },
      { l: [{ name: 'b' }, { name: 'a' }] },
      ['l: ["a","b"] -> ["b","a"]'],
    ],
    [
      'a port by number and protocol',
      {
        ports: [
          { containerPort: 53, protocol: 'UDP', name: 'dns' },
          { containerPort: 53, protocol: 'TCP' },
        ],
      },
      {
        ports: [
          { containerPort: 53, protocol: 'UDP', name: 'dns-udp' },
          { containerPort: 53, protocol: 'TCP' },
        ],
      },
      ['ports[53/UDP].name: "dns" -> "dns-udp"'],
    ],
    [
      'a spread by its key and what it does',
      {
        topologySpreadConstraints: [
          { topologyKey: 'zone', whenUnsatisfiable: 'DoNotSchedule', maxSkew: 1 },
          { topologyKey: 'zone', whenUnsatisfiable: 'ScheduleAnyway', maxSkew: 1 },
        ],
      },
      {
        topologySpreadConstraints: [
          { topologyKey: 'zone', whenUnsatisfiable: 'DoNotSchedule', maxSkew: 1 },
          { topologyKey: 'zone', whenUnsatisfiable: 'ScheduleAnyway', maxSkew: 2 },
        ],
      },
      ['topologySpreadConstraints[zone/ScheduleAnyway].maxSkew: 1 -> 2'],
    ],
    [
      'a rule by its host',
      {
        rules: [
          { host: 'a.example.com', http: 1 },
          { host: 'b.example.com', http: 1 },
        ],
      },
      {
        rules: [
          { host: 'a.example.com', http: 1 },
          { host: 'b.example.com', http: 2 },
        ],
      },
      ['rules[b.example.com].http: 1 -> 2'],
    ],
    [
      'items that share a name as a whole',
      {
        l: [
          { name: 'a', v: 1 },
          { name: 'a', v: 2 },
        ],
      },
      {
        l: [
          { name: 'a', v: 1 },
          { name: 'a', v: 3 },
        ],
      },
      ['l: [{"name":"a","v":1},{"name":"a","v":2}] -> [{"name":"a","v":1},{"name":"a","v":3}]'],
    ],
    ['a list of values as a whole', { l: [1, 2] }, { l: [1, 3] }, ['l: [1,2] -> [1,3]']],
    ['what only the server writes', { status: { a: 1 } }, { status: { a: 2 } }, []],
  ])('shows %s', (_about, before, after, wanted) => {
    expect(lines(object(before), object(after))).toEqual(wanted);
    expect(isSame(object(before), object(after))).toBe(wanted.length === 0);
  });

  it('leaves out metadata that changes by itself', () => {
    const at = (resourceVersion: string): KubeObject =>
      object({
        metadata: {
          name: 'a',
          resourceVersion,
          managedFields: [resourceVersion],
          generation: resourceVersion,
        },
      });
    expect(isSame(at('1'), at('2'))).toBe(true);
  });

  it('shows digests of the values of a Secret, which nobody can guess who cannot read it', () => {
    const secret = (data: object, more: object = {}): KubeObject =>
      object({ data, metadata: { name: 'a', ...more } }, 'Secret');
    const after = secret({ a: 'bmV3', b: 'bmV3' });
    const shown = lines(secret({ a: 'b2xk' }), after);
    expect(shown).toEqual([
      expect.stringMatching(/^data\.a: "sha256:[0-9a-f]{12}" -> "sha256:[0-9a-f]{12}"$/),
      expect.stringMatching(/^data\.b: undefined -> "sha256:[0-9a-f]{12}"$/),
    ]);
    expect(lines(secret({ a: 'b2xk' }), after)).toEqual(shown);
    expect(lines(secret({ a: 'b2xk' }, { uid: 'u-1' }), after)[0]).not.toBe(shown[0]);
    const annotated = secret(
      { a: 'b2xk' },
      { annotations: { 'kubectl.kubernetes.io/last-applied-configuration': '{"data":"b2xk"}' } },
    );
    expect(JSON.stringify(difference(secret({}), annotated))).not.toContain('b2xk');
    expect(JSON.stringify(difference(undefined, annotated))).not.toContain('b2xk');
    expect(isSame(secret({ a: 'b2xk' }), secret({ a: 'bmV3' }))).toBe(false);
  });
});

describe('withoutSecrets', () => {
  const secret = object(
    { data: { a: Buffer.from('from-data').toString('base64') }, stringData: { b: 'plain"text', c: 4711 } },
    'Secret',
  );

  it.each([
    ['value "plain\\"text" and 4711', 'value "(hidden)" and (hidden)'],
    ['decoded from-data', 'decoded (hidden)'],
    [Buffer.from('from-data').toString('base64'), '(hidden)'],
    ['nothing of it', 'nothing of it'],
  ])('%s', (text, wanted) => {
    expect(withoutSecrets(text, secret)).toBe(wanted);
    expect(withoutSecrets(text, { ...secret, kind: 'ConfigMap' })).toBe(text);
  });
});

describe('lastWriter', () => {
  it.each<[string, object, string]>([
    [
      'the latest',
      {
        managedFields: [
          { manager: 'a', time: '2026-01-02T00:00:00Z' },
          { manager: 'b', time: '2026-01-03T00:00:00Z' },
        ],
      },
      'b, 2026-01-03T00:00:00Z',
    ],
    ['nobody', {}, 'nobody known'],
  ])('%s', (_about, metadata, wanted) => {
    expect(lastWriter(object({ metadata: { name: 'a', ...metadata } }))).toBe(wanted);
  });
});

it('a value of a Secret is not shown by itself either', () => {
  const secret = object({}, 'Secret');
  expect(shownValue(secret, 'data["tls.key"]', 'eA==')).toBe('(hidden)');
  expect(shownValue(secret, 'metadata.labels.a', 'b')).toBe('b');
  expect(shownValue(object({}), 'data.a', 'b')).toBe('b');
});
