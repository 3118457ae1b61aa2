import {
  fieldManagerOf,
  isFailure,
  failure,
  isArray,
  stringAt,
  type Instant,
  type Run,
  type ToryoError,
} from '../../lib/index.ts';
import { keyOf, ownerName, tierOf, type KubeObject, type RefKey } from '../../objects/index.ts';
import type { Bundle } from '../../compile/index.ts';
import type { KubeClient } from '../../kube/index.ts';
import { inventoryObject, readInventories, readLive, uidOf, type Inventory } from '../../world/index.ts';
import { ClusterLease, type Holder } from './lease.ts';
import { creatable } from './tombstone-plan.ts';
import { readTombs } from './tombstone.ts';
import { reopened, restorables, type Restorable, type UndoWish } from './undo-plan.ts';

/** Reads what was deleted on a cluster and can be brought back. */
export async function readRestorables(
  client: KubeClient,
  fleet: string,
  wish: UndoWish,
  run: Run,
): Promise<readonly Restorable[]> {
  const tombs = await readTombs(client, fleet, run.now());
  const refs = tombs.flatMap((tomb) => restorables([tomb], new Map(), wish).map((one) => one.ref));
  const wanted = new Map(refs.map((ref) => [keyOf(ref), { ref, version: undefined }]));
  return restorables(tombs, await readLive(client, [...wanted.values()]), wish);
}

/** A cluster on which something is brought back. */
export interface UndoSite {
  readonly client: KubeClient;
  readonly fleet: string;
  readonly bundle: Bundle;
  /** Owner -> what it is in the whole fleet. */
  readonly revisions: ReadonlyMap<string, string>;
  readonly holder: Holder;
}

/** What became of one object. */
export interface Restored {
  readonly restorable: Restorable;
  readonly error?: ToryoError;
}

/** Creates deleted objects again as they were. They are listed before they are there: killed anywhere, nothing is there unlisted. */
export async function restore(
  chosen: readonly Restorable[],
  site: UndoSite,
  run: Run,
): Promise<readonly Restored[]> {
  const { client, fleet } = site;
  const lease = await ClusterLease.take(client, site.holder, run);
  try {
    const inventories = await readInventories(client, fleet);
    if (inventories.is === 'unknown')
      throw failure('TORYO_UNDO', { why: inventories.why }, { cluster: client.cluster });
    const book = { site, known: inventories.value, at: run.now() };
    await reopen(chosen, new Map(), book);
    const uids = new Map<RefKey, string>();
    const restored: Restored[] = [];
    for (const restorable of chosen.toSorted((left, right) => rankOf(left) - rankOf(right))) {
      lease.check();
      const made = await recreated(restorable, client, fleet);
      if (isFailure(made)) restored.push({ restorable, error: made });
      else {
        uids.set(keyOf(restorable.ref), made);
        restored.push({ restorable });
      }
    }
    const done = restored.filter((one) => one.error === undefined).map((one) => one.restorable);
    await reopen(done, uids, book);
    return restored;
  } finally {
    await lease.release();
  }
}

interface Book {
  readonly site: UndoSite;
  readonly known: ReadonlyMap<string, Inventory>;
  readonly at: Instant;
}

/** Lists objects in the inventories of their owners again. */
async function reopen(
  items: readonly Restorable[],
  uids: ReadonlyMap<RefKey, string>,
  { site, known, at }: Book,
): Promise<void> {
  const { client, fleet, bundle, revisions } = site;
  for (const [name, mine] of Map.groupBy(items, (one) => ownerName(one.tomb.owner))) {
    const owner = mine[0]?.tomb.owner;
    if (owner === undefined) continue;
    const reopening = {
      owner,
      known: known.get(name),
      bundle,
      revision: revisions.get(name) ?? '',
      at,
    };
    const listed = mine.map(({ ref }) => ({ ref, uid: uids.get(keyOf(ref)) ?? '' }));
    await client.apply(inventoryObject(reopened(reopening, listed), fleet), {
      fieldManager: fieldManagerOf(fleet),
      force: true,
    });
  }
}

function rankOf({ buried }: Restorable): number {
  return tierOf(buried.object);
}

/** The new uid; an error about this object alone is a value: the others come back all the same. */
async function recreated(
  restorable: Restorable,
  client: KubeClient,
  fleet: string,
): Promise<string | ToryoError> {
  try {
    return uidOf(await recreate(restorable, client, fleet));
  } catch (error) {
    if (!isFailure(error) || isFailure(error, 'TORYO_INTERRUPTED')) throw error;
    return error;
  }
}

const tries = 5;

/** Creates an object, and gives its fields back to those who owned them: the next apply finds it as it left it. */
async function recreate({ ref, buried }: Restorable, client: KubeClient, fleet: string): Promise<KubeObject> {
  const fieldManager = `${fieldManagerOf(fleet)}-undo`;
  let live = await client.create(creatable(buried), { fieldManager });
  for (let turn = 1; buried.managedFields.length > 0; turn += 1) {
    const managers = live.metadata['managedFields'];
    const others = (isArray(managers) ? managers : []).filter(
      (one) => stringAt(one, 'manager') !== fieldManager && stringAt(one, 'subresource') !== undefined,
    );
    const metadata = {
      resourceVersion: stringAt(live, 'metadata', 'resourceVersion'),
      managedFields: [...buried.managedFields, ...others],
    };
    try {
      return await client.patch(ref, { metadata }, { type: 'merge', fieldManager });
    } catch (error) {
      // A controller was faster.
      if (turn === tries || !isFailure(error, 'TORYO_KUBE_CONFLICT')) throw error;
      live = (await client.get(ref)) ?? live;
    }
  }
  return live;
}
