import { digestOf, failure, nearest, type Run } from '../lib/index.ts';
import { accessOf, openClient, readKubeconfig, type KubeClient } from '../kube/index.ts';
import {
  down,
  isSandboxVersion,
  list,
  nodesFor,
  sandboxVersions,
  zoneNames,
  up,
  type SandboxPool,
  type SandboxSpec,
} from '../sandbox/index.ts';
import type { Infrastructure } from '../compile/index.ts';
import type { Cluster, Pool } from '../spec/index.ts';
import type { Provider, ProviderContext } from './provider.ts';

/** The machine-wide name of a fleet's sandbox cluster. */
export function sandboxName(fleet: string, cluster: string): string {
  return `${fleet}-${cluster}`.slice(0, 63).replace(/-+$/, '');
}

/** A sandbox that no document names any more. */
export interface LeftSandbox {
  /** Undefined when it does not run. */
  connect(run: Run): Promise<KubeClient | undefined>;
  /** Ends it and deletes its folder. */
  remove(run: Run): Promise<void>;
}

/** The sandbox of a cluster that left its fleet; undefined when there is none on this machine. */
export async function sandboxLeft(
  fleet: string,
  cluster: string,
  env: ProviderContext['env'],
): Promise<LeftSandbox | undefined> {
  const name = sandboxName(fleet, cluster);
  const state = (await list(env)).find((one) => one.name === name);
  if (state === undefined) return undefined;
  return {
    connect: async (run) => {
      if (state.phase !== 'ready') return undefined;
      const config = await readKubeconfig([state.kubeconfig]);
      return openClient({ ...accessOf(config), name: cluster }, run);
    },
    remove: (run) => down(name, run, env),
  };
}

/** Real control planes on this machine. */
export function sandboxProvider(context: ProviderContext): Provider {
  const nameOf = (cluster: { readonly name: string }): string =>
    sandboxName(context.fleet.name, cluster.name);
  return {
    connect: async (cluster, run) => {
      const state = (await list(context.env)).find((one) => one.name === nameOf(cluster));
      if (state?.phase !== 'ready') return undefined;
      const config = await readKubeconfig([state.kubeconfig]);
      return openClient({ ...accessOf(config), name: cluster.name }, run);
    },
    changes: async (wanted, cluster) => {
      const state = (await list(context.env)).find((one) => one.name === nameOf(cluster));
      return differences(state?.phase === 'ready' ? state.spec : undefined, specOf(wanted, cluster, context));
    },
    provision: async (wanted, cluster, run) => {
      const spec = specOf(wanted, cluster, context);
      // People know the cluster by its name in the fleet, not by the sandbox's on this machine.
      const told: Run = {
        ...run,
        now: () => run.now(),
        emit: (event) => run.emit({ ...event, cluster: cluster.name }),
      };
      if (spec !== undefined) await up(spec, told, context.env);
    },
  };
}

function specOf(wanted: Infrastructure, cluster: Cluster, context: ProviderContext): SandboxSpec | undefined {
  if (wanted.kind !== 'sandbox') return undefined;
  const name = sandboxName(context.fleet.name, cluster.name);
  const { version } = wanted;
  if (!isSandboxVersion(version)) {
    const why = `serves ${sandboxVersions.join(', ')}, not ${version}`;
    throw failure('TORYO_SANDBOX', { name, why }, { cluster: cluster.name });
  }
  const zones = zoneNames(wanted.zones);
  const pools = wanted.pools.map((pool) => machineOf(pool, context));
  return { name, version, nodes: nodesFor(pools, { zones }) };
}

function differences(before: SandboxSpec | undefined, after: SandboxSpec | undefined): readonly string[] {
  if (after === undefined) return [];
  const count = (spec: SandboxSpec): number => spec.nodes?.length ?? 0;
  if (before === undefined) return [`start Kubernetes ${after.version ?? ''} with ${count(after)} nodes`];
  const version =
    before.version === after.version ? [] : [`Kubernetes ${before.version ?? ''} -> ${after.version ?? ''}`];
  if (digestOf(before.nodes) === digestOf(after.nodes)) return version;
  const nodes = count(before) === count(after) ? 'other nodes' : `${count(before)} -> ${count(after)} nodes`;
  return [...version, nodes];
}

function machineOf(pool: Pool, context: ProviderContext): SandboxPool {
  const [name] = pool.instanceTypes;
  const type = context.catalog.instanceTypes.get(name ?? '');
  if (type === undefined) {
    const known = nearest(name ?? '', context.catalog.instanceTypes.keys()) ?? 'm6i.large';
    throw failure('TORYO_SANDBOX', {
      name: pool.name,
      why: `the catalogue has no instance type ${name ?? ''}, did you mean ${known}?`,
    });
  }
  return {
    name: pool.name,
    count: Math.max(pool.nodes.min, 1),
    instanceType: type.name,
    cpu: String(type.cpu),
    memory: `${type.memoryMiB}Mi`,
    pods: type.pods,
    labels: pool.labels,
    taints: pool.taints,
  };
}
