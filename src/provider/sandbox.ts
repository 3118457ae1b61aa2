import { failure, nearest, type Run } from '../lib/index.ts';
import { accessOf, openClient, readKubeconfig } from '../kube/index.ts';
import { isSandboxVersion, list, nodesFor, sandboxVersions, up, type SandboxPool } from '../sandbox/index.ts';
import type { Pool } from '../spec/index.ts';
import type { Provider, ProviderContext } from './provider.ts';

/** The machine-wide name of a fleet's sandbox cluster. */
export function sandboxName(fleet: string, cluster: string): string {
  return `${fleet}-${cluster}`.slice(0, 63).replace(/-+$/, '');
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
    provision: async (wanted, cluster, run) => {
      if (wanted.kind !== 'sandbox') return;
      const { version } = wanted;
      if (!isSandboxVersion(version)) {
        throw failure(
          'TORYO_SANDBOX',
          { name: nameOf(cluster), why: `serves ${sandboxVersions.join(', ')}, not ${version}` },
          { cluster: cluster.name },
        );
      }
      const zones = Array.from(
        { length: wanted.zones },
        (_, index) => `sandbox-1${String.fromCharCode(97 + index)}`,
      );
      const pools = wanted.pools.map((pool) => machineOf(pool, context));
      // People know the cluster by its name in the fleet, not by the sandbox's on this machine.
      const told: Run = {
        ...run,
        now: () => run.now(),
        emit: (event) => run.emit({ ...event, cluster: cluster.name }),
      };
      await up({ name: nameOf(cluster), version, nodes: nodesFor(pools, { zones }) }, told, context.env);
    },
  };
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
