import { knownValue, labels } from '../../lib/index.ts';
import {
  inventoryName,
  keyOf,
  ownerLabel,
  ownerName,
  refOf,
  type KubeObject,
  type Manifest,
  type Owner,
  type RefKey,
} from '../../objects/index.ts';
import type { Bundle } from '../../compile/index.ts';
import {
  uidOf,
  type ClusterWorld,
  type Inventory,
  type InventoryItem,
  type WaveRecord,
} from '../../world/index.ts';
import { isWrite, type PlannedCluster } from '../plan/change.ts';

/** What a ledger is kept of: the owners of the bundle, and those of the inventories that leave. */
export interface Books {
  readonly bundle: Bundle;
  readonly world: ClusterWorld;
  readonly planned: PlannedCluster;
  /** The object as it is now: stored by this delivery, or seen before it. */
  current(manifest: Manifest): KubeObject | undefined;
  /** Deleted, and really gone. */
  readonly gone: ReadonlySet<RefKey>;
}

/** Records by owner's name. */
export type Records = ReadonlyMap<string, WaveRecord>;

/** Which inventories are to be written during one delivery: before the writes old and new, after them exactly what is there. */
export class Ledger {
  readonly #books: Books;
  readonly #known: ReadonlyMap<string, Inventory>;
  readonly #changed: ReadonlySet<RefKey>;
  readonly #foreign: ReadonlySet<RefKey>;
  readonly #working: ReadonlySet<string>;
  readonly #owners: ReadonlyMap<string, Owner>;
  readonly #wanted: ReadonlyMap<RefKey, Manifest>;
  readonly #claimed = new Map<string, Inventory>();

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
    this.#foreign = new Set(
      changes
        .filter((change) => change.action === 'skip' && change.isOurs !== true)
        .map((change) => keyOf(change.subject)),
    );
    this.#wanted = new Map(books.bundle.manifests.map((one) => [keyOf(refOf(one.object)), one]));
    this.#working = new Set(changes.filter(isWrite).map((change) => ownerName(change.owner)));
    this.#owners = new Map([
      ...books.bundle.manifests.map((manifest) => [ownerName(manifest.owner), manifest.owner] as const),
      ...[...this.#known].map(([name, inventory]) => [name, inventory.owner] as const),
    ]);
  }

  /** Every owner that the ledger is kept of. */
  get owners(): readonly string[] {
    return [...this.#owners.keys()];
  }

  ownerOf(name: string): Owner | undefined {
    return this.#owners.get(name);
  }

  /** Inventories to write before anything else: what is about to exist is listed first, and its wave begins. */
  claims(records: Records): readonly Inventory[] {
    const names = this.owners.filter((name) => this.#working.has(name) || records.has(name));
    const claims = names.flatMap((name) => this.#differing(name, 'claim', records));
    for (const claim of claims) this.#claimed.set(ownerName(claim.owner), claim);
    return claims;
  }

  /** Inventories of exactly what is there, of owners that are where they should be. */
  exact(names: readonly string[], records: Records): readonly Inventory[] {
    return names
      .flatMap((name) => this.#differing(name, 'exact', records))
      .filter((inventory) => inventory.items.length > 0);
  }

  /** Inventories of owners that are not where they should be: all that may be there stays listed. */
  unsettled(names: readonly string[], records: Records): readonly Inventory[] {
    return names
      .filter((name) => records.has(name))
      .flatMap((name) => this.#differing(name, 'claim', records));
  }

  /** Inventories of owners that have nothing left. */
  empty(names: readonly string[]): readonly Inventory[] {
    return names.flatMap((name) => {
      const inventory = this.#known.get(name);
      return inventory === undefined || this.#items(name, 'exact').length > 0 ? [] : [inventory];
    });
  }

  #differing(name: string, form: 'claim' | 'exact', records: Records): readonly Inventory[] {
    const owner = this.#owners.get(name);
    if (owner === undefined) return [];
    const known = this.#known.get(name);
    const settled = this.#books.bundle.owners.get(name);
    const digest = (form === 'exact' ? settled : known?.digest) ?? '';
    const record = records.get(name) ?? known?.record;
    const after: Inventory = {
      owner,
      name: inventoryName(owner),
      digest,
      ...(record === undefined ? {} : { record }),
      items: this.#items(name, form),
    };
    return isSame(this.#claimed.get(name) ?? known, after) ? [] : [after];
  }

  #items(name: string, form: 'claim' | 'exact'): readonly InventoryItem[] {
    const before = this.#known.get(name)?.items ?? [];
    const uids = new Map(before.map((item) => [keyOf(item.ref), item.uid]));
    const items = new Map<RefKey, InventoryItem>();
    for (const item of before) {
      const key = keyOf(item.ref);
      if (form === 'claim' || this.#isStillThere(key, name)) items.set(key, item);
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
  // somebody else's does not, nor what another owner has taken over.
  #isStillThere(key: RefKey, name: string): boolean {
    if (this.#books.gone.has(key) || this.#isTakenOver(key, name)) return false;
    const live = this.#books.world.live.get(key);
    if (live === undefined || live.is === 'unknown') return true;
    return live.value !== undefined && !this.#foreign.has(key);
  }

  #isTakenOver(key: RefKey, name: string): boolean {
    const manifest = this.#wanted.get(key);
    const object =
      manifest === undefined ? knownValue(this.#books.world.live.get(key)) : this.#books.current(manifest);
    const owner = this.#owners.get(name);
    const label = object?.metadata.labels?.[labels.owner];
    return label !== undefined && owner !== undefined && label !== ownerLabel(owner);
  }
}

function isSame(before: Inventory | undefined, after: Inventory): boolean {
  if (before === undefined || before.digest !== after.digest || before.items.length !== after.items.length)
    return false;
  if (JSON.stringify(before.record) !== JSON.stringify(after.record)) return false;
  const uids = new Map(before.items.map((item) => [keyOf(item.ref), item.uid]));
  return after.items.every((item) => uids.get(keyOf(item.ref)) === item.uid);
}
