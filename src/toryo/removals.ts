import { isFailure, reasonOf, type Run } from '../lib/index.ts';
import { ownerName } from '../objects/index.ts';
import type { Delivered, Plan, PlannedCluster } from '../deliver/index.ts';
import type { KubeClient } from '../kube/index.ts';
import { lockFileOf, type Fleet } from '../spec/index.ts';
import type { Inventory } from '../world/index.ts';
import type { Built, Environment } from './looking.ts';

const deliverRoom = () => import('../deliver/index.ts');
const providerRoom = () => import('../provider/index.ts');
const worldRoom = () => import('../world/index.ts');

/** Names of clusters that `removed` names, with their data. */
function leavers({ fleet }: Built): readonly string[] {
  return fleet.removed.flatMap(({ what, data }) =>
    what.startsWith('Cluster/') && data === 'delete' ? [what.slice('Cluster/'.length)] : [],
  );
}

/** What becomes of clusters that `removed` names: only a sandbox can be deleted by this version. */
export async function planLeavers(
  built: Built,
  env: Environment,
  run: Run,
): Promise<readonly PlannedCluster[]> {
  const planned = await Promise.all(leavers(built).map((name) => planLeaver(built, name, env, run)));
  return planned.flat();
}

async function planLeaver(
  built: Built,
  name: string,
  env: Environment,
  run: Run,
): Promise<readonly PlannedCluster[]> {
  const { sandboxLeft } = await providerRoom();
  const base = { cluster: name, digest: '', state: 'there' as const, changes: [] };
  const left = await sandboxLeft(built.fleet.name, name, env);
  if (left !== undefined) {
    const why = await pinnedWhy(built, () => left.connect(run));
    const infrastructure = ['delete the sandbox, with all data in it'];
    return [
      { ...base, infrastructure, blockers: why === undefined ? [] : [{ code: 'removed-cluster', why }] },
    ];
  }
  const { identity } = built.fleet.lock.get(lockFileOf({ kind: 'Cluster', name })) ?? {};
  if (identity === undefined) return [];
  const why = `Cluster/${name} is no sandbox, and this version deletes no other: delete it where it was made, then say \`forget: true\` instead of \`data: delete\``;
  return [{ ...base, blockers: [{ code: 'removed-cluster', why }] }];
}

/** Why a cluster cannot go: an App whose state is pinned is on it, or nobody can tell. */
async function pinnedWhy(
  built: Built,
  connect: () => Promise<KubeClient | undefined>,
): Promise<string | undefined> {
  const { readInventories } = await worldRoom();
  try {
    const client = await connect();
    // One that does not run has nothing that could be asked: its data is deleted by name.
    if (client === undefined) return undefined;
    try {
      const inventories = await readInventories(client, built.fleet.name);
      if (inventories.is === 'unknown') return `what is on it cannot be told: ${inventories.why}`;
      const first = [...inventories.value.values()].find((inventory) => isPinned(built.fleet, inventory));
      return first === undefined
        ? undefined
        : `${ownerName(first.owner)} is on it, and its state is pinned: move it away first`;
    } finally {
      await client.close();
    }
  } catch (error) {
    if (!isFailure(error) || isFailure(error, 'TORYO_INTERRUPTED')) throw error;
    return `what is on it cannot be told: ${reasonOf(error)}`;
  }
}

/** By its document; one that has none, or selects no cluster, by what it was when it was delivered. */
function isPinned({ apps }: Fleet, { owner, record }: Inventory): boolean {
  const name = ownerName(owner);
  const app = apps.find((one) => ownerName({ tenant: one.tenant, app: one.name }) === name);
  return app === undefined || app.on.size === 0
    ? record?.noWayBack === 'its state is pinned'
    : [...app.on.values()].some((on) => on.state === 'pinned');
}

/** Deletes the clusters that the plan says leave. */
export async function removeLeavers(
  built: Built,
  plan: Plan,
  env: Environment,
  run: Run,
): Promise<readonly Delivered[]> {
  const names = new Set(leavers(built));
  const agreed = plan.waves
    .filter((wave) => wave.wave === 'removed')
    .flatMap((wave) => wave.clusters)
    .filter((one) => names.has(one.cluster) && one.blockers.length === 0);
  if (agreed.length === 0) return [];
  const [{ notDelivered }, { sandboxLeft }] = await Promise.all([deliverRoom(), providerRoom()]);
  return Promise.all(
    agreed.map(async ({ cluster }) => {
      try {
        await (await sandboxLeft(built.fleet.name, cluster, env))?.remove(run);
        return notDelivered(cluster, 'done', undefined);
      } catch (error) {
        if (!isFailure(error)) throw error;
        return notDelivered(cluster, 'failed', error);
      }
    }),
  );
}

/** How far an entry of `removed` is. */
export interface RemovedStatus {
  readonly what: string;
  /** Gone everywhere: the entry may be deleted from the Fleet. */
  readonly isGone: boolean;
  readonly why: string;
}

/** How far the removal of clusters is; a cluster that is only forgotten is gone at once. */
export async function leaverStatus(built: Built, env: Environment): Promise<readonly RemovedStatus[]> {
  const { sandboxLeft } = await providerRoom();
  const entries = built.fleet.removed.filter(({ what }) => what.startsWith('Cluster/'));
  return Promise.all(
    entries.map(async ({ what, forget }) => {
      if (forget === true) return { what, isGone: true, why: 'forgotten: nothing was changed there' };
      const name = what.slice('Cluster/'.length);
      const { identity } = built.fleet.lock.get(lockFileOf({ kind: 'Cluster', name })) ?? {};
      const isThere = (await sandboxLeft(built.fleet.name, name, env)) !== undefined;
      if (isThere) return { what, isGone: false, why: 'its sandbox is there: run `toryo apply`' };
      return identity === undefined
        ? { what, isGone: true, why: '' }
        : {
            what,
            isGone: false,
            why: 'it is no sandbox: delete it where it was made, and say `forget: true`',
          };
    }),
  );
}
