import { setTimeout as sleep } from 'node:timers/promises';
import { tell, type Run } from '../../lib/index.ts';
import { keyOf, ownerName, titleOf, type RefKey } from '../../objects/index.ts';
import type { KubeClient } from '../../kube/index.ts';
import { readLive, uidOf } from '../../world/index.ts';
import type { Change } from '../plan/change.ts';
import { lingering } from '../plan/removal-plan.ts';

const firstPause = 200;
const longestPause = 2000;

/** Waits until deleted objects are really gone; gives the owners of those that are not after `timeout` milliseconds, and what keeps one. */
export async function lingeringOwners(
  changes: readonly Change[],
  client: KubeClient,
  timeout: number,
  run: Run,
): Promise<ReadonlyMap<string, string>> {
  if (changes.length === 0) return new Map();
  const left = await untilGone(changes, client, timeout, run);
  return new Map(
    changes.flatMap((change) => {
      const why = left.get(keyOf(change.subject));
      return why === undefined ? [] : [[ownerName(change.owner), why] as const];
    }),
  );
}

async function untilGone(
  changes: readonly Change[],
  client: KubeClient,
  timeout: number,
  run: Run,
): Promise<ReadonlyMap<RefKey, string>> {
  const begun = performance.now();
  for (let pause = firstPause; ; pause = Math.min(pause * 1.5, longestPause)) {
    const live = await readLive(
      client,
      changes.map((change) => ({ ref: change.subject, version: undefined })),
    );
    const left = changes.flatMap((change) => {
      const found = live.get(keyOf(change.subject));
      if (found?.is !== 'known')
        return [
          [keyOf(change.subject), `${titleOf(change.subject)} cannot be read: ${found?.why ?? ''}`] as const,
        ];
      const object = found.value;
      return object === undefined || uidOf(object) !== change.uid
        ? []
        : [[keyOf(change.subject), lingering(object)] as const];
    });
    if (left.length === 0 || performance.now() - begun > timeout) return new Map(left);
    tell(run, {
      cluster: client.cluster,
      subject: 'removed',
      verb: 'wait',
      state: 'progress',
      done: changes.length - left.length,
      of: changes.length,
      why: left[0]?.[1] ?? '',
    });
    await sleep(pause, undefined, { signal: run.signal });
  }
}
