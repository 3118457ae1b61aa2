import { failure } from '../lib/index.ts';
import { accessOf, kubeconfigFiles, openClient, readKubeconfig } from '../kube/index.ts';
import type { Provider, ProviderContext } from './provider.ts';

/** Clusters that somebody else runs, reached by a context of the user's kubeconfig. */
export function kubeconfigProvider(context: ProviderContext): Provider {
  return {
    connect: async (cluster, run) => {
      const name = cluster.kubeconfig?.context;
      if (name === undefined)
        throw failure(
          'TORYO_KUBECONFIG',
          { file: 'KUBECONFIG', why: 'the Cluster names no context' },
          { cluster: cluster.name },
        );
      const config = await readKubeconfig(kubeconfigFiles(context.env));
      return openClient({ ...accessOf(config, name), name: cluster.name }, run);
    },
    changes: () => Promise.resolve([]),
    provision: () => Promise.resolve(),
  };
}
