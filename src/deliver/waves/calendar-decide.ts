import { lengthText, type Instant } from '../../lib/index.ts';
import type { ResolvedFreeze, ResolvedWindow } from '../../spec/index.ts';
import { boundaryOf, dayOf, localText, weekdayOf, type Day } from './calendar-zone.ts';
import type { Hold } from './waves-decide.ts';

/** What the calendar is asked. */
export interface CalendarQuestion {
  readonly at: Instant;
  /** Name of the cluster that is to be changed. */
  readonly cluster: string;
  readonly freezes: readonly ResolvedFreeze[];
  readonly windows: readonly ResolvedWindow[];
}

/** Milliseconds since 1970: from inclusive, to exclusive. */
interface Span {
  readonly from: number;
  readonly to: number;
}

type Frozen = Span & { readonly freeze: ResolvedFreeze };
type Opening = Span & { readonly timezone: string };

/**
 * Whether freezes and windows let a cluster be changed now; undefined when they do. A freeze beats windows; of several windows
 * any that is open is enough, and without a window it is always open.
 */
export function holdAt(input: CalendarQuestion): Hold | undefined {
  const now = Date.parse(input.at);
  const calendar = calendarOf(input, now);
  const frozen = frozenFrom(now, calendar.frozen);
  if (frozen.names.length === 0 && isOpen(now, calendar.openings)) return undefined;
  const allowed = nextAllowed(now, calendar);
  const until = allowed === undefined ? undefined : new Date(allowed.at).toISOString();
  const opens = allowed === undefined ? 'they never open' : opensText(allowed, now);
  if (frozen.names.length === 0) return { why: `outside of its windows: ${opens}`, until };
  const end = `${localText(frozen.until, frozen.timezone)} ${frozen.timezone} (in ${lengthText(frozen.until - now)})`;
  const after = allowed?.at === frozen.until ? '' : `, then outside of its windows: ${opens}`;
  return { why: `frozen: ${frozen.names.join(', ')}, until ${end}${after}`, until };
}

interface Calendar {
  readonly frozen: readonly Frozen[];
  /** Undefined: no window selects the cluster, it is always open. */
  readonly openings: ((at: number) => readonly Opening[]) | undefined;
}

function calendarOf({ cluster, freezes, windows }: CalendarQuestion, now: number): Calendar {
  const frozen = freezes
    .filter((freeze) => freeze.clusters.includes(cluster))
    .map(spanOf)
    .filter((span) => span.to > now);
  const own = windows.filter((window) => window.clusters.includes(cluster));
  return {
    frozen,
    openings: own.length === 0 ? undefined : (at) => own.flatMap((window) => openingsAround(window, at)),
  };
}

// Five hundred clusters share a few freezes and windows; asking a zone's clock is what takes time.
const spans = new WeakMap<ResolvedFreeze, Frozen>();
const openings = new WeakMap<ResolvedWindow, Map<Day, Opening>>();

function spanOf(freeze: ResolvedFreeze): Frozen {
  const known = spans.get(freeze);
  if (known !== undefined) return known;
  const [from, to] = [freeze.from, freeze.to].map((day) => boundaryOf(midnight(day), freeze.timezone));
  const span = { freeze, from: from ?? 0, to: to ?? 0 };
  spans.set(freeze, span);
  return span;
}

/** The freezes that hold at a moment, and those that take over when they end. */
function frozenFrom(
  at: number,
  frozen: readonly Frozen[],
): { readonly names: readonly string[]; readonly until: number; readonly timezone: string } {
  const names: string[] = [];
  let until = at;
  let timezone = 'UTC';
  for (;;) {
    const holding = frozen.filter((span) => span.from <= until && until < span.to);
    const last = holding.toSorted((left, right) => right.to - left.to)[0];
    if (last === undefined) return { names, until, timezone };
    names.push(last.freeze.name);
    until = last.to;
    timezone = last.freeze.timezone;
  }
}

interface Allowed {
  readonly at: number;
  readonly timezone: string;
}

/** The first moment from `now` on that no freeze holds and some window is open. */
function nextAllowed(now: number, { frozen, openings }: Calendar): Allowed | undefined {
  let next: Allowed = { at: now, timezone: 'UTC' };
  // Each freeze is passed once, and after each a window is waited for once.
  for (let passed = 0; passed <= frozen.length; passed += 1) {
    const after = frozenFrom(next.at, frozen);
    if (after.names.length > 0) next = { at: after.until, timezone: after.timezone };
    if (openings === undefined) return next;
    const opening = firstOpen(next.at, openings(next.at));
    if (opening === undefined) return undefined;
    if (opening.from > next.at) next = { at: opening.from, timezone: opening.timezone };
    if (frozenFrom(next.at, frozen).names.length === 0) return { at: next.at, timezone: opening.timezone };
  }
  return undefined;
}

function firstOpen(at: number, openings: readonly Opening[]): Opening | undefined {
  return openings.filter((one) => one.to > at).toSorted((left, right) => left.from - right.from)[0];
}

function isOpen(at: number, openings: Calendar['openings']): boolean {
  return openings === undefined || openings(at).some((one) => one.from <= at && at < one.to);
}

const week = 7;

/** When a window is open from the day before a moment until a week and a day after it: a day may be skipped by its zone. */
function openingsAround(window: ResolvedWindow, at: number): readonly Opening[] {
  const today = dayOf(at, window.timezone);
  const days = Array.from({ length: 2 * week + 2 }, (_, index) => today + index - 1);
  return days
    .filter((day) => window.days.includes(weekdayOf(day)))
    .map((day) => openingOn(window, day))
    .filter((one) => one.from < one.to);
}

function openingOn(window: ResolvedWindow, day: Day): Opening {
  const { timezone } = window;
  const known = openings.get(window) ?? new Map<Day, Opening>();
  const opening = known.get(day) ?? {
    timezone,
    from: boundaryOf(opensOn(window, day), timezone),
    to: boundaryOf(closesOn(window, day), timezone),
  };
  openings.set(window, known.set(day, opening));
  return opening;
}

const minute = 60_000;
const hour = 60 * minute;
const dayLength = 24 * hour;

function opensOn({ from, to }: ResolvedWindow, day: Day): number {
  return day * dayLength + (from === to ? 0 : timeOf(from));
}

function closesOn({ from, to }: ResolvedWindow, day: Day): number {
  if (from === to) return (day + 1) * dayLength;
  return (from < to ? day : day + 1) * dayLength + timeOf(to);
}

function timeOf(text: string): number {
  const [hours = '0', minutes = '0'] = text.split(':');
  return Number(hours) * hour + Number(minutes) * minute;
}

/** 00:00 of `2026-12-28` on the local clock, as if it were UTC. */
function midnight(text: string): number {
  return Date.parse(`${text}T00:00:00Z`);
}

function opensText({ at, timezone }: Allowed, now: number): string {
  const isSoon = at - now < (week - 1) * dayLength;
  const weekday = weekdayOf(dayOf(at, timezone));
  const text = localText(at, timezone);
  return `opens ${isSoon ? `${weekday} ${text.slice(-5)}` : text} ${timezone} (in ${lengthText(at - now)})`;
}
