import type { KubeClient } from '../../src/kube/index.ts';
import { labels, systemNamespace } from '../../src/lib/index.ts';
import { keyOf, refOf, type KubeObject } from '../../src/objects/index.ts';
import { inventoryFrom, type Inventory } from '../../src/world/index.ts';

const kinds = [
  ...['Namespace', 'ConfigMap', 'Secret', 'Service', 'ServiceAccount', 'ResourceQuota', 'LimitRange'].map(
    (kind) => ({ group: '', kind }),
  ),
  ...['Deployment', 'StatefulSet'].map((kind) => ({ group: 'apps', kind })),
  ...['Role', 'RoleBinding', 'ClusterRole', 'ClusterRoleBinding'].map((kind) => ({
    group: 'rbac.authorization.k8s.io',
    kind,
  })),
  { group: 'networking.k8s.io', kind: 'NetworkPolicy' },
  { group: 'apiextensions.k8s.io', kind: 'CustomResourceDefinition' },
];

/** Every object with the fleet's mark, by key. */
export async function markedObjects(
  client: KubeClient,
  fleet = 'acme',
): Promise<ReadonlyMap<string, KubeObject>> {
  const labelSelector = `${labels.managed}=true,${labels.fleet}=${fleet}`;
  const lists = await Promise.all(kinds.map((kind) => client.list(kind, { labelSelector })));
  return new Map(lists.flatMap(({ items }) => items.map((item) => [keyOf(refOf(item)), item] as const)));
}

/** Every inventory of the cluster, by its ConfigMap's name; undefined is one that cannot be read. */
export async function inventoriesOf(client: KubeClient): Promise<ReadonlyMap<string, Inventory | undefined>> {
  const { items } = await client.list({ group: '', kind: 'ConfigMap' }, { namespace: systemNamespace });
  const found = items.filter((item) => item.metadata.name.startsWith('inventory.'));
  return new Map(found.map((item) => [item.metadata.name, inventoryFrom(item)]));
}

/** Every key that some inventory lists, in order. */
export async function listedKeys(client: KubeClient): Promise<readonly string[]> {
  const inventories = [...(await inventoriesOf(client)).values()];
  return inventories.flatMap((one) => one?.items.map((item) => keyOf(item.ref)) ?? []).sort();
}
