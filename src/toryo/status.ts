import { platformOwner, type Known, type Run } from '../lib/index.ts';
import {
  healthOf,
  keyOf,
  ownerName,
  refOf,
  type Health,
  type KubeObject,
  type Ref,
} from '../objects/index.ts';
import type { Bundle } from '../compile/index.ts';
import type { KubeClient } from '../kube/index.ts';
import type { ClusterWorld } from '../world/index.ts';
import {
  absent,
  bundlesIn,
  closeAll,
  clusterOf,
  inWaveOrder,
  observeCluster,
  type Built,
  type Environment,
  type Looking,
} from './looking.ts';
import { leaverStatus, type RemovedStatus } from './removals.ts';

const deliverRoom = () => import('../deliver/index.ts');

/** One wanted object and what it is on one cluster. */
export interface ObjectStatus {
  readonly ref: Ref;
  readonly owner: string;
  readonly health: Health | { readonly state: 'missing'; readonly why: string };
}

/** One cluster as `status` shows it. */
export interface ClusterStatus {
  readonly cluster: string;
  readonly wave: string;
  readonly version: string;
  readonly state: 'there' | 'absent' | 'unknown';
  readonly why: string;
  readonly objects: readonly ObjectStatus[];
  /** What was taken from the guards, or changed in them, as far as reading shows it. */
  readonly notes: readonly string[];
  /** What is left here of what `removed` names, by entry; why is one of the reasons. */
  readonly removed: Readonly<Record<string, { readonly count: number; readonly why: string }>>;
}

/** status: what is there of what is wanted, and how it is. */
export async function status(
  built: Built,
  scope: { readonly clusters: readonly string[] },
  env: Environment,
  run: Run,
): Promise<readonly ClusterStatus[]> {
  const clients = new Map<string, KubeClient>();
  try {
    return await Promise.all(
      inWaveOrder(built.fleet, bundlesIn(built, scope)).map((bundle) =>
        statusOf(built, bundle, { env, clients, hasPredictions: false }, run),
      ),
    );
  } finally {
    await closeAll(clients);
  }
}

async function statusOf(built: Built, bundle: Bundle, looking: Looking, run: Run): Promise<ClusterStatus> {
  const seen = await observeCluster(built, bundle, looking, run);
  const base = {
    cluster: bundle.cluster,
    wave: clusterOf(built.fleet, bundle.cluster).wave,
    objects: [],
    notes: [],
    removed: {},
  };
  if (seen.is === 'absent') return { ...base, version: '', state: 'absent', why: absent };
  if (seen.is === 'unknown') return { ...base, version: '', state: 'unknown', why: seen.why.message };
  const objects = bundle.manifests.map(({ object, owner }): ObjectStatus => {
    const live = seen.world.live.get(keyOf(refOf(object)));
    return { ref: refOf(object), owner: ownerName(owner), health: healthIn(live) };
  });
  const { guardLosses, leftOf } = await deliverRoom();
  const entries = built.fleet.removed.filter(({ what }) => !what.startsWith('Cluster/'));
  const removed = Object.fromEntries(
    entries.map((entry) => [entry.what, leftOf(entry, seen.world)] as const),
  );
  return {
    ...base,
    version: seen.world.version,
    state: 'there',
    why: '',
    objects,
    notes: [
      ...guardLosses(bundle, seen.world, built.fleet.name),
      ...(await returnedNotes(built, bundle, seen.world, looking.clients.get(bundle.cluster))),
    ],
    removed,
  };
}

/** Owners that went back, and whose namespaces are not held by what held them then. */
async function returnedNotes(
  built: Built,
  bundle: Bundle,
  { inventories }: ClusterWorld,
  client: KubeClient | undefined,
): Promise<readonly string[]> {
  if (inventories.is === 'unknown' || client === undefined) return [];
  const { heldByGuards, Standings } = await deliverRoom();
  const standings = new Standings(built.bundles);
  standings.see(bundle, new Set(), inventories.value);
  const back = standings.all.filter((one) => one.record?.phase === 'returned');
  const notes = await Promise.all(
    back.map(async (one) => {
      const held = await heldByGuards(one, standings.of(bundle.cluster, platformOwner), client);
      return held === undefined ? [] : [`${one.owner} is back on cluster ${bundle.cluster}, but ${held}`];
    }),
  );
  return notes.flat();
}

/** How far each entry of `removed` is, by what was seen of the clusters. */
export async function removedStatus(
  built: Built,
  clusters: readonly ClusterStatus[],
  env: Environment,
): Promise<readonly RemovedStatus[]> {
  const entries = built.fleet.removed.filter(({ what }) => !what.startsWith('Cluster/'));
  const inside = entries.map(({ what }) => {
    const silent = clusters.find((one) => one.state === 'unknown');
    const left = clusters.find((one) => (one.removed[what]?.count ?? 0) > 0);
    const { count = 0, why = '' } = left?.removed[what] ?? {};
    if (left !== undefined)
      return { what, isGone: false, why: `${left.cluster} has ${count} objects of it: ${why}` };
    return {
      what,
      isGone: silent === undefined,
      why: silent === undefined ? '' : `${silent.cluster} cannot be read`,
    };
  });
  return [...inside, ...(await leaverStatus(built, env))];
}

function healthIn(live: Known<KubeObject | undefined> | undefined): ObjectStatus['health'] {
  if (live?.is !== 'known') return { state: 'unknown', why: live?.why ?? 'it was not read' };
  return live.value === undefined ? { state: 'missing', why: 'is not there' } : healthOf(live.value);
}
