import {
  inventoryName,
  keyOf,
  ownerName,
  refOf,
  type KubeObject,
  type Manifest,
  type Owner,
  type RefKey,
} from '../objects/index.ts';
import type { Bundle } from '../compile/index.ts';
import { uidOf, type ClusterWorld, type Inventory, type InventoryItem } from '../world/index.ts';
import { isWrite, type PlannedCluster } from './change.ts';

/** What a ledger is kept of. */
export interface Books {
  readonly bundle: Bundle;
  readonly world: ClusterWorld;
  readonly planned: PlannedCluster;
  /** The object as it is now: stored by this delivery, or seen before it. */
  current(manifest: Manifest): KubeObject | undefined;
  /** Deleted, and really gone. */
  readonly gone: ReadonlySet<RefKey>;
}

/** Which inventories are to be written during one delivery: before the writes old and new, after them exactly what is there. */
export class Ledger {
  readonly #books: Books;
  readonly #known: ReadonlyMap<string, Inventory>;
  readonly #changed: ReadonlySet<RefKey>;
  readonly #foreign: ReadonlySet<RefKey>;
  readonly #working: ReadonlySet<string>;

  constructor(books: Books) {
    const { changes } = books.planned;
    const { inventories } = books.world;
    const keysOf = (...actions: readonly string[]): ReadonlySet<RefKey> =>
      new Set(
        changes.filter((change) => actions.includes(change.action)).map((change) => keyOf(change.subject)),
      );
    this.#books = books;
    this.#known = inventories.is === 'known' ? inventories.value : new Map();
    this.#changed = keysOf('create', 'configure');
    this.#foreign = keysOf('skip');
    this.#working = new Set(changes.filter(isWrite).map((change) => ownerName(change.owner)));
  }

  /** Inventories to write before anything else: what is about to exist is listed first. */
  claims(): readonly Inventory[] {
    return this.#differing('claim').filter((inventory) => this.#working.has(ownerName(inventory.owner)));
  }

  /** Inventories to write at the end. */
  exact(): readonly Inventory[] {
    return this.#differing('exact').filter((inventory) => inventory.items.length > 0);
  }

  /** Inventories of owners that have nothing left. */
  empty(): readonly Inventory[] {
    return [...this.#known].flatMap(([name, inventory]) =>
      this.#items(name, 'exact').length === 0 ? [inventory] : [],
    );
  }

  #differing(form: 'claim' | 'exact'): readonly Inventory[] {
    const { bundle } = this.#books;
    const owners = new Map<string, Owner>(
      bundle.manifests.map((manifest) => [ownerName(manifest.owner), manifest.owner]),
    );
    for (const [name, inventory] of this.#known) owners.set(name, inventory.owner);
    return [...owners].flatMap(([name, owner]) => {
      const before = this.#known.get(name);
      const digest = form === 'exact' ? (bundle.owners.get(name) ?? '') : (before?.digest ?? '');
      const after: Inventory = { owner, name: inventoryName(owner), digest, items: this.#items(name, form) };
      return isSame(before, after) ? [] : [after];
    });
  }

  #items(name: string, form: 'claim' | 'exact'): readonly InventoryItem[] {
    const before = this.#known.get(name)?.items ?? [];
    const uids = new Map(before.map((item) => [keyOf(item.ref), item.uid]));
    const items = new Map<RefKey, InventoryItem>();
    for (const item of before) {
      const key = keyOf(item.ref);
      if (form === 'claim' || this.#isStillThere(key)) items.set(key, item);
    }
    for (const manifest of this.#books.bundle.manifests) {
      const key = keyOf(refOf(manifest.object));
      if (ownerName(manifest.owner) === name) items.set(key, this.#item(manifest, uids.get(key) ?? ''));
    }
    return [...items.values()];
  }

  // An object that will be created has a uid that nobody knows: an old one would make it look like somebody else's. What
  // removed itself keeps its own.
  #item(manifest: Manifest, knownUid: string): InventoryItem {
    const ref = refOf(manifest.object);
    const object = this.#books.current(manifest);
    if (object !== undefined) return { ref, uid: uidOf(object) };
    return { ref, uid: this.#changed.has(keyOf(ref)) ? '' : knownUid };
  }

  // What was to go and did not, and what could not be read, stays listed: a later apply must find it. What was found to be
  // somebody else's does not.
  #isStillThere(key: RefKey): boolean {
    if (this.#books.gone.has(key)) return false;
    const live = this.#books.world.live.get(key);
    if (live === undefined || live.is === 'unknown') return true;
    return live.value !== undefined && !this.#foreign.has(key);
  }
}

function isSame(before: Inventory | undefined, after: Inventory): boolean {
  if (before === undefined || before.digest !== after.digest || before.items.length !== after.items.length)
    return false;
  const uids = new Map(before.items.map((item) => [keyOf(item.ref), item.uid]));
  return after.items.every((item) => uids.get(keyOf(item.ref)) === item.uid);
}
