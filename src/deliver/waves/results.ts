import { hintOf, isFailure, reasonOf } from '../../lib/index.ts';
import { keyOf } from '../../objects/index.ts';
import type { Bundle } from '../../compile/index.ts';
import { notDelivered, type Delivered, type Outcome } from '../writing/delivered.ts';
import type { Judged } from '../writing/waiting.ts';
import type { Judgement, WaveDecision } from './waves-decide.ts';

/** What is known of clusters when a delivery ends. */
export interface Done {
  readonly delivered: ReadonlyMap<string, readonly Delivered[]>;
  /** Somebody with a newer commit was let through. */
  readonly isWanted: boolean;
  /** Wave -> why its gates gave no answer. */
  readonly unanswered: ReadonlyMap<string, string>;
  healthOn(cluster: string): readonly Judged[];
}

/** What became of every cluster, in the order of the waves: what was done there, and how its waves stand at the end. */
export function resultsOf(
  bundles: readonly Bundle[],
  decision: WaveDecision,
  field: Done,
): readonly Delivered[] {
  const judged = Map.groupBy(decision.judgements, (one) => one.cluster);
  return bundles.map(({ cluster }) => {
    const mine = judged.get(cluster) ?? [];
    const done = {
      ...merged(cluster, field.delivered.get(cluster) ?? [], field.healthOn(cluster)),
      returned: mine.filter(isBack).map((one) => one.owner),
    };
    const judgement = gravestOf(mine);
    if (judgement === undefined) return done;
    const ending = endingOf(judgement, done);
    const [unanswered] = field.unanswered.values();
    if (ending.outcome !== 'waiting') return { ...done, ...ending };
    if (field.isWanted) return { ...done, ...ending, outcome: 'superseded' };
    return unanswered === undefined ? { ...done, ...ending } : { ...done, outcome: 'held', why: unanswered };
  });
}

function isBack({ state }: Judgement): boolean {
  return state === 'stuck' || outcomes[state] === 'returned';
}

function merged(cluster: string, parts: readonly Delivered[], seen: readonly Judged[]): Delivered {
  const last = parts.at(-1) ?? restingOf(cluster, seen);
  // What was taken back is judged as it is now, not as it was before.
  const hasReturned = [...last.records.values()].some((one) => one.bad !== undefined);
  const health = [...seen, ...(hasReturned ? [last] : parts).flatMap((part) => part.health)];
  const latest = new Map(health.map((one) => [keyOf(one.ref), one]));
  return {
    ...last,
    written: parts.reduce((sum, part) => sum + part.written, 0),
    pruned: parts.reduce((sum, part) => sum + part.pruned, 0),
    failures: parts.flatMap((part) => part.failures),
    health: [...latest.values()],
  };
}

/** A cluster that nothing was done on is not well when something there has failed. */
function restingOf(cluster: string, seen: readonly Judged[]): Delivered {
  const isSick = seen.some((one) => one.health.state === 'failed');
  return { ...notDelivered(cluster, isSick ? 'unhealthy' : 'done', undefined), health: seen };
}

interface End {
  readonly outcome: Outcome;
  readonly why: unknown;
}

/** States in the order of their weight; what is `done` has none. */
const gravest = [
  'stuck',
  'failed',
  'returned',
  'returning',
  'silent',
  'held',
  'halted',
  'gate',
  'soaking',
  'waiting',
  'queued',
  'open',
] as const;

const outcomes: Partial<Record<Judgement['state'], Outcome>> = {
  stuck: 'stuck',
  returned: 'returned',
  returning: 'returned',
  held: 'held',
  halted: 'not-started',
};

function gravestOf(judgements: readonly Judgement[]): Judgement | undefined {
  for (const state of gravest) {
    const found = judgements.find((one) => one.state === state);
    if (found !== undefined) return found;
  }
  return undefined;
}

function endingOf(judgement: Judgement, done: Delivered): End {
  const { state, owner, why } = judgement;
  const said = saidOf(state, why, done);
  if (said !== undefined) return said;
  const outcome = outcomes[state];
  const isAboutOwner = outcome === 'stuck' || outcome === 'returned';
  return {
    outcome: outcome ?? 'waiting',
    why: isAboutOwner && !why.startsWith(owner) ? `${owner}: ${why}` : why,
  };
}

/** States of which the delivery itself has said more. */
function saidOf(state: Judgement['state'], why: string, done: Delivered): End | undefined {
  if (state === 'failed')
    return { outcome: done.outcome === 'done' ? 'failed' : done.outcome, why: done.why ?? why };
  if (state === 'silent') return { outcome: 'unreachable', why: isFailure(done.why) ? done.why : why };
  return state === 'held' && done.outcome === 'blocked' ? { outcome: 'blocked', why: done.why } : undefined;
}

/** Why a cluster ended as it did, for people. */
export function whyOf(delivered: Delivered): string {
  const [failed] = delivered.failures;
  if (isFailure(delivered.why)) return `${delivered.why.message}. ${hintOf(delivered.why.code)}`;
  if (delivered.why !== undefined) return reasonOf(delivered.why);
  if (failed !== undefined) return failed.error.message;
  const sick =
    delivered.health.find((one) => one.health.state === 'failed') ??
    delivered.health.find((one) => one.health.state === 'progressing');
  return sick === undefined ? '' : `${sick.ref.kind}/${sick.ref.name}: ${sick.health.why}`;
}
