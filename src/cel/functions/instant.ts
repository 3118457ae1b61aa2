/** A point of time in nanoseconds since 1970. */
export type Instant = bigint;

const second = 1_000_000_000n;
const least = -62_135_596_800n * second;
const most = 253_402_300_800n * second;

/** True within the years 1 to 9999. */
export function inRange(nanos: Instant): boolean {
  return nanos >= least && nanos < most;
}

/** Division that rounds down, also below zero. */
export function floored(value: bigint, by: bigint): bigint {
  const quotient = value / by;
  return value % by < 0n ? quotient - 1n : quotient;
}

const rfc3339 = /^(\d{4})-(\d\d)-(\d\d)T(\d\d):(\d\d):(\d\d)(?:[.,](\d+))?(Z|[+-]\d\d:\d\d)$/;

/** Reads RFC 3339; undefined for what is none. */
export function instantIn(text: string): Instant | undefined {
  const match = rfc3339.exec(text);
  if (match === null) return undefined;
  const numbers = match.slice(1, 7).map(Number);
  const [, , , , , , , fraction, zone] = match;
  const seconds = secondsOf(numbers);
  const offset = offsetIn(zone ?? 'Z');
  if (seconds === undefined || offset === undefined) return undefined;
  const nanos = BigInt((fraction ?? '').padEnd(9, '0').slice(0, 9));
  return BigInt(seconds - offset * 60) * second + nanos;
}

function secondsOf(numbers: readonly number[]): number | undefined {
  const [year, month, day] = numbers;
  const isDay = year !== undefined && month !== undefined && day !== undefined && isDate(year, month, day);
  const time = numbers.slice(3);
  const isTime = time.every((one, index) => one < (index === 0 ? 24 : 60));
  if (!isDay || !isTime) return undefined;
  return time.reduce((sum, one, index) => sum + one * 60 ** (2 - index), millisOf(year, month, day) / 1000);
}

// Date.UTC takes years below 100 for those of the last century.
function millisOf(year: number, month: number, day: number): number {
  return new Date(0).setUTCFullYear(year, month - 1, day);
}

/** True for a day that there is. */
export function isDate(year: number, month: number, day: number): boolean {
  const date = new Date(millisOf(year, month, day));
  return date.getUTCMonth() === month - 1 && date.getUTCDate() === day;
}

/** Minutes east of UTC of `Z`, `+01:00` or `01:00`. */
export function offsetIn(zone: string): number | undefined {
  if (zone === 'Z' || zone === '' || zone === 'UTC') return 0;
  const match = /^([+-]?)(\d\d):(\d\d)$/.exec(zone);
  if (match === null) return undefined;
  const minutes = Number(match[2]) * 60 + Number(match[3]);
  return Number(match[2]) > 23 || Number(match[3]) > 59 ? undefined : match[1] === '-' ? -minutes : minutes;
}

/** RFC 3339 with as many digits after the second as are needed. */
export function instantText(nanos: Instant): string {
  const seconds = floored(nanos, second);
  const rest = nanos - seconds * second;
  const text = new Date(Number(seconds) * 1000).toISOString().replace(/\.\d+Z$/, '');
  const fraction = rest === 0n ? '' : `.${String(rest).padStart(9, '0').replace(/0+$/, '')}`;
  return `${text}${fraction}Z`;
}

const units: Readonly<Record<string, bigint>> = {
  ns: 1n,
  us: 1000n,
  µs: 1000n,
  μs: 1000n,
  ms: 1_000_000n,
  s: second,
  m: 60n * second,
  h: 3600n * second,
};

const spanForm = /^([+-]?)((?:(?:\d+\.?\d*|\.\d+)(?:ns|us|µs|μs|ms|s|m|h))+|0)$/u;

/** Reads a span as Go writes it, `1h2m3.5s`; undefined for what is none or is longer than 292 years. */
export function spanIn(text: string): bigint | undefined {
  const [, sign, body] = spanForm.exec(text) ?? [];
  if (body === undefined) return undefined;
  const parts = [...body.matchAll(/([\d.]+)(ns|us|µs|μs|ms|s|m|h)/gu)];
  const total = parts.reduce((sum, [, number, unit]) => sum + nanosOf(number ?? '', unit ?? ''), 0n);
  const signed = sign === '-' ? -total : total;
  return signed >= -(2n ** 63n) && signed < 2n ** 63n ? signed : undefined;
}

function nanosOf(number: string, unit: string): bigint {
  const [whole, fraction = ''] = number.split('.');
  const factor = units[unit] ?? 0n;
  return BigInt(whole || '0') * factor + (BigInt(fraction || '0') * factor) / 10n ** BigInt(fraction.length);
}

/** A span in seconds, as CEL writes it: `3723.004s`. */
export function spanText(nanos: bigint): string {
  const size = nanos < 0n ? -nanos : nanos;
  const fraction = String(size % second)
    .padStart(9, '0')
    .replace(/0+$/, '');
  return `${nanos < 0n ? '-' : ''}${size / second}${fraction === '' ? '' : `.${fraction}`}s`;
}
