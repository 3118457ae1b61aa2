import { failure, isFailure, tell, type Run } from '../lib/index.ts';
import type { Catalog } from '../catalog/index.ts';
import type { Bundle } from '../compile/index.ts';
import type { KubeClient } from '../kube/index.ts';
import type { Provider } from '../provider/index.ts';
import type { Cluster, Fleet } from '../spec/index.ts';
import type { Observation } from '../world/index.ts';

// What talks to clusters is loaded when a verb needs it: `check` reads files only, and people wait for it.
const providerRoom = () => import('../provider/index.ts');
const worldRoom = () => import('../world/index.ts');

/** The environment's variables, read once by the command line. */
export type Environment = Readonly<Record<string, string | undefined>>;

/** How a repository is read. */
export interface Reading {
  readonly env: Environment;
  /** False: a fleet written in TypeScript is refused. */
  readonly allowCode?: boolean;
  /** Folders of the repository that stand elsewhere. */
  readonly mounts?: ReadonlyMap<string, string>;
}

/** A fleet that was read, and what every cluster of it should be. */
export interface Built {
  readonly fleet: Fleet;
  readonly catalog: Catalog;
  readonly bundles: readonly Bundle[];
}

/** How a cluster is looked at. */
export interface Looking {
  readonly env: Environment;
  readonly clients: Map<string, KubeClient>;
  readonly hasPredictions: boolean;
  /** True: by reading alone. */
  readonly isReadOnly?: boolean;
}

/** Why a cluster that does not exist yet says nothing. */
export const absent = 'it does not exist yet';

/** The open client of a cluster, or a new one; undefined when the cluster is not there yet. */
async function clientOf(
  built: Built,
  name: string,
  looking: Looking,
  run: Run,
): Promise<KubeClient | undefined> {
  const open = looking.clients.get(name);
  if (open !== undefined) {
    open.forgetDiscovery();
    return open;
  }
  const cluster = clusterOf(built.fleet, name);
  const client = await (await providerFor(built, cluster, looking.env)).connect(cluster, run);
  if (client !== undefined) looking.clients.set(name, client);
  return client;
}

/** Looks at one cluster; its client is kept open in `clients`. A cluster that cannot be read is unknown. */
export async function observeCluster(
  built: Built,
  bundle: Bundle,
  looking: Looking,
  run: Run,
): Promise<Observation> {
  const { cluster: name } = bundle;
  tell(run, { cluster: name, subject: 'cluster', verb: 'observe', state: 'started' });
  try {
    const client = await clientOf(built, name, looking, run);
    if (client === undefined) return { is: 'absent' };
    const { observe } = await worldRoom();
    const { hasPredictions, isReadOnly = false } = looking;
    const { name: fleet, ownership, removed } = built.fleet;
    const hasClaims = removed.some((one) => one.data === 'keep');
    const question = { fleet, hasPredictions, ownership, isReadOnly, hasClaims };
    const world = await observe(bundle, client, question, run);
    tell(run, { cluster: name, subject: 'cluster', verb: 'observe', state: 'done' });
    return { is: 'there', world };
  } catch (error) {
    if (!isFailure(error) || run.signal.aborted) throw error;
    // A cluster that comes back may be found elsewhere: a sandbox has another port.
    looking.clients.delete(name);
    tell(run, { cluster: name, subject: 'cluster', verb: 'observe', state: 'failed', why: error.message });
    return { is: 'unknown', why: error };
  }
}

/** A cluster of the fleet. */
export function clusterOf(fleet: Fleet, name: string): Cluster {
  const cluster = fleet.clusters.get(name);
  if (cluster === undefined) throw new RangeError(`no cluster ${name}`);
  return cluster;
}

/** Where a cluster lives. */
export async function providerFor(built: Built, cluster: Cluster, env: Environment): Promise<Provider> {
  const { providerOf } = await providerRoom();
  return providerOf(cluster, { fleet: built.fleet, catalog: built.catalog, env });
}

/** Throws TORYO_USAGE for names that are no cluster of the fleet. */
export function mustHaveClusters(fleet: Fleet, names: readonly string[]): void {
  const unknown = names.filter((name) => !fleet.clusters.has(name));
  if (unknown.length > 0)
    throw failure('TORYO_USAGE', { why: `there is no cluster ${unknown.join(', ')} in fleet ${fleet.name}` });
}

/** The part of a fleet that a command is about; a name that is no cluster is a usage error. */
export function bundlesIn(built: Built, scope: { readonly clusters: readonly string[] }): readonly Bundle[] {
  mustHaveClusters(built.fleet, scope.clusters);
  return built.bundles.filter(
    (bundle) => scope.clusters.length === 0 || scope.clusters.includes(bundle.cluster),
  );
}

/** Bundles in the order of the waves. */
export function inWaveOrder(fleet: Fleet, bundles: readonly Bundle[]): readonly Bundle[] {
  const order = fleet.waves.flatMap((wave) => wave.clusters);
  return bundles.toSorted((left, right) => order.indexOf(left.cluster) - order.indexOf(right.cluster));
}

/** Closes what a plan opened. */
export async function closeAll(clients: ReadonlyMap<string, KubeClient>): Promise<void> {
  await Promise.all([...clients.values()].map((client) => client.close()));
}
