/** A day on some zone's calendar, counted from 1970-01-01. */
export type Day = number;

const dayLength = 86_400_000;
const weekdays = ['thu', 'fri', 'sat', 'sun', 'mon', 'tue', 'wed'] as const;

const clocks = new Map<string, Intl.DateTimeFormat>();

/** What a zone's clock shows at a moment, as milliseconds as if it were UTC. */
function localOf(at: number, timezone: string): number {
  const clock = clocks.get(timezone) ?? clockOf(timezone);
  clocks.set(timezone, clock);
  const part: Partial<Record<Intl.DateTimeFormatPartTypes, number>> = {};
  for (const { type, value } of clock.formatToParts(at)) part[type] = Number(value);
  const { year = 0, month = 1, day = 1, hour = 0, minute = 0, second = 0 } = part;
  const millisecond = ((at % 1000) + 1000) % 1000;
  return Date.UTC(year, month - 1, day, hour, minute, second, millisecond);
}

function clockOf(timeZone: string): Intl.DateTimeFormat {
  const two = '2-digit';
  return new Intl.DateTimeFormat('en-US', {
    timeZone,
    hourCycle: 'h23',
    year: 'numeric',
    month: two,
    day: two,
    hour: two,
    minute: two,
    second: two,
  });
}

/**
 * The first moment at which a zone's clock shows a local time (milliseconds as if it were UTC) or, where the clock skips it, a
 * later one.
 */
export function boundaryOf(local: number, timezone: string): number {
  // Zones are less than a day from UTC: what holds a day before and after is what may hold there.
  const offsets = [local - dayLength, local + dayLength].map((at) => localOf(at, timezone) - at);
  const candidates = offsets.map((offset) => local - offset).sort((left, right) => left - right);
  const found = candidates.find((at) => localOf(at, timezone) === local);
  if (found !== undefined) return found;
  let [before = 0, after = 0] = [candidates[0], candidates.at(-1)];
  while (after - before > 1) {
    const middle = Math.floor((before + after) / 2);
    if (localOf(middle, timezone) < local) before = middle;
    else after = middle;
  }
  return after;
}

/** The day that a zone's calendar shows at a moment. */
export function dayOf(at: number, timezone: string): Day {
  return Math.floor(localOf(at, timezone) / dayLength);
}

/** `mon`, `tue` … */
export function weekdayOf(day: Day): (typeof weekdays)[number] {
  return weekdays[((day % 7) + 7) % 7] ?? 'thu';
}

/** `2027-01-04 00:00` on the zone's clock. */
export function localText(at: number, timezone: string): string {
  return new Date(localOf(at, timezone)).toISOString().slice(0, 16).replace('T', ' ');
}
