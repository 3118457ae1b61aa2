import {
  at,
  booleanAt,
  canonical,
  isArray,
  isEqual,
  isObject,
  isString,
  listAt,
  numberAt,
  objectAt,
  stringAt,
  type JsonObject,
} from '../lib/index.ts';
import { groupOf, versionOf, type KubeObject } from './manifest.ts';

/** The schema that a CustomResourceDefinition among the objects has for an object; undefined when none defines its kind. */
export function schemaFor(object: KubeObject, definitions: Iterable<KubeObject>): JsonObject | undefined {
  for (const definition of definitions) {
    const isIts =
      stringAt(definition, 'spec', 'group') === groupOf(object.apiVersion) &&
      stringAt(definition, 'spec', 'names', 'kind') === object.kind;
    if (!isIts) continue;
    const version = listAt(definition, 'spec', 'versions').find(
      (one) => stringAt(one, 'name') === versionOf(object.apiVersion) && at(one, 'served') !== false,
    );
    return version === undefined ? undefined : objectAt(version, 'schema', 'openAPIV3Schema');
  }
  return undefined;
}

/** What an API server says of an object whose version it does not serve. */
export function unservedText({ kind, apiVersion }: KubeObject): string {
  return `the API server has no ${kind} in ${apiVersion}`;
}

/**
 * What the API server would not take of an instance of a custom kind, one sentence for each field; empty when nothing is
 * wrong. CEL rules (x-kubernetes-validations) and formats are not evaluated.
 */
export function schemaProblems(object: KubeObject, schema: JsonObject): readonly string[] {
  const problems: string[] = [];
  const root = { ...schema, 'x-kubernetes-embedded-resource': true };
  checkNode(object, { schema: root, path: '', isStructural: true }, problems);
  return problems;
}

interface Place {
  readonly schema: JsonObject;
  readonly path: string;
  /** False inside allOf, anyOf, oneOf and not: they judge values and declare no fields. */
  readonly isStructural: boolean;
}

function checkNode(value: unknown, place: Place, problems: string[]): void {
  const { schema, path } = place;
  if (value === null && booleanAt(schema, 'nullable') === true) return;
  const wrongType = typeProblem(value, schema);
  if (wrongType !== undefined) {
    problems.push(`${named(path)}: ${wrongType}`);
    return;
  }
  problems.push(...valueProblems(value, schema).map((why) => `${named(path)}: ${why}`));
  if (isObject(value)) checkFields(value, place, problems);
  if (isArray(value)) checkItems(value, place, problems);
  checkJunctors(value, place, problems);
}

const typeTests: Readonly<Record<string, (value: unknown) => boolean>> = {
  object: isObject,
  array: isArray,
  string: isString,
  boolean: (value) => typeof value === 'boolean',
  number: (value) => typeof value === 'number',
  integer: (value) => typeof value === 'number' && Number.isInteger(value),
};

function typeProblem(value: unknown, schema: JsonObject): string | undefined {
  if (schema['x-kubernetes-int-or-string'] === true) {
    const fits = isString(value) || (typeof value === 'number' && Number.isInteger(value));
    return fits ? undefined : `must be an integer or a string, not ${nameOf(value)}`;
  }
  const type = stringAt(schema, 'type');
  if (type === undefined || type === '' || typeTests[type]?.(value) !== false) return undefined;
  return `must be of type ${type}, not ${nameOf(value)}`;
}

function nameOf(value: unknown): string {
  if (value === null) return 'null';
  if (isArray(value)) return 'array';
  if (typeof value === 'number') return Number.isInteger(value) ? 'integer' : 'number';
  return typeof value;
}

function valueProblems(value: unknown, schema: JsonObject): readonly string[] {
  const problems: string[] = [];
  const allowed = at(schema, 'enum');
  if (isArray(allowed) && !allowed.some((one) => isEqual(one, value)))
    problems.push(`must be one of ${allowed.map((one) => canonical(one)).join(', ')}, not ${shown(value)}`);
  if (isString(value)) problems.push(...textProblems(value, schema));
  if (typeof value === 'number') problems.push(...numberProblems(value, schema));
  if (isArray(value)) problems.push(...countProblems(value.length, 'Items', schema));
  if (isObject(value)) problems.push(...countProblems(Object.keys(value).length, 'Properties', schema));
  return problems;
}

function textProblems(text: string, schema: JsonObject): readonly string[] {
  const pattern = stringAt(schema, 'pattern');
  const isMatch = pattern === undefined || (patternOf(pattern)?.test(text) ?? true);
  const mismatch = isMatch ? [] : [`must match ${pattern}, ${shown(text)} does not`];
  return [...countProblems(Array.from(text).length, 'Length', schema), ...mismatch];
}

// The API server reads RE2; what JavaScript cannot read is left to it.
function patternOf(pattern: string): RegExp | undefined {
  try {
    return new RegExp(pattern, 'u');
  } catch {
    return undefined;
  }
}

function numberProblems(value: number, schema: JsonObject): readonly string[] {
  const [least, most] = [numberAt(schema, 'minimum'), numberAt(schema, 'maximum')];
  const problems: string[] = [];
  const isAbove = schema['exclusiveMinimum'] === true;
  const isBelow = schema['exclusiveMaximum'] === true;
  if (least !== undefined && (isAbove ? value <= least : value < least))
    problems.push(`must be ${isAbove ? 'more than' : 'at least'} ${least}, not ${value}`);
  if (most !== undefined && (isBelow ? value >= most : value > most))
    problems.push(`must be ${isBelow ? 'less than' : 'at most'} ${most}, not ${value}`);
  return [...problems, ...stepProblems(value, numberAt(schema, 'multipleOf'))];
}

function stepProblems(value: number, step: number | undefined): readonly string[] {
  const isOn = step === undefined || Number.isInteger(value / step);
  return isOn ? [] : [`must be a multiple of ${step}, not ${value}`];
}

const nouns = { Length: 'characters', Items: 'items', Properties: 'fields' } as const;

function countProblems(count: number, what: keyof typeof nouns, schema: JsonObject): readonly string[] {
  const [least, most] = [numberAt(schema, `min${what}`), numberAt(schema, `max${what}`)];
  const problems: string[] = [];
  if (least !== undefined && count < least)
    problems.push(`must have at least ${least} ${nouns[what]}, not ${count}`);
  if (most !== undefined && count > most)
    problems.push(`must have at most ${most} ${nouns[what]}, not ${count}`);
  return problems;
}

const resourceFields: ReadonlySet<string> = new Set(['apiVersion', 'kind', 'metadata']);

function checkFields(object: JsonObject, place: Place, problems: string[]): void {
  const { schema, path } = place;
  const properties = objectAt(schema, 'properties');
  const isResource = schema['x-kubernetes-embedded-resource'] === true;
  // The server drops a null of a field that takes none, as if it were not there.
  const isThere = (key: string): boolean =>
    object[key] !== undefined && (object[key] !== null || at(properties, key, 'nullable') === true);
  for (const key of listAt(schema, 'required').filter(isString)) {
    if (!isThere(key) && at(properties, key, 'default') === undefined)
      problems.push(`${joined(path, key)}: is required`);
  }
  for (const key of Object.keys(object).filter(isThere)) {
    if (isResource && resourceFields.has(key)) continue;
    checkField(key, object[key], place, problems);
  }
}

function checkField(key: string, value: unknown, place: Place, problems: string[]): void {
  const { schema, isStructural } = place;
  const path = joined(place.path, key);
  const declared = at(schema, 'properties', key);
  const others = schema['additionalProperties'];
  const next = isObject(declared) ? declared : others;
  if (isObject(next)) {
    checkNode(value, { schema: next, path, isStructural }, problems);
    return;
  }
  const isOpen = others === true || schema['x-kubernetes-preserve-unknown-fields'] === true;
  if (isStructural && !isOpen) problems.push(`${path}: no such field`);
}

function checkItems(items: readonly unknown[], place: Place, problems: string[]): void {
  const schema = place.schema['items'];
  if (isObject(schema)) {
    items.forEach((item, index) =>
      checkNode(item, { ...place, schema, path: `${place.path}[${index}]` }, problems),
    );
  }
  if (place.schema['uniqueItems'] === true && new Set(items.map(canonical)).size < items.length)
    problems.push(`${place.path}: has the same item twice`);
}

function checkJunctors(value: unknown, place: Place, problems: string[]): void {
  const { schema, path } = place;
  const problemsIn = (inner: unknown): readonly string[] => {
    const found: string[] = [];
    if (isObject(inner)) checkNode(value, { schema: inner, path, isStructural: false }, found);
    return found;
  };
  const judged = (junctor: string): readonly (readonly string[])[] => listAt(schema, junctor).map(problemsIn);
  problems.push(...judged('allOf').flat());
  const found = [anyProblem(judged('anyOf')), oneProblem(judged('oneOf'))].filter((why) => why !== undefined);
  if (isObject(schema['not']) && problemsIn(schema['not']).length === 0)
    found.push('has what is not allowed here');
  problems.push(...found.map((why) => `${named(path)}: ${why}`));
}

function anyProblem(judged: readonly (readonly string[])[]): string | undefined {
  const isFitting = judged.length === 0 || judged.some((found) => found.length === 0);
  return isFitting ? undefined : `fits none of what is allowed (${judged.flat().join('; or ')})`;
}

function oneProblem(judged: readonly (readonly string[])[]): string | undefined {
  const fitting = judged.filter((found) => found.length === 0).length;
  if (judged.length === 0 || fitting === 1) return undefined;
  return `must fit exactly one of ${judged.length} forms, fits ${fitting}`;
}

function named(path: string): string {
  return path === '' ? 'the object' : path;
}

function joined(path: string, key: string): string {
  const step = /^[\w-]+$/.test(key) ? key : `["${key}"]`;
  return path === '' || step.startsWith('[') ? `${path}${step}` : `${path}.${step}`;
}

function shown(value: unknown): string {
  const text = canonical(value);
  return text.length > 60 ? `${text.slice(0, 60)}…` : text;
}
