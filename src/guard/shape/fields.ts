import { at, isArray, isObject, isString, nearest, type PathStep } from '../../lib/index.ts';
import { isQuantityText, type KubeObject } from '../../objects/index.ts';
import { mistake, type ShapeMistake } from './mistake.ts';
import { podFields, podFieldsVersion } from './pod-fields.ts';

/** The minor version whose fields are known: `36` of 1.36. */
const knownMinor = Number(podFieldsVersion.split('.')[1]);

/** Types by the names of their fields, `Probe`, `text[]` or `EnvVar[name]`; read from the table once. */
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
  quantity: (value) => typeof value === 'number' || (isString(value) && isQuantityText(value)),
  either: (value) => isString(value) || isWhole(value),
};

const wrong: Readonly<Record<string, string>> = {
  truth: 'neither true nor false',
  number: 'no whole number',
  text: 'no text',
  quantity: 'no quantity (100m, 1.5, 64Mi)',
  either: 'neither a whole number nor a text',
};

/** Types of which none is without a name. */
const named: ReadonlySet<string> = new Set(['Container', 'EphemeralContainer', 'Volume']);

/** The last minor version that served a field which the table's does not. */
const lastMinors: ReadonlyMap<string, number> = new Map([['PodSpec.workloadRef', 35]]);

/** What the walk is for: `minor` is undefined where no version is known. */
interface Reader {
  readonly kind: string;
  readonly minor: number | undefined;
}

/**
 * Fields that Kubernetes does not have in an object of a kind that has pods, and those of another type than it has. `version`: `1.35`;
 * one that is newer than the table's may have fields that are not known.
 */
export function fieldMistakes(object: KubeObject, version: string | undefined): readonly ShapeMistake[] {
  const { kind } = object;
  const minor = version === undefined ? undefined : Number(version.split('.')[1]);
  return inType(object, kind, [], { kind, minor });
}

function inType(
  value: unknown,
  type: string,
  path: readonly PathStep[],
  reader: Reader,
): readonly ShapeMistake[] {
  if (type === 'any') return [];
  const [, item, keys] = /^(.+)\[(.*)\]$/.exec(type) ?? [];
  if (item !== undefined) return inList(value, { item, keys: (keys ?? '').split(',') }, path, reader);
  if (type.endsWith('{}')) return inMap(value, type.slice(0, -2), path, reader);
  const isGood = isOfType[type];
  if (isGood !== undefined)
    return isGood(value) ? [] : [mistake(path, `${wrong[type]}${unquoted(value, type)}`)];
  return isObject(value) ? inObject(value, type, path, reader) : [mistake(path, 'no object')];
}

// YAML reads n, off and 1.10 as values of other types.
function unquoted(value: unknown, type: string): string {
  const isPlain = typeof value === 'boolean' || typeof value === 'number';
  return isPlain && type === 'text' ? ` but the value ${value}, quote it` : '';
}

function inObject(
  value: object,
  type: string,
  path: readonly PathStep[],
  reader: Reader,
): readonly ShapeMistake[] {
  const fields = types.get(type) ?? new Map<string, string>();
  return Object.entries(value).flatMap(([field, found]) => {
    const known = fields.get(field);
    if (known === undefined)
      return mayHave(reader, `${type}.${field}`)
        ? []
        : [unknownField([...path, field], reader.kind, fields.keys())];
    // An API server reads null as if the field were not there.
    return found === null || found === undefined ? [] : inType(found, known, [...path, field], reader);
  });
}

/** True where the API server is of a version that may have the field. */
function mayHave({ minor }: Reader, field: string): boolean {
  return minor !== undefined && (minor > knownMinor || minor <= (lastMinors.get(field) ?? 0));
}

function unknownField(path: readonly PathStep[], kind: string, fields: Iterable<string>): ShapeMistake {
  const near = nearest(String(path.at(-1)), fields);
  const meant = near === undefined ? '' : ` (did you mean ${near}?)`;
  return mistake(path, `no field of ${kind}s in Kubernetes ${podFieldsVersion}${meant}`);
}

function inMap(
  value: unknown,
  type: string,
  path: readonly PathStep[],
  reader: Reader,
): readonly ShapeMistake[] {
  if (!isObject(value)) return [mistake(path, 'no object')];
  return Object.entries(value).flatMap(([key, found]) =>
    found === null ? [] : inType(found, type, [...path, key], reader),
  );
}

interface List {
  readonly item: string;
  /** Fields by which an API server tells the items apart; an empty one where it does not. */
  readonly keys: readonly string[];
}

function inList(
  value: unknown,
  list: List,
  path: readonly PathStep[],
  reader: Reader,
): readonly ShapeMistake[] {
  const { item, keys } = list;
  const isPlain = isOfType[item] !== undefined;
  if (isPlain) {
    // Of a text or number that is null the API server makes the empty one.
    const isGood = isArray(value) && value.every((one) => one === null || isOfType[item]?.(one) === true);
    return isGood ? [] : [mistake(path, `no list of ${item}s`)];
  }
  // And of an object, in a list whose items it does not tell apart.
  const isItem = (one: unknown): boolean => isObject(one) || (one === null && keys.includes(''));
  if (!isArray(value) || !value.every(isItem)) return [mistake(path, 'no list of objects')];
  const items = value.map((one) => (isObject(one) ? one : {}));
  return [
    ...items.flatMap((one, index) => [
      ...(named.has(item) && !isNamed(one) ? [mistake([...path, index], 'without a name')] : []),
      ...inObject(one, item, [...path, index], reader),
    ]),
    ...namesakes(items, list, path),
  ];
}

// A name of another type is told as that.
function isNamed(value: unknown): boolean {
  const name = at(value, 'name') ?? '';
  return name !== '';
}

/** Items that a `kubectl create` takes and an apply does not. Containers of one name are told of all lists together. */
function namesakes(
  items: readonly object[],
  { item, keys }: List,
  path: readonly PathStep[],
): readonly ShapeMistake[] {
  if (keys.includes('') || item.endsWith('Container')) return [];
  const keyOf = (one: object): string => JSON.stringify(keys.map((key) => keyIn(one, key)));
  const seen = new Set<string>();
  return items.flatMap((one, index) => {
    const key = keyOf(one);
    const isSecond = seen.has(key);
    seen.add(key);
    const is = `another one with the same ${keys.join(' and ')}, of which server-side apply takes one`;
    return isSecond ? [mistake([...path, index], is)] : [];
  });
}

// What is not said has a default; of nothing that is said the API server makes none.
function keyIn(item: object, key: string): unknown {
  const found = at(item, key);
  const unsaid = key === 'protocol' ? 'TCP' : '';
  return found === undefined ? unsaid : found;
}
