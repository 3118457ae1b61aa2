import { at, isArray, isObject, isString, nearest, type PathStep } from '../../lib/index.ts';
import type { KubeObject } from '../../objects/index.ts';
import { mistake } from './mistake.ts';
import { podFields, podFieldsVersion } from './pod-fields.ts';

/** The minor version whose fields are known: `36` of 1.36. */
const knownMinor = Number(podFieldsVersion.split('.')[1]);

/** Types by the names of their fields, `Probe` or `text[]`; read from the table once. */
const types: ReadonlyMap<string, ReadonlyMap<string, string>> = new Map(
  Object.entries(podFields).map(([type, fields]) => [type, new Map(fields.split(' ').map(readField))]),
);

function readField(field: string): readonly [string, string] {
  const [name = '', type = 'text'] = field.split(':');
  return [name, type];
}

const isWhole = (value: unknown): boolean => Number.isInteger(value);

const isOfType: Readonly<Record<string, (value: unknown) => boolean>> = {
  truth: (value) => typeof value === 'boolean',
  number: isWhole,
  text: isString,
  quantity: (value) => isString(value) || typeof value === 'number',
  either: (value) => isString(value) || isWhole(value),
};

const wrong: Readonly<Record<string, string>> = {
  truth: 'neither true nor false',
  number: 'no whole number',
  text: 'no text',
  quantity: 'no quantity',
  either: 'neither a whole number nor a text',
};

/** Lists whose items an API server tells apart by their names. */
const named: ReadonlySet<string> = new Set(['Container[]', 'EphemeralContainer[]', 'Volume[]']);

/** What a walk tells of fields that the table does not have. */
interface Reader {
  readonly kind: string;
  readonly isNewer: boolean;
}

/**
 * Fields that Kubernetes does not have in an object of a kind that has pods, and those of another type than it has. `version`: `1.35`;
 * one that is newer than the table's may have fields that are not known.
 */
export function fieldMistakes(object: KubeObject, version: string | undefined): readonly string[] {
  const { kind } = object;
  return inType(object, kind, [], { kind, isNewer: Number(version?.split('.')[1] ?? 0) > knownMinor });
}

function inType(value: unknown, type: string, path: readonly PathStep[], reader: Reader): readonly string[] {
  if (type === 'any') return [];
  if (type.endsWith('[]')) return inList(value, type, path, reader);
  if (type.endsWith('{}')) return inMap(value, type.slice(0, -2), path, reader);
  const isGood = isOfType[type];
  if (isGood !== undefined) return isGood(value) ? [] : [mistake(path, wrong[type] ?? '')];
  return isObject(value) ? inObject(value, type, path, reader) : [mistake(path, 'no object')];
}

function inObject(value: object, type: string, path: readonly PathStep[], reader: Reader): readonly string[] {
  const fields = types.get(type) ?? new Map<string, string>();
  return Object.entries(value).flatMap(([field, found]) => {
    const known = fields.get(field);
    if (known === undefined)
      return reader.isNewer ? [] : [unknownField([...path, field], reader.kind, fields.keys())];
    // An API server reads null as if the field were not there.
    return found === null || found === undefined ? [] : inType(found, known, [...path, field], reader);
  });
}

function unknownField(path: readonly PathStep[], kind: string, fields: Iterable<string>): string {
  const near = nearest(String(path.at(-1)), fields);
  const meant = near === undefined ? '' : ` (did you mean ${near}?)`;
  return mistake(path, `no field of ${kind}s in Kubernetes ${podFieldsVersion}${meant}`);
}

function inMap(value: unknown, type: string, path: readonly PathStep[], reader: Reader): readonly string[] {
  if (!isObject(value)) return [mistake(path, 'no object')];
  return Object.entries(value).flatMap(([key, found]) =>
    found === null ? [] : inType(found, type, [...path, key], reader),
  );
}

function inList(value: unknown, type: string, path: readonly PathStep[], reader: Reader): readonly string[] {
  const item = type.slice(0, -2);
  const isPlain = isOfType[item] !== undefined;
  if (isPlain) {
    // Of a text or number that is null the API server makes the empty one.
    const isGood = isArray(value) && value.every((one) => one === null || isOfType[item]?.(one) === true);
    return isGood ? [] : [mistake(path, `no list of ${item}s`)];
  }
  if (!isArray(value) || !value.every(isObject)) return [mistake(path, 'no list of objects')];
  return value.flatMap((one, index) => [
    ...(named.has(type) && !isNamed(one) ? [mistake([...path, index], 'without a name')] : []),
    ...inObject(one, item, [...path, index], reader),
  ]);
}

function isNamed(value: unknown): boolean {
  const name = at(value, 'name');
  return isString(name) && name !== '';
}
