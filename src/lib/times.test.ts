import { describe, expect, it } from 'vitest';
import { millisecondsOf, timeText } from './times.ts';

describe('a time for people', () => {
  const at = '2026-12-01T12:00:00.000Z';

  it.each([
    ['2026-12-12T23:26:32.633Z', '2026-12-12 23:26 UTC (in 11 d 12 h)'],
    ['2026-12-01T12:00:04.000Z', '2026-12-01 12:00 UTC (in 1 min)'],
    ['2026-11-30T12:00:04.000Z', '2026-11-30 12:00 UTC'],
  ])('%s is %s', (instant, text) => expect(timeText(instant, at)).toBe(text));

  it('is without a length where nobody counts', () =>
    expect(timeText('2026-12-12T23:26:32.633Z')).toBe('2026-12-12 23:26 UTC'));
});

it.each([
  ['90s', 90_000],
  ['10m', 600_000],
  ['1h', 3_600_000],
  ['7d', 604_800_000],
  ['0s', 0],
])('%s is a length of time', (text, length) => expect(millisecondsOf(text)).toBe(length));

it.each(['', '5', 'm', '1.5h', '-1m', '1 h', '1w', '1h30m'])('%j is none', (text) =>
  expect(millisecondsOf(text)).toBeNaN(),
);
