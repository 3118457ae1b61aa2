import { describe, expect, it } from 'vitest';
import type { JsonObject } from '../lib/index.ts';
import type { KubeObject } from './manifest.ts';
import { schemaFor, schemaProblems } from './schema-check.ts';

const object = (fields: Record<string, unknown>): KubeObject => ({
  apiVersion: 'example.com/v1',
  kind: 'Boat',
  metadata: { name: 'a' },
  ...fields,
});
const ofSpec = (schema: JsonObject): JsonObject => ({ type: 'object', properties: { spec: schema } });
const problems = (schema: JsonObject, spec: unknown): readonly string[] =>
  schemaProblems(object({ spec }), ofSpec(schema));

describe('a schema', () => {
  it.each<[string, JsonObject, unknown, readonly string[]]>([
    ['takes the type', { type: 'integer' }, 3, []],
    ['refuses another type', { type: 'integer' }, '3', ['spec: must be of type integer, not string']],
    ['knows integers from numbers', { type: 'integer' }, 3.5, ['spec: must be of type integer, not number']],
    ['takes an integer for a number', { type: 'number' }, 3, []],
    ['refuses a list for an object', { type: 'object' }, [], ['spec: must be of type object, not array']],
    [
      'wants what is required',
      { type: 'object', required: ['a'], properties: { a: { type: 'string' } } },
      {},
      ['spec.a: is required'],
    ],
    [
      'fills a required field that has a default',
      { type: 'object', required: ['a'], properties: { a: { default: 1 } } },
      {},
      [],
    ],
    [
      'counts a null as absent',
      { type: 'object', required: ['a'], properties: { a: { type: 'string' } } },
      { a: null },
      ['spec.a: is required'],
    ],
    [
      'takes a null where it may be',
      { type: 'object', required: ['a'], properties: { a: { type: 'string', nullable: true } } },
      { a: null },
      [],
    ],
    [
      'drops a null of an optional field',
      { type: 'object', properties: { a: { type: 'string' } } },
      { a: null },
      [],
    ],
    ['lists what is allowed', { enum: ['a', 'b'] }, 'c', ['spec: must be one of "a", "b", not "c"']],
    ['matches patterns anywhere in the text', { pattern: 'b' }, 'abc', []],
    ['refuses what does not match', { pattern: '^a$' }, 'b', ['spec: must match ^a$, "b" does not']],
    ['leaves patterns that it cannot read to the server', { pattern: '(?i)a' }, 'b', []],
    ['has a minimum', { minimum: 1 }, 0, ['spec: must be at least 1, not 0']],
    ['has a maximum', { maximum: 1 }, 2, ['spec: must be at most 1, not 2']],
    [
      'may exclude its bounds',
      { minimum: 1, exclusiveMinimum: true, maximum: 3, exclusiveMaximum: true },
      1,
      ['spec: must be more than 1, not 1'],
    ],
    ['has steps', { multipleOf: 5 }, 7, ['spec: must be a multiple of 5, not 7']],
    [
      'counts characters, not bytes',
      { minLength: 2 },
      '船',
      ['spec: must have at least 2 characters, not 1'],
    ],
    ['counts items', { type: 'array', maxItems: 1 }, [1, 2], ['spec: must have at most 1 items, not 2']],
    [
      'looks into items',
      { type: 'array', items: { type: 'string' } },
      ['a', 1],
      ['spec[1]: must be of type string, not integer'],
    ],
    [
      'looks into maps',
      { type: 'object', additionalProperties: { type: 'string' } },
      { 'a.b': 1 },
      ['spec["a.b"]: must be of type string, not integer'],
    ],
    [
      'knows its fields',
      { type: 'object', properties: { sail: {} } },
      { sial: 1 },
      ['spec.sial: no such field'],
    ],
    ['knows that an object without fields has none', { type: 'object' }, { a: 1 }, ['spec.a: no such field']],
    [
      'may keep what it does not know',
      { type: 'object', 'x-kubernetes-preserve-unknown-fields': true, properties: { a: { type: 'string' } } },
      { b: 1, a: 2 },
      ['spec.a: must be of type string, not integer'],
    ],
    ['may take anything', { 'x-kubernetes-preserve-unknown-fields': true }, { a: [1] }, []],
    ['takes an integer or a string', { 'x-kubernetes-int-or-string': true }, '50%', []],
    [
      'takes nothing else for an integer or a string',
      { 'x-kubernetes-int-or-string': true },
      true,
      ['spec: must be an integer or a string, not boolean'],
    ],
    [
      'holds whole resources',
      { type: 'object', 'x-kubernetes-embedded-resource': true },
      { apiVersion: 'v1', kind: 'Pod', metadata: {} },
      [],
    ],
    [
      'wants one of several',
      { anyOf: [{ type: 'integer' }, { type: 'string' }] },
      true,
      [
        'spec: fits none of what is allowed (spec: must be of type integer, not boolean; or spec: must be of type string, not boolean)',
      ],
    ],
    [
      'wants exactly one',
      { type: 'object', properties: { a: {}, b: {} }, oneOf: [{ required: ['a'] }, { required: ['b'] }] },
      { a: 1, b: 1 },
      ['spec: must fit exactly one of 2 forms, fits 2'],
    ],
    ['wants all', { allOf: [{ minimum: 1 }, { maximum: 0 }] }, 0, ['spec: must be at least 1, not 0']],
    ['may forbid', { not: { enum: ['a'] } }, 'a', ['spec: has what is not allowed here']],
  ])('%s', (_about, schema, spec, wanted) => {
    expect(problems(schema, spec)).toEqual(wanted);
  });

  it('says every problem at once and leaves apiVersion, kind and metadata alone', () => {
    const schema = { type: 'object', properties: { a: { type: 'string' }, b: { type: 'string' } } };
    expect(problems(schema, { a: 1, b: 2, c: 3 })).toEqual([
      'spec.a: must be of type string, not integer',
      'spec.b: must be of type string, not integer',
      'spec.c: no such field',
    ]);
    expect(schemaProblems(object({ status: {} }), ofSpec({}))).toEqual(['status: no such field']);
  });
});

describe('schemaFor', () => {
  const version = (name: string, served = true) => ({
    name,
    served,
    schema: { openAPIV3Schema: { type: 'object', title: name } },
  });
  const definition: KubeObject = {
    apiVersion: 'apiextensions.k8s.io/v1',
    kind: 'CustomResourceDefinition',
    metadata: { name: 'boats.example.com' },
    spec: { group: 'example.com', names: { kind: 'Boat' }, versions: [version('v1'), version('v2', false)] },
  };

  it.each([
    ['example.com/v1', 'Boat', 'v1'],
    ['example.com/v2', 'Boat', undefined],
    ['example.com/v3', 'Boat', undefined],
    ['example.org/v1', 'Boat', undefined],
    ['example.com/v1', 'Ship', undefined],
  ])('of %s %s', (apiVersion, kind, title) => {
    const found = schemaFor({ apiVersion, kind, metadata: { name: 'a' } }, [definition]);
    expect(found?.['title']).toBe(title);
  });
});
