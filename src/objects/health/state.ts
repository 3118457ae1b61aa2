import type { KubeObject } from '../manifest.ts';
import type { Instant } from '../../lib/index.ts';

/** Whether an object does what it is for. */
export interface Health {
  readonly state: 'healthy' | 'progressing' | 'failed' | 'unknown';
  /** One short sentence that names the cause; empty where there is nothing to say. */
  readonly why: string;
  /** Somebody stopped it on purpose: nothing to wait for. */
  readonly isSuspended?: true;
}

/** Reads the health of an object; undefined when the rule has nothing to say about it. `now` is unknown to most callers. */
export type Rule = (object: KubeObject, now?: Instant) => Health | undefined;

export const healthy = (why = ''): Health => ({ state: 'healthy', why });
export const progressing = (why: string): Health => ({ state: 'progressing', why });
export const failed = (why: string): Health => ({ state: 'failed', why });
export const unsure = (why: string): Health => ({ state: 'unknown', why });
/** Stopped on purpose: healthy, so that it blocks nothing, and told apart. */
export const suspended = (why = 'suspended'): Health => ({ state: 'healthy', why, isSuspended: true });

/** The first rule that has something to say. */
export function firstOf(...rules: readonly Rule[]): Rule {
  return (object, now) => {
    for (const rule of rules) {
      const health = rule(object, now);
      if (health !== undefined) return health;
    }
    return undefined;
  };
}

/** Always the same answer: the last of `firstOf`. */
export function otherwise(health: Health): Rule {
  return () => health;
}

/** The rule where it finds something to wait for or worse; silent about health, so that others may look too. */
export function unless(rule: Rule): Rule {
  return (object, now) => {
    const health = rule(object, now);
    return health?.state === 'healthy' && health.isSuspended !== true ? undefined : health;
  };
}
