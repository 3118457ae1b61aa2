import type { Instant } from './run.ts';

const minute = 60_000;
const hour = 60 * minute;
const day = 24 * hour;

/** `2026-12-04 00:00 UTC (in 11 d 16 h)`, for people; without the length where nobody counts from `at`, and for what is over. */
export function timeText(instant: Instant, at?: Instant): string {
  const text = `${new Date(instant).toISOString().slice(0, 16).replace('T', ' ')} UTC`;
  const left = at === undefined ? 0 : Date.parse(instant) - Date.parse(at);
  return left > 0 ? `${text} (in ${lengthText(left)})` : text;
}

const units: Readonly<Record<string, number>> = { s: 1000, m: minute, h: hour, d: day };

/** Milliseconds of a length of time as people write it: `90s`, `10m`, `1h`, `90d`. NaN when it is none. */
export function millisecondsOf(length: string): number {
  const [, number, unit] = /^(\d+)([smhd])$/.exec(length) ?? [];
  return Number(number) * (units[unit ?? ''] ?? Number.NaN);
}

/** `3 d 4 h`, `14 h`, `1 h 5 min`, `1 min`: the two largest units, rounded up, so that waiting that long is enough. */
export function lengthText(milliseconds: number): string {
  const unit = milliseconds > day ? hour : minute;
  const length = Math.ceil(milliseconds / unit) * unit;
  const parts = [
    [Math.floor(length / day), 'd'],
    [Math.floor((length % day) / hour), 'h'],
    [Math.floor((length % hour) / minute), 'min'],
  ] as const;
  return parts.flatMap(([count, name]) => (count === 0 ? [] : [`${count} ${name}`])).join(' ');
}
