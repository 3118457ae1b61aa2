import { fieldManagerOf, isFailure, systemNamespace, tell, type Known, type Run } from '../lib/index.ts';
import {
  keyOf,
  ownerName,
  refOf,
  tierOf,
  titleOf,
  type KubeObject,
  type Manifest,
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
  type WaveRecord,
} from '../world/index.ts';
import type { Change, PlannedCluster } from './change.ts';
import { forget, keep } from './kept.ts';
import type { ClusterLease } from './lease.ts';
import { Ledger } from './ledger.ts';
import { levelsOf, type Level } from './levels.ts';
import {
  beginning,
  ended,
  narrowedBundle,
  narrowedPlan,
  narrowedWorld,
  type Ending,
  type Movement,
} from './movement.ts';
import { waitForHealth, type Judged, type Patience } from './waiting.ts';
import { write, type Desk, type FailedWrite, type Written } from './writing.ts';

/** What became of one cluster. */
export interface Delivered {
  readonly cluster: string;
  readonly outcome: Outcome;
  readonly why?: unknown;
  readonly written: number;
  readonly pruned: number;
  readonly failures: readonly FailedWrite[];
  readonly health: readonly Judged[];
  /** Owner -> how its movement ended; owners whose movement was not ended are not in it. */
  readonly endings: ReadonlyMap<string, Ending>;
  /** Owner -> record as it was written. */
  readonly records: ReadonlyMap<string, WaveRecord>;
}

/** How a delivery to one cluster ended. */
export type Outcome =
  | 'done'
  | 'unhealthy'
  | 'timed-out'
  | 'failed'
  | 'blocked'
  | 'unreachable'
  | 'returned'
  | 'stuck'
  | 'held'
  | 'superseded'
  | 'waiting'
  | 'not-started';

/** One cluster to be delivered: what is wanted, what was seen, what was decided, and who moves. */
export interface Delivery {
  readonly bundle: Bundle;
  readonly world: ClusterWorld;
  readonly planned: PlannedCluster;
  readonly client: KubeClient;
  readonly fleet: string;
  readonly patience: Patience;
  readonly movement: Movement;
  readonly lease: ClusterLease;
}

/**
 * Makes the owners that move what the bundle says: inventories that list old and new first, then writes in order, then waits,
 * then prunes, then inventories of exactly what is there. Killed anywhere, the next apply goes on: nothing is there unlisted.
 */
export async function deliver(delivery: Delivery, run: Run): Promise<Delivered> {
  const session = new Session(delivery, run);
  try {
    await session.claim();
    for (const level of levelsOf(session.bundle)) await session.deliverLevel(level);
    await session.prune();
    await session.settle();
    return session.end();
  } catch (error) {
    if (run.signal.aborted) throw error;
    // What was done before the cluster went away stays done, and is said.
    return { ...session.end(), outcome: outcomeOf(error), why: error };
  }
}

const rightsKinds: ReadonlySet<string> = new Set(['ClusterRole', 'Role', 'RoleBinding']);

class Session {
  readonly bundle: Bundle;
  readonly #delivery: Delivery;
  readonly #changes: readonly Change[];
  readonly #run: Run;
  readonly #desk: Desk;
  readonly #changed: ReadonlySet<RefKey>;
  readonly #failures: FailedWrite[] = [];
  readonly #stored = new Map<RefKey, KubeObject>();
  readonly #pruned = new Set<RefKey>();
  readonly #gone = new Set<RefKey>();
  readonly #records: Map<string, WaveRecord>;
  readonly #endings = new Map<string, Ending>();
  readonly #ledger: Ledger;
  #health: readonly Judged[] = [];
  #waited = 0;
  #done = 0;
  #isSuperseded = false;

  constructor(delivery: Delivery, run: Run) {
    const { client, fleet, movement, lease } = delivery;
    this.#delivery = delivery;
    this.#run = run;
    this.bundle = narrowedBundle(delivery.bundle, movement.owners);
    const world = narrowedWorld(delivery.world, movement.owners);
    const planned = narrowedPlan(delivery.planned, movement.owners);
    this.#changes = planned.changes;
    this.#changed = new Set(
      planned.changes
        .filter((change) => change.action === 'create' || change.action === 'configure')
        .map((change) => keyOf(change.subject)),
    );
    this.#records = new Map(beginning(this.bundle, world, movement, run.now()));
    const current = (manifest: Manifest): KubeObject | undefined => this.#current(manifest);
    this.#ledger = new Ledger({ bundle: this.bundle, world, planned, current, gone: this.#gone });
    const hasNewRights = planned.changes.some(
      (change) => this.#changed.has(keyOf(change.subject)) && rightsKinds.has(change.subject.kind),
    );
    this.#desk = {
      client,
      fleet,
      predicted: world.predicted,
      run,
      hasNewRights,
      check: () => lease.check(),
      progress: () => this.#progress(),
    };
  }

  #progress(): void {
    this.#done += 1;
    tell(this.#run, {
      cluster: this.bundle.cluster,
      subject: 'objects',
      verb: 'apply',
      state: 'progress',
      done: this.#done,
      of: this.#changed.size,
    });
  }

  /** Lists what is about to be written, before it is, and keeps the manifests that a later rollback needs. */
  async claim(): Promise<void> {
    await Promise.all(this.#ledger.claims(this.#records).map((inventory) => this.#put(inventory)));
    const { client, fleet, movement } = this.#delivery;
    const forward = [...this.#records].filter(([name]) => !movement.back.has(name));
    await Promise.all(
      forward.map(async ([name, record]) => {
        const mine = this.bundle.manifests.filter((one) => ownerName(one.owner) === name);
        const [first] = mine;
        if (first !== undefined)
          await keep(
            { owner: first.owner, digest: record.digest },
            mine.map((one) => one.object),
            client,
            fleet,
          );
      }),
    );
  }

  #isChanged(manifest: Manifest): boolean {
    const key = keyOf(refOf(manifest.object));
    return this.#changed.has(key) && !this.#stored.has(key);
  }

  #keep(written: Written): void {
    for (const [key, object] of written.stored) this.#stored.set(key, object);
    this.#failures.push(...written.failures);
    for (const { owner, subject, error } of written.failures)
      this.#endings.set(owner, { outcome: 'failed', why: `${subject}: ${error.message}` });
  }

  async deliverLevel(level: Level): Promise<void> {
    const [failed] = this.#endings.keys();
    if (failed !== undefined) {
      for (const owner of level.owners)
        if (!this.#endings.has(owner))
          this.#endings.set(owner, { outcome: 'failed', why: `not written: ${failed} failed before` });
      return;
    }
    const mine = this.bundle.manifests.filter((manifest) => level.owners.has(ownerName(manifest.owner)));
    this.#keep(
      await write(
        mine.filter((manifest) => this.#isChanged(manifest)),
        this.#desk,
      ),
    );
    if (!level.isAwaited || this.#failures.length > 0) return;
    await this.#wait(
      this.bundle.manifests.filter((manifest) => level.awaited.has(ownerName(manifest.owner))),
    );
  }

  /** All levels share one patience; what stayed unknown at an earlier one is not waited for again. */
  async #wait(manifests: readonly Manifest[]): Promise<void> {
    const { client, fleet, patience, lease } = this.#delivery;
    const objects = manifests.flatMap((manifest) => this.#current(manifest) ?? []);
    const unsure = this.#health.filter((one) => one.health.state === 'unknown').map((one) => keyOf(one.ref));
    const untouched = objects.map((object) => keyOf(refOf(object))).filter((key) => !this.#stored.has(key));
    const begun = performance.now();
    const waiter = {
      client,
      fleet,
      patience: { ...patience, timeout: patience.timeout - this.#waited },
      settled: new Set([...unsure, ...untouched]),
      isOver: () => lease.isWanted,
    };
    this.#health = await waitForHealth(objects, waiter, this.#run);
    this.#waited += performance.now() - begun;
    this.#judge(manifests, lease.isWanted);
  }

  /** Says how each owner ended that is not healthy. */
  #judge(manifests: readonly Manifest[], isWanted: boolean): void {
    const owners = new Map(manifests.map((one) => [keyOf(refOf(one.object)), ownerName(one.owner)]));
    const sick = this.#health.filter(
      ({ health }) => health.state === 'failed' || health.state === 'progressing',
    );
    // Whoever has a newer commit goes on from here: what was not finished has not failed.
    if (isWanted && sick.length > 0) {
      this.#isSuperseded = true;
      return;
    }
    for (const { ref, health } of sick.toSorted(failedFirst)) {
      const owner = owners.get(keyOf(ref));
      if (owner === undefined || this.#endings.has(owner)) continue;
      const outcome = health.state === 'failed' ? 'unhealthy' : 'timed-out';
      this.#endings.set(owner, { outcome, why: `${ref.kind}/${ref.name}: ${health.why}` });
    }
  }

  #current(manifest: Manifest): KubeObject | undefined {
    const key = keyOf(refOf(manifest.object));
    const live = this.#delivery.world.live.get(key);
    return this.#stored.get(key) ?? (live?.is === 'known' ? live.value : undefined);
  }

  /** Deletes what left owners that are healthy, the last tier first, each only in the incarnation that was seen. */
  async prune(): Promise<void> {
    if (this.#isSuperseded) return;
    const deletions = this.#changes.filter(
      (change) => change.action === 'delete' && !this.#endings.has(ownerName(change.owner)),
    );
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
    const { client, lease } = this.#delivery;
    lease.check();
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
      this.#keep({
        stored: new Map(),
        failures: [{ subject: titleOf(change.subject), owner: ownerName(change.owner), error }],
      });
    }
  }

  /** Writes down what each owner has now, and how its wave stands. */
  async settle(): Promise<void> {
    if (this.#isSuperseded) return;
    for (const [name, record] of this.#records) {
      const ending = this.#endings.get(name) ?? { outcome: 'healthy', why: '' };
      this.#endings.set(name, ending);
      this.#records.set(name, ended(record, ending, this.#run.now()));
    }
    const names = this.#ledger.owners;
    const sick = names.filter((name) => (this.#endings.get(name)?.outcome ?? 'healthy') !== 'healthy');
    const well = names.filter((name) => !sick.includes(name));
    this.#delivery.lease.check();
    await Promise.all([
      ...this.#ledger.exact(well, this.#records).map((inventory) => this.#put(inventory)),
      ...this.#ledger.unsettled(sick, this.#records).map((inventory) => this.#put(inventory)),
      ...this.#ledger.empty(well).map((inventory) => this.#dissolve(inventory)),
    ]);
    await this.#tidy(well);
  }

  /** Kept manifests that nobody goes back to any more. */
  async #tidy(well: readonly string[]): Promise<void> {
    const moved = well.filter((name) => this.#records.has(name) || !this.bundle.owners.has(name));
    if (moved.length === 0) return;
    const records = moved.flatMap((name) => this.#records.get(name) ?? []);
    const useful = new Set(
      records.flatMap((one) => [one.digest, ...(one.previous === undefined ? [] : [one.previous])]),
    );
    const owners = moved.flatMap((name) => this.#ledger.ownerOf(name) ?? []);
    await forget(owners, useful, this.#delivery.client);
  }

  async #dissolve(inventory: Inventory): Promise<void> {
    await this.#delivery.client.remove({
      group: '',
      kind: 'ConfigMap',
      namespace: systemNamespace,
      name: inventory.name,
    });
  }

  async #put(inventory: Inventory): Promise<void> {
    await this.#delivery.client.apply(inventoryObject(inventory, this.#delivery.fleet), {
      fieldManager: fieldManagerOf(this.#delivery.fleet),
      force: true,
    });
  }

  end(): Delivered {
    return {
      cluster: this.bundle.cluster,
      outcome: this.#isSuperseded ? 'superseded' : worstOf([...this.#endings.values()]),
      written: this.#stored.size,
      pruned: this.#pruned.size,
      failures: this.#failures,
      health: this.#health,
      endings: this.#endings,
      records: this.#records,
    };
  }
}

function failedFirst(left: Judged, right: Judged): number {
  return Number(right.health.state === 'failed') - Number(left.health.state === 'failed');
}

function worstOf(endings: readonly Ending[]): Outcome {
  const found = new Set(endings.map((one) => one.outcome));
  return (['failed', 'unhealthy', 'timed-out'] as const).find((outcome) => found.has(outcome)) ?? 'done';
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

/** A cluster that nothing was done on, and why. */
export function notDelivered(cluster: string, outcome: Outcome, why: unknown): Delivered {
  const nothing = { written: 0, pruned: 0, failures: [], health: [], endings: new Map(), records: new Map() };
  return { cluster, outcome, why, ...nothing };
}

/** The outcome that an error stands for. */
export function outcomeOf(error: unknown): Outcome {
  const isOutOfReach = isFailure(
    error,
    'TORYO_KUBE_UNREACHABLE',
    'TORYO_KUBE_CERTIFICATE',
    'TORYO_KUBE_UNAUTHENTICATED',
    'TORYO_KUBE_FORBIDDEN',
    'TORYO_KUBECONFIG',
    'TORYO_EXEC_PLUGIN',
  );
  if (isOutOfReach) return 'unreachable';
  return isFailure(error, 'TORYO_LOCKED') ? 'blocked' : 'failed';
}
