import type { Call, Entry, Expr, Fold, ListOf, MapOf, Select } from './ast.ts';
import type { Overload } from './declaration.ts';
import type { Environment } from './environment.ts';
import { isTypeName } from './type-names.ts';
import type { Mistake } from './token.ts';
import {
  Bindings,
  bool,
  dyn,
  int,
  isLoose,
  isVariable,
  listOf,
  mapOf,
  optionalOf,
  simple,
  typeText,
  wrong,
  type Type,
} from './type.ts';
import { typeName, valueText } from './value.ts';

/** An expression with its type; calls know which functions they may mean. */
export interface Checked {
  readonly expr: Expr;
  readonly type: Type;
}

/** Names of loops, and the loops around them. */
interface Scope {
  readonly types: ReadonlyMap<string, Type>;
  readonly outer?: Scope;
}

/** Finds the type of an expression, and all that is wrong with it. */
export function checked(
  expr: Expr,
  environment: Environment,
): Checked & { readonly mistakes: readonly Mistake[] } {
  const checker = new Checker(environment);
  const found = checker.check(expr, { types: new Map() });
  return { expr: found.expr, type: checker.bindings.settled(found.type), mistakes: checker.mistakes };
}

/** Of these each side is looked at by itself. */
const logical: ReadonlySet<string> = new Set(['_&&_', '_||_']);

class Checker {
  readonly bindings = new Bindings();
  readonly mistakes: Mistake[] = [];
  readonly #environment: Environment;
  /** How many calls of `format` are around: what it is given may be of any types. */
  #mixing = 0;

  constructor(environment: Environment) {
    this.#environment = environment;
  }

  check(expr: Expr, scope: Scope): Checked {
    switch (expr.is) {
      case 'const':
        return { expr, type: simple(typeName(expr.value)) };
      case 'name':
        return { expr, type: this.#typeOf(expr.name, scope) ?? this.#undeclared(expr.name, expr.at) };
      case 'select':
        return this.#select(expr, scope);
      case 'call':
        return this.#call(expr, scope);
      case 'list':
        return this.#list(expr, scope);
      case 'map':
        return this.#map(expr, scope);
      case 'struct':
        return { expr, type: this.#undeclared(expr.name, expr.at) };
      case 'fold':
        return this.#fold(expr, scope);
      default:
        return expr satisfies never;
    }
  }

  #refuse(message: string, at: number): Type {
    this.mistakes.push({ message, at });
    return wrong;
  }

  #undeclared(name: string, at: number): Type {
    const since = this.#environment.later.get(name);
    const use = (minor: number): string =>
      `: it came with Kubernetes 1.${minor}, new policies may use it since 1.${minor + 1}`;
    const hint = since === undefined ? '' : use(since);
    return this.#refuse(`undeclared reference to '${name}' (in container '')${hint}`, at);
  }

  #typeOf(name: string, scope: Scope): Type | undefined {
    const isRooted = name.startsWith('.');
    const plain = isRooted ? name.slice(1) : name;
    for (let here: Scope | undefined = isRooted ? undefined : scope; here !== undefined; here = here.outer) {
      const type = here.types.get(plain);
      if (type !== undefined) return type;
    }
    const declared = this.#environment.variables.get(plain);
    if (declared !== undefined) return declared;
    return isTypeName(plain) ? { name: 'type', args: [simple(plain)] } : undefined;
  }

  #select(expr: Select, scope: Scope): Checked {
    const path = expr.isTest ? undefined : pathOf(expr);
    const type = path === undefined || isLocal(path, scope) ? undefined : this.#typeOf(path, scope);
    if (path !== undefined && type !== undefined)
      return { expr: { is: 'name', at: expr.at, name: path }, type };
    const operand = this.check(expr.operand, scope);
    const found = this.#fieldType(operand.type, expr.field, expr.at);
    return { expr: { ...expr, operand: operand.expr }, type: expr.isTest ? bool : found };
  }

  #fieldType(of: Type, field: string, at: number): Type {
    const operand = this.bindings.resolved(of);
    const { name, args } = operand;
    if (name === 'optional_type') return optional(this.#fieldType(args[0] ?? dyn, field, at));
    if (isLoose(operand) || isVariable(name)) return dyn;
    if (name === 'map') return args[1] ?? dyn;
    const fields = this.#environment.fields.get(name);
    if (fields === undefined)
      return this.#refuse(`type '${typeText(operand)}' does not support field selection`, at);
    return fields.get(field) ?? this.#refuse(`undefined field '${field}'`, at);
  }

  #call(expr: Call, scope: Scope): Checked {
    if (expr.name === '_?._') return this.#optionalSelect(expr, scope);
    const { functions } = this.#environment;
    const path = expr.target === undefined ? undefined : pathOf(expr.target);
    const spaced = path === undefined ? undefined : `${path.replace(/^\./, '')}.${expr.name}`;
    if (spaced !== undefined && path !== undefined && functions.has(spaced) && !isLocal(path, scope)) {
      const { at, args } = expr;
      return this.#resolved({ is: 'call', at, name: spaced, args }, scope);
    }
    const plain = expr.name.replace(/^\./, '');
    if (functions.has(plain)) return this.#resolved({ ...expr, name: plain }, scope);
    return { expr, type: this.#missing(expr, spaced, scope) };
  }

  /** A function that nobody knows; what is wrong with its arguments is said too. */
  #missing(expr: Call, spaced: string | undefined, scope: Scope): Type {
    const isSpaced = spaced !== undefined && this.#environment.later.has(spaced);
    if (expr.target !== undefined && !isSpaced) this.check(expr.target, scope);
    for (const arg of expr.args) this.check(arg, scope);
    return this.#undeclared(isSpaced ? spaced : expr.name, expr.at);
  }

  #optionalSelect(expr: Call, scope: Scope): Checked {
    const [operand, field] = expr.args;
    if (operand === undefined || field?.is !== 'const') return { expr, type: wrong };
    const found = this.check(operand, scope);
    const type = this.#fieldType(found.type, valueText(field.value), expr.at);
    return { expr: { ...expr, args: [found.expr, field] }, type: optional(type) };
  }

  #resolved(expr: Call, scope: Scope): Checked {
    const target = expr.target === undefined ? undefined : this.check(expr.target, scope);
    const args = this.#arguments(expr, scope);
    if (logical.has(expr.name)) return this.#logical(expr, args);
    const given = (target === undefined ? args : [target, ...args]).map(({ type }) => type);
    const isMember = target !== undefined;
    const candidates = (this.#environment.functions.get(expr.name) ?? []).filter(
      (one) => one.isMember === isMember,
    );
    const { overloads, type } = this.#chosen(candidates, given);
    const call: Call = { ...expr, args: args.map((one) => one.expr), overloads };
    const whole: Call = target === undefined ? call : { ...call, target: target.expr };
    return { expr: whole, type: type ?? this.#mismatch(expr, given) };
  }

  #arguments(expr: Call, scope: Scope): readonly Checked[] {
    const isFormat = expr.name === 'format';
    this.#mixing += isFormat ? 1 : 0;
    const args = expr.args.map((arg) => this.check(arg, scope));
    this.#mixing -= isFormat ? 1 : 0;
    return args;
  }

  #logical(expr: Call, args: readonly Checked[]): Checked {
    for (const { expr: arg, type } of args) this.#assert(type, bool, arg.at);
    return { expr: { ...expr, args: args.map((one) => one.expr) }, type: bool };
  }

  #chosen(
    candidates: readonly Overload[],
    given: readonly Type[],
  ): { readonly overloads: readonly Overload[]; readonly type: Type | undefined } {
    const overloads: Overload[] = [];
    let type: Type | undefined;
    for (const one of candidates) {
      const [result = dyn, ...params] = this.bindings.renamed([one.result, ...one.params]);
      if (!this.bindings.fitAll(params, given)) continue;
      overloads.push(one);
      const found = this.bindings.resolved(result);
      type = type === undefined || typeText(type) === typeText(found) ? found : dyn;
    }
    return { overloads, type };
  }

  #mismatch(expr: Call, given: readonly Type[]): Type {
    const [first = '', ...rest] = given.map((one) => typeText(this.bindings.settled(one)));
    const form =
      expr.target === undefined ? `(${[first, ...rest].join(', ')})` : `${first}.(${rest.join(', ')})`;
    return this.#refuse(`found no matching overload for '${expr.name}' applied to '${form}'`, expr.at);
  }

  #list(expr: ListOf, scope: Scope): Checked {
    const items = expr.items.map(({ value, isOptional }) => {
      const item = this.check(value, scope);
      const type = isOptional ? this.#unwrapped(item.type, value.at) : item.type;
      return { value: item.expr, isOptional, type, at: value.at };
    });
    const type = this.#joined(items);
    return {
      expr: { ...expr, items: items.map(({ value, isOptional }) => ({ value, isOptional })) },
      type: listOf(type),
    };
  }

  #map(expr: MapOf, scope: Scope): Checked {
    const entries = expr.entries.map((entry) => {
      const key = this.check(entry.key, scope);
      const value = this.check(entry.value, scope);
      const type = entry.isOptional ? this.#unwrapped(value.type, entry.value.at) : value.type;
      return { entry: { ...entry, key: key.expr, value: value.expr } satisfies Entry, key: key.type, type };
    });
    const key = this.#joined(entries.map((one) => ({ type: one.key, at: one.entry.key.at })));
    const value = this.#joined(entries.map((one) => ({ type: one.type, at: one.entry.value.at })));
    return { expr: { ...expr, entries: entries.map(({ entry }) => entry) }, type: mapOf(key, value) };
  }

  #unwrapped(type: Type, at: number): Type {
    const inner = this.bindings.fresh();
    if (!this.bindings.fits(optionalOf(inner), type))
      this.#expected(typeText(optionalOf(this.bindings.settled(type))), type, at);
    return inner;
  }

  /** The one type of all parts of a literal: in Kubernetes they cannot be mixed. */
  #joined(parts: readonly { readonly type: Type; readonly at: number }[]): Type {
    let type: Type | undefined;
    for (const part of parts) {
      if (type === undefined) type = part.type;
      else if (!this.bindings.fits(type, part.type)) {
        if (this.#environment.isMixed === true || this.#mixing > 0) return dyn;
        this.#expected(typeText(this.bindings.settled(type)), part.type, part.at);
        return wrong;
      } else if (isLoose(this.bindings.resolved(part.type))) type = dyn;
    }
    return type ?? this.bindings.fresh();
  }

  #expected(wanted: string, given: Type, at: number): void {
    this.#refuse(`expected type '${wanted}' but found '${typeText(this.bindings.settled(given))}'`, at);
  }

  #fold(expr: Fold, scope: Scope): Checked {
    const range = this.check(expr.range, scope);
    const init = this.check(expr.total.init, scope);
    const types = this.#rangeTypes(range.type, expr);
    const outer: Scope = { types: new Map([[expr.total.name, init.type]]), outer: scope };
    const names = expr.names.map((name, index): [string, Type] => [name, types[index] ?? dyn]);
    const inner: Scope = { types: new Map(names), outer };
    const condition = this.check(expr.condition, inner);
    this.#assert(condition.type, bool, expr.condition.at);
    const step = this.check(expr.step, inner);
    this.#assert(step.type, init.type, expr.step.at);
    const result = this.check(expr.result, outer);
    const whole: Fold = {
      ...expr,
      range: range.expr,
      total: { name: expr.total.name, init: init.expr },
      condition: condition.expr,
      step: step.expr,
      result: result.expr,
    };
    return { expr: whole, type: this.bindings.resolved(result.type) };
  }

  #assert(given: Type, wanted: Type, at: number): void {
    if (!this.bindings.fits(wanted, given))
      this.#expected(typeText(this.bindings.settled(wanted)), given, at);
  }

  #rangeTypes(type: Type, expr: Fold): readonly Type[] {
    const range = this.bindings.resolved(type);
    const { name, args } = range;
    if (name === 'list') return expr.names.length === 1 ? args : [int, ...args];
    if (name === 'map') return args;
    if (!isLoose(range) && !isVariable(name)) {
      const found = typeText(range);
      const what = `expression of type '${found}' cannot be range of a comprehension`;
      this.#refuse(`${what} (must be list, map, or dynamic)`, expr.range.at);
    }
    return [];
  }
}

function optional(type: Type): Type {
  return type.name === 'optional_type' ? type : optionalOf(type);
}

/** `a.b` of an expression that is nothing but names. */
function pathOf(expr: Expr): string | undefined {
  if (expr.is === 'name') return expr.name;
  if (expr.is !== 'select' || expr.isTest) return undefined;
  const before = pathOf(expr.operand);
  return before === undefined ? undefined : `${before}.${expr.field}`;
}

function isLocal(path: string, scope: Scope): boolean {
  const [first = ''] = path.split('.');
  for (let here: Scope | undefined = scope; here !== undefined; here = here.outer)
    if (here.types.has(first)) return true;
  return false;
}
