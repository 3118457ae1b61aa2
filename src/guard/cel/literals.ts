import type { Call, Expr } from './ast.ts';
import { ran } from './evaluator.ts';
import { isRegex } from './regex.ts';
import type { Mistake } from './token.ts';
import type { Overload } from './declaration.ts';
import { CelError, type Value } from './value.ts';

/** Literals that can never be what they are given as: durations, timestamps, regular expressions. Refused since 1.29. */
export function literalMistakes(expr: Expr): readonly Mistake[] {
  const own = expr.is === 'call' ? mistakeOf(expr) : undefined;
  const below = partsOf(expr).flatMap(literalMistakes);
  return own === undefined ? below : [own, ...below];
}

function mistakeOf({ name, args, overloads = [] }: Call): Mistake | undefined {
  const last = args.at(-1);
  if (last?.is !== 'const') return undefined;
  const isWrong = wrongs[name]?.(last.value, overloads) === true;
  return isWrong ? { message: `invalid ${name} argument`, at: last.at } : undefined;
}

type IsWrong = (value: Value, overloads: readonly Overload[]) => boolean;

const isNone: IsWrong = (value, overloads) => ran(overloads, [value]) instanceof CelError;
const wrongs: Readonly<Record<string, IsWrong>> = {
  duration: isNone,
  timestamp: isNone,
  matches: (value) => typeof value === 'string' && !isRegex(value),
};

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
