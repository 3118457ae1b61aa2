import { Duration, failed, Timestamp, type Value } from '../value.ts';
import { floored, offsetIn } from './instant.ts';
import { member, textOf, type Row } from './row.ts';

const second = 1_000_000_000n;

/** What is read of a date that has been moved into its zone; the second argument is what is left below a millisecond. */
const parts: readonly (readonly [name: string, read: (date: Date) => number])[] = [
  ['getFullYear', (date) => date.getUTCFullYear()],
  ['getMonth', (date) => date.getUTCMonth()],
  ['getDate', (date) => date.getUTCDate()],
  ['getDayOfMonth', (date) => date.getUTCDate() - 1],
  ['getDayOfWeek', (date) => date.getUTCDay()],
  ['getDayOfYear', dayOfYear],
  ['getHours', (date) => date.getUTCHours()],
  ['getMinutes', (date) => date.getUTCMinutes()],
  ['getSeconds', (date) => date.getUTCSeconds()],
  ['getMilliseconds', (date) => date.getUTCMilliseconds()],
];

function dayOfYear(date: Date): number {
  const first = new Date(date.getTime());
  first.setUTCMonth(0, 1);
  return Math.round((date.getTime() - first.getTime()) / 86_400_000);
}

function read(value: Value | undefined, zone: string, of: (date: Date) => number): Value {
  if (!(value instanceof Timestamp)) return failed('no such overload');
  const millis = Number(floored(value.nanos, 1_000_000n));
  const minutes = offsetIn(zone) ?? namedOffset(zone, millis);
  if (minutes === undefined) return failed(`unknown time zone ${zone}`);
  return BigInt(of(new Date(millis + minutes * 60_000)));
}

/** Minutes east of UTC in a zone of the IANA database at that time. */
function namedOffset(zone: string, millis: number): number | undefined {
  try {
    const format = new Intl.DateTimeFormat('en-US', { timeZone: zone, timeZoneName: 'longOffset' });
    const name = format.formatToParts(new Date(millis)).find(({ type }) => type === 'timeZoneName')?.value;
    return offsetIn((name ?? '').replace('GMT', ''));
  } catch {
    return undefined;
  }
}

const spans: readonly (readonly [name: string, unit: bigint])[] = [
  ['getHours', 3600n * second],
  ['getMinutes', 60n * second],
  ['getSeconds', second],
  ['getMilliseconds', 1_000_000n],
];

export const timeRows: readonly Row[] = [
  ...parts.flatMap(([name, of]) => [
    member(name, 'timestamp -> int', ([value]) => read(value, 'UTC', of)),
    member(name, 'timestamp, string -> int', ([value, zone]) => read(value, textOf(zone), of)),
  ]),
  ...spans.map(([name, unit]) =>
    member(name, 'duration -> int', ([value]) => (value instanceof Duration ? value.nanos / unit : 0n)),
  ),
];
