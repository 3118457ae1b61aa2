import type { Call, Expr } from './ast.ts';
import { ran } from './evaluator.ts';
import { formatProblem } from './functions/text-format.ts';
import { isRegex } from './regex.ts';
import type { Mistake } from './token.ts';
import type { Overload } from './declaration.ts';
import { CelError, type Value } from './value.ts';

/** Literals that can never be what they are given as: durations, timestamps, regular expressions. Refused since 1.29. */
export function literalMistakes(expr: Expr): readonly Mistake[] {
  const own = expr.is === 'call' ? (mistakeOf(expr) ?? formatMistake(expr)) : undefined;
  const below = partsOf(expr).flatMap(literalMistakes);
  return own === undefined ? below : [own, ...below];
}

function mistakeOf({ name, args, overloads = [] }: Call): Mistake | undefined {
  const last = args.at(-1);
  if (last?.is !== 'const') return undefined;
  const isWrong = wrongs[name]?.(last.value, overloads) === true;
  return isWrong ? { message: `invalid ${name} argument`, at: last.at } : undefined;
}

/** A template whose clauses do not fit the literals that are given. */
function formatMistake({ name, at, target, args: [list] }: Call): Mistake | undefined {
  if (name !== 'format' || list?.is !== 'list') return undefined;
  const items = list.items.map(({ value }) => value);
  const template = literalOf(target);
  const problem = typeof template === 'string' ? formatProblem(template, items.map(literalOf)) : undefined;
  if (problem === undefined) return undefined;
  return { message: problem.message, at: items[problem.item ?? -1]?.at ?? at };
}

function literalOf(expr: Expr | undefined): Value | undefined {
  return expr?.is === 'const' ? expr.value : undefined;
}

type IsWrong = (value: Value, overloads: readonly Overload[]) => boolean;

const isNone: IsWrong = (value, overloads) => ran(overloads, [value]) instanceof CelError;
const isNoText: IsWrong = (value, overloads) => typeof value !== 'string' || isNone(value, overloads);
const wrongs: Readonly<Record<string, IsWrong>> = {
  duration: isNoText,
  timestamp: isNone,
  matches: (value) => typeof value === 'string' && !isRegex(value),
};

/** The expressions that an expression is made of. */
export function partsOf(expr: Expr): readonly Expr[] {
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
