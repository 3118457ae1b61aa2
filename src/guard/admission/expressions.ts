import {
  CelError,
  Lazy,
  compile,
  evaluate,
  failed,
  perExpression,
  type CallScope,
  type Program,
  type Type,
  type Value,
} from '../../cel/index.ts';
import { policyEnvironment, type Declared } from './variables.ts';

/** An expression of a policy: compiled, or why it cannot be. */
export interface Expression {
  readonly source: string;
  readonly program?: Program;
  readonly problem?: string;
}

/** What is wanted of an expression, and what it may name. */
export interface Wanted extends Declared {
  readonly type?: string;
}

/** Compiles an expression of a policy. */
export function expressionOf(source: string, { type, ...declared }: Wanted): Expression {
  const environment = policyEnvironment(declared);
  const compiled = compile(source, environment, type === undefined ? {} : { wanted: type });
  if (compiled.program !== undefined) return { source, program: compiled.program };
  const isText = compiled.error.startsWith('ERROR');
  return { source, problem: `compilation error: ${isText ? 'compilation failed: ' : ''}${compiled.error}` };
}

/** `variables`, each of which may use those before it. */
export interface Variables {
  readonly expressions: ReadonlyMap<string, Expression>;
  readonly types: ReadonlyMap<string, Type>;
}

/** Compiles the variables of a policy. */
export function variablesOf(
  sources: readonly { readonly name: string; readonly expression: string }[],
  declared: Declared,
): Variables {
  const expressions = new Map<string, Expression>();
  const types = new Map<string, Type>();
  for (const { name, expression } of sources) {
    const compiled = expressionOf(expression, { ...declared, variables: new Map(types) });
    expressions.set(name, compiled);
    types.set(name, compiled.program?.type ?? { name: 'dyn', args: [] });
  }
  return { expressions, types };
}

/** What an expression gave: a value, an error in the words of the API server, or why it cannot be known. */
export type Result =
  | { readonly is: 'value'; readonly value: Value }
  | { readonly is: 'error'; readonly message: string }
  | { readonly is: 'unknown'; readonly why: string };

/** Nothing more is evaluated. */
export const outOfBudget =
  'validation failed due to running out of cost budget, no further validation rules will be run';

/** What the expressions of one policy read, and what they may still cost together. */
export class Evaluator {
  readonly #values: ReadonlyMap<string, Value>;
  readonly #ask: CallScope['ask'];
  readonly #limit: number;
  readonly #known = new Map<string, Value>();
  #unpaid = 0;
  remaining: number;

  constructor(
    values: ReadonlyMap<string, Value>,
    {
      ask,
      budget,
      limit = perExpression,
    }: { readonly ask: CallScope['ask']; readonly budget: number; readonly limit?: number },
    variables?: Variables,
  ) {
    this.#ask = ask;
    this.#limit = limit;
    this.remaining = budget;
    const lazy = new Lazy((name) => this.#variable(name, variables));
    this.#values = variables === undefined ? values : new Map([...values, ['variables', lazy]]);
  }

  #variable(name: string, variables: Variables | undefined): Value {
    const known = this.#known.get(name);
    if (known !== undefined) return known;
    const expression = variables?.expressions.get(name);
    const value =
      expression === undefined ? failed(`no such key: ${name}`) : this.#computed(name, expression);
    this.#known.set(name, value);
    return value;
  }

  #computed(name: string, { program, problem }: Expression): Value {
    const quoted = JSON.stringify(name);
    if (program === undefined)
      return failed(`composited variable ${quoted} fails to compile: ${problem ?? ''}`);
    const { value, cost } = this.#run(program);
    this.#unpaid += cost;
    if (!(value instanceof CelError) || value.is === 'unknown') return value;
    return failed(`composited variable ${quoted} fails to evaluate: ${value.message}`);
  }

  #run(program: Program): { readonly value: Value; readonly cost: number } {
    const variable = (name: string): Value | undefined => this.#values.get(name);
    return evaluate(program, { variable, ask: this.#ask, limit: this.#limit });
  }

  /** The result of an expression; undefined when the budget does not pay for it. */
  result({ source, program, problem }: Expression): Result | undefined {
    if (program === undefined) return { is: 'error', message: problem ?? '' };
    const { value, cost } = this.#run(program);
    this.remaining -= cost + this.#unpaid;
    this.#unpaid = 0;
    if (this.remaining < 0) return undefined;
    if (!(value instanceof CelError)) return { is: 'value', value };
    if (value.is === 'unknown') return { is: 'unknown', why: value.message };
    return { is: 'error', message: `expression '${source}' resulted in error: ${value.message}` };
  }
}
