/**
 * provider: where a cluster lives. In: a Cluster and what its bundle wants below Kubernetes. Out: an open API server.
 * One file per provider behind one interface.
 */
import { failure } from '../lib/index.ts';
import type { Cluster } from '../spec/index.ts';
import { kubeconfigProvider } from './kubeconfig.ts';
import type { Provider, ProviderContext } from './provider.ts';
import { sandboxProvider } from './sandbox.ts';

export { sandboxLeft, sandboxName } from './sandbox.ts';
export type { Provider, ProviderContext } from './provider.ts';

/** The provider of a cluster; eks and onprem say that they are not there yet. */
export function providerOf(cluster: Cluster, context: ProviderContext): Provider {
  switch (cluster.provider) {
    case 'kubeconfig':
      return kubeconfigProvider(context);
    case 'sandbox':
      return sandboxProvider(context);
    default:
      throw failure(
        'TORYO_NOT_ENFORCED',
        { fields: `Cluster.spec.provider: ${cluster.provider}` },
        { cluster: cluster.name },
      );
  }
}
