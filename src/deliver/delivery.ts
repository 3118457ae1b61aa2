import { fieldManagerOf, isFailure, systemNamespace, tell, type Known, type Run } from '../lib/index.ts';
import {
  inventoryName,
  keyOf,
  ownerName,
  refOf,
  tierOf,
  titleOf,
  type KubeObject,
  type Manifest,
  type Owner,
  type RefKey,
} from '../objects/index.ts';
import type { Bundle } from '../compile/index.ts';
import type { KubeClient } from '../kube/index.ts';
import {
  inventoryObject,
  readLive,
  uidOf,
  type ClusterWorld,
  type Inventory,
  type InventoryItem,
} from '../world/index.ts';
import { isWrite, type Change, type PlannedCluster } from './plan.ts';
import { waitForHealth, type Judged, type Patience } from './waiting.ts';
import { write, type Desk, type FailedWrite, type Written } from './writing.ts';

/** What became of one cluster. */
export interface Delivered {
  readonly cluster: string;
  readonly outcome: 'done' | 'unhealthy' | 'timed-out' | 'failed' | 'blocked' | 'unreachable' | 'not-started';
  readonly why?: unknown;
  readonly written: number;
  readonly pruned: number;
  readonly failures: readonly FailedWrite[];
  readonly health: readonly Judged[];
}

/** One cluster to be delivered: what is wanted, what was seen, what was decided. */
export interface Delivery {
  readonly bundle: Bundle;
  readonly world: ClusterWorld;
  readonly planned: PlannedCluster;
  readonly client: KubeClient;
  readonly fleet: string;
  readonly patience: Patience;
}

/**
 * Makes one cluster what its bundle says: inventories that list old and new first, then writes in order, then waits, then
 * prunes, then inventories of exactly what is there. Killed anywhere, the next apply goes on: nothing is there unlisted.
 */
export async function deliver(delivery: Delivery, run: Run): Promise<Delivered> {
  const session = new Session(delivery, run);
  const { planned } = delivery;
  if (planned.blockers.length > 0) return session.end('blocked');
  await session.claim();
  for (const level of levelsOf(delivery.bundle)) {
    const outcome = await session.deliverLevel(level);
    if (outcome !== 'done') return session.end(outcome);
  }
  await session.prune();
  await session.settle();
  return session.end(session.failures.length === 0 ? 'done' : 'failed');
}

const rightsKinds: ReadonlySet<string> = new Set(['ClusterRole', 'Role', 'RoleBinding']);

class Session {
  readonly failures: FailedWrite[] = [];
  readonly #delivery: Delivery;
  readonly #run: Run;
  readonly #desk: Desk;
  readonly #changed: ReadonlySet<RefKey>;
  readonly #stored = new Map<RefKey, KubeObject>();
  readonly #pruned = new Set<RefKey>();
  readonly #gone = new Set<RefKey>();
  #health: readonly Judged[] = [];
  #waited = 0;
  #done = 0;
  readonly #writes: number;
  readonly #foreign: ReadonlySet<RefKey>;

  constructor(delivery: Delivery, run: Run) {
    this.#delivery = delivery;
    this.#run = run;
    this.#changed = new Set(
      delivery.planned.changes
        .filter((change) => change.action === 'create' || change.action === 'configure')
        .map((change) => keyOf(change.subject)),
    );
    this.#writes = this.#changed.size;
    this.#foreign = new Set(
      delivery.planned.changes
        .filter((change) => change.action === 'skip')
        .map((change) => keyOf(change.subject)),
    );
    const { client, fleet, planned } = delivery;
    const hasNewRights = planned.changes.some(
      (change) => this.#changed.has(keyOf(change.subject)) && rightsKinds.has(change.subject.kind),
    );
    this.#desk = { client, fleet, run, hasNewRights, progress: () => this.#progress() };
  }

  #progress(): void {
    this.#done += 1;
    tell(this.#run, {
      cluster: this.#delivery.bundle.cluster,
      subject: 'objects',
      verb: 'apply',
      state: 'progress',
      done: this.#done,
      of: this.#writes,
    });
  }

  /** Lists what is about to be written, before it is: the namespace of the inventories is all that precedes them. */
  async claim(): Promise<void> {
    const space = this.#delivery.bundle.manifests.filter(
      ({ object }) => object.kind === 'Namespace' && object.metadata.name === systemNamespace,
    );
    this.#keep(
      await write(
        space.filter((one) => this.#isChanged(one)),
        this.#desk,
      ),
    );
    const claims = this.#inventories('claim');
    await Promise.all(claims.map((inventory) => this.#put(inventory)));
  }

  #isChanged(manifest: Manifest): boolean {
    const key = keyOf(refOf(manifest.object));
    return this.#changed.has(key) && !this.#stored.has(key);
  }

  #keep(written: Written): void {
    for (const [key, object] of written.stored) this.#stored.set(key, object);
    this.failures.push(...written.failures);
  }

  async deliverLevel(level: Level): Promise<Delivered['outcome']> {
    const mine = this.#delivery.bundle.manifests.filter((manifest) =>
      level.owners.has(ownerName(manifest.owner)),
    );
    this.#keep(
      await write(
        mine.filter((manifest) => this.#isChanged(manifest)),
        this.#desk,
      ),
    );
    if (this.failures.length > 0) return 'failed';
    if (!level.isAwaited) return 'done';
    const objects = this.#delivery.bundle.manifests
      .filter((manifest) => level.awaited.has(ownerName(manifest.owner)))
      .flatMap((manifest) => this.#current(manifest));
    await this.#wait(objects);
    if (this.#health.some((one) => one.health.state === 'failed')) return 'unhealthy';
    return this.#health.some((one) => one.health.state === 'progressing') ? 'timed-out' : 'done';
  }

  /** All levels share one patience; what stayed unknown at an earlier one is not waited for again. */
  async #wait(objects: readonly KubeObject[]): Promise<void> {
    const { client, fleet, patience } = this.#delivery;
    const unsure = this.#health.filter((one) => one.health.state === 'unknown').map((one) => keyOf(one.ref));
    const untouched = objects.map((object) => keyOf(refOf(object))).filter((key) => !this.#stored.has(key));
    const begun = performance.now();
    const waiter = {
      client,
      fleet,
      patience: { ...patience, timeout: patience.timeout - this.#waited },
      settled: new Set([...unsure, ...untouched]),
    };
    this.#health = await waitForHealth(objects, waiter, this.#run);
    this.#waited += performance.now() - begun;
  }

  #current(manifest: Manifest): readonly KubeObject[] {
    const key = keyOf(refOf(manifest.object));
    const live = this.#delivery.world.live.get(key);
    const object = this.#stored.get(key) ?? (live?.is === 'known' ? live.value : undefined);
    return object === undefined ? [] : [object];
  }

  /** Deletes what left, the last tier first, each only in the incarnation that was seen. */
  async prune(): Promise<void> {
    const deletions = this.#delivery.planned.changes.filter((change) => change.action === 'delete');
    for (const rank of [...new Set(deletions.map(rankOf))].sort((left, right) => right - left)) {
      await Promise.all(
        deletions.filter((change) => rankOf(change) === rank).map((change) => this.#delete(change)),
      );
    }
    const pruned = deletions.filter((change) => this.#pruned.has(keyOf(change.subject)));
    const left = await readLive(
      this.#delivery.client,
      pruned.map((change) => ({ ref: change.subject, version: undefined })),
    );
    for (const change of pruned)
      if (isGone(left.get(keyOf(change.subject)), change)) this.#gone.add(keyOf(change.subject));
  }

  async #delete(change: Change): Promise<void> {
    const { client } = this.#delivery;
    try {
      // In the foreground an object would stay, being deleted, until its dependants are gone: an apply that wants it back would have to wait.
      await client.remove(change.subject, {
        propagation: 'background',
        ...(change.uid === undefined ? {} : { uid: change.uid }),
      });
      this.#pruned.add(keyOf(change.subject));
      tell(this.#run, {
        cluster: client.cluster,
        subject: titleOf(change.subject),
        verb: 'prune',
        state: 'done',
      });
    } catch (error) {
      if (
        !isFailure(
          error,
          'TORYO_KUBE_FORBIDDEN',
          'TORYO_KUBE_CONFLICT',
          'TORYO_KUBE_INVALID',
          'TORYO_KUBE_UNKNOWN_KIND',
        )
      )
        throw error;
      this.failures.push({ subject: titleOf(change.subject), error });
    }
  }

  /** Writes down exactly what each owner has now. */
  async settle(): Promise<void> {
    await Promise.all(this.#inventories('exact').map((inventory) => this.#put(inventory)));
    await Promise.all(
      this.#empty().map((inventory) =>
        this.#delivery.client.remove({
          group: '',
          kind: 'ConfigMap',
          namespace: systemNamespace,
          name: inventory.name,
        }),
      ),
    );
  }

  #known(): ReadonlyMap<string, Inventory> {
    const { inventories } = this.#delivery.world;
    return inventories.is === 'known' ? inventories.value : new Map();
  }

  /** Inventories that differ from what is stored: `claim` adds to them, `exact` also takes away. */
  #inventories(form: 'claim' | 'exact'): readonly Inventory[] {
    const { bundle } = this.#delivery;
    const owners = new Map<string, Owner>(
      bundle.manifests.map((manifest) => [ownerName(manifest.owner), manifest.owner]),
    );
    for (const [name, inventory] of this.#known()) owners.set(name, inventory.owner);
    return [...owners].flatMap(([name, owner]) => {
      const before = this.#known().get(name);
      const items = this.#items(name, before, form);
      const hasWork = form === 'exact' || this.#hasWork(name);
      const digest = form === 'exact' ? (bundle.owners.get(name) ?? '') : (before?.digest ?? '');
      const after: Inventory = { owner, name: inventoryName(owner), digest, items };
      const isEmpty = form === 'exact' && items.length === 0;
      return isEmpty || !hasWork || isSameInventory(before, after) ? [] : [after];
    });
  }

  #hasWork(name: string): boolean {
    return this.#delivery.planned.changes.some(
      (change) => isWrite(change) && ownerName(change.owner) === name,
    );
  }

  #items(name: string, before: Inventory | undefined, form: 'claim' | 'exact'): readonly InventoryItem[] {
    const items = new Map<RefKey, InventoryItem>();
    const uids = uidsOf(before);
    for (const item of before?.items ?? []) {
      const key = keyOf(item.ref);
      if (form === 'claim' || this.#isStillThere(key)) items.set(key, item);
    }
    for (const manifest of this.#delivery.bundle.manifests) {
      const key = keyOf(refOf(manifest.object));
      if (ownerName(manifest.owner) === name) items.set(key, this.#item(manifest, uids.get(key) ?? ''));
    }
    return [...items.values()];
  }

  // An object that will be created has a uid that nobody knows: an old one would make it look like somebody else's. What
  // removed itself keeps its own.
  #item(manifest: Manifest, knownUid: string): InventoryItem {
    const ref = refOf(manifest.object);
    const [object] = this.#current(manifest);
    if (object !== undefined) return { ref, uid: uidOf(object) };
    return { ref, uid: this.#changed.has(keyOf(ref)) ? '' : knownUid };
  }

  // What was to go and did not, and what could not be read, stays listed: a later apply must find it. What was found to be
  // somebody else's does not.
  #isStillThere(key: RefKey): boolean {
    if (this.#gone.has(key)) return false;
    const live = this.#delivery.world.live.get(key);
    if (live === undefined || live.is === 'unknown') return true;
    return live.value !== undefined && !this.#foreign.has(key);
  }

  #empty(): readonly Inventory[] {
    return [...this.#known()].flatMap(([name, inventory]) =>
      this.#items(name, inventory, 'exact').length === 0 ? [inventory] : [],
    );
  }

  async #put(inventory: Inventory): Promise<void> {
    await this.#delivery.client.apply(inventoryObject(inventory, this.#delivery.fleet), {
      fieldManager: fieldManagerOf(this.#delivery.fleet),
      force: true,
    });
  }

  end(outcome: Delivered['outcome']): Delivered {
    return {
      cluster: this.#delivery.bundle.cluster,
      outcome,
      written: this.#stored.size,
      pruned: this.#pruned.size,
      failures: this.failures,
      health: this.#health,
    };
  }
}

function rankOf(change: Change): number {
  return tierOf({
    apiVersion: change.subject.group === '' ? 'v1' : `${change.subject.group}/v1`,
    kind: change.subject.kind,
  });
}

function isGone(left: Known<KubeObject | undefined> | undefined, change: Change): boolean {
  return left?.is === 'known' && (left.value === undefined || uidOf(left.value) !== change.uid);
}

function isSameInventory(before: Inventory | undefined, after: Inventory): boolean {
  if (before === undefined || before.digest !== after.digest || before.items.length !== after.items.length)
    return false;
  const uids = new Map(before.items.map((item) => [keyOf(item.ref), item.uid]));
  return after.items.every((item) => uids.get(keyOf(item.ref)) === item.uid);
}

/** Owners that are written together, and whom to wait for before the next ones. */
interface Level {
  readonly owners: ReadonlySet<string>;
  readonly isAwaited: boolean;
  readonly awaited: ReadonlySet<string>;
}

/** Tenants first: their rights and quotas hold for all that follows; then owners, each after those that it needs. */
export function levelsOf(bundle: Pick<Bundle, 'manifests' | 'needs'>): readonly Level[] {
  const names = [...new Set(bundle.manifests.map((manifest) => ownerName(manifest.owner)))];
  const depths = new Map<string, number>();
  const depthOf = (name: string, above: readonly string[]): number => {
    const known = depths.get(name);
    if (known !== undefined) return known;
    const needs = (bundle.needs.get(name) ?? []).filter(
      (need) => names.includes(need) && !above.includes(need),
    );
    const depth = name.startsWith('Tenant/')
      ? 0
      : 1 + Math.max(0, ...needs.map((need) => depthOf(need, [...above, name])));
    depths.set(name, depth);
    return depth;
  };
  for (const name of names) depthOf(name, []);
  const last = Math.max(0, ...depths.values());
  return Array.from({ length: last + 1 }, (_, depth) => {
    const owners = new Set(names.filter((name) => depths.get(name) === depth));
    const soFar = new Set(names.filter((name) => (depths.get(name) ?? 0) <= depth));
    // Tenants' objects are healthy as soon as they are stored: the first wait that matters is for what runs.
    const isAwaited = depth === last || depth > 0;
    return { owners, isAwaited, awaited: depth === last ? new Set(names) : soFar };
  }).filter((level) => level.owners.size > 0);
}

/** What an error means for its cluster. */
export function deliveredWithError(cluster: string, error: unknown): Delivered {
  const isGone = isFailure(
    error,
    'TORYO_KUBE_UNREACHABLE',
    'TORYO_KUBE_CERTIFICATE',
    'TORYO_KUBE_UNAUTHENTICATED',
    'TORYO_KUBE_FORBIDDEN',
    'TORYO_KUBECONFIG',
    'TORYO_EXEC_PLUGIN',
  );
  return {
    cluster,
    outcome: isGone ? 'unreachable' : 'failed',
    why: error,
    written: 0,
    pruned: 0,
    failures: [],
    health: [],
  };
}

function uidsOf(inventory: Inventory | undefined): ReadonlyMap<RefKey, string> {
  return new Map((inventory?.items ?? []).map((item) => [keyOf(item.ref), item.uid]));
}
