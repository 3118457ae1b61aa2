import { failure, type ToryoError } from '../lib/index.ts';
import type { Plan, PlannedCluster } from '../deliver/index.ts';

const mostNamed = 3;

/** Why nothing of a plan is written: what is blocked where, and how to go on without it. */
export function blockedIn({ waves }: Plan): ToryoError {
  const clusters = waves.flatMap((wave) => wave.clusters);
  const blocked = clusters.filter((one) => one.blockers.length > 0);
  return failure('TORYO_BLOCKED', {
    count: blocked.reduce((sum, one) => sum + countBlocked(one), 0),
    on: namesOf(blocked),
    others: clusters.length - blocked.length,
  });
}

/** How many changes are stopped: each by itself, or by a brake on the deletions of an owner. */
function countBlocked({ changes, blockers }: PlannedCluster): number {
  const others = blockers.filter(({ code }) => !['blocked-change', 'protected-kind'].includes(code));
  const own = changes.filter(({ action }) => action === 'blocked').length;
  return others.reduce((sum, { count = 1 }) => sum + count, own);
}

function namesOf(blocked: readonly PlannedCluster[]): string {
  const named = blocked.slice(0, mostNamed).map((one) => one.cluster);
  const more = blocked.length - named.length;
  return `${named.join(', ')}${more > 0 ? ` and ${more} more` : ''}`;
}
