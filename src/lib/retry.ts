import { setTimeout as sleep } from 'node:timers/promises';

/** Tries after the first, when the server fails or the connection breaks: about 3 s in all. */
const failureRetries = 5;
/** Tries after the first, when the server asks to come back later. */
const busyRetries = 10;
/** A server that asks for more patience than this gets an error instead, in milliseconds. */
const longestWait = 60_000;

/** Full jitter: a random time up to 0.1 s, 0.2 s, 0.4 s … and never more than the ceiling, in milliseconds. */
export function backOff(attempt: number, ceiling = 5000): number {
  return Math.random() * longestBackOff(attempt, ceiling);
}

function longestBackOff(attempt: number, ceiling = 5000): number {
  return Math.min(ceiling, 100 * 2 ** attempt);
}

/** Sleeps; false when the signal ended it. */
export async function pause(milliseconds: number, signal: AbortSignal): Promise<boolean> {
  try {
    await sleep(milliseconds, undefined, { signal });
    return true;
  } catch {
    return false;
  }
}

/** How long to wait after a failed connection or a 5xx, in milliseconds; undefined: give up. */
export function waitAfterFailure(attempt: number, retryAfter: string | undefined): number | undefined {
  if (attempt >= failureRetries) return undefined;
  return withJitter(secondsOf(retryAfter), attempt);
}

/** How long all tries from this one on take at most when none is answered and each takes so long, in milliseconds. */
export function longestTries(attempt: number, each: number): number {
  const pauses = Array.from({ length: failureRetries - attempt }, (_, index) =>
    longestBackOff(attempt + index),
  );
  return pauses.reduce((sum, wait) => sum + wait + each, each);
}

/** How long to wait after a 429, in milliseconds; undefined: give up. */
export function waitAfterBusy(attempt: number, retryAfter: string | undefined): number | undefined {
  if (attempt >= busyRetries) return undefined;
  return withJitter(secondsOf(retryAfter), attempt);
}

function withJitter(seconds: number | undefined, attempt: number): number | undefined {
  if (seconds === undefined) return backOff(attempt);
  const asked = seconds * 1000;
  return asked > longestWait ? undefined : asked + Math.random() * Math.min(1000, asked / 4 + 100);
}

// Retry-After is a number of seconds or an HTTP date.
function secondsOf(retryAfter: string | undefined): number | undefined {
  if (retryAfter === undefined || retryAfter === '') return undefined;
  const seconds = Number(retryAfter);
  if (!Number.isNaN(seconds)) return Math.max(0, seconds);
  const date = Date.parse(retryAfter);
  return Number.isNaN(date) ? undefined : Math.max(0, (date - Date.now()) / 1000);
}
