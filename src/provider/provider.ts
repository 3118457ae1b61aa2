import type { Run } from '../lib/index.ts';
import type { Infrastructure } from '../compile/index.ts';
import type { KubeClient } from '../kube/index.ts';
import type { Cluster, Fleet } from '../spec/index.ts';
import type { Catalog } from '../catalog/index.ts';

/** What a provider is made for: one fleet, on this machine's environment. */
export interface ProviderContext {
  readonly fleet: Pick<Fleet, 'name'>;
  readonly catalog: Catalog;
  readonly env: Readonly<Record<string, string | undefined>>;
}

/** Where a cluster lives. */
export interface Provider {
  /** Opens the API server; undefined when the cluster does not exist yet and `provision` would make it. */
  connect(cluster: Cluster, run: Run): Promise<KubeClient | undefined>;
  /** What provision would do, a sentence each; nothing is changed. */
  changes(wanted: Infrastructure, cluster: Cluster): Promise<readonly string[]>;
  /** Makes the cluster what the bundle wants; idempotent, does nothing for clusters that somebody else runs. */
  provision(wanted: Infrastructure, cluster: Cluster, run: Run): Promise<void>;
}
