import * as fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { ResolvedFreeze, ResolvedWindow } from '../../spec/index.ts';
import { holdAt } from '../index.ts';

const freeze = (more: Partial<ResolvedFreeze> = {}): ResolvedFreeze => ({
  name: 'year-end',
  from: '2026-12-28',
  to: '2027-01-04',
  timezone: 'Asia/Tokyo',
  clusters: ['tokyo'],
  ...more,
});
const window = (more: Partial<ResolvedWindow> = {}): ResolvedWindow => ({
  days: ['mon', 'tue', 'wed', 'thu'],
  from: '10:00',
  to: '16:00',
  timezone: 'Asia/Tokyo',
  clusters: ['tokyo'],
  ...more,
});
const hold = (
  at: string,
  calendar: { freezes?: readonly ResolvedFreeze[]; windows?: readonly ResolvedWindow[] },
  cluster = 'tokyo',
) => holdAt({ at, cluster, freezes: calendar.freezes ?? [], windows: calendar.windows ?? [] });
const until = (...question: Parameters<typeof hold>) => hold(...question)?.until;

describe('a freeze', () => {
  const freezes = [freeze()];
  it.each([
    ['2026-12-27T14:59:59.999Z', undefined],
    ['2026-12-27T15:00:00Z', '2027-01-03T15:00:00.000Z'],
    ['2027-01-03T14:59:59.999Z', '2027-01-03T15:00:00.000Z'],
    ['2027-01-03T15:00:00Z', undefined],
  ])('at %s holds until %s', (at, end) => {
    expect(until(at, { freezes })).toBe(end);
  });

  it('says its name, its end and how long that is', () => {
    expect(hold('2026-12-31T11:00:00Z', { freezes })?.why).toBe(
      'frozen: year-end, until 2027-01-04 00:00 Asia/Tokyo (in 3 d 4 h)',
    );
    expect(hold('2027-01-03T14:59:30Z', { freezes })?.why).toMatch(/\(in 1 min\)$/);
  });

  it('holds for its clusters only', () => {
    expect(hold('2026-12-31T00:00:00Z', { freezes }, 'lab')).toBeUndefined();
  });

  it('is followed by the next one', () => {
    const two = [freeze(), freeze({ name: 'new-year', from: '2027-01-03', to: '2027-01-06' })];
    expect(hold('2027-01-01T15:00:00Z', { freezes: two })).toEqual({
      why: 'frozen: year-end, new-year, until 2027-01-06 00:00 Asia/Tokyo (in 4 d)',
      until: '2027-01-05T15:00:00.000Z',
    });
  });

  it('beats an open window, and its end waits for the next', () => {
    const calendar = { freezes: [freeze({ to: '2027-01-01' })], windows: [window()] };
    // Thursday 2026-12-31 11:00 in Tokyo; after the freeze comes a Friday.
    expect(hold('2026-12-31T02:00:00Z', calendar)).toEqual({
      why: 'frozen: year-end, until 2027-01-01 00:00 Asia/Tokyo (in 13 h), then outside of its windows: opens mon 10:00 Asia/Tokyo (in 3 d 23 h)',
      until: '2027-01-04T01:00:00.000Z',
    });
  });

  it('that begins while a window would open moves the opening', () => {
    const windows = [window({ days: ['mon'] })];
    expect(until('2026-12-25T00:00:00Z', { freezes, windows })).toBe('2027-01-04T01:00:00.000Z');
    const inside = [freeze({ timezone: 'UTC', from: '2026-12-20', to: '2026-12-21' })];
    const long = [window({ days: ['mon'], from: '00:00', to: '23:00' })];
    // The window opens at 15:00 UTC, the freeze ends at 00:00.
    expect(hold('2026-12-19T00:00:00Z', { freezes: inside, windows: long })).toEqual({
      why: 'outside of its windows: opens mon 09:00 Asia/Tokyo (in 2 d)',
      until: '2026-12-21T00:00:00.000Z',
    });
  });
});

describe('windows', () => {
  // 2026-12-14 is a Monday; 10:00 in Tokyo is 01:00 UTC.
  it.each([
    ['2026-12-14T00:59:59.999Z', '2026-12-14T01:00:00.000Z'],
    ['2026-12-14T01:00:00Z', undefined],
    ['2026-12-14T06:59:59.999Z', undefined],
    ['2026-12-14T07:00:00Z', '2026-12-15T01:00:00.000Z'],
    ['2026-12-17T07:00:00Z', '2026-12-21T01:00:00.000Z'],
  ])('at %s hold until %s', (at, opening) => {
    expect(until(at, { windows: [window()] })).toBe(opening);
  });

  it('say when they open, with the day where that is far', () => {
    expect(hold('2026-12-13T11:00:00Z', { windows: [window()] })?.why).toBe(
      'outside of its windows: opens mon 10:00 Asia/Tokyo (in 14 h)',
    );
    expect(hold('2026-12-14T07:30:00Z', { windows: [window({ days: ['mon'] })] })?.why).toBe(
      'outside of its windows: opens 2026-12-21 10:00 Asia/Tokyo (in 6 d 18 h)',
    );
  });

  it('that select another cluster leave this one open', () => {
    expect(hold('2026-12-13T11:00:00Z', { windows: [window({ clusters: ['lab'] })] })).toBeUndefined();
  });

  it('let through what any of them lets through', () => {
    const windows = [window(), window({ days: ['sun'], timezone: 'UTC' })];
    expect(hold('2026-12-13T11:00:00Z', { windows })).toBeUndefined();
    expect(until('2026-12-13T09:00:00Z', { windows })).toBe('2026-12-13T10:00:00.000Z');
  });

  it('that span midnight belong to the day on which they open', () => {
    const windows = [window({ days: ['fri'], from: '22:00', to: '04:00', timezone: 'UTC' })];
    expect(until('2026-12-18T21:00:00Z', { windows })).toBe('2026-12-18T22:00:00.000Z');
    expect(hold('2026-12-18T23:00:00Z', { windows })).toBeUndefined();
    expect(hold('2026-12-19T03:59:59Z', { windows })).toBeUndefined();
    expect(until('2026-12-19T04:00:00Z', { windows })).toBe('2026-12-25T22:00:00.000Z');
    expect(until('2026-12-18T03:00:00Z', { windows })).toBe('2026-12-18T22:00:00.000Z');
  });

  it.each(['00:00', '10:00'])('from and to %s are the whole day', (time) => {
    const windows = [window({ days: ['sat'], from: time, to: time, timezone: 'UTC' })];
    expect(until('2026-12-18T23:59:59Z', { windows })).toBe('2026-12-19T00:00:00.000Z');
    expect(hold('2026-12-19T00:00:00Z', { windows })).toBeUndefined();
    expect(until('2026-12-20T00:00:00Z', { windows })).toBe('2026-12-26T00:00:00.000Z');
  });
});

describe('when clocks change', () => {
  const everyDay = ['mon', 'tue', 'wed', 'thu', 'fri', 'sat', 'sun'] as const;
  const berlin = (from: string, to: string) => [
    window({ days: everyDay as never, from, to, timezone: 'Europe/Berlin' }),
  ];

  it('a window keeps its time of day', () => {
    // 2027-03-28: 02:00 becomes 03:00 in Berlin.
    expect(until('2027-03-27T16:00:00Z', { windows: berlin('10:00', '16:00') })).toBe(
      '2027-03-28T08:00:00.000Z',
    );
    // 2026-10-25: 03:00 becomes 02:00.
    expect(until('2026-10-24T16:00:00Z', { windows: berlin('10:00', '16:00') })).toBe(
      '2026-10-25T09:00:00.000Z',
    );
  });

  it('a time that is skipped is the moment of the change', () => {
    expect(until('2027-03-28T00:30:00Z', { windows: berlin('02:30', '05:00') })).toBe(
      '2027-03-28T01:00:00.000Z',
    );
  });

  it('a window that is skipped does not open that day', () => {
    expect(until('2027-03-28T00:30:00Z', { windows: berlin('02:15', '02:45') })).toBe(
      '2027-03-29T00:15:00.000Z',
    );
  });

  it('a time that comes twice is the first of both', () => {
    expect(until('2026-10-24T23:30:00Z', { windows: berlin('02:30', '03:30') })).toBe(
      '2026-10-25T00:30:00.000Z',
    );
    expect(hold('2026-10-25T01:59:59Z', { windows: berlin('02:30', '03:30') })).toBeUndefined();
    expect(hold('2026-10-25T02:29:59Z', { windows: berlin('02:30', '03:30') })).toBeUndefined();
    expect(until('2026-10-25T02:30:00Z', { windows: berlin('02:30', '03:30') })).toBe(
      '2026-10-26T01:30:00.000Z',
    );
  });

  it('a day without a midnight begins at its first moment', () => {
    // Beirut, 2026-03-29: 00:00 becomes 01:00.
    const freezes = [freeze({ from: '2026-03-29', to: '2026-03-30', timezone: 'Asia/Beirut' })];
    expect(until('2026-03-28T21:59:59Z', { freezes })).toBeUndefined();
    expect(until('2026-03-28T22:00:00Z', { freezes })).toBe('2026-03-29T21:00:00.000Z');
  });

  it('a day that its zone skips is no day', () => {
    // Apia went from Thursday 2011-12-29 to Saturday 2011-12-31.
    const freezes = [freeze({ from: '2011-12-30', to: '2011-12-31', timezone: 'Pacific/Apia' })];
    expect(hold('2011-12-30T10:00:00Z', { freezes })).toBeUndefined();
    const windows = [window({ days: ['fri'], from: '10:00', to: '12:00', timezone: 'Pacific/Apia' })];
    expect(until('2011-12-30T09:00:00Z', { windows })).toBe('2012-01-05T20:00:00.000Z');
  });
});

const zones = [
  'UTC',
  'Asia/Tokyo',
  'Europe/Berlin',
  'America/New_York',
  'Australia/Lord_Howe',
  'Asia/Kathmandu',
  'America/St_Johns',
];
const times = fc
  .tuple(fc.integer({ min: 0, max: 23 }), fc.constantFrom('00', '30', '45'))
  .map(([hour, minute]) => `${String(hour).padStart(2, '0')}:${minute}`);
const anyWindow = fc
  .record({
    days: fc.subarray(['mon', 'tue', 'wed', 'thu', 'fri', 'sat', 'sun'] as const, { minLength: 1 }),
    from: times,
    to: times,
    timezone: fc.constantFrom(...zones),
  })
  .map((one): ResolvedWindow => ({ ...one, clusters: ['tokyo'] }));
const anyFreeze = fc
  .record({
    start: fc.integer({ min: 0, max: 400 }),
    length: fc.integer({ min: 1, max: 30 }),
    timezone: fc.constantFrom(...zones),
  })
  .map(({ start, length, timezone }) => {
    const day = (count: number): string => new Date(Date.UTC(2026, 0, 1 + count)).toISOString().slice(0, 10);
    return freeze({ from: day(start), to: day(start + length), timezone });
  });
const moment = fc
  .integer({ min: Date.UTC(2026, 0, 1), max: Date.UTC(2027, 1, 1) })
  .map((at) => new Date(at).toISOString());

describe('until', () => {
  it('is a moment at which it is allowed, and no earlier one is', () => {
    const calendars = fc.record({
      freezes: fc.array(anyFreeze, { maxLength: 4 }),
      windows: fc.array(anyWindow, { maxLength: 3 }),
    });
    fc.assert(
      fc.property(
        moment,
        calendars,
        fc.double({ min: 0, max: 1, noNaN: true, maxExcluded: true }),
        (at, calendar, share) => {
          const found = hold(at, calendar);
          if (found === undefined) return;
          expect(hold(found.until!, calendar)).toBeUndefined();
          const length = Date.parse(found.until!) - Date.parse(at);
          const between = Date.parse(at) + Math.min(length - 1, Math.floor(share * length));
          expect(until(new Date(between).toISOString(), calendar)).toBe(found.until);
        },
      ),
      { numRuns: 500 },
    );
  });

  it('is never where no window ever opens', () => {
    expect(hold('2026-12-13T11:00:00Z', { windows: [window({ days: [] })] })).toEqual({
      why: 'outside of its windows: they never open',
      until: undefined,
    });
  });
});
