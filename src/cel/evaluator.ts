import type { Call, Expr, Fold, ListOf, MapOf, Select } from './ast.ts';
import { callCost } from './cost.ts';
import type { CallScope, Overload } from './declaration.ts';
import { isTypeName } from './type-names.ts';
import type { Type } from './type.ts';
import {
  CelError,
  CelMap,
  CelObject,
  Optional,
  TypeValue,
  failed,
  isList,
  typeName,
  valueText,
  type Value,
} from './value.ts';

/** A value with fields that are looked up when they are read. */
export class Lazy extends CelObject {
  readonly typeName = 'map';
  readonly #field: (name: string) => Value;
  constructor(field: (name: string) => Value) {
    super();
    this.#field = field;
  }
  get(name: string): Value {
    return this.#field(name);
  }
  equals(other: Value): boolean {
    return this === other;
  }
}

/** What an evaluation reads, and how much it may cost. */
export interface Activation extends CallScope {
  readonly variable: (name: string) => Value | undefined;
  readonly limit: number;
}

/** What came of it, and what it cost. */
export interface Outcome {
  readonly value: Value;
  readonly cost: number;
}

/** Names of the loops that an expression is in. */
interface Frame {
  readonly name: string;
  readonly value: Value;
  readonly outer: Frame | undefined;
}

class TooDear extends Error {}

/** Evaluates what the checker found right. */
export function evaluated(expr: Expr, activation: Activation): Outcome {
  const evaluation = new Evaluation(activation);
  try {
    const value = evaluation.value(expr, undefined);
    return { value, cost: evaluation.cost };
  } catch (error) {
    if (!(error instanceof TooDear)) throw error;
    const value = new CelError('operation cancelled: actual cost limit exceeded', 'limit');
    return { value, cost: evaluation.cost };
  }
}

const optionalForms: ReadonlySet<string> = new Set(['_?._', '_[?_]']);

class Evaluation {
  cost = 0;
  readonly #activation: Activation;

  constructor(activation: Activation) {
    this.#activation = activation;
  }

  #charge(cost: number): void {
    this.cost += cost;
    if (this.cost > this.#activation.limit) throw new TooDear();
  }

  value(expr: Expr, frame: Frame | undefined): Value {
    switch (expr.is) {
      case 'const':
        return expr.value;
      case 'name':
      case 'select':
        return this.#attribute(expr, frame, true);
      case 'call':
        return this.#call(expr, frame);
      case 'list':
        return this.#list(expr, frame);
      case 'map':
        return this.#map(expr, frame);
      case 'fold':
        return this.#fold(expr, frame);
      case 'struct':
        return failed(`unknown type: ${expr.name}`);
      default:
        return expr satisfies never;
    }
  }

  /**
   * A name and what is read of it. As cel-go counts, each step costs 1, and the whole 1 more where it is a value of its own, not a
   * part of another attribute.
   */
  #attribute(expr: Expr, frame: Frame | undefined, isWhole: boolean): Value {
    if (isWhole) this.#charge(isFree(expr) ? 0 : 1);
    if (expr.is === 'name') return this.#named(expr.name, frame);
    if (expr.is === 'select') return this.#selected(expr, frame);
    if (expr.is !== 'call') return this.value(expr, frame);
    if (expr.name === '_?_:_') return this.#choice(expr, frame);
    return isIndex(expr) ? this.#indexed(expr, frame) : this.value(expr, frame);
  }

  #named(name: string, frame: Frame | undefined): Value {
    for (let here = frame; here !== undefined; here = here.outer) if (here.name === name) return here.value;
    const plain = name.replace(/^\./, '');
    const value = this.#activation.variable(plain);
    if (value !== undefined) return value;
    return isTypeName(plain) ? new TypeValue(plain) : failed(`no such attribute(s): ${plain}`);
  }

  #selected(expr: Select, frame: Frame | undefined): Value {
    const operand = this.#attribute(expr.operand, frame, false);
    this.#charge(1);
    if (operand instanceof CelError) return operand;
    return expr.isTest ? isThere(operand, expr.field) : fieldOf(operand, expr.field);
  }

  #indexed(expr: Call, frame: Frame | undefined): Value {
    const [of, index] = expr.args;
    if (of === undefined || index === undefined) return failed('no such overload');
    const operand = this.#attribute(of, frame, false);
    if (operand instanceof CelError) return operand;
    const key = isAttribute(index) ? this.#attribute(index, frame, false) : this.value(index, frame);
    this.#charge(1);
    if (key instanceof CelError) return key;
    if (!optionalForms.has(expr.name)) return itemOf(operand, key);
    return optionalItemOf(operand, key);
  }

  #choice(expr: Call, frame: Frame | undefined): Value {
    const [condition, yes, no] = expr.args;
    if (condition === undefined || yes === undefined || no === undefined) return failed('no such overload');
    const chosen = this.value(condition, frame);
    if (chosen instanceof CelError) return chosen;
    if (typeof chosen !== 'boolean') return failed('no such overload');
    const branch = chosen ? yes : no;
    return isAttribute(branch) ? this.#attribute(branch, frame, false) : this.value(branch, frame);
  }

  #call(expr: Call, frame: Frame | undefined): Value {
    switch (expr.name) {
      case '_&&_':
        return this.#logical(expr, frame, false);
      case '_||_':
        return this.#logical(expr, frame, true);
      case '_?_:_':
      case '_?._':
      case '_[_]':
      case '_[?_]':
        return this.#attribute(expr, frame, true);
      case 'or':
      case 'orValue':
        return this.#alternative(expr, frame);
      default:
        return this.#function(expr, frame);
    }
  }

  /** `&&` and `||`: the value that decides does so whatever the other side is, also an error. */
  #logical(expr: Call, frame: Frame | undefined, deciding: boolean): Value {
    const errors: CelError[] = [];
    for (const arg of expr.args) {
      const value = this.value(arg, frame);
      if (value === deciding) return deciding;
      if (value instanceof CelError) errors.push(value);
      else if (typeof value !== 'boolean') errors.push(failed('no such overload'));
    }
    return errors.find(({ is }) => is === 'unknown') ?? errors[0] ?? !deciding;
  }

  #alternative(expr: Call, frame: Frame | undefined): Value {
    const [other] = expr.args;
    if (expr.target === undefined || other === undefined) return failed('no such overload');
    const value = this.value(expr.target, frame);
    if (value instanceof CelError) return value;
    if (!(value instanceof Optional)) return failed(`no such overload: ${expr.name}`);
    if (value.value === undefined) return this.value(other, frame);
    return expr.name === 'or' ? value : value.value;
  }

  #function(expr: Call, frame: Frame | undefined): Value {
    const exprs = expr.target === undefined ? expr.args : [expr.target, ...expr.args];
    const args = exprs.map((one) => this.value(one, frame));
    const [only] = args;
    if (expr.name === '@not_strictly_false') {
      this.#charge(1);
      return only !== false;
    }
    const errors = args.filter((value) => value instanceof CelError);
    const error = errors.find(({ is }) => is === 'unknown') ?? errors[0];
    if (error !== undefined) return error;
    const overload = (expr.overloads ?? []).find(({ params }) => areFor(params, args));
    const result = overload?.run(args, this.#activation) ?? noOverload(expr, args);
    if (!isSetMembership(expr)) this.#charge(callCost(expr, args, result));
    return result;
  }

  #list(expr: ListOf, frame: Frame | undefined): Value {
    const items: Value[] = [];
    for (const { value, isOptional } of expr.items) {
      const item = this.value(value, frame);
      if (item instanceof CelError) return item;
      if (!isOptional) items.push(item);
      else if (!(item instanceof Optional)) return failed(`cannot initialize optional list element`);
      else if (item.value !== undefined) items.push(item.value);
    }
    this.#charge(10);
    return items;
  }

  #map(expr: MapOf, frame: Frame | undefined): Value {
    const entries: [Value, Value][] = [];
    for (const entry of expr.entries) {
      const key = this.value(entry.key, frame);
      const value = key instanceof CelError ? key : this.value(entry.value, frame);
      if (value instanceof CelError) return value;
      if (!isKey(key)) return failed(`unsupported key type: ${typeName(key)}`);
      if (!entry.isOptional) entries.push([key, value]);
      else if (!(value instanceof Optional)) return failed(`cannot initialize optional entry`);
      else if (value.value !== undefined) entries.push([key, value.value]);
    }
    this.#charge(30);
    return new CelMap(entries);
  }

  #fold(expr: Fold, frame: Frame | undefined): Value {
    const range = this.value(expr.range, frame);
    if (range instanceof CelError) return range;
    const rounds = roundsOf(range, expr.names.length);
    if (rounds === undefined) return failed(`got '${goName(range)}', expected iterable type`);
    const { name } = expr.total;
    let total = this.value(expr.total.init, frame);
    for (const values of rounds) {
      const outer: Frame = { name, value: total, outer: frame };
      const inner = values.reduce<Frame>(
        (here, value, index) => ({ name: expr.names[index] ?? '', value, outer: here }),
        outer,
      );
      if (this.value(expr.condition, inner) === false) break;
      total = this.value(expr.step, inner);
    }
    return this.value(expr.result, { name, value: total, outer: frame });
  }
}

function isIndex(expr: Call): boolean {
  return expr.name === '_[_]' || optionalForms.has(expr.name);
}

function isAttribute(expr: Expr): boolean {
  if (expr.is === 'name' || expr.is === 'select') return true;
  return expr.is === 'call' && (isIndex(expr) || expr.name === '_?_:_');
}

/** Where an attribute starts. */
function rootOf(expr: Expr): Expr {
  if (expr.is === 'select') return rootOf(expr.operand);
  const [of] = expr.is === 'call' && isIndex(expr) ? expr.args : [];
  return of === undefined ? expr : rootOf(of);
}

/** Choices and presence tests cost only what they look at. */
function isFree(expr: Expr): boolean {
  const root = rootOf(expr);
  return (root.is === 'call' && root.name === '_?_:_') || (expr.is === 'select' && expr.isTest);
}

/** `x in [1, 2]` is a look-up in a set, which costs nothing. */
function isSetMembership({ name, args }: Call): boolean {
  const [, list] = args;
  return name === '@in' && list?.is === 'const' && isList(list.value);
}

/** True for what may be a key of a map. */
export function isKey(key: Value): boolean {
  return ['string', 'int', 'uint', 'bool'].includes(typeName(key));
}

function fieldOf(operand: Value, field: string): Value {
  return isList(operand) ? failed(`unsupported index type 'string' in list`) : itemOf(operand, field);
}

function isThere(operand: Value, field: string): Value {
  if (operand instanceof Optional) return operand.value === undefined ? false : isThere(operand.value, field);
  const value = fieldOf(operand, field);
  if (value instanceof CelError && value.is === 'unknown') return value;
  if (isList(operand)) return value;
  return !(value instanceof CelError);
}

function itemOf(operand: Value, key: Value): Value {
  if (operand instanceof Optional) return optionalItemOf(operand, key);
  const problem = isList(operand) ? indexProblem(key) : undefined;
  if (problem !== undefined) return problem;
  const missing = isList(operand)
    ? `index out of bounds: ${valueText(key)}`
    : `no such key: ${valueText(key)}`;
  const item = presentItemOf(operand, key);
  return item === undefined ? failed(missing) : item;
}

function indexProblem(key: Value): CelError | undefined {
  const isIndex = indexIn(key) !== undefined;
  return isIndex ? undefined : failed(`unsupported index type '${typeName(key)}' in list`);
}

/** The item, null among them; undefined when there is none. */
function presentItemOf(operand: Value, key: Value): Value | undefined {
  if (operand instanceof Lazy) return operand.get(valueText(key));
  if (operand instanceof CelMap) return operand.get(key);
  return isList(operand) ? operand[indexIn(key) ?? -1] : undefined;
}

function indexIn(key: Value): number | undefined {
  if (typeof key === 'bigint') return Number(key);
  if (typeof key === 'number') return Number.isInteger(key) ? key : undefined;
  return typeName(key) === 'uint' ? Number(valueText(key)) : undefined;
}

/** None where there is nothing, also of what never has items. */
function optionalItemOf(operand: Value, key: Value): Value {
  if (operand instanceof Optional)
    return operand.value === undefined ? operand : optionalItemOf(operand.value, key);
  if (isList(operand) && indexProblem(key) !== undefined) return itemOf(operand, key);
  const value = presentItemOf(operand, key);
  return value instanceof CelError ? value : new Optional(value);
}

/** What the names of a loop stand for in each of its rounds. */
function roundsOf(range: Value, names: number): Iterable<readonly Value[]> | undefined {
  if (isList(range)) return range.map((item, index) => (names === 1 ? [item] : [BigInt(index), item]));
  return range instanceof CelMap
    ? range.entries().map(([key, value]) => [key, value].slice(0, names))
    : undefined;
}

const goNames: Readonly<Record<string, string>> = {
  null_type: 'types.Null',
  bool: 'types.Bool',
  int: 'types.Int',
  uint: 'types.Uint',
  double: 'types.Double',
  string: 'types.String',
  bytes: 'types.Bytes',
};

function goName(value: Value): string {
  return goNames[typeName(value)] ?? typeName(value);
}

function areFor(params: readonly Type[], args: readonly Value[]): boolean {
  return params.length === args.length && params.every((type, index) => isFor(type, args[index] ?? null));
}

/** Of a list, the first item is looked at too: `sum` of a list whose type nobody knew is that of its numbers. */
function isFor({ name, args: [item] }: Type, value: Value): boolean {
  if (name.startsWith('$') || name === 'dyn') return true;
  if (name !== typeName(value)) return false;
  const [first] = isList(value) ? value : [];
  return item === undefined || first === undefined || isFor(item, first);
}

/** Operators, and what texts do themselves, say less. */
const terse = /^([_!@-]|startsWith$|endsWith$|contains$|matches$)/;

function noOverload({ name }: Call, args: readonly Value[]): CelError {
  const [first = null] = args;
  if (name === 'size') return failed('no such overload: size');
  if (!terse.test(name)) return failed(`no such overload: ${name}(${args.map(typeName).join(', ')})`);
  const isOperator = !/^[a-z]/.test(name);
  const hasNone = first === null || first instanceof CelMap || (isList(first) && name !== '_+_');
  return failed(isOperator && hasNone ? `no such overload: ${name}` : 'no such overload');
}

/** Runs one function by itself, for what the compiler knows already. */
export function ran(overloads: readonly Overload[], args: readonly Value[]): Value | undefined {
  return overloads.find(({ params }) => areFor(params, args))?.run(args, { ask: () => undefined });
}
