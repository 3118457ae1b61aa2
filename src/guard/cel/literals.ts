import type { Call, Expr } from './ast.ts';
import { ran } from './evaluator.ts';
import { isRegex } from './regex.ts';
import type { Mistake } from './token.ts';
import { CelError } from './value.ts';

/** Literals that can never be what they are given as: durations, timestamps, regular expressions. Refused since 1.29. */
export function literalMistakes(expr: Expr): readonly Mistake[] {
  const own = expr.is === 'call' ? mistakeOf(expr) : undefined;
  const below = partsOf(expr).flatMap(literalMistakes);
  return own === undefined ? below : [own, ...below];
}

function mistakeOf({ name, args, overloads = [] }: Call): Mistake | undefined {
  const last = args.at(-1);
  if (last?.is !== 'const') return undefined;
  if (name === 'duration' || name === 'timestamp') {
    const value = ran(overloads, [last.value]);
    const what = name === 'duration' ? 'duration' : 'timestamp';
    return value instanceof CelError ? { message: `invalid ${what} argument`, at: last.at } : undefined;
  }
  const isPattern = name === 'matches' && typeof last.value === 'string';
  return isPattern && !isRegex(last.value) ? { message: 'invalid matches argument', at: last.at } : undefined;
}

function partsOf(expr: Expr): readonly Expr[] {
  switch (expr.is) {
    case 'const':
    case 'name':
    case 'struct':
      return [];
    case 'select':
      return [expr.operand];
    case 'call':
      return expr.target === undefined ? expr.args : [expr.target, ...expr.args];
    case 'list':
      return expr.items.map(({ value }) => value);
    case 'map':
      return expr.entries.flatMap(({ key, value }) => [key, value]);
    case 'fold':
      return [expr.range, expr.total.init, expr.condition, expr.step, expr.result];
    default:
      return expr satisfies never;
  }
}
