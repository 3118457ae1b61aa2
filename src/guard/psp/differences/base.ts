import type { Ground, Variation } from './aspect.ts';
import { everyAspect } from './comparison.ts';

/** What a pod must say, aspect by aspect, so that somebody lets it in; empty where a pod that says nothing will do. */
export type Base = ReadonlyMap<string, Variation>;

/** The base for whoever counts refusals: of each aspect the first value that is refused less than nothing said. */
export function baseFor(ground: Ground, refusals: (parts: readonly Variation[]) => number): Base {
  const chosen = new Map<string, Variation>();
  let least = refusals([]);
  for (const aspect of everyAspect) {
    if (least === 0) break;
    const others = [...chosen.values()];
    for (const variation of aspect.variations(ground)) {
      const count = refusals([...others, variation]);
      if (count < least) chosen.set(aspect.name, variation);
      least = Math.min(least, count);
    }
  }
  return chosen;
}

/** A base with other values of some aspects. */
export function around(base: Base, values: Base): readonly Variation[] {
  return [...new Map([...base, ...values]).values()];
}
