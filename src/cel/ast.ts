import type { Value } from './value.ts';
import type { Overload } from './declaration.ts';

/** An expression as a tree; `at` is where its text begins, or its operator stands. */
export type Expr =
  | { readonly is: 'const'; readonly at: number; readonly value: Value }
  | { readonly is: 'name'; readonly at: number; readonly name: string }
  | Select
  | Call
  | ListOf
  | MapOf
  | Struct
  | Fold;

/** `a.b`; a test for `has(a.b)`. */
export interface Select {
  readonly is: 'select';
  readonly at: number;
  readonly operand: Expr;
  readonly field: string;
  readonly isTest: boolean;
}

/** `f(a)`, or `t.f(a)` with a target. Operators are calls with names like `_+_`. */
export interface Call {
  readonly is: 'call';
  readonly at: number;
  readonly name: string;
  readonly target?: Expr;
  readonly args: readonly Expr[];
  /** What fits the types of the arguments; from the checker. */
  readonly overloads?: readonly Overload[];
}

/** `[a, ?b]` */
export interface ListOf {
  readonly is: 'list';
  readonly at: number;
  readonly items: readonly { readonly value: Expr; readonly isOptional: boolean }[];
}

/** `{a: b, ?c: d}` */
export interface MapOf {
  readonly is: 'map';
  readonly at: number;
  readonly entries: readonly Entry[];
}

export interface Entry {
  readonly at: number;
  readonly key: Expr;
  readonly value: Expr;
  readonly isOptional: boolean;
}

/** `Type{field: value}`: read, and refused by the checker. */
export interface Struct {
  readonly is: 'struct';
  readonly at: number;
  readonly name: string;
}

/** What all macros over lists and maps become: `result` is evaluated when all of `range` was gone through, or `condition` is false. */
export interface Fold {
  readonly is: 'fold';
  readonly at: number;
  readonly range: Expr;
  /** One name: items of a list, keys of a map. Two: index and item, key and value. */
  readonly names: readonly string[];
  readonly total: { readonly name: string; readonly init: Expr };
  readonly condition: Expr;
  readonly step: Expr;
  readonly result: Expr;
}
