import { ownerName } from '../../objects/index.ts';
import type { Bundle } from '../../compile/index.ts';
import type { Inventory, WaveRecord, Wish } from '../../world/index.ts';
import { isWrite } from '../plan/change.ts';
import { revisionsOf } from '../plan/movement.ts';
import type { Look } from './campaign.ts';
import { stateOf, type Standing } from './standing-decide.ts';

/** True when something would come to a cluster that it does not run yet; the rest is drift of what was agreed to before. */
export function hasNews(bundle: Bundle, look: Look, everywhere: readonly Bundle[]): boolean {
  const standings = new Standings(everywhere);
  standings.look(bundle, look);
  return standings.all.some((one) => stateOf(one, undefined) === 'ready');
}

/** Every owner on every cluster, kept up to date while a delivery goes on. */
export class Standings {
  readonly revisions: ReadonlyMap<string, string>;
  readonly #byCluster = new Map<string, Map<string, Standing>>();
  readonly #order: readonly string[];

  constructor(bundles: readonly Bundle[]) {
    this.#order = bundles.map((bundle) => bundle.cluster);
    this.revisions = revisionsOf(bundles);
  }

  /** In the order of the bundles, whichever cluster answered first. */
  get all(): readonly Standing[] {
    return this.#order.flatMap((cluster) => [...(this.#byCluster.get(cluster)?.values() ?? [])]);
  }

  of(cluster: string, owner: string): Standing | undefined {
    return this.#byCluster.get(cluster)?.get(owner);
  }

  /** What a cluster was seen to be, and which owners have something to be written; what failed in this run stays failed in it. */
  see(bundle: Bundle, working: ReadonlySet<string>, inventories: ReadonlyMap<string, Inventory>): void {
    const before = this.#byCluster.get(bundle.cluster);
    const owners = new Set([...bundle.owners.keys(), ...inventories.keys()]);
    const seen = [...owners].map((owner): readonly [string, Standing] => {
      const inventory = inventories.get(owner);
      const { failure, hindrance } = before?.get(owner) ?? {};
      return [
        owner,
        {
          owner,
          cluster: bundle.cluster,
          wanted: bundle.owners.get(owner),
          revision: this.revisions.get(owner) ?? '',
          record: inventory?.record,
          wish: inventory?.wish,
          hasWork: working.has(owner),
          ...(failure === undefined ? {} : { failure }),
          ...(hindrance === undefined ? {} : { hindrance }),
        },
      ];
    });
    this.#byCluster.set(bundle.cluster, new Map(seen));
  }

  /** What a cluster was seen to be, with what a plan would write there. */
  look(bundle: Bundle, { seen, planned }: Look): void {
    if (seen.is !== 'there') {
      this.miss(bundle);
      return;
    }
    const { inventories } = seen.world;
    const writing = planned.changes.filter(isWrite).map((change) => ownerName(change.owner));
    const working = new Set([...writing, ...(planned.closing ?? [])]);
    this.see(bundle, working, inventories.is === 'known' ? inventories.value : new Map());
  }

  /** A cluster that was not seen: everything that it should have may be missing there. */
  miss(bundle: Bundle): void {
    if (this.#byCluster.has(bundle.cluster)) return;
    this.see(bundle, new Set(bundle.owners.keys()), new Map());
  }

  /** What was written down about an owner. */
  record(cluster: string, owner: string, record: WaveRecord | undefined, hasWork: boolean): void {
    this.#change(cluster, owner, (one) => ({ ...one, record: record ?? one.record, hasWork }));
  }

  /** An owner that is not tried again in this run, and why. */
  fail(cluster: string, owner: string, failure: string): void {
    this.#change(cluster, owner, (one) => ({ ...one, failure }));
  }

  /** An owner that could not be moved, for reasons that say nothing about its revision: it is not tried again in this run. */
  hinder(cluster: string, owner: string, hindrance: string): void {
    this.#change(cluster, owner, (one) => ({ ...one, hindrance }));
  }

  /** What a person said meanwhile. */
  wish(cluster: string, owner: string, wish: Wish | undefined): void {
    this.#change(cluster, owner, (one) => ({ ...one, wish }));
  }

  #change(cluster: string, owner: string, change: (one: Standing) => Standing): void {
    const owners = this.#byCluster.get(cluster);
    const standing = owners?.get(owner);
    if (owners !== undefined && standing !== undefined) owners.set(owner, change(standing));
  }
}
