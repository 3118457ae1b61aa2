import {
  annotations,
  failure,
  fieldManagerOf,
  isFailure,
  systemNamespace,
  tell,
  timeText,
  unknown,
  wishManager,
  type Instant,
  type Run,
  type ToryoError,
} from '../../lib/index.ts';
import { inventoryRef, keyOf, ownerFrom, refOf } from '../../objects/index.ts';
import type { Bundle } from '../../compile/index.ts';
import { recordText, type WaveRecord } from '../../world/index.ts';
import type { Campaign, Look } from './campaign.ts';
import { notDelivered, type Delivered } from '../writing/delivered.ts';
import { ClusterLease } from '../records/lease.ts';
import { isAhead, isUnsettled, type Silence } from './standing-decide.ts';
import { Standings } from './standings.ts';
import { isAway, outcomeOf } from '../trouble.ts';
import { judge, type Judged } from '../writing/waiting.ts';
import type { Hold } from './waves-decide.ts';

/** A cluster that was looked at, for which bundle, and when (performance.now). */
export interface Site extends Look {
  readonly bundle: Bundle;
  readonly at: number;
}

const retryPause = 5000;
const startingPatience = 30_000;
const unread = unknown('it was not asked who may approve changes');

/** The clusters of a delivery: what each was seen to be, who is silent, and the leases. */
export class Field {
  readonly standings: Standings;
  readonly delivered = new Map<string, readonly Delivered[]>();
  /** Clusters that needed nobody's consent when their delivery began. */
  readonly free = new Set<string>();
  readonly refusals = new Map<string, Hold>();
  /** Wave -> why its gates gave no answer: it is not the change that is at fault. */
  readonly unanswered = new Map<string, string>();
  readonly campaign: Campaign;
  readonly run: Run;
  readonly #sites = new Map<string, Site>();
  readonly #leases = new Map<string, ClusterLease>();
  readonly #silent = new Map<string, ToryoError>();
  readonly #silentSince = new Map<string, number>();
  readonly #asked = new Set<string>();
  #retried = performance.now();

  constructor(campaign: Campaign, run: Run) {
    this.campaign = campaign;
    this.run = run;
    this.standings = new Standings(campaign.everywhere);
  }

  /** Takes in what was seen, and the leases of all clusters that have work, in the order of their names. */
  async begin(): Promise<void> {
    const now = this.run.now();
    const held = await this.campaign.holdsAt(now);
    for (const bundle of this.campaign.bundles) {
      const look = this.campaign.looks.get(bundle.cluster);
      if (look === undefined) continue;
      if (look.seen.is === 'absent' && held.has(bundle.cluster)) this.#wait(bundle, look);
      else this.take(bundle, look);
    }
    const working = this.standings.all.filter((one) => isUnsettled(one) || isAhead(one, now));
    const clusters = [...new Set(working.map((one) => one.cluster))].sort();
    const isLeft = (cluster: string): boolean =>
      this.#silent.has(cluster) || (held.has(cluster) && this.#isNew(cluster));
    for (const cluster of clusters) if (!isLeft(cluster)) await this.#hold(cluster, now);
  }

  /** A cluster that is not made while the calendar holds it: it is not silent. */
  #wait(bundle: Bundle, look: Look): void {
    this.#sites.set(bundle.cluster, { ...look, bundle, at: performance.now() });
    this.standings.look(bundle, look);
  }

  /** True where nothing of the fleet was delivered yet: not even a lease has been written there. */
  #isNew(cluster: string): boolean {
    return this.standings.all.every((one) => one.cluster !== cluster || one.record === undefined);
  }

  async #hold(cluster: string, now: Instant): Promise<void> {
    try {
      const lease = await this.lease(cluster);
      const { bundle } = this.site(cluster);
      // Whoever had it before has written meanwhile.
      if (lease.hasWaited) this.take(bundle, await this.campaign.look(bundle));
      for (const { owner, record } of this.standings.all.filter((one) => isAhead(one, now)))
        if (record !== undefined && this.standings.of(cluster, owner)?.record === record)
          await this.write(cluster, owner, { ...record, since: now });
    } catch (error) {
      if (!isFailure(error) || outcomeOf(error) !== 'unreachable') throw error;
      this.silence(cluster, error);
    }
  }

  /** The lease of a cluster, taken when it is not held yet. */
  async lease(cluster: string): Promise<ClusterLease> {
    const known = this.#leases.get(cluster);
    if (known !== undefined) {
      await known.confirm();
      return known;
    }
    const { client, bundle } = this.site(cluster);
    if (client === undefined) throw failure('TORYO_PARTIAL', { clusters: cluster });
    // The namespace that holds the lease is the one thing that is written before it.
    const space = bundle.manifests.find(
      ({ object }) => object.kind === 'Namespace' && object.metadata.name === systemNamespace,
    );
    const found = await client.get({ group: '', kind: 'Namespace', name: systemNamespace });
    if (found === undefined && space !== undefined)
      await client.apply(space.object, { fieldManager: fieldManagerOf(this.campaign.fleet) });
    const lease = await ClusterLease.take(client, this.campaign.holder, this.run);
    this.#leases.set(cluster, lease);
    return lease;
  }

  /** Lets every lease go. */
  async end(): Promise<void> {
    await Promise.all([...this.#leases.values()].map((lease) => lease.release()));
  }

  /** True when somebody with a newer commit waits for one of the clusters. */
  get isWanted(): boolean {
    return [...this.#leases.values()].some((lease) => lease.isWanted);
  }

  /** True when a person wants back what one of the owners is now, wherever the word was written down. */
  isAskedBack(owners: ReadonlySet<string>): boolean {
    return this.standings.all.some(
      ({ owner, wish, wanted }) =>
        owners.has(owner) && wish?.returned !== undefined && wish.returned === wanted,
    );
  }

  /** Clusters that do not answer, and whether they have been silent for longer than patience. */
  get silences(): ReadonlyMap<string, Silence> {
    return new Map(
      [...this.#silent].map(([cluster, error]) => {
        const length = performance.now() - (this.#silentSince.get(cluster) ?? 0);
        return [cluster, { why: error.message, isLost: length >= this.#patienceWith(cluster, error) }];
      }),
    );
  }

  /** What asking again cannot heal is not waited for. */
  #patienceWith(cluster: string, error: ToryoError): number {
    if (isAway(error)) return this.campaign.silence;
    // Who holds the lease had rights a moment ago: an API server that has just started refuses everybody for a while.
    const isStarting = isFailure(error, 'TORYO_KUBE_FORBIDDEN') && this.#leases.has(cluster);
    return isStarting ? Math.min(this.campaign.silence, startingPatience) : 0;
  }

  /** True while a silent cluster is still hoped for. */
  get mayComeBack(): boolean {
    return [...this.silences.values()].some((silence) => !silence.isLost);
  }

  /** What was last seen of a cluster. */
  site(cluster: string): Site {
    const site = this.#sites.get(cluster);
    if (site === undefined) throw new RangeError(`${cluster} was not looked at`);
    return site;
  }

  /** Takes in what one cluster was seen to be. */
  take(bundle: Bundle, look: Look): void {
    const { cluster } = bundle;
    this.#sites.set(cluster, { ...look, bundle, at: performance.now() });
    this.standings.look(bundle, look);
    if (look.seen.is !== 'there') {
      const isAbsent = look.seen.is === 'absent';
      this.silence(cluster, isAbsent ? failure('TORYO_PARTIAL', { clusters: cluster }) : look.seen.why);
      return;
    }
    this.#silent.delete(cluster);
  }

  /** Clusters that may not be changed now: by the calendar, or because nobody agreed. */
  async holdsAt(at: Instant): Promise<ReadonlyMap<string, Hold>> {
    const holds = new Map([...(await this.campaign.holdsAt(at)), ...this.refusals]);
    for (const [cluster, { seen }] of this.#sites) {
      if (seen.is !== 'there' || holds.has(cluster) || this.free.has(cluster)) continue;
      const consent = this.campaign.consentTo(cluster, seen.world.consent ?? unread, at);
      if (consent.is === 'refused')
        holds.set(cluster, { why: consent.why, until: undefined, letsDrift: true });
    }
    return holds;
  }

  /** Work on a cluster came to its end: it is not silent. What can be read and never be written to must not be tried for ever. */
  answered(cluster: string): void {
    this.#silentSince.delete(cluster);
  }

  /** A cluster did not answer. */
  silence(cluster: string, error: ToryoError): void {
    const since = this.#silentSince.get(cluster) ?? performance.now();
    this.#silentSince.set(cluster, since);
    this.#silent.set(cluster, error);
    this.#tellOfWait(cluster, since + this.#patienceWith(cluster, error) - performance.now());
    this.note(notDelivered(cluster, 'unreachable', error));
  }

  #tellOfWait(cluster: string, left: number): void {
    if (left <= 0) return;
    const until = timeText(new Date(Date.parse(this.run.now()) + left).toISOString());
    const why = `it is asked again every ${retryPause / 1000} s until ${until}, then given up (\`--patience\`)`;
    tell(this.run, { cluster, subject: 'cluster', verb: 'wait', state: 'waiting', why });
  }

  /** True while something is still to be done on a cluster, or did not end well. */
  hasWorkOn(cluster: string): boolean {
    return this.standings.all.some(
      (one) => one.cluster === cluster && (one.failure !== undefined || isUnsettled(one)),
    );
  }

  /** Keeps what became of a cluster. */
  note(delivered: Delivered): void {
    const before = this.delivered.get(delivered.cluster) ?? [];
    this.delivered.set(delivered.cluster, [...before, delivered]);
  }

  /** Asks silent clusters again, now and then; nobody waits for their answers, which may take minutes. */
  retry(): readonly Promise<void>[] {
    const isEarly = performance.now() - this.#retried < Math.min(retryPause, this.campaign.silence);
    if (this.#silent.size === 0 || isEarly) return [];
    this.#retried = performance.now();
    const hoped = [...this.silences].filter(([cluster, one]) => !one.isLost && !this.#asked.has(cluster));
    return hoped.map(([cluster]) => this.#askAgain(cluster));
  }

  async #askAgain(cluster: string): Promise<void> {
    const { bundle } = this.site(cluster);
    this.#asked.add(cluster);
    try {
      this.take(bundle, await this.campaign.look(bundle));
    } finally {
      this.#asked.delete(cluster);
    }
  }

  /** Work on a cluster ended with an error that says nothing about what was delivered: it is not tried again in this run. */
  giveUp(cluster: string, error: ToryoError, owners?: ReadonlySet<string>): void {
    const outcome = outcomeOf(error);
    if (outcome === 'unreachable') {
      this.silence(cluster, error);
      return;
    }
    this.note(notDelivered(cluster, outcome, error));
    for (const one of this.standings.all)
      if (one.cluster === cluster && (owners?.has(one.owner) ?? isUnsettled(one)))
        this.standings.hinder(cluster, one.owner, error.message);
  }

  /** A revision that was let go on and failed again is let go on no more. */
  async unpromote(cluster: string, owner: string): Promise<void> {
    if (this.standings.of(cluster, owner)?.wish?.promoted !== undefined)
      await this.#unsay(cluster, owner, annotations.promoted);
  }

  /** The way back that a person asked for was gone, or the word is older than the delivery that begins: it asks for no other one. */
  async unask(cluster: string, owner: string): Promise<void> {
    if (this.standings.of(cluster, owner)?.wish?.returned !== undefined)
      await this.#unsay(cluster, owner, annotations.rollBack);
  }

  async #unsay(cluster: string, owner: string, annotation: string): Promise<void> {
    const whose = ownerFrom(owner);
    if (whose === undefined) return;
    const body = { metadata: { annotations: { [annotation]: null } } };
    const { client } = this.site(cluster);
    await client?.patch(inventoryRef(whose), body, { type: 'merge', fieldManager: wishManager });
    this.standings.wish(cluster, owner, undefined);
  }

  /** What a plan made anew says may not be written. It is no failure of the change: the cluster stays as it is, and nobody goes back. */
  refuse(cluster: string, error: ToryoError): void {
    this.note(notDelivered(cluster, 'blocked', error));
    this.refusals.set(cluster, { why: error.message, until: undefined });
  }

  /** How everything wanted on a cluster was when it was last looked at. */
  healthOn(cluster: string): readonly Judged[] {
    const site = this.#sites.get(cluster);
    if (site?.seen.is !== 'there') return [];
    const { live } = site.seen.world;
    return site.bundle.manifests.flatMap(({ object }) => {
      const found = live.get(keyOf(refOf(object)));
      return found?.is === 'known' && found.value !== undefined ? [judge(found.value)] : [];
    });
  }

  /** Writes a record down, and nothing else of the inventory. */
  async write(cluster: string, owner: string, record: WaveRecord): Promise<void> {
    const whose = ownerFrom(owner);
    const { client } = this.site(cluster);
    if (whose === undefined || client === undefined) return;
    const fieldManager = fieldManagerOf(this.campaign.fleet);
    await client.patch(
      inventoryRef(whose),
      { data: { record: recordText(record) } },
      { type: 'merge', fieldManager },
    );
    this.standings.record(cluster, owner, record, this.standings.of(cluster, owner)?.hasWork ?? false);
  }
}
