import { Uint, isInt, isUint, type Value } from './value.ts';

/** A word of an expression; `at` counts code units from its start. */
export type Token =
  | { readonly is: 'name' | 'sign' | 'end'; readonly text: string; readonly at: number }
  | { readonly is: 'value'; readonly text: string; readonly at: number; readonly value: Value };

/** What is wrong with an expression, and where it begins in it. */
export interface Mistake {
  readonly message: string;
  readonly at: number;
}

/** Thrown by the reader of expressions and caught by `parsed`. */
export class SyntaxMistake extends Error {
  readonly at: number;
  constructor(message: string, at: number, what = 'Syntax error: ') {
    super(`${what}${message}`);
    this.at = at;
  }
}

const blank = /(?:[\t\n\f\r ]|\/\/[^\n]*)*/y;
const name = /[A-Za-z_][A-Za-z0-9_]*/y;
const number =
  /0[xX][0-9a-fA-F]+[uU]?|(?:\d+\.\d+(?:[eE][+-]?\d+)?|\d+[eE][+-]?\d+|\.\d+(?:[eE][+-]?\d+)?)|\d+[uU]?/y;
const sign = /[<>=!]=|&&|\|\||[.?:,+\-*/%<>!()[\]{}]/y;
const text = /([rRbB]{0,2})("""|'''|"|')/y;

/** The words of an expression, ended by an `end`. */
export function tokensOf(source: string): readonly Token[] {
  const tokens: Token[] = [];
  let at = skipped(source, 0);
  while (at < source.length) {
    const token = textAt(source, at) ?? wordAt(source, at);
    tokens.push(token);
    at = skipped(source, at + token.text.length);
  }
  return [...tokens, { is: 'end', text: '<EOF>', at: source.length }];
}

function matchAt(pattern: RegExp, source: string, at: number): RegExpExecArray | null {
  pattern.lastIndex = at;
  return pattern.exec(source);
}

function skipped(source: string, at: number): number {
  return at + (matchAt(blank, source, at)?.[0].length ?? 0);
}

const fixed: ReadonlyMap<string, Value> = new Map<string, Value>([
  ['true', true],
  ['false', false],
  ['null', null],
]);

function wordAt(source: string, at: number): Token {
  const literal = matchAt(number, source, at)?.[0];
  if (literal !== undefined) return { is: 'value', text: literal, at, value: numberIn(literal, at) };
  const word = matchAt(name, source, at)?.[0];
  if (word !== undefined) {
    const value = fixed.get(word);
    if (value !== undefined) return { is: 'value', text: word, at, value };
    return { is: word === 'in' ? 'sign' : 'name', text: word, at };
  }
  const found = matchAt(sign, source, at)?.[0];
  if (found === undefined) throw new SyntaxMistake(`token recognition error at: '${source[at] ?? ''}'`, at);
  return { is: 'sign', text: found, at };
}

/** An int may be one larger than fits: with a minus before it, it fits. */
function numberIn(literal: string, at: number): Value {
  const isHex = /^0x/i.test(literal);
  if (/u$/i.test(literal)) {
    const value = BigInt(literal.slice(0, -1));
    if (!isUint(value)) throw new SyntaxMistake('invalid uint literal', at, '');
    return new Uint(value);
  }
  if (!isHex && /[.eE]/.test(literal)) {
    const value = Number(literal);
    if (!Number.isFinite(value)) throw new SyntaxMistake('invalid double literal', at, '');
    return value;
  }
  const value = BigInt(literal);
  if (!isInt(value - 1n)) throw new SyntaxMistake('invalid int literal', at, '');
  return value;
}

function textAt(source: string, at: number): Token | undefined {
  const opened = matchAt(text, source, at);
  if (opened === null) return undefined;
  const [head, prefix = '', quote = ''] = opened;
  const isRaw = /r/i.test(prefix);
  const end = closing(source, at + head.length, { quote, isRaw });
  if (end === undefined) throw new SyntaxMistake(`token recognition error at: '${source.slice(at)}'`, at);
  const body = source.slice(at + head.length, end).replaceAll(/\r\n?/g, '\n');
  const isBytes = /b/i.test(prefix);
  const value = isRaw ? body : unescaped(body, isBytes, at);
  return {
    is: 'value',
    text: source.slice(at, end + quote.length),
    at,
    value: isBytes ? bytesOf(value) : textOf(value),
  };
}

function closing(
  source: string,
  from: number,
  { quote, isRaw }: { readonly quote: string; readonly isRaw: boolean },
): number | undefined {
  for (let at = from; at < source.length; at += 1) {
    if (source.startsWith(quote, at)) return at;
    if (quote.length === 1 && source[at] === '\n') return undefined;
    if (source[at] === '\\' && !isRaw) at += 1;
  }
  return undefined;
}

/** A part of a literal: text, or one byte. */
type Part = string | number;

const escape =
  /\\(?:([abfnrtv\\?"'`])|[xX]([0-9a-fA-F]{2})|u([0-9a-fA-F]{4})|U([0-9a-fA-F]{8})|([0-3][0-7]{2}))/y;
const plain: Readonly<Record<string, string>> = {
  a: '\u0007',
  b: '\b',
  f: '\f',
  n: '\n',
  r: '\r',
  t: '\t',
  v: '\v',
};

function unescaped(body: string, isBytes: boolean, at: number): string | readonly Part[] {
  if (!body.includes('\\')) return body;
  const parts: Part[] = [];
  for (let here = 0; here < body.length; here += 1) {
    if (body[here] !== '\\') {
      parts.push(body[here] ?? '');
      continue;
    }
    const found = matchAt(escape, body, here);
    if (found === null) throw new SyntaxMistake('unable to unescape string', at);
    parts.push(partOf(found, isBytes, at));
    here += found[0].length - 1;
  }
  return parts;
}

function partOf(found: RegExpExecArray, isBytes: boolean, at: number): Part {
  const [all, simple] = found;
  if (simple !== undefined) return plain[simple] ?? simple;
  const isOctal = /^\\[0-3]/.test(all);
  const isByte = isOctal || /^\\x/i.test(all);
  const code = isOctal ? Number.parseInt(all.slice(1), 8) : Number.parseInt(all.slice(2), 16);
  if (isBytes && isByte) return code;
  if (!isBytes && isCharacter(code)) return String.fromCodePoint(code);
  throw new SyntaxMistake(`unable to unescape ${isBytes ? 'bytes' : 'string'}`, at);
}

function isCharacter(code: number): boolean {
  return code <= 0x10ffff && (code < 0xd800 || code > 0xdfff);
}

function textOf(value: string | readonly Part[]): string {
  return typeof value === 'string' ? value : value.join('');
}

function bytesOf(value: string | readonly Part[]): Uint8Array {
  if (typeof value === 'string') return encoded(value);
  const bytes: number[] = [];
  let text = '';
  for (const part of [...value, 0]) {
    if (typeof part === 'string') text += part;
    else {
      bytes.push(...encoded(text), part);
      text = '';
    }
  }
  return Uint8Array.from(bytes.slice(0, -1));
}

const encoder = new TextEncoder();

/** UTF-8. */
export function encoded(text: string): Uint8Array {
  return encoder.encode(text);
}
