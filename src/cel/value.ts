import { isArray, isObject } from '../lib/index.ts';

/** What an expression gives. An int is a bigint, a double a number; errors are values, because `||` and `&&` may absorb them. */
export type Value = null | boolean | bigint | number | string | Uint8Array | List | CelObject;

/** A list of CEL. */
export type List = readonly Value[];

/** A value that is a class of its own. */
export abstract class CelObject {
  abstract readonly typeName: string;
  /** Asked only with another value of the same type. */
  abstract equals(other: Value): boolean;
  /** How much it counts in costs and in `size`. */
  size(): number {
    return 1;
  }
  toString(): string {
    return this.typeName;
  }
}

/**
 * Why there is no value. `unknown`: it depends on something that cannot be known here; `limit`: the expression costs too much, which
 * nothing absorbs.
 */
export class CelError extends CelObject {
  readonly typeName = 'error';
  readonly message: string;
  readonly is: 'error' | 'unknown' | 'limit';
  constructor(message: string, is: 'error' | 'unknown' | 'limit' = 'error') {
    super();
    this.message = message;
    this.is = is;
  }
  equals(other: Value): boolean {
    return this === other;
  }
}

/** An error of an expression. */
export function failed(message: string): CelError {
  return new CelError(message);
}

/** What cannot be known, and why. */
export function unknown(why: string): CelError {
  return new CelError(why, 'unknown');
}

/** An unsigned integer, below 2^64. */
export class Uint extends CelObject {
  readonly typeName = 'uint';
  readonly value: bigint;
  constructor(value: bigint) {
    super();
    this.value = value;
  }
  equals(other: Value): boolean {
    return other instanceof Uint && other.value === this.value;
  }
  override toString(): string {
    return String(this.value);
  }
}

/** A span of time, in nanoseconds. */
export class Duration extends CelObject {
  readonly typeName = 'google.protobuf.Duration';
  readonly nanos: bigint;
  constructor(nanos: bigint) {
    super();
    this.nanos = nanos;
  }
  equals(other: Value): boolean {
    return other instanceof Duration && other.nanos === this.nanos;
  }
}

/** A point of time, in nanoseconds since 1970. */
export class Timestamp extends CelObject {
  readonly typeName = 'google.protobuf.Timestamp';
  readonly nanos: bigint;
  constructor(nanos: bigint) {
    super();
    this.nanos = nanos;
  }
  equals(other: Value): boolean {
    return other instanceof Timestamp && other.nanos === this.nanos;
  }
}

/** A type as a value: what `type(x)` gives. */
export class TypeValue extends CelObject {
  readonly typeName = 'type';
  readonly name: string;
  constructor(name: string) {
    super();
    this.name = name;
  }
  equals(other: Value): boolean {
    return other instanceof TypeValue && other.name === this.name;
  }
}

/** `optional.of(x)`, or `optional.none()` when there is no value. */
export class Optional extends CelObject {
  readonly typeName = 'optional_type';
  readonly value: Value | undefined;
  constructor(value?: Value) {
    super();
    this.value = value;
  }
  equals(other: Value): boolean {
    if (!(other instanceof Optional)) return false;
    if (this.value === undefined || other.value === undefined) return this.value === other.value;
    return isSame(this.value, other.value);
  }
}

/** A map of CEL; `1`, `1u` and `1.0` are the same key. */
export class CelMap extends CelObject {
  readonly typeName = 'map';
  readonly #entries: ReadonlyMap<string, readonly [key: Value, value: Value]>;

  constructor(entries: Iterable<readonly [key: Value, value: Value]>) {
    super();
    const all = new Map<string, readonly [Value, Value]>();
    for (const entry of entries) all.set(keyText(entry[0]), entry);
    this.#entries = all;
  }
  /** Undefined when there is no such key. */
  get(key: Value): Value | undefined {
    return this.#entries.get(keyText(key))?.[1];
  }
  entries(): readonly (readonly [key: Value, value: Value])[] {
    return [...this.#entries.values()];
  }
  override size(): number {
    return this.#entries.size;
  }
  equals(other: Value): boolean {
    if (!(other instanceof CelMap) || other.size() !== this.size()) return false;
    return this.entries().every(([key, value]) => {
      const theirs = other.get(key);
      return theirs !== undefined && isSame(value, theirs);
    });
  }
}

function keyText(key: Value): string {
  if (typeof key === 'string') return `s${key}`;
  const number = numberOf(key);
  return number === undefined ? `${typeName(key)} ${valueText(key)}` : `n${number}`;
}

/** A value in a message. */
export function valueText(value: Value): string {
  if (typeof value === 'string') return value;
  return isList(value) ? `[${value.map(valueText).join(', ')}]` : String(value);
}

/** The characters of a text, each as a text: what CEL counts. */
export function charactersOf(text: string): readonly string[] {
  return Array.from(text);
}

/** The number of an int, a uint or a double. */
export function numberOf(value: Value): bigint | number | undefined {
  if (typeof value === 'bigint' || typeof value === 'number') return value;
  return value instanceof Uint ? value.value : undefined;
}

/** Less than 0, 0, or more; undefined with NaN. With a double, a whole number is taken as one too, which may round it. */
export function numberOrder(left: bigint | number, right: bigint | number): number | undefined {
  if (typeof left !== typeof right) return numberOrder(Number(left), Number(right));
  if (left < right) return -1;
  if (left > right) return 1;
  return left >= right ? 0 : undefined;
}

/** The name of a value's type, as CEL writes it. */
export function typeName(value: Value): string {
  switch (typeof value) {
    case 'boolean':
      return 'bool';
    case 'bigint':
      return 'int';
    case 'number':
      return 'double';
    case 'string':
      return 'string';
    default:
      return objectTypeName(value);
  }
}

function objectTypeName(value: null | Uint8Array | List | CelObject): string {
  if (value === null) return 'null_type';
  if (isBytes(value)) return 'bytes';
  return value instanceof CelObject ? value.typeName : 'list';
}

export function isList(value: Value | undefined): value is List {
  return isArray(value);
}

export function isBytes(value: Value): value is Uint8Array {
  return value instanceof Uint8Array;
}

/** Equality of CEL: numbers by their value, whatever their type; values of different types are never equal. */
export function isSame(left: Value, right: Value): boolean {
  const [first, second] = [numberOf(left), numberOf(right)];
  if (first === undefined || second === undefined) return first === second && isSameThing(left, right);
  return numberOrder(first, second) === 0;
}

function isSameThing(left: Value, right: Value): boolean {
  if (isList(left)) return isList(right) && areSameItems(left, right);
  if (left instanceof CelObject) return typeName(left) === typeName(right) && left.equals(right);
  return isBytes(left) ? isBytes(right) && areSameBytes(left, right) : left === right;
}

function areSameItems(left: List, right: List): boolean {
  return left.length === right.length && left.every((item, index) => isSame(item, right[index] ?? null));
}

function areSameBytes(left: Uint8Array, right: Uint8Array): boolean {
  return left.length === right.length && left.every((byte, index) => byte === right[index]);
}

/** How much a value counts in costs: characters, bytes, items, entries; 1 for all else. */
export function sizeOf(value: Value): number {
  if (typeof value === 'string') return charactersOf(value).length;
  if (isBytes(value) || isList(value)) return value.length;
  return value instanceof CelObject ? value.size() : 1;
}

const intRange = { least: -(2n ** 63n), most: 2n ** 63n - 1n } as const;

/** True for what fits an int of CEL. */
export function isInt(value: bigint): boolean {
  return value >= intRange.least && value <= intRange.most;
}

/** True for what fits a uint of CEL. */
export function isUint(value: bigint): boolean {
  return value >= 0n && value < 2n ** 64n;
}

/** JSON as the API server hands it to expressions: a whole number is an int. What is no JSON is null. */
export function fromJson(json: unknown): Value {
  if (json instanceof CelObject) return json;
  if (isArray(json)) return json.map(fromJson);
  if (isObject(json))
    return new CelMap(
      Object.entries(json).flatMap(([key, value]) => (value === undefined ? [] : [[key, fromJson(value)]])),
    );
  if (typeof json === 'number') return isWhole(json) ? BigInt(json) : json;
  return typeof json === 'string' || typeof json === 'boolean' || typeof json === 'bigint' ? json : null;
}

function isWhole(number: number): boolean {
  return Number.isInteger(number) && isInt(BigInt(number));
}
