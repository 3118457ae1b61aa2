import type { WaveRecord } from '../../world/index.ts';
import type { Ending } from '../plan/movement.ts';
import type { Judged } from './waiting.ts';
import type { FailedWrite } from './writing.ts';

/** What became of one cluster. */
export interface Delivered {
  readonly cluster: string;
  readonly outcome: Outcome;
  readonly why?: unknown;
  readonly written: number;
  readonly pruned: number;
  readonly failures: readonly FailedWrite[];
  readonly health: readonly Judged[];
  /** Owner -> how its movement ended; owners whose movement was not ended are not in it. */
  readonly endings: ReadonlyMap<string, Ending>;
  /** Owner -> record as it was written. */
  readonly records: ReadonlyMap<string, WaveRecord>;
  /** Owners whose revision went back here, or is stuck: it is not applied again. */
  readonly returned?: readonly string[];
}

/** How a delivery to one cluster ended. */
export type Outcome =
  | 'done'
  | 'unhealthy'
  | 'timed-out'
  | 'failed'
  | 'blocked'
  | 'unreachable'
  | 'returned'
  | 'stuck'
  | 'held'
  | 'superseded'
  | 'waiting'
  | 'not-started';

/** A cluster that nothing was done on, and why. */
export function notDelivered(cluster: string, outcome: Outcome, why: unknown): Delivered {
  const nothing = { written: 0, pruned: 0, failures: [], health: [], endings: new Map(), records: new Map() };
  return { cluster, outcome, why, ...nothing };
}

/** The outcome of a delivery by how its owners ended. */
export function worstOf(endings: readonly Ending[]): Outcome {
  const found = new Set(endings.map((one) => one.outcome));
  return (['failed', 'unhealthy', 'timed-out'] as const).find((outcome) => found.has(outcome)) ?? 'done';
}
