import { encoded } from '../token.ts';
import {
  Duration,
  failed,
  isInt,
  isUint,
  Timestamp,
  typeName,
  TypeValue,
  Uint,
  valueText,
  type Value,
} from '../value.ts';
import { floored, inRange, instantIn, instantText, spanIn, spanText } from './instant.ts';
import { bytesOf, doubleOf, intOf, plain, textOf, type Row } from './row.ts';

const itself = ([value = null]: readonly Value[]): Value => value;

function cannot(from: string, to: string): Value {
  return failed(`type conversion error from '${from}' to '${to}'`);
}

/** Go's `%g` with as few digits as tell the number. */
function doubleText(value: number): string {
  if (!Number.isFinite(value)) return Number.isNaN(value) ? 'NaN' : value > 0 ? '+Inf' : '-Inf';
  const [digits = '', power = '0'] = value.toExponential().split('e');
  const exponent = Number(power);
  if (Object.is(value, -0)) return '-0';
  if (exponent >= -4 && exponent < 21) return decimal(value);
  return `${digits}e${exponent < 0 ? '-' : '+'}${String(Math.abs(exponent)).padStart(2, '0')}`;
}

function decimal(value: number): string {
  return Math.abs(value) >= 1e-6 || value === 0 ? String(value) : value.toFixed(20).replace(/0+$/, '');
}

function intFrom(value: Value | undefined): Value {
  const number = Math.trunc(doubleOf(value));
  const isIn = number > -(2 ** 63) && number < 2 ** 63;
  return isIn ? BigInt(number) : failed('integer overflow');
}

function uintFrom(value: Value | undefined): Value {
  const number = Math.trunc(doubleOf(value));
  return number >= 0 && number < 2 ** 64 ? new Uint(BigInt(number)) : failed('unsigned integer overflow');
}

const ints: readonly Row[] = [
  plain('int', 'int -> int', itself),
  plain('int', 'uint -> int', ([value]) => (isInt(intOf(value)) ? intOf(value) : failed('integer overflow'))),
  plain('int', 'double -> int', ([value]) => intFrom(value)),
  plain('int', 'string -> int', ([value]) => {
    const text = textOf(value);
    const number = /^[+-]?\d+$/.test(text) ? BigInt(text.replace('+', '')) : undefined;
    return number !== undefined && isInt(number) ? number : cannot('string', 'int');
  }),
  plain('int', 'timestamp -> int', ([value]) =>
    value instanceof Timestamp ? floored(value.nanos, 1_000_000_000n) : cannot('timestamp', 'int'),
  ),
  plain('int', 'duration -> int', ([value]) =>
    value instanceof Duration ? value.nanos : cannot('duration', 'int'),
  ),
  plain('uint', 'uint -> uint', itself),
  plain('uint', 'int -> uint', ([value]) =>
    isUint(intOf(value)) ? new Uint(intOf(value)) : failed('unsigned integer overflow'),
  ),
  plain('uint', 'double -> uint', ([value]) => uintFrom(value)),
  plain('uint', 'string -> uint', ([value]) => {
    const text = textOf(value);
    const number = /^\d+$/.test(text) ? BigInt(text) : undefined;
    return number !== undefined && isUint(number) ? new Uint(number) : cannot('string', 'uint');
  }),
];

const float = /^[+-]?(\d+\.?\d*|\.\d+)([eE][+-]?\d+)?$/;

function doubleIn(text: string): number | undefined {
  const special = /^([+-]?)(inf|infinity|nan)$/i.exec(text);
  if (special !== null) {
    const isNegative = special[1] === '-';
    return /nan/i.test(special[2] ?? '') ? Number.NaN : isNegative ? -Infinity : Infinity;
  }
  const number = float.test(text) ? Number(text) : Number.NaN;
  return Number.isFinite(number) ? number : undefined;
}

const truths: Readonly<Record<string, boolean>> = {
  ...Object.fromEntries(['1', 't', 'T', 'true', 'TRUE', 'True'].map((text) => [text, true])),
  ...Object.fromEntries(['0', 'f', 'F', 'false', 'FALSE', 'False'].map((text) => [text, false])),
};

const others: readonly Row[] = [
  plain('double', 'double -> double', itself),
  plain('double', 'int -> double', ([value]) => Number(intOf(value))),
  plain('double', 'uint -> double', ([value]) => Number(intOf(value))),
  plain('double', 'string -> double', ([value]) => doubleIn(textOf(value)) ?? cannot('string', 'double')),
  plain('bool', 'bool -> bool', itself),
  plain('bool', 'string -> bool', ([value]) => truths[textOf(value)] ?? cannot('string', 'bool')),
  plain('bytes', 'bytes -> bytes', itself),
  plain('bytes', 'string -> bytes', ([value]) => encoded(textOf(value)), { id: 'string_to_bytes' }),
  plain('dyn', 'A -> dyn', itself),
  plain('type', 'A -> type<A>', ([value]) => new TypeValue(typeName(value ?? null))),
];

const texts: readonly Row[] = [
  plain('string', 'string -> string', itself),
  ...['bool', 'int', 'uint'].map((type) =>
    plain('string', `${type} -> string`, ([value = null]) => valueText(value)),
  ),
  plain('string', 'double -> string', ([value]) => doubleText(doubleOf(value))),
  plain('string', 'bytes -> string', ([value]) => decoded(bytesOf(value)), { id: 'bytes_to_string' }),
  plain('string', 'timestamp -> string', ([value]) =>
    value instanceof Timestamp ? instantText(value.nanos) : '',
  ),
  plain('string', 'duration -> string', ([value]) =>
    value instanceof Duration ? spanText(value.nanos) : '',
  ),
];

function decoded(bytes: Uint8Array): Value {
  try {
    return new TextDecoder('utf-8', { fatal: true, ignoreBOM: true }).decode(bytes);
  } catch {
    return failed('invalid UTF-8 in bytes, cannot convert to string');
  }
}

const times: readonly Row[] = [
  plain('timestamp', 'timestamp -> timestamp', itself),
  plain('timestamp', 'string -> timestamp', ([value]) => {
    const nanos = instantIn(textOf(value));
    if (nanos === undefined) return cannot('string', 'google.protobuf.Timestamp');
    return inRange(nanos) ? new Timestamp(nanos) : failed('timestamp overflow');
  }),
  plain('timestamp', 'int -> timestamp', ([value]) => {
    const nanos = intOf(value) * 1_000_000_000n;
    return inRange(nanos) ? new Timestamp(nanos) : failed('timestamp overflow');
  }),
  plain('duration', 'duration -> duration', itself),
  plain('duration', 'int -> duration', ([value]) => new Duration(intOf(value))),
  plain('duration', 'string -> duration', ([value]) => {
    const nanos = spanIn(textOf(value));
    return nanos === undefined ? cannot('string', 'google.protobuf.Duration') : new Duration(nanos);
  }),
];

export const conversionRows: readonly Row[] = [...ints, ...others, ...texts, ...times];
