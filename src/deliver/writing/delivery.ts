import { setTimeout as sleep } from 'node:timers/promises';
import { fieldManagerOf, isFailure, platformOwner, tell, type Known, type Run } from '../../lib/index.ts';
import { guardPartOf, isProbe } from '../../guard/index.ts';
import {
  inventoryRef,
  keyOf,
  ownerName,
  refOf,
  titleOf,
  type KubeObject,
  type Manifest,
  type RefKey,
} from '../../objects/index.ts';
import type { Bundle } from '../../compile/index.ts';
import type { KubeClient } from '../../kube/index.ts';
import {
  inventoryObject,
  readLive,
  uidOf,
  type ClusterWorld,
  type Inventory,
  type WaveRecord,
} from '../../world/index.ts';
import type { Change, PlannedCluster } from '../plan/change.ts';
import { deletionOrder } from '../order/graph-deletion.ts';
import { graphOf, type Graph } from '../order/graph.ts';
import { GuardActivity, policyPause } from './guard-activity.ts';
import { guardedBy, withoutNamedGuards, needsPause, sparingOthers } from '../plan/guards-leaving.ts';
import { worstOf, type Delivered } from './delivered.ts';
import { permitDeletion } from './deletion-permit.ts';
import { forget, keep } from '../records/kept.ts';
import type { ClusterLease } from '../records/lease.ts';
import { Ledger } from '../records/ledger.ts';
import { release } from './release.ts';
import { lingeringOwners } from './removing.ts';
import { bury, clearTombs } from '../records/tombstone.ts';
import {
  beginning,
  ended,
  narrowedBundle,
  narrowedPlan,
  narrowedWorld,
  withGivers,
  type Ending,
  type Movement,
} from '../plan/movement.ts';
import { allEnded, outcomeOf } from '../trouble.ts';
import { waitForHealth, type Judged, type Patience } from './waiting.ts';
import { write, type Desk, type FailedWrite, type Written } from './writing.ts';

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
  /** True when waiting is to end: somebody with a newer commit wants the cluster, or a person wants what moves back. */
  isOver(): boolean;
}

/**
 * Makes the owners that move what the bundle says: inventories that list old and new first, then writes in order, then waits,
 * then prunes, then inventories of exactly what is there. Killed anywhere, the next apply goes on: nothing is there unlisted.
 */
export async function deliver(delivery: Delivery, run: Run): Promise<Delivered> {
  const session = new Session(delivery, run);
  try {
    await session.claim();
    await session.write();
    await session.prune();
    await session.settle();
    return session.end();
  } catch (error) {
    if (run.signal.aborted) throw error;
    // What was done before the cluster went away stays done, and is said.
    return { ...session.end(), outcome: outcomeOf(error), why: error };
  }
}

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
  readonly #graph: Graph;
  readonly #guards: GuardActivity;
  #health: readonly Judged[] = [];
  #done = 0;
  #isSuperseded = false;

  constructor(delivery: Delivery, run: Run) {
    const { client, fleet, movement, lease } = delivery;
    this.#delivery = delivery;
    this.#run = run;
    this.bundle = narrowedBundle(delivery.bundle, movement.owners);
    const world = narrowedWorld(delivery.world, withGivers(this.bundle, movement.owners, delivery));
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
    const isGuarded = guardedBy(
      [...delivery.bundle.manifests, ...this.bundle.manifests],
      delivery.world.live,
    );
    this.#graph = graphOf(this.bundle.manifests, this.bundle.needs, isGuarded);
    this.#guards = this.#guardActivity();
    this.#desk = {
      client,
      fleet,
      predicted: world.predicted,
      run,
      patience: delivery.patience,
      guards: this.#guards,
      live: (key) => this.#live(key),
      isOver: () => this.#delivery.isOver(),
      check: () => lease.check(),
      progress: () => this.#progress(),
    };
  }

  /** Asked when a part of the guards is written here, and when nobody saw those that are there active: their delivery did not end. */
  #guardActivity(): GuardActivity {
    const { client, patience } = this.#delivery;
    const probe = this.bundle.manifests.find((one) => isProbe(one.object));
    const isWritten = this.#changes.some(
      ({ subject }) => guardPartOf(subject) !== undefined && this.#changed.has(keyOf(subject)),
    );
    return new GuardActivity({
      client,
      run: this.#run,
      timeout: patience.timeout,
      isOpen: isWritten || this.#records.has(platformOwner),
      // Its policy and its binding are new whenever it is: its digest is in them too.
      isNews: probe !== undefined && this.#isChanged(probe),
      probe: probe?.object,
      isOver: () => this.#delivery.isOver(),
    });
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
    this.#delivery.lease.check();
    await allEnded(this.#ledger.claims(this.#records).map((inventory) => this.#put(inventory)));
    const { client, fleet, movement } = this.#delivery;
    const forward = [...this.#records].filter(([name]) => !movement.back.has(name));
    await allEnded(
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

  #keep(written: Pick<Written, 'stored' | 'failures'>): void {
    for (const [key, object] of written.stored) this.#stored.set(key, object);
    this.#failures.push(...written.failures);
    for (const { owner, outcome, subject, error } of written.failures)
      if (!this.#endings.has(owner))
        this.#endings.set(owner, { outcome, why: `${subject}: ${error.message}` });
  }

  /** Writes all that changed, then waits for the health of every owner of which nothing was refused. */
  async write(): Promise<void> {
    const spare = sparingOthers(this.bundle.manifests, this.#delivery.world.live);
    const changed = this.bundle.manifests.filter((manifest) => this.#isChanged(manifest));
    const written = await write(changed.map(spare), this.#graph, this.#desk);
    const isRefused = (one: FailedWrite): boolean => one.outcome === 'failed';
    const held = written.failures.filter((one) => !isRefused(one));
    this.#keep({ ...written, failures: written.failures.filter(isRefused) });
    if (held.length > 0 && this.#delivery.isOver()) this.#isSuperseded = true;
    else {
      await this.#confirmGuards();
      await this.#wait(written);
    }
    // After the owners that they wait for: those say why.
    if (!this.#isSuperseded) this.#keep({ stored: new Map(), failures: held });
  }

  /** The platform is not well while its policies are not active, whether or not something waited for them. */
  async #confirmGuards(): Promise<void> {
    if (!this.bundle.owners.has(platformOwner) || this.#endings.has(platformOwner)) return;
    const { state, why } = await this.#guards.health();
    if (state === 'healthy') return;
    if (this.#delivery.isOver()) this.#isSuperseded = true;
    else this.#endings.set(platformOwner, { outcome: 'timed-out', why });
  }

  /** What writing waited is of the same patience; what stayed unknown then is not waited for again. */
  async #wait({ unsure, waited }: Written): Promise<void> {
    const { client, fleet, patience } = this.#delivery;
    const manifests = this.bundle.manifests.filter((one) => !this.#endings.has(ownerName(one.owner)));
    const objects = manifests.flatMap((manifest) => this.#current(manifest) ?? []);
    const untouched = objects.map((object) => keyOf(refOf(object))).filter((key) => !this.#stored.has(key));
    const waiter = {
      client,
      fleet,
      // Where patience is at its end already, things are looked at once more: what is said must not be old.
      patience: { ...patience, timeout: Math.max(1, patience.timeout - waited) },
      settled: new Set([...unsure, ...untouched]),
      isOver: () => this.#delivery.isOver(),
    };
    this.#health = await waitForHealth(objects, waiter, this.#run);
    this.#judge(manifests);
  }

  /** Says how each owner ended that is not healthy. */
  #judge(manifests: readonly Manifest[]): void {
    const owners = new Map(manifests.map((one) => [keyOf(refOf(one.object)), ownerName(one.owner)]));
    const sick = this.#health.filter(
      ({ health }) => health.state === 'failed' || health.state === 'progressing',
    );
    // Whoever has a newer commit, or the way back, goes on from here: what was not finished has not failed.
    if (sick.length > 0 && this.#delivery.isOver()) {
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
    return this.#stored.get(key) ?? this.#live(key);
  }

  #live(key: RefKey): KubeObject | undefined {
    const live = this.#delivery.world.live.get(key);
    return live?.is === 'known' ? live.value : undefined;
  }

  /** Deletes what left owners that are healthy, dependants first, each only in the incarnation that was seen. */
  async prune(): Promise<void> {
    if (this.#isSuperseded) return;
    await this.#release();
    const wished = this.#changes.filter((change) => change.action === 'delete' && this.#isWell(change));
    const deletions = await withoutNamedGuards(wished, this.#delivery, this.#run);
    await bury(deletions, { ...this.#delivery, at: this.#run.now() });
    const changes = new Map(deletions.map((change) => [keyOf(change.subject), change]));
    const charges = deletions.flatMap(({ subject, owner }) => {
      const object = this.#live(keyOf(subject));
      return object === undefined ? [] : [{ object, owner }];
    });
    const gone: Change[] = [];
    for (const layer of deletionOrder(charges)) {
      const now = layer.flatMap((ref) => changes.get(keyOf(ref)) ?? []).filter((one) => this.#isWell(one));
      if (needsPause(gone, now)) await sleep(policyPause, undefined, { signal: this.#run.signal });
      gone.push(...now);
      await allEnded(now.map((change) => this.#delete(change)));
      // A claim goes when its last pod does, which may be one that goes with the namespace only.
      await this.#awaitGone(now.filter((change) => change.subject.kind !== 'PersistentVolumeClaim'));
    }
    await this.#awaitGone(deletions);
    const pruned = deletions.filter((change) => this.#pruned.has(keyOf(change.subject)));
    const left = await readLive(
      this.#delivery.client,
      pruned.map((change) => ({ ref: change.subject, version: undefined })),
    );
    for (const change of pruned)
      if (isGone(left.get(keyOf(change.subject)), change)) this.#gone.add(keyOf(change.subject));
  }

  #isWell(change: Change): boolean {
    const owners = [ownerName(change.owner), ...(change.after === undefined ? [] : [change.after])];
    return !owners.some((owner) => this.#endings.has(owner));
  }

  /** Lets go of what `removed` keeps or forgets. */
  async #release(): Promise<void> {
    const { client, fleet, lease } = this.#delivery;
    const changes = this.#changes.filter((change) => change.release !== undefined && this.#isWell(change));
    const letGo = async (change: Change): Promise<void> => {
      lease.check();
      await release(change, client, fleet, this.#run.now());
      this.#gone.add(keyOf(change.subject));
      this.#progress();
    };
    await Promise.all(changes.map((change) => this.#attempt(change, 'release', () => letGo(change))));
  }

  /** Waits for what `removed` names; an owner of which something stays is not done. */
  async #awaitGone(changes: readonly Change[]): Promise<void> {
    const { client, patience } = this.#delivery;
    const removals = changes.filter(
      (change) =>
        change.isRemoval === true && this.#pruned.has(keyOf(change.subject)) && this.#isWell(change),
    );
    for (const [owner, why] of await lingeringOwners(removals, client, patience.timeout, this.#run))
      this.#endings.set(owner, { outcome: 'timed-out', why });
  }

  #delete(change: Change): Promise<void> {
    const { client, lease } = this.#delivery;
    return this.#attempt(change, 'prune', async () => {
      lease.check();
      await permitDeletion(change, client, this.#delivery.fleet);
      // In the foreground an object would stay, being deleted, until its dependants are gone: an apply that wants it back would have to wait.
      await client.remove(change.subject, {
        propagation: change.isRemoval === true ? 'foreground' : 'background',
        ...(change.uid === undefined ? {} : { uid: change.uid }),
      });
      this.#pruned.add(keyOf(change.subject));
    });
  }

  async #attempt(change: Change, verb: string, act: () => Promise<void>): Promise<void> {
    try {
      await act();
      tell(this.#run, {
        cluster: this.#delivery.client.cluster,
        subject: titleOf(change.subject),
        verb,
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
        failures: [
          { subject: titleOf(change.subject), owner: ownerName(change.owner), outcome: 'failed', error },
        ],
      });
    }
  }

  /** Writes down what each owner has now, and how its wave stands. */
  async settle(): Promise<void> {
    if (this.#isSuperseded) return;
    const names = this.#ledger.owners;
    // Whoever only had drift repaired ends too: the failure of another is not theirs.
    for (const name of names) {
      const ending = this.#endings.get(name) ?? { outcome: 'healthy', why: '' };
      this.#endings.set(name, ending);
      const record = this.#records.get(name);
      if (record !== undefined) this.#records.set(name, ended(record, ending, this.#run.now()));
    }
    const sick = names.filter((name) => this.#endings.get(name)?.outcome !== 'healthy');
    const well = names.filter((name) => !sick.includes(name));
    this.#delivery.lease.check();
    // Before the records: an owner that is settled, or that no inventory knows, is not looked at again, nor what was kept of it.
    await this.#tidy(well);
    await allEnded([
      ...this.#ledger.exact(well, this.#records).map((inventory) => this.#put(inventory)),
      ...this.#ledger.unsettled(sick, this.#records).map((inventory) => this.#put(inventory)),
      ...this.#ledger.empty(well).map((inventory) => this.#dissolve(inventory)),
    ]);
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
    const { client, fleet } = this.#delivery;
    await Promise.all([forget(owners, useful, client), clearTombs(client, fleet, this.#run.now())]);
  }

  async #dissolve(inventory: Inventory): Promise<void> {
    const { client } = this.#delivery;
    const ref = inventoryRef(inventory.owner);
    const found = await client.get(ref);
    // With its uid a delete may be sent again when its answer is lost.
    if (found !== undefined) await client.remove(ref, { uid: uidOf(found) });
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

function isGone(left: Known<KubeObject | undefined> | undefined, change: Change): boolean {
  return left?.is === 'known' && (left.value === undefined || uidOf(left.value) !== change.uid);
}
