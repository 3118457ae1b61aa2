import { isFailure, known, reasonOf, unknown, type Known } from '../lib/index.ts';
import type { KubeObject } from '../objects/index.ts';
import type { KubeClient } from '../kube/index.ts';

/** Every PersistentVolumeClaim of the cluster, by namespace: what StatefulSets made is in no inventory. */
export async function readClaims(
  client: KubeClient,
): Promise<Known<ReadonlyMap<string, readonly KubeObject[]>>> {
  try {
    const { items } = await client.list({ group: '', kind: 'PersistentVolumeClaim' });
    return known(Map.groupBy(items, (item) => item.metadata.namespace ?? ''));
  } catch (error) {
    if (isFailure(error, 'TORYO_KUBE_FORBIDDEN')) return unknown(reasonOf(error));
    throw error;
  }
}
