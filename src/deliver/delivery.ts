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
import { inventoryObject, readLive, uidOf, type ClusterWorld, type Inventory } from '../world/index.ts';
import { Ledger } from './ledger.ts';
import { levelsOf, type Level } from './levels.ts';
import type { Change, PlannedCluster } from './change.ts';
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
  try {
    return session.end(await deliverAll(session, delivery.bundle));
  } catch (error) {
    if (run.signal.aborted) throw error;
    // What was done before the cluster went away stays done, and is said.
    return { ...session.end(outcomeOf(error)), why: error };
  }
}

async function deliverAll(session: Session, bundle: Bundle): Promise<Delivered['outcome']> {
  await session.claim();
  for (const level of levelsOf(bundle)) {
    const outcome = await session.deliverLevel(level);
    if (outcome !== 'done') return outcome;
  }
  await session.prune();
  await session.settle();
  return session.failures.length === 0 ? 'done' : 'failed';
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
  readonly #ledger: Ledger;

  constructor(delivery: Delivery, run: Run) {
    this.#delivery = delivery;
    this.#run = run;
    this.#changed = new Set(
      delivery.planned.changes
        .filter((change) => change.action === 'create' || change.action === 'configure')
        .map((change) => keyOf(change.subject)),
    );
    this.#writes = this.#changed.size;
    const current = (manifest: Manifest): KubeObject | undefined => this.#current(manifest);
    this.#ledger = new Ledger({ ...delivery, current, gone: this.#gone });
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
    await Promise.all(this.#ledger.claims().map((inventory) => this.#put(inventory)));
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
      .map((manifest) => this.#current(manifest))
      .filter((object) => object !== undefined);
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

  #current(manifest: Manifest): KubeObject | undefined {
    const key = keyOf(refOf(manifest.object));
    const live = this.#delivery.world.live.get(key);
    return this.#stored.get(key) ?? (live?.is === 'known' ? live.value : undefined);
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
    await Promise.all(this.#ledger.exact().map((inventory) => this.#put(inventory)));
    await Promise.all(
      this.#ledger.empty().map((inventory) =>
        this.#delivery.client.remove({
          group: '',
          kind: 'ConfigMap',
          namespace: systemNamespace,
          name: inventory.name,
        }),
      ),
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

/** A cluster that could not be begun, and why. */
export function deliveredWithError(cluster: string, error: unknown): Delivered {
  return { cluster, outcome: outcomeOf(error), why: error, written: 0, pruned: 0, failures: [], health: [] };
}

function outcomeOf(error: unknown): Delivered['outcome'] {
  const isGone = isFailure(
    error,
    'TORYO_KUBE_UNREACHABLE',
    'TORYO_KUBE_CERTIFICATE',
    'TORYO_KUBE_UNAUTHENTICATED',
    'TORYO_KUBE_FORBIDDEN',
    'TORYO_KUBECONFIG',
    'TORYO_EXEC_PLUGIN',
  );
  return isGone ? 'unreachable' : 'failed';
}
