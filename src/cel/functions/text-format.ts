import { encoded } from '../token.ts';
import {
  CelError,
  CelMap,
  Duration,
  failed,
  isBytes,
  isList,
  numberOf,
  Timestamp,
  typeName,
  TypeValue,
  unknown,
  valueText,
  type Value,
} from '../value.ts';
import { compared } from './comparison.ts';
import { instantText, spanText } from './instant.ts';

const clause = /%(?:\.(\d+))?([a-zA-Z%]?)/g;

type Write = (value: Value, precision: number | undefined) => string | CelError;

/** `'…%s…'.format([…])` of the strings library, version 2, which Kubernetes has. */
export function formatted(template: string, args: readonly Value[]): Value {
  let next = 0;
  let problem: CelError | undefined;
  const text = template.replaceAll(clause, (_all, precision: string | undefined, letter: string) => {
    if (letter === '%' || problem !== undefined) return letter;
    const write = writers[letter];
    const value = args[next];
    if (write === undefined) problem = failed(unrecognized(letter));
    else if (value === undefined) problem = failed(`index ${next} out of range`);
    if (write === undefined || value === undefined) return '';
    next += 1;
    const written = write(value, precision === undefined ? undefined : Number(precision));
    if (typeof written === 'string') return written;
    problem = written;
    return '';
  });
  return problem ?? text;
}

/** What is wrong with a template for these values, and with which of them; undefined values are not known yet. */
export function formatProblem(
  template: string,
  args: readonly (Value | undefined)[],
): { readonly message: string; readonly item?: number } | undefined {
  const clauses = [...template.matchAll(clause)].filter(([, , letter]) => letter !== '%');
  for (const [item, [, , letter = '']] of clauses.entries()) {
    const write = writers[letter];
    if (write === undefined) return { message: unrecognized(letter) };
    if (item >= args.length) return { message: `index ${item} out of range` };
    const value = args[item];
    const written = value === undefined ? '' : write(value, undefined);
    if (written instanceof CelError && written.is === 'error') return { message: written.message, item };
  }
  return undefined;
}

function unrecognized(letter: string): string {
  return `could not parse formatting clause: unrecognized formatting clause "${letter}"`;
}

function refused(what: string, value: Value): CelError {
  return failed(`error during formatting: ${what}, was given ${typeName(value)}`);
}

const writers: Readonly<Record<string, Write>> = {
  s: (value) => textIn(value),
  d: (value) => {
    const number = numberOf(value);
    if (typeof number === 'number' && !Number.isFinite(number)) return doubleName(number);
    if (typeof number === 'bigint') return String(number);
    return refused('decimal clause can only be used on integers', value);
  },
  f: (value, precision = 6) => {
    const number = numberOf(value);
    if (number === undefined) return refused('fixed-point clause can only be used on doubles', value);
    return fixed(Number(number), precision);
  },
  e: (value, precision = 6) => {
    const number = numberOf(value);
    if (number === undefined) return refused('scientific clause can only be used on doubles', value);
    return scientific(Number(number), precision);
  },
  b: (value) => {
    if (typeof value === 'boolean') return value ? '1' : '0';
    return based(value, 2) ?? refused('only integers and bools can be formatted as binary', value);
  },
  o: (value) => based(value, 8) ?? refused('octal clause can only be used on integers', value),
  x: (value) => hex(value),
  X: (value) => {
    const text = hex(value);
    return typeof text === 'string' ? text.toUpperCase() : text;
  },
};

function doubleName(number: number): string {
  if (Number.isNaN(number)) return 'NaN';
  return number > 0 ? 'Infinity' : '-Infinity';
}

function based(value: Value, base: number): string | undefined {
  const number = numberOf(value);
  return typeof number === 'bigint' ? number.toString(base) : undefined;
}

function hex(value: Value): string | CelError {
  const bytes = typeof value === 'string' ? encoded(value) : value;
  if (isBytes(bytes)) return [...bytes].map((one) => one.toString(16).padStart(2, '0')).join('');
  return (
    based(value, 16) ?? refused('only integers, byte buffers, and strings can be formatted as hex', value)
  );
}

// Go's printer for English puts commas between thousands; how it rounds there was not looked at.
function fixed(number: number, precision: number): string | CelError {
  if (!Number.isFinite(number)) return doubleName(number);
  if (Math.abs(number) >= 1000) return unknown('how %f writes numbers of 1000 and more is not known here');
  return rounded(number, precision);
}

/** A number that lies exactly between two others becomes the even one; JavaScript takes the larger. */
function rounded(number: number, precision: number): string {
  const size = Math.abs(number);
  // Exact halves only: what a double does not hold exactly lies on one side.
  const isExact = Number.isInteger(size * 2 ** (precision + 1));
  const halves = size * 10 ** precision * 2;
  const down = (halves - 1) / 2;
  if (!isExact || halves % 2 !== 1 || down % 2 !== 0) return number.toFixed(precision);
  return `${number < 0 ? '-' : ''}${(down / 10 ** precision).toFixed(precision)}`;
}

const small = '⁰¹²³⁴⁵⁶⁷⁸⁹';

/** `3.140000×10⁰⁰` */
function scientific(number: number, precision: number): string {
  if (!Number.isFinite(number)) return doubleName(number);
  const [digits = '', power = '0'] = number.toExponential(precision).split('e');
  const exponent = Number(power);
  const raised = Array.from(
    String(Math.abs(exponent)).padStart(2, '0'),
    (digit) => small[Number(digit)] ?? '',
  );
  return `${digits}×10${exponent < 0 ? '⁻' : ''}${raised.join('')}`;
}

const plainText: Readonly<Record<string, (value: Value) => string>> = {
  null_type: () => 'null',
  bytes: (value) => (isBytes(value) ? new TextDecoder().decode(value) : ''),
  double: (value) => {
    const number = Number(numberOf(value));
    return Number.isFinite(number) ? String(number) : doubleName(number);
  },
  uint: (value) => String(numberOf(value)),
  'google.protobuf.Timestamp': (value) => (value instanceof Timestamp ? instantText(value.nanos) : ''),
  'google.protobuf.Duration': (value) => (value instanceof Duration ? spanText(value.nanos) : ''),
  type: (value) => (value instanceof TypeValue ? value.name : ''),
};

function textIn(value: Value): string | CelError {
  if (typeof value === 'string' || typeof value === 'boolean' || typeof value === 'bigint')
    return String(value);
  if (isList(value)) return together(value.map(textIn), '[', ']');
  if (value instanceof CelMap) return mapText(value);
  const kinds = 'strings, bools, bytes, ints, doubles, maps, lists, types, durations, and timestamps';
  return plainText[typeName(value)]?.(value) ?? refused(`string clause can only be used on ${kinds}`, value);
}

function mapText(map: CelMap): string | CelError {
  const parts: (string | CelError)[] = map.entries().map(([key, value]) => {
    const text = textIn(value);
    return typeof text === 'string' ? `${valueText(textIn(key))}: ${text}` : text;
  });
  return together(
    parts.toSorted((left, right) => compared(valueText(left), valueText(right)) ?? 0),
    '{',
    '}',
  );
}

function together(parts: readonly (string | CelError)[], open: string, close: string): string | CelError {
  const texts: string[] = [];
  for (const part of parts) {
    if (part instanceof CelError) return part;
    texts.push(part);
  }
  return `${open}${texts.join(', ')}${close}`;
}
