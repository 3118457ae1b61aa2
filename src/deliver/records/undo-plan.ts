import type { Instant, Known } from '../../lib/index.ts';
import {
  inventoryName,
  keyOf,
  ownerName,
  refOf,
  type KubeObject,
  type Owner,
  type Ref,
  type RefKey,
} from '../../objects/index.ts';
import type { Bundle } from '../../compile/index.ts';
import type { Inventory, InventoryItem, WaveRecord } from '../../world/index.ts';
import { undoneWhy } from '../plan/prune-plan.ts';
import { cautionOf, isNamed, undoEnd, type Buried, type Tomb } from './tombstone-plan.ts';

/** A deleted object that can be brought back. */
export interface Restorable {
  readonly ref: Ref;
  readonly tomb: Tomb;
  readonly buried: Buried;
  readonly until: Instant;
  /** What does not come back with it. */
  readonly caution?: string;
  /** Why it cannot be brought back now. */
  readonly obstacle?: string;
}

/** Which deleted objects are meant: of an owner, by KIND/NAME or KIND/NAMESPACE/NAME; all when nothing is said. */
export interface UndoWish {
  readonly owner?: string;
  readonly names: readonly string[];
}

/** What can be brought back, each object as it was when it was deleted last. Tombs come latest first. */
export function restorables(
  tombs: readonly Tomb[],
  live: ReadonlyMap<RefKey, Known<KubeObject | undefined>>,
  wish: UndoWish,
): readonly Restorable[] {
  const found = new Map<RefKey, Restorable>();
  for (const tomb of tombs)
    for (const buried of tomb.buried) {
      const ref = refOf(buried.object);
      const key = keyOf(ref);
      const isMeant = wish.owner === undefined || wish.owner === ownerName(tomb.owner);
      if (!isMeant || found.has(key) || !isNamed(ref, wish.names)) continue;
      const [caution, obstacle] = [cautionOf(ref), obstacleIn(live.get(key))];
      found.set(key, {
        ref,
        tomb,
        buried,
        until: undoEnd(tomb.at),
        ...(caution === undefined ? {} : { caution }),
        ...(obstacle === undefined ? {} : { obstacle }),
      });
    }
  return [...found.values()];
}

function obstacleIn(live: Known<KubeObject | undefined> | undefined): string | undefined {
  if (live?.is !== 'known') return `cannot be read: ${live?.why ?? 'it was not asked for'}`;
  if (live.value === undefined) return undefined;
  return live.value.metadata['deletionTimestamp'] === undefined
    ? 'something of that name is there'
    : 'it is still being deleted';
}

/** What an inventory becomes when objects are brought back. */
export interface Reopening {
  readonly owner: Owner;
  readonly known: Inventory | undefined;
  readonly bundle: Bundle;
  /** What the owner is in the whole fleet now; empty when it is nowhere. */
  readonly revision: string;
  readonly at: Instant;
}

/**
 * The inventory with objects that were brought back. Where the repository does not want them, its revision is called bad: it
 * is not applied again here, and deletes nothing, until the owner changes.
 */
export function reopened(
  { owner, known, bundle, revision, at }: Reopening,
  items: readonly InventoryItem[],
): Inventory {
  const wanted = new Set(bundle.manifests.map((manifest) => keyOf(refOf(manifest.object))));
  const all = new Map([...(known?.items ?? []), ...items].map((item) => [keyOf(item.ref), item]));
  const base = { owner, name: inventoryName(owner), digest: known?.digest ?? '', items: [...all.values()] };
  const isWanted = items.every((item) => wanted.has(keyOf(item.ref)));
  const before = known?.record;
  if (isWanted) return before === undefined ? base : { ...base, record: before };
  const record: WaveRecord = {
    ...(before ?? { revision, plan: '' }),
    digest: bundle.owners.get(ownerName(owner)) ?? '',
    phase: 'stuck',
    since: at,
    bad: revision,
    why: undoneWhy,
  };
  return { ...base, record };
}
