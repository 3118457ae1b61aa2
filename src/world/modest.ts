import { isFailure, known, knownValue, reasonOf, unknown, type Known } from '../lib/index.ts';
import { keyOf, overlay, refOf, type KubeObject, type RefKey } from '../objects/index.ts';
import type { KubeClient } from '../kube/index.ts';
import type { Inventory } from './inventory.ts';
import type { Foresight } from './prediction.ts';
import { readIdentity, readInventories, readNamespaces, type Namespaces } from './reading.ts';
import { hasStrays } from './whole.ts';
import type { Identity, Prediction } from './world.ts';

/** What the server would probably store, by what is there alone: nothing is asked that needs more than the right to read. */
export function guess({ manifests, live, unchanged }: Foresight): ReadonlyMap<RefKey, Prediction> {
  return new Map(
    manifests.map(({ object }): readonly [RefKey, Prediction] => {
      const key = keyOf(refOf(object));
      const there = knownValue(live.get(key));
      if (there !== undefined && unchanged.has(key))
        return [key, { by: 'managed-fields', object: there, hasRights: true }];
      const after = there === undefined ? object : over(there, object);
      return [key, { by: 'nothing', object: after, hasRights: false }];
    }),
  );
}

function over(there: KubeObject, object: KubeObject): KubeObject {
  const after = overlay(there, object);
  return hasStrays(after, object) ? { ...after, spec: object['spec'] } : after;
}

/** The cluster's own word on which one it is, as far as it may be read; an empty uid: it may not. */
export async function identityIfAllowed(
  client: KubeClient,
): Promise<{ readonly uid: string; readonly identity: Identity | undefined }> {
  const found = await ifAllowed(() => readIdentity(client));
  return found.is === 'known' ? found.value : { uid: '', identity: undefined };
}

/** The inventories; unknown without the right to read them. */
export async function inventoriesIfAllowed(
  client: KubeClient,
  fleet: string,
): Promise<Known<ReadonlyMap<string, Inventory>>> {
  const found = await ifAllowed(() => readInventories(client, fleet));
  return found.is === 'known' ? found.value : found;
}

/** Which namespaces there are; undefined without the right to list them. */
export async function namespacesIfAllowed(client: KubeClient): Promise<Namespaces | undefined> {
  return knownValue(await ifAllowed(() => readNamespaces(client)));
}

/** Every ResourceQuota of a cluster; unknown without the right to read them. */
export async function readQuotas(client: KubeClient): Promise<Known<readonly KubeObject[]>> {
  return ifAllowed(async () => (await client.list({ group: '', kind: 'ResourceQuota' })).items);
}

async function ifAllowed<T>(read: () => Promise<T>): Promise<Known<T>> {
  try {
    return known(await read());
  } catch (error) {
    if (isFailure(error, 'TORYO_KUBE_FORBIDDEN', 'TORYO_KUBE_ANSWER')) return unknown(reasonOf(error));
    throw error;
  }
}
