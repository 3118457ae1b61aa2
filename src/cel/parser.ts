import type { Entry, Expr } from './ast.ts';
import { expanded, type Macros } from './macros.ts';
import { SyntaxMistake, tokensOf, type Mistake, type Token } from './token.ts';
import { isInt, Uint } from './value.ts';

/** Names that no variable or function may have. */
const reserved: ReadonlySet<string> = new Set(
  'as break const continue else false for function if import let loop package namespace null return true var void while'.split(
    ' ',
  ),
);

const deepest = 250;
/** How many operators or fields may follow each other. */
const longest = 1000;

/** Reads an expression; the first mistake ends it. */
export function parsed(source: string, macros: Macros): Expr | Mistake {
  try {
    return new Parser(tokensOf(source), macros).whole();
  } catch (error) {
    if (error instanceof SyntaxMistake) return { message: error.message, at: error.at };
    throw error;
  }
}

/** Operators by how closely they bind, the loosest first; those of a level go from left to right. */
const levels: readonly (readonly string[])[] = [
  ['||'],
  ['&&'],
  ['<', '<=', '>=', '>', '==', '!=', 'in'],
  ['+', '-'],
  ['*', '/', '%'],
];

class Parser {
  readonly #tokens: readonly Token[];
  readonly #macros: Macros;
  #next = 0;
  #depth = 0;

  constructor(tokens: readonly Token[], macros: Macros) {
    this.#tokens = tokens;
    this.#macros = macros;
  }

  whole(): Expr {
    const expr = this.#expr();
    if (this.#token.is !== 'end') this.#refuse();
    return expr;
  }

  get #token(): Token {
    return this.#tokens[this.#next] ?? { is: 'end', text: '<EOF>', at: 0 };
  }

  #refuse(): never {
    const { text, at, is } = this.#token;
    const name = is === 'end' ? text : `'${text}'`;
    throw new SyntaxMistake(`mismatched input ${name}`, at);
  }

  #isSign(text: string): boolean {
    const token = this.#token;
    return token.is === 'sign' && token.text === text;
  }

  /** Goes over a sign if it is there. */
  #skip(text: string): boolean {
    const isThere = this.#isSign(text);
    if (isThere) this.#next += 1;
    return isThere;
  }

  #expect(text: string): void {
    if (!this.#skip(text)) this.#refuse();
  }

  #name(): string {
    const token = this.#token;
    if (token.is !== 'name') return this.#refuse();
    this.#next += 1;
    return token.text;
  }

  #expr(): Expr {
    this.#depth += 1;
    this.#limit(this.#depth, deepest);
    const condition = this.#operators(0);
    const { at } = this.#token;
    const expr = this.#skip('?') ? this.#choice(condition, at) : condition;
    this.#depth -= 1;
    return expr;
  }

  #limit(count: number, most: number): void {
    if (count > most) throw new SyntaxMistake('expression recursion limit exceeded', this.#token.at);
  }

  #choice(condition: Expr, at: number): Expr {
    const yes = this.#operators(0);
    this.#expect(':');
    return { is: 'call', at, name: '_?_:_', args: [condition, yes, this.#expr()] };
  }

  #operators(level: number): Expr {
    const signs = levels[level];
    if (signs === undefined) return this.#unary();
    let left = this.#operators(level + 1);
    for (let count = 0; ; count += 1) {
      this.#limit(count, longest);
      const { at, text } = this.#token;
      const isOne = this.#token.is === 'sign' && signs.includes(text);
      if (!isOne) return left;
      this.#next += 1;
      const right = this.#operators(level + 1);
      left = { is: 'call', at, name: text === 'in' ? '@in' : `_${text}_`, args: [left, right] };
    }
  }

  #unary(): Expr {
    const { at } = this.#token;
    if (this.#isSign('!')) return this.#repeated('!', '!_', at);
    if (!this.#isSign('-')) return this.#member(this.#primary());
    const next = this.#tokens[this.#next + 1];
    const isNumber = next?.is === 'value' && typeof next.value !== 'string' && /^[\d.]/.test(next.text);
    if (!isNumber) return this.#repeated('-', '-_', at);
    this.#next += 1;
    return this.#member(this.#negative(at));
  }

  /** Pairs of the same sign undo each other. */
  #repeated(sign: string, name: string, at: number): Expr {
    let count = 0;
    while (this.#skip(sign)) count += 1;
    const operand = this.#member(this.#primary());
    return count % 2 === 0 ? operand : { is: 'call', at, name, args: [operand] };
  }

  #negative(at: number): Expr {
    const token = this.#token;
    if (token.is !== 'value' || token.value instanceof Uint) return this.#refuse();
    this.#next += 1;
    const { value } = token;
    return {
      is: 'const',
      at,
      value: typeof value === 'bigint' || typeof value === 'number' ? -value : value,
    };
  }

  #member(start: Expr): Expr {
    let expr = start;
    for (let count = 0; ; count += 1) {
      this.#limit(count, longest);
      const { at } = this.#token;
      if (this.#skip('.')) expr = this.#dotted(expr, at);
      else if (this.#skip('[')) expr = this.#indexed(expr, at);
      else if (this.#isSign('{') && typeName(expr) !== undefined) expr = this.#struct(typeName(expr) ?? '');
      else return expr;
    }
  }

  #dotted(operand: Expr, at: number): Expr {
    const isOptional = this.#skip('?');
    const field = this.#name();
    if (isOptional)
      return { is: 'call', at, name: '_?._', args: [operand, { is: 'const', at, value: field }] };
    const open = this.#token.at;
    if (!this.#skip('(')) return { is: 'select', at, operand, field, isTest: false };
    const args = this.#list(')', () => this.#expr());
    return expanded({ is: 'call', at: open, name: field, target: operand, args }, this.#macros);
  }

  #indexed(operand: Expr, at: number): Expr {
    const name = this.#skip('?') ? '_[?_]' : '_[_]';
    const index = this.#expr();
    this.#expect(']');
    return { is: 'call', at, name, args: [operand, index] };
  }

  #struct(name: string): Expr {
    const { at } = this.#token;
    this.#next += 1;
    this.#list('}', () => {
      this.#skip('?');
      this.#name();
      this.#expect(':');
      return this.#expr();
    });
    return { is: 'struct', at, name };
  }

  #primary(): Expr {
    const token = this.#token;
    if (token.is === 'value') return this.#literal(token);
    if (this.#skip('(')) {
      const inner = this.#expr();
      this.#expect(')');
      return inner;
    }
    if (this.#skip('[')) return { is: 'list', at: token.at, items: this.#list(']', () => this.#item()) };
    if (this.#skip('{')) return { is: 'map', at: token.at, entries: this.#list('}', () => this.#entry()) };
    const isRooted = this.#skip('.');
    return this.#named(isRooted ? '.' : '');
  }

  #literal(token: Extract<Token, { is: 'value' }>): Expr {
    this.#next += 1;
    const { value, at } = token;
    if (typeof value === 'bigint' && !isInt(value)) throw new SyntaxMistake('invalid int literal', at, '');
    return { is: 'const', at, value };
  }

  #named(root: string): Expr {
    const { at } = this.#token;
    const name = this.#name();
    if (reserved.has(name)) throw new SyntaxMistake(`reserved identifier: ${name}`, at);
    const open = this.#token.at;
    if (!this.#skip('(')) return { is: 'name', at, name: `${root}${name}` };
    const args = this.#list(')', () => this.#expr());
    return expanded({ is: 'call', at: open, name: `${root}${name}`, args }, this.#macros);
  }

  #item(): { readonly value: Expr; readonly isOptional: boolean } {
    const isOptional = this.#skip('?');
    return { value: this.#expr(), isOptional };
  }

  #entry(): Entry {
    const isOptional = this.#skip('?');
    const key = this.#expr();
    const { at } = this.#token;
    this.#expect(':');
    return { at, key, value: this.#expr(), isOptional };
  }

  /** Things with commas between them up to a closing sign; one more comma is allowed at the end of lists, maps and structs. */
  #list<T>(end: string, read: () => T): readonly T[] {
    const items: T[] = [];
    while (!this.#skip(end)) {
      items.push(read());
      if (this.#skip(end)) return items;
      this.#expect(',');
      if (end === ')' && this.#isSign(end)) this.#refuse();
    }
    return items;
  }
}

/** `a.b.c` when the expression is nothing but names. */
function typeName(expr: Expr): string | undefined {
  if (expr.is === 'name') return expr.name;
  if (expr.is !== 'select' || expr.isTest) return undefined;
  const before = typeName(expr.operand);
  return before === undefined ? undefined : `${before}.${expr.field}`;
}
