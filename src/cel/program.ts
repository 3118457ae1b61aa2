import type { Expr } from './ast.ts';
import { checked } from './checker.ts';
import type { Environment } from './environment.ts';
import { evaluated, type Activation, type Outcome } from './evaluator.ts';
import { folded, foldingProblem } from './folding.ts';
import { literalMistakes } from './literals.ts';
import { parsed } from './parser.ts';
import type { Mistake } from './token.ts';
import { typeText, type Type } from './type.ts';
import { charactersOf } from './value.ts';

/** An expression that is ready to be evaluated. */
export interface Program {
  readonly source: string;
  readonly expr: Expr;
  readonly type: Type;
}

/** How an expression is compiled; the API server's way where nothing is said. */
export interface CompileOptions {
  /** What it must give, `bool` or `string`. */
  readonly wanted?: string;
  /** False: literals are made anew, and paid, each time. */
  readonly isFolded?: boolean;
}

/** A program, or what is wrong with the expression: `ERROR: <input>:1:8: …`, with its line and a mark under it. */
export type Compiled =
  | { readonly program: Program; readonly error?: never }
  | { readonly program?: never; readonly error: string };

/** Reads and checks an expression for an environment. */
export function compile(source: string, environment: Environment, options: CompileOptions = {}): Compiled {
  const read = parsed(source, environment.macros);
  if ('message' in read) return { error: mistakesText(source, [read]) };
  const found = checked(read, environment);
  if (found.mistakes.length > 0) return { error: mistakesText(source, found.mistakes) };
  const isLiteral = environment.minor >= 29;
  const literals = isLiteral ? literalMistakes(found.expr) : [];
  if (literals.length > 0) return { error: mistakesText(source, literals) };
  const { wanted } = options;
  const type = typeText(found.type);
  if (wanted !== undefined && type !== wanted) return { error: `must evaluate to ${wanted} but got ${type}` };
  const expr = options.isFolded === false ? found.expr : folded(found.expr);
  const problem = foldingProblem(expr);
  if (problem !== undefined) return { error: `program instantiation failed: ${problem}` };
  return { program: { source, expr, type: found.type } };
}

/** The value of an expression, or why it has none, and what it cost. */
export function evaluate(program: Program, activation: Activation): Outcome {
  return evaluated(program.expr, activation);
}

/** As cel-go shows mistakes. */
function mistakesText(source: string, mistakes: readonly Mistake[]): string {
  const lines = source.split('\n');
  const sorted = mistakes
    .map((one) => ({ ...one, ...placeOf(lines, one.at) }))
    .sort((left, right) => left.line - right.line || left.column - right.column);
  const texts = sorted.map(({ message, line, column }) => {
    const text = lines[line] ?? '';
    return `ERROR: <input>:${line + 1}:${column + 1}: ${message}\n | ${text}\n | ${'.'.repeat(column)}^`;
  });
  return texts.join('\n');
}

function placeOf(lines: readonly string[], at: number): { readonly line: number; readonly column: number } {
  let rest = at;
  for (const [line, text] of lines.entries()) {
    if (rest <= text.length) return { line, column: charactersOf(text.slice(0, rest)).length };
    rest -= text.length + 1;
  }
  return { line: lines.length - 1, column: 0 };
}
