import { known, unknown } from '../lib/index.ts';
import type { Bundle } from '../compile/index.ts';
import type { Hold, OtherCluster } from '../deliver/index.ts';
import { demandFor } from './consent.ts';
import { absent, clusterOf, type Built } from './looking.ts';
import type { Records } from './records.ts';

const deliverRoom = () => import('../deliver/index.ts');

/**
 * Clusters to which nothing new comes before somebody agrees, by what the clusters say of it. Whether somebody did is not looked at: that
 * takes the plan that they signed. What has begun to move there had what it needed.
 */
export async function approvalHolds(
  built: Built,
  bundles: readonly Bundle[],
  { standings, silent, consents }: Records,
): Promise<ReadonlyMap<string, Hold>> {
  const { demandNote } = await deliverRoom();
  const others = bundles.map(({ cluster }): OtherCluster => {
    const why = silent.get(cluster)?.why ?? '';
    const own = consents.get(cluster) ?? (why === absent ? undefined : unknown(why));
    return { cluster, environment: clusterOf(built.fleet, cluster).environment, own };
  });
  const moving = new Set(
    standings.all
      .filter(({ record, wanted }) => record?.phase === 'moving' && record.digest === wanted)
      .map((one) => one.cluster),
  );
  const holds = [...consents].map(async ([cluster, own]): Promise<readonly (readonly [string, Hold])[]> => {
    const demand = await demandFor(built, cluster, own, others);
    const note = demandNote(demand, known([])) ?? '';
    const isUnread = own.is === 'unknown';
    if (moving.has(cluster) || (demand.is !== 'needed' && !isUnread)) return [];
    const why = isUnread ? note : `${note} (nobody who wrote them): ${next}`;
    return [[cluster, { why, until: undefined, letsDrift: true }]];
  });
  return new Map((await Promise.all(holds)).flat());
}

const next = '`toryo plan --out plan.json`, `toryo approve plan.json`, `toryo apply plan.json`';
