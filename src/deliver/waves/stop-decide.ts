import { undoneText, undoneWhy } from '../plan/prune-plan.ts';
import { hasWayBack, isOfThisChange, whyNoWayBack, type Judged } from './standing-decide.ts';

/** A group of owners that goes no further. */
export interface Stop {
  readonly why: string;
  /** True: what moved goes back to the revision before. False: everything stays where it is. */
  readonly isReturning: boolean;
}

/** What decides when a group stops, and whether it may go back. */
export interface StopRules {
  readonly waves: readonly { readonly stopAfterFailures: number }[];
  readonly mayReturn?: boolean;
}

/** Why owners that move together go no further, and whether they go back; undefined when they may go on. */
export function stopOf(
  standings: readonly Judged[],
  { waves, mayReturn = true }: StopRules,
): Stop | undefined {
  const wish = wishOf(standings);
  if (wish?.isReturning === false) return wish;
  // What a person asked for, and what was begun, is gone to its end whatever is said about failures.
  if (wish !== undefined) return wayBackOf(standings, wish, '');
  const begun = returnOf(standings);
  if (begun !== undefined) return wayBackOf(standings, begun);
  const failure = failureOf(standings, waves);
  if (failure === undefined || mayReturn) return failure && wayBackOf(standings, failure);
  return { ...failure, isReturning: false };
}

/** A stop goes back only when every cluster that the change reached can. */
function wayBackOf(standings: readonly Judged[], stop: Stop, ground = `${stop.why}; `): Stop {
  if (!stop.isReturning) return stop;
  const hopeless = standings.find((one) => isOfThisChange(one) && !hasWayBack(one));
  if (hopeless === undefined) return stop;
  const why = `${ground}no way back for ${hopeless.owner} on ${hopeless.cluster}: ${whyNoWayBack(hopeless) ?? ''}`;
  return { why, isReturning: false };
}

/** What a person asked for. */
function wishOf(standings: readonly Judged[]): Stop | undefined {
  const held = standings.filter((one) => one.wanted !== undefined);
  if (held.some((one) => one.wish?.returned === one.wanted && isOfThisChange(one)))
    return { why: 'rolled back by hand', isReturning: true };
  const halted = held.find((one) => one.wish?.halted?.digest === one.wanted)?.wish?.halted;
  return halted === undefined ? undefined : { why: `halted: ${halted.why}`, isReturning: false };
}

/** A way back that was begun is gone to its end, by whoever finds it. */
function returnOf(standings: readonly Judged[]): Stop | undefined {
  const begun = standings.find((one) => ['returning', 'returned', 'stuck'].includes(one.state));
  if (begun === undefined) return undefined;
  const undone = standings.find((one) => one.state === 'stuck' && one.record?.why === undoneWhy);
  if (undone !== undefined)
    return { why: `${undone.owner} on ${undone.cluster}: ${undoneText}`, isReturning: false };
  // The reason was written down with the names of who failed where: once is enough.
  const told = begun.record?.why?.replace(`${begun.owner} failed on ${begun.cluster}: `, '');
  const reason = told === undefined ? '' : `: ${told}`;
  const why = `${begun.owner} went back on ${begun.cluster}${reason}`;
  // The way back failed somewhere: a person decides, no third state is tried.
  const stuck = standings.find((one) => one.state === 'stuck');
  if (stuck !== undefined)
    return { why: `${why}; the way back failed on ${stuck.cluster}`, isReturning: false };
  return { why, isReturning: true };
}

function failureOf(
  standings: readonly Judged[],
  waves: readonly { readonly stopAfterFailures: number }[],
): Stop | undefined {
  for (const [index, wave] of waves.entries()) {
    const bad = standings.filter(
      (one) => one.wave === index && (one.state === 'failed' || one.state === 'lost'),
    );
    const clusters = [...new Set(bad.map((one) => one.cluster))];
    if (clusters.length === 0 || clusters.length < wave.stopAfterFailures) continue;
    const first = bad.find((one) => one.state === 'failed');
    // Clusters that are gone tell nothing about the change: alone they only keep the waves after theirs waiting.
    if (first === undefined) continue;
    const why = `${first.owner} failed on ${first.cluster}: ${first.failure ?? first.record?.why ?? ''}`;
    return { why, isReturning: true };
  }
  return undefined;
}
