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
  const [, year, month, day, hour, minute, seconds, fraction = '', zone = 'Z'] = match;
  const numbers = [year, month, day, hour, minute, seconds].map(Number);
  const [y = 0, mo = 0, d = 0, h = 0, mi = 0, s = 0] = numbers;
  if (!isDate(y, mo, d) || h > 23 || mi > 59 || s > 59) return undefined;
  const offset = offsetIn(zone);
  if (offset === undefined) return undefined;
  const days = millisOf(y, mo, d);
  const total = BigInt(days / 1000 + h * 3600 + mi * 60 + s - offset * 60);
  return total * second + BigInt(fraction.padEnd(9, '0').slice(0, 9));
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

/** Reads a span as Go writes it, `1h2m3.5s`; undefined for what is none or is longer than 292 years. */
export function spanIn(text: string): bigint | undefined {
  const match = /^([+-]?)((?:(?:\d+\.?\d*|\.\d+)(?:ns|us|µs|μs|ms|s|m|h))+|0)$/u.exec(text);
  if (match === null) return undefined;
  let total = 0n;
  for (const [, number = '', unit = ''] of (match[2] ?? '').matchAll(/([\d.]+)(ns|us|µs|μs|ms|s|m|h)/gu)) {
    const [whole = '', fraction = ''] = number.split('.');
    const factor = units[unit] ?? 0n;
    total += BigInt(whole || '0') * factor;
    if (fraction !== '') total += (BigInt(fraction) * factor) / 10n ** BigInt(fraction.length);
  }
  const signed = match[1] === '-' ? -total : total;
  return signed >= -(2n ** 63n) && signed < 2n ** 63n ? signed : undefined;
}

/** A span in seconds, as CEL writes it: `3723.004s`. */
export function spanText(nanos: bigint): string {
  const size = nanos < 0n ? -nanos : nanos;
  const fraction = String(size % second)
    .padStart(9, '0')
    .replace(/0+$/, '');
  return `${nanos < 0n ? '-' : ''}${size / second}${fraction === '' ? '' : `.${fraction}`}s`;
}
