import * as fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { isEqual } from '../lib/index.ts';
import type { KubeObject } from './manifest.ts';
import { appliedUnchanged, withoutManagedFields } from './managed-fields.ts';

const manager = 'toryo-acme';
type Json = Record<string, unknown>;

/** What a server notes for a map of maps and scalars; lists are owned as a whole. */
const fieldsOf = (value: unknown): Json =>
  typeof value !== 'object' || value === null || Array.isArray(value)
    ? {}
    : Object.fromEntries(Object.entries(value).map(([key, child]) => [`f:${key}`, fieldsOf(child)]));

const live = (object: KubeObject, fieldsV1: Json, entry: Json = {}): KubeObject => ({
  ...object,
  metadata: {
    ...object.metadata,
    uid: 'u-1',
    managedFields: [
      {
        manager,
        operation: 'Apply',
        apiVersion: object.apiVersion,
        fieldsType: 'FieldsV1',
        fieldsV1,
        ...entry,
      },
    ],
  },
});
const boat = (spec: Json): KubeObject => ({
  apiVersion: 'example.com/v1',
  kind: 'Boat',
  metadata: { name: 'boat', namespace: 'a' },
  spec,
});
const stored = (spec: Json, more: Json = {}): KubeObject =>
  live(boat({ ...spec, ...more }), { 'f:spec': fieldsOf(spec) });

const scalar = fc.oneof(fc.string(), fc.integer(), fc.boolean());
const key = fc.stringMatching(/^[a-z]{1,6}$/);
const leaf = fc.oneof(scalar, fc.array(scalar, { maxLength: 3 }));
const { tree } = fc.letrec((tie) => ({
  tree: fc.dictionary(key, fc.oneof({ depthSize: 'small' }, leaf, tie('tree')), {
    minKeys: 1,
    maxKeys: 4,
    noNullPrototype: true,
  }),
}));
const spec = tree as fc.Arbitrary<Json>;

describe('what was applied', () => {
  it('is unchanged when it is wanted again, whatever others have added', () => {
    fc.assert(
      fc.property(
        spec,
        fc.dictionary(fc.stringMatching(/^[A-Z]{1,3}$/), leaf, { noNullPrototype: true }),
        (one, theirs) => {
          expect(appliedUnchanged(stored(one, theirs), boat(one), manager)).toBe(true);
        },
      ),
    );
  });

  it('is not when anything else is wanted', () => {
    fc.assert(
      fc.property(spec, spec, (one, other) => {
        fc.pre(!isEqual(one, other));
        expect(appliedUnchanged(stored(one), boat(other), manager)).toBe(false);
      }),
    );
  });

  it('is not when anything of it was changed, or was applied besides', () => {
    fc.assert(
      fc.property(spec, spec, (one, other) => {
        fc.pre(!isEqual(one, other));
        expect(appliedUnchanged(live(boat(other), { 'f:spec': fieldsOf(one) }), boat(one), manager)).toBe(
          Object.entries(one).every(([name, value]) => isEqual(value, contained(other[name], value))),
        );
        expect(
          appliedUnchanged(
            live(boat(one), { 'f:spec': { ...fieldsOf(one), 'f:OTHER': {} } }),
            boat(one),
            manager,
          ),
        ).toBe(false);
      }),
    );
  });

  it.each<[string, Json]>([
    ['by somebody else', { manager: 'helm' }],
    ['without being applied', { operation: 'Update' }],
    ['in another version', { apiVersion: 'example.com/v2' }],
    ['as a subresource', { subresource: 'status' }],
  ])('counts for nothing when it was written %s', (_how, entry) => {
    const one = boat({ a: 1 });
    expect(appliedUnchanged(live(one, { 'f:spec': { 'f:a': {} } }, entry), one, manager)).toBe(false);
  });
});

/** The part of a value that another one has too. */
const contained = (value: unknown, of: unknown): unknown => {
  if (typeof of !== 'object' || of === null || Array.isArray(of)) return value;
  if (typeof value !== 'object' || value === null || Array.isArray(value)) return undefined;
  return Object.fromEntries(
    Object.entries(of).map(([name, child]) => [name, contained((value as Json)[name], child)]),
  );
};

const pod = (container: Json, more: Json = {}): KubeObject => ({
  apiVersion: 'v1',
  kind: 'Pod',
  metadata: { name: 'pod', namespace: 'a' },
  spec: { containers: [{ name: 'web', ...container }], ...more },
});
const podFields = (container: Json, more: Json = {}): Json => ({
  'f:spec': { 'f:containers': { 'k:{"name":"web"}': { '.': {}, 'f:name': {}, ...container } }, ...more },
});
const cpu = (value: unknown): KubeObject => pod({ resources: { limits: { cpu: value } } });
const cpuFields = podFields({ 'f:resources': { 'f:limits': { 'f:cpu': {} } } });
const map = (data: Json): KubeObject => ({
  apiVersion: 'v1',
  kind: 'ConfigMap',
  metadata: { name: 'a' },
  data,
});

describe('values', () => {
  it.each<[unknown, unknown, boolean]>([
    ['1000m', '1', true],
    [1, '1', true],
    [0.5, '500m', true],
    ['1024Mi', '1Gi', true],
    ['0.5Gi', '512Mi', true],
    ['1000Mi', '1000Mi', true],
    ['1e3', '1k', false],
    ['1024', '1Ki', false],
    ['1001m', '1', false],
    ['0Mi', '0', true],
    ['-1000m', '-1', true],
    ['1E', '1000P', true],
    ['much', '1', false],
    ['1e99', '1', false],
  ])('the quantity %j that is stored as %j: %j', (wanted, there, isSame) => {
    expect(appliedUnchanged(live(cpu(there), cpuFields), cpu(wanted), manager)).toBe(isSame);
  });

  it('are quantities only where the kind has quantities', () => {
    const fields = { 'f:data': { 'f:limits': {} } };
    expect(appliedUnchanged(live(map({ limits: '1' }), fields), map({ limits: '1000m' }), manager)).toBe(
      false,
    );
    const custom = boat({ resources: { limits: { cpu: '1000m' } } });
    const there = live(boat({ resources: { limits: { cpu: '1' } } }), { 'f:spec': fieldsOf(custom['spec']) });
    expect(appliedUnchanged(there, custom, manager)).toBe(false);
  });

  it.each<[string, KubeObject, KubeObject, Json]>([
    [
      'texts of a Secret',
      { apiVersion: 'v1', kind: 'Secret', metadata: { name: 'a' }, stringData: { a: 'é' } },
      { apiVersion: 'v1', kind: 'Secret', metadata: { name: 'a' }, data: { a: 'w6k=', b: 'eA==' } },
      { 'f:stringData': { 'f:a': {} } },
    ],
    [
      'a protocol that is a part of the key',
      pod({ ports: [{ containerPort: 80 }] }),
      pod({ ports: [{ containerPort: 80, protocol: 'TCP' }] }),
      podFields({
        'f:ports': { 'k:{"containerPort":80,"protocol":"TCP"}': { '.': {}, 'f:containerPort': {} } },
      }),
    ],
    [
      'what stands between the wanted items',
      pod({
        env: [
          { name: 'A', value: '' },
          { name: 'C', value: 'c' },
        ],
      }),
      pod({ env: [{ name: 'A' }, { name: 'B', value: 'theirs' }, { name: 'C', value: 'c' }] }),
      podFields({
        'f:env': {
          'k:{"name":"A"}': { '.': {}, 'f:name': {}, 'f:value': {} },
          'k:{"name":"C"}': { '.': {}, 'f:name': {}, 'f:value': {} },
        },
      }),
    ],
    [
      'an empty list and an empty struct',
      pod({ args: [], env: [], resources: {}, securityContext: {} }),
      pod({ resources: { limits: { cpu: '1' } }, securityContext: {} }),
      podFields({ 'f:args': {}, 'f:resources': {}, 'f:securityContext': {} }),
    ],
  ])('%s are no difference', (_what, wanted, there, fields) => {
    expect(appliedUnchanged(live(there, fields), wanted, manager)).toBe(true);
  });

  it.each<[string, KubeObject, KubeObject, Json]>([
    [
      'another order',
      pod({ env: [{ name: 'C' }, { name: 'A' }] }),
      pod({ env: [{ name: 'A' }, { name: 'C' }] }),
      podFields({ 'f:env': { 'k:{"name":"A"}': { 'f:name': {} }, 'k:{"name":"C"}': { 'f:name': {} } } }),
    ],
    [
      'the same key twice',
      pod({ env: [{ name: 'A' }, { name: 'A' }] }),
      pod({ env: [{ name: 'A' }, { name: 'A' }] }),
      podFields({ 'f:env': { 'k:{"name":"A"}': { 'f:name': {} } } }),
    ],
    [
      'a field less in a list that is compared as a whole',
      pod({}, { tolerations: [{ key: 'a' }] }),
      pod({}, { tolerations: [{ key: 'a', operator: 'Exists' }] }),
      podFields({}, { 'f:tolerations': {} }),
    ],
    [
      'an empty text where nothing and empty differ',
      pod({}, { priorityClassName: 'a', runtimeClassName: '' }),
      pod({}, { priorityClassName: 'a' }),
      podFields({}, { 'f:priorityClassName': {}, 'f:runtimeClassName': {} }),
    ],
  ])('%s is one', (_what, wanted, there, fields) => {
    expect(appliedUnchanged(live(there, fields), wanted, manager)).toBe(false);
  });
});

it('an object can do without its managedFields', () => {
  expect(withoutManagedFields(live(boat({ a: 1 }), {}))).toEqual({
    ...boat({ a: 1 }),
    metadata: { name: 'boat', namespace: 'a', uid: 'u-1' },
  });
});
