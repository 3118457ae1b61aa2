import { fieldManagerOf, known, type Known, type Run } from '../lib/index.ts';
import { keyOf, ownerName } from '../objects/index.ts';
import type { Bundle } from '../compile/index.ts';
import type { InventoryCheck } from '../deliver/index.ts';
import type { KubeClient } from '../kube/index.ts';
import type { Built, Environment } from './looking.ts';
import { onCluster } from './waves.ts';

const deliverRoom = () => import('../deliver/index.ts');
const worldRoom = () => import('../world/index.ts');

/** The inventories of one cluster, compared with what is there; unknown: it could not be asked. */
export interface CheckedInventories {
  readonly cluster: string;
  readonly check: Known<InventoryCheck & { readonly unread: readonly string[] }>;
}

/** inventory check: compares inventories with what carries our marks; with `repair`, writes those that are wrong. */
export async function checkFleetInventories(
  built: Built,
  bundles: readonly Bundle[],
  { repair, env }: { readonly repair: boolean; readonly env: Environment },
  run: Run,
): Promise<readonly CheckedInventories[]> {
  return Promise.all(
    bundles.map(async (bundle) => ({
      cluster: bundle.cluster,
      check: await onCluster({ built, env, run }, bundle.cluster, async (client) =>
        known(await (repair ? repairOne : checkOne)(built.fleet.name, bundle, client, run)),
      ),
    })),
  );
}

type Check = InventoryCheck & { readonly unread: readonly string[] };

async function checkOne(fleet: string, bundle: Bundle, client: KubeClient): Promise<Check> {
  const [{ checkInventories }, { readLive, readMembership, readShelf, unmarkedIn }] = await Promise.all([
    deliverRoom(),
    worldRoom(),
  ]);
  const [shelf, { members, unread }] = await Promise.all([
    readShelf(client, fleet),
    readMembership(client, fleet),
  ]);
  const refs = new Map(
    shelf.whole.flatMap(({ items }) => items.map(({ ref }) => [keyOf(ref), ref] as const)),
  );
  const live = await readLive(
    client,
    [...refs.values()].map((ref) => ({ ref, version: undefined })),
  );
  const inventories = known(new Map(shelf.whole.map((one) => [ownerName(one.owner), one])));
  const unmarked = unmarkedIn(live, inventories, fleet);
  return { ...checkInventories({ fleet, bundle, shelf, members, live, unmarked }), unread };
}

/** Under the lease: nobody delivers between the look and the writing. */
async function repairOne(fleet: string, bundle: Bundle, client: KubeClient, run: Run): Promise<Check> {
  const { ClusterLease, holderIdentity } = await deliverRoom();
  const first = await checkOne(fleet, bundle, client);
  if (first.repaired.length === 0) return first;
  const { inventoryObject } = await worldRoom();
  const holder = { identity: holderIdentity(), commit: undefined, isNewerThan: () => Promise.resolve(false) };
  const lease = await ClusterLease.take(client, holder, run);
  try {
    const check = await checkOne(fleet, bundle, client);
    for (const inventory of check.repaired) {
      lease.check();
      await client.apply(inventoryObject(inventory, fleet), {
        fieldManager: fieldManagerOf(fleet),
        force: true,
      });
    }
    return check;
  } finally {
    await lease.release();
  }
}
