import { isString, listAt, parseJson, stringAt, type Instant } from '../lib/index.ts';

/**
 * moving: being written or waited for. healthy: all of it was healthy when last looked at. passed: its wave's gates let it
 * through. failed: not healthy in time, refused, or stopped by a gate. returning, returned: on the way back, and back, at the
 * revision before. stuck: the way back failed; nothing else is tried.
 */
const phases = ['moving', 'healthy', 'passed', 'failed', 'returning', 'returned', 'stuck'] as const;

/** Where one owner's revision stands on one cluster. */
export type RecordPhase = (typeof phases)[number];

/** The record of an owner's wave on one cluster; the state of a wave is made from the records of all clusters and nothing else. */
export interface WaveRecord {
  /** Digest of the manifests that the phase is about. */
  readonly digest: string;
  readonly phase: RecordPhase;
  /** When the phase began. */
  readonly since: Instant;
  /** What the owner is in the whole fleet (revisionOf): clusters that moved for the same change share it. */
  readonly revision: string;
  /** Hash of the plan that began it. */
  readonly plan: string;
  /** Commit of the repository, when it has one. */
  readonly commit?: string | undefined;
  /** The commit with which the owner ended well here before: the change that is not agreed to yet begins after it. */
  readonly goodCommit?: string | undefined;
  /** The last revision that was healthy here and whose manifests are kept: where the way back leads. */
  readonly previous?: string | undefined;
  /** Why there is no way back from this revision. */
  readonly noWayBack?: string | undefined;
  /** What the owner was in the whole fleet when it failed: it is not applied again here until that changes. */
  readonly bad?: string | undefined;
  readonly why?: string | undefined;
}

/** A record as one line of an inventory. */
export function recordText(record: WaveRecord): string {
  return JSON.stringify(record);
}

/** Reads a record back; undefined when it is none. */
export function recordFrom(text: string | undefined): WaveRecord | undefined {
  const value = text === undefined ? undefined : parseJson(text);
  const [digest, since] = [stringAt(value, 'digest'), stringAt(value, 'since')];
  const phase = phases.find((one) => one === stringAt(value, 'phase'));
  if (digest === undefined || since === undefined || phase === undefined) return undefined;
  if (Number.isNaN(Date.parse(since))) return undefined;
  const optional = ['commit', 'goodCommit', 'previous', 'noWayBack', 'bad', 'why'] as const;
  const known = optional.flatMap((field) => {
    const found = stringAt(value, field);
    return found === undefined ? [] : [[field, found] as const];
  });
  const [revision = '', plan = ''] = [stringAt(value, 'revision'), stringAt(value, 'plan')];
  return { digest, phase, since, revision, plan, ...Object.fromEntries(known) };
}

/** What a person said about a revision, in annotations that no apply touches. */
export interface Wish {
  /** The revision that goes no further, and why. */
  readonly halted?: { readonly digest: string; readonly why: string };
  /** The revision that need not soak any longer. */
  readonly promoted?: string;
  /** The revision that is to go back. */
  readonly returned?: string;
}

/** A wish as the value of its annotation. */
export function wishText(digest: string, why: string): string {
  return JSON.stringify([digest, why]);
}

/** Reads wishText back; a value that somebody wrote by hand holds for no revision. */
export function wishFrom(
  text: string | undefined,
): { readonly digest: string; readonly why: string } | undefined {
  const [digest, why] = text === undefined ? [] : listAt(parseJson(text));
  return isString(digest) && isString(why) ? { digest, why } : undefined;
}
