import type { Call, Expr } from './ast.ts';
import { isKey, ran } from './evaluator.ts';
import { partsOf } from './literals.ts';
import { CelError, CelMap, typeName, type Value } from './value.ts';

/** Functions that are run at once when what they are given is known. */
const conversions: ReadonlySet<string> = new Set([
  'bool',
  'bytes',
  'double',
  'duration',
  'dyn',
  'int',
  'string',
  'timestamp',
  'type',
  'uint',
]);

/** A conversion of a literal that fails, which is known before anything is evaluated. */
export function foldingProblem(expr: Expr): string | undefined {
  const own = expr.is === 'call' ? conversionProblem(expr) : undefined;
  if (own !== undefined) return own;
  for (const part of partsOf(expr)) {
    const problem = foldingProblem(part);
    if (problem !== undefined) return problem;
  }
  return undefined;
}

function conversionProblem({ name, args, overloads = [] }: Call): string | undefined {
  const [only] = args;
  if (!conversions.has(name) || args.length !== 1 || only?.is !== 'const') return undefined;
  const value = ran(overloads, [only.value]);
  if (value === undefined) return `no such overload: ${name}(${typeName(only.value)})`;
  return value instanceof CelError ? value.message : undefined;
}

/** Replaces literals and conversions of literals by their values, which cost nothing, as the API server does. */
export function folded(expr: Expr): Expr {
  switch (expr.is) {
    case 'const':
    case 'name':
    case 'struct':
      return expr;
    case 'select':
      return { ...expr, operand: folded(expr.operand) };
    case 'call':
      return foldedCall(expr);
    case 'list':
      return foldedList({ ...expr, items: expr.items.map((one) => ({ ...one, value: folded(one.value) })) });
    case 'map':
      return foldedMap({
        ...expr,
        entries: expr.entries.map((one) => ({ ...one, key: folded(one.key), value: folded(one.value) })),
      });
    case 'fold':
      return {
        ...expr,
        range: folded(expr.range),
        total: { ...expr.total, init: folded(expr.total.init) },
        condition: folded(expr.condition),
        step: folded(expr.step),
        result: folded(expr.result),
      };
    default:
      return expr satisfies never;
  }
}

function foldedCall(expr: Call): Expr {
  const args = expr.args.map(folded);
  const call: Call = { ...expr, args, ...(expr.target === undefined ? {} : { target: folded(expr.target) }) };
  const [only] = args;
  if (!conversions.has(call.name) || args.length !== 1 || only?.is !== 'const') return call;
  const value = ran(call.overloads ?? [], [only.value]);
  return value === undefined || value instanceof CelError ? call : { is: 'const', at: expr.at, value };
}

function foldedList(expr: Extract<Expr, { is: 'list' }>): Expr {
  const values: Value[] = [];
  for (const { value, isOptional } of expr.items) {
    if (value.is !== 'const' || isOptional) return expr;
    values.push(value.value);
  }
  return { is: 'const', at: expr.at, value: values };
}

function foldedMap(expr: Extract<Expr, { is: 'map' }>): Expr {
  const entries: [Value, Value][] = [];
  for (const { key, value, isOptional } of expr.entries) {
    const isKnown = key.is === 'const' && value.is === 'const' && !isOptional;
    if (!isKnown || !isKey(key.value)) return expr;
    entries.push([key.value, value.value]);
  }
  return { is: 'const', at: expr.at, value: new CelMap(entries) };
}
