import type { Instant } from '../../lib/index.ts';
import type { RecordPhase, WaveRecord, Wish } from '../../world/index.ts';
import { isEnded } from '../plan/movement.ts';

/** One owner on one cluster: what is wanted there, and how far it got. */
export interface Standing {
  readonly owner: string;
  readonly cluster: string;
  /** Digest of the manifests wanted; undefined: the owner leaves this cluster. */
  readonly wanted: string | undefined;
  /** What the owner is in the whole fleet: a digest over `wanted` of all clusters. */
  readonly revision: string;
  readonly record: WaveRecord | undefined;
  readonly wish: Wish | undefined;
  /** Something is to be written or deleted. */
  readonly hasWork: boolean;
  /** Delivered in this run without success: it is not tried again in it. */
  readonly failure?: string;
  /** What kept it from being moved in this run, forward or back: it says nothing about the revision, and is not tried again in it. */
  readonly hindrance?: string;
}

/** A cluster that does not answer, and whether it has been so for longer than patience. */
export interface Silence {
  readonly why: string;
  readonly isLost: boolean;
}

/** How one owner is on one cluster, before waves are thought of. */
export type StandingState =
  | 'settled'
  | 'drifted'
  | 'ready'
  | 'failed'
  | 'hindered'
  | 'returning'
  | 'returned'
  | 'stuck'
  | 'silent'
  | 'lost';

/** A standing with its state, and its wave's place in the order. */
export interface Judged extends Standing {
  readonly state: StandingState;
  readonly wave: number;
}

const back: Partial<Record<RecordPhase, StandingState>> = {
  returning: 'returning',
  returned: 'returned',
  stuck: 'stuck',
};

/** How one owner is on one cluster. */
export function stateOf(standing: Standing, silence: Silence | undefined): StandingState {
  if (silence !== undefined) return silence.isLost ? 'lost' : 'silent';
  const { wanted, record, hasWork } = standing;
  const bad = badState(standing);
  if (bad !== undefined) return bad;
  if (standing.failure !== undefined) return 'failed';
  if (standing.hindrance !== undefined) return 'hindered';
  if (wanted === undefined || record === undefined) return hasWork ? 'ready' : 'settled';
  return recordedState(standing, record);
}

/** What became of a revision that failed here before; undefined for every other one. */
function badState({ wanted, record, revision, wish }: Standing): StandingState | undefined {
  if (wanted === undefined || record?.bad !== revision) return undefined;
  // A person let it go on; while it is on its way back it stays so.
  if (wish?.promoted === wanted && record.phase !== 'returning') return undefined;
  return back[record.phase] ?? 'returned';
}

function recordedState(standing: Standing, record: WaveRecord): StandingState {
  if (record.digest !== standing.wanted) return 'ready';
  // Without a way back a failure is tried again by the next run: something outside may have been mended.
  if (record.phase === 'failed') return hasWayBack(standing) ? 'failed' : 'ready';
  if (!isEnded(record)) return 'ready';
  return standing.hasWork ? 'drifted' : 'settled';
}

/** True when the revision that is wanted is there and was well: nothing but drift is left to repair. */
export function isThere({ record, wanted }: Standing): boolean {
  return record !== undefined && record.digest === wanted && isEnded(record);
}

/** True when this revision was delivered here as part of the present change, and the one before can be had back. */
export function hasWayBack(standing: Standing): boolean {
  return isOfThisChange(standing) && whyNoWayBack(standing) === undefined;
}

/** True when the cluster runs the revision that the present change brought. */
export function isOfThisChange({ record, wanted, revision }: Standing): boolean {
  return record !== undefined && record.digest === wanted && record.revision === revision;
}

/** Why the revision before cannot be had back; undefined when it can. */
export function whyNoWayBack({ record }: Standing): string | undefined {
  if (record?.noWayBack !== undefined) return record.noWayBack;
  return record?.previous === undefined ? 'no revision before it is known to have been healthy' : undefined;
}

/** When the soak of a settled revision ends; undefined when it needs none, or has had it. */
export function soakEnd(standing: Standing, soak: number, at: Instant): Instant | undefined {
  const { record, wish, wanted } = standing;
  if (record === undefined || record.phase === 'passed' || record.phase === 'returned') return undefined;
  if (wish?.promoted !== undefined && wish.promoted === wanted) return undefined;
  // A clock that was set back must not make a soak longer than it is.
  const begun = Math.min(Date.parse(record.since), Date.parse(at));
  const end = begun + soak;
  return end <= Date.parse(at) ? undefined : new Date(end).toISOString();
}

/** True when a soak would begin only when a clock, that was ahead of this one, is reached: by more than clocks differ. */
export function isAhead({ record }: Standing, at: Instant): boolean {
  return record?.phase === 'healthy' && Date.parse(record.since) > Date.parse(at) + 60_000;
}

/** True when something is still to be done about an owner on a cluster. */
export function isUnsettled({ hasWork, wanted, record, wish, revision }: Standing): boolean {
  if (hasWork || (wish?.returned !== undefined && wish.returned === wanted)) return true;
  if (record === undefined || wanted === undefined) return false;
  if (record.bad === revision) return record.phase === 'returning';
  return record.digest !== wanted || !isEnded(record);
}
