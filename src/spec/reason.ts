import { at, pathText, type PathStep, type Reason } from '../lib/index.ts';
import type { Whereabouts } from './fleet.ts';

/** A resolved value that knows where its parts were written. */
export interface Placed {
  readonly place: Whereabouts;
}

// Places read their file again, and many pods are refused for the same line.
const known = new WeakMap<Whereabouts, Map<string, Reason>>();

/** What stands at a path below `base` of a resolved value, and in which line: that of the layer that won. */
export function reasonIn(
  {
    subject,
    whole,
    base,
  }: { readonly subject: string; readonly whole: Placed; readonly base: readonly PathStep[] },
  path: readonly PathStep[],
): Reason {
  const { place } = whole;
  const steps = [...base, ...path];
  const key = `${subject} ${pathText(steps)}`;
  const reasons = known.get(place) ?? new Map<string, Reason>();
  known.set(place, reasons);
  const reason = reasons.get(key) ?? {
    subject,
    field: pathText(path),
    value: at(whole, ...steps),
    isWritten: place.isWritten(steps),
    at: place.locate(steps, 'key'),
  };
  reasons.set(key, reason);
  return reason;
}
