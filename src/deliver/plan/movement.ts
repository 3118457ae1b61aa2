import { digestOf, type Instant } from '../../lib/index.ts';
import { keyOf, ownerName, refOf } from '../../objects/index.ts';
import type { Bundle } from '../../compile/index.ts';
import type { ClusterWorld, Inventory, WaveRecord } from '../../world/index.ts';
import type { PlannedCluster } from './change.ts';

/** What is the same for all that one delivery moves. */
export interface Movement {
  /** Owners that move on this cluster now. */
  readonly owners: ReadonlySet<string>;
  /** Owner -> what it is in the whole fleet (revisionsOf). */
  readonly revisions: ReadonlyMap<string, string>;
  readonly plan: string;
  readonly commit: string | undefined;
  /** Owner -> the revision that it goes back from, and why; empty on the way forward. */
  readonly back: ReadonlyMap<string, { readonly from: string; readonly why: string }>;
  /** Owner -> why there is no way back from what is about to be delivered. */
  readonly noWayBack: ReadonlyMap<string, string>;
}

/** Owner -> digest over its manifests on all clusters: the same while nothing about the owner changes anywhere. */
export function revisionsOf(bundles: readonly Bundle[]): ReadonlyMap<string, string> {
  const parts = new Map<string, string[]>();
  for (const bundle of bundles)
    for (const [owner, digest] of bundle.owners) {
      const list = parts.get(owner) ?? [];
      list.push(`${bundle.cluster} ${digest}`);
      parts.set(owner, list);
    }
  return new Map([...parts].map(([owner, list]) => [owner, digestOf(list.sort())]));
}

/** The part of a bundle that belongs to some owners. */
export function narrowedBundle(bundle: Bundle, owners: ReadonlySet<string>): Bundle {
  return {
    ...bundle,
    manifests: bundle.manifests.filter((manifest) => owners.has(ownerName(manifest.owner))),
    owners: new Map([...bundle.owners].filter(([name]) => owners.has(name))),
  };
}

/** The part of what was seen that belongs to some owners: inventories of others are not this delivery's to write. */
export function narrowedWorld(world: ClusterWorld, owners: ReadonlySet<string>): ClusterWorld {
  const { inventories } = world;
  if (inventories.is === 'unknown') return world;
  return {
    ...world,
    inventories: {
      ...inventories,
      value: new Map([...inventories.value].filter(([name]) => owners.has(name))),
    },
  };
}

/** The owners that move, and those without manifests whose objects go over to them: both inventories change in one go. */
export function withGivers(
  bundle: Bundle,
  owners: ReadonlySet<string>,
  { world, bundle: whole }: { readonly world: ClusterWorld; readonly bundle: Bundle },
): ReadonlySet<string> {
  if (world.inventories.is === 'unknown') return owners;
  const wanted = new Set(bundle.manifests.map((one) => keyOf(refOf(one.object))));
  const givers = [...world.inventories.value]
    .filter(
      ([name, { items }]) => !whole.owners.has(name) && items.some((item) => wanted.has(keyOf(item.ref))),
    )
    .map(([name]) => name);
  return new Set([...owners, ...givers]);
}

/** The part of a plan that belongs to some owners. */
export function narrowedPlan(planned: PlannedCluster, owners: ReadonlySet<string>): PlannedCluster {
  return { ...planned, changes: planned.changes.filter((change) => owners.has(ownerName(change.owner))) };
}

/** The records with which owners begin to move; one whose revision is there already only has drift corrected, and keeps its own. */
export function beginning(
  bundle: Bundle,
  world: ClusterWorld,
  movement: Movement,
  at: Instant,
): ReadonlyMap<string, WaveRecord> {
  const known = world.inventories.is === 'known' ? world.inventories.value : new Map<string, Inventory>();
  const records = [...bundle.owners].flatMap(([name, digest]) => {
    const before = known.get(name)?.record;
    const isThere = !movement.back.has(name) && before?.digest === digest && isEnded(before);
    return isThere ? [] : [[name, firstRecord({ name, digest, before }, movement, at)] as const];
  });
  return new Map(records);
}

interface Beginner {
  readonly name: string;
  readonly digest: string;
  readonly before: WaveRecord | undefined;
}

function firstRecord({ name, digest, before }: Beginner, movement: Movement, at: Instant): WaveRecord {
  const back = movement.back.get(name);
  return {
    digest,
    phase: back === undefined ? 'moving' : 'returning',
    since: at,
    revision: movement.revisions.get(name) ?? '',
    plan: movement.plan,
    commit: movement.commit,
    goodCommit: before && goodCommitOf(before),
    previous: lastGood(before, digest),
    noWayBack: movement.noWayBack.get(name),
    bad: back?.from,
    why: back?.why,
  };
}

/** The commit with which an owner last ended well on a cluster: never that of a revision that failed or went back. */
export function goodCommitOf(record: WaveRecord): string | undefined {
  return record.phase === 'healthy' || record.phase === 'passed' ? record.commit : record.goodCommit;
}

/** True for a revision that is there and was well. */
export function isEnded(record: WaveRecord): boolean {
  return ['healthy', 'passed', 'returned'].includes(record.phase);
}

/** The last revision that was healthy before `digest`: what a rollback goes back to. */
function lastGood(before: WaveRecord | undefined, digest: string): string | undefined {
  if (before === undefined) return undefined;
  const good = isEnded(before) ? before.digest : before.previous;
  return good === digest ? undefined : good;
}

/** How an owner's movement on one cluster ended. */
export interface Ending {
  readonly outcome: 'healthy' | 'unhealthy' | 'timed-out' | 'failed';
  readonly why: string;
}

/** The record of a movement that ended. */
export function ended(record: WaveRecord, ending: Ending, at: Instant): WaveRecord {
  const isBack = record.phase === 'returning';
  if (ending.outcome === 'healthy') return { ...record, phase: isBack ? 'returned' : 'healthy', since: at };
  return { ...record, phase: isBack ? 'stuck' : 'failed', since: at, why: ending.why };
}
