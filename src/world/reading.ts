import {
  at,
  identityName,
  isFailure,
  known,
  labels,
  reasonOf,
  stringAt,
  systemNamespace,
  unknown,
  type Known,
} from '../lib/index.ts';
import { keyOf, ownerName, refOf, type KubeObject, type Ref, type RefKey } from '../objects/index.ts';
import type { KubeClient } from '../kube/index.ts';
import { inventoryFrom, inventoryPrefix, type Inventory } from './inventory.ts';
import type { Identity } from './world.ts';

/** An object to be read, and the version to read it in. */
export interface Wanted {
  readonly ref: Ref;
  readonly version: string | undefined;
}

/** From this many objects of one kind in one namespace, one list is cheaper than single reads. */
const listFrom = 4;

/** The cluster's own word on which one it is, and the uid of kube-system. */
export async function readIdentity(
  client: KubeClient,
): Promise<{ readonly uid: string; readonly identity: Identity | undefined }> {
  const [system, identity] = await Promise.all([
    client.get({ group: '', kind: 'Namespace', name: 'kube-system' }),
    client.get({ group: '', kind: 'ConfigMap', namespace: systemNamespace, name: identityName }),
  ]);
  const [fleet, cluster] = [stringAt(identity, 'data', 'fleet'), stringAt(identity, 'data', 'cluster')];
  return {
    uid: stringAt(system, 'metadata', 'uid') ?? '',
    identity: fleet === undefined || cluster === undefined ? undefined : { fleet, cluster },
  };
}

/**
 * Every inventory of the fleet on the cluster, by owner's name. Found by name, so that one that lost its labels is seen to
 * be damaged and is not taken for one that never was.
 */
export async function readInventories(
  client: KubeClient,
  fleet: string,
): Promise<Known<ReadonlyMap<string, Inventory>>> {
  // Kept manifests are large, and read only by a rollback.
  const labelSelector = `${labels.component}!=revision`;
  const { items } = await client.list(
    { group: '', kind: 'ConfigMap' },
    { namespace: systemNamespace, labelSelector },
  );
  const inventories = new Map<string, Inventory>();
  for (const item of items.filter((one) => one.metadata.name.startsWith(inventoryPrefix))) {
    const whose = item.metadata.labels?.[labels.fleet];
    if (whose !== undefined && whose !== fleet) continue;
    const inventory = whose === undefined ? undefined : inventoryFrom(item);
    if (inventory === undefined) return unknown(damage(item.metadata.name));
    inventories.set(ownerName(inventory.owner), inventory);
  }
  return known(inventories);
}

function damage(name: string): string {
  return `inventory ConfigMap/${systemNamespace}/${name} was changed by hand and cannot be read; restore it, or delete it: what the repository still wants is then listed again, and what it no longer wants stays`;
}

/** Reads objects: by list where many of a kind share a namespace, one by one otherwise. A kind that is not served has none. */
export async function readLive(
  client: KubeClient,
  wanted: readonly Wanted[],
): Promise<Map<RefKey, Known<KubeObject | undefined>>> {
  const discovery = await client.discover();
  const live = new Map<RefKey, Known<KubeObject | undefined>>();
  const groups = new Map<string, Wanted[]>();
  for (const one of wanted) {
    const { group, kind, namespace } = one.ref;
    const isServed = discovery.resourceOf({ group, kind, ...version(one) }) !== undefined;
    if (!isServed)
      live.set(
        keyOf(one.ref),
        isUnsure(discovery, group) ? unknown(`the API group ${group} cannot be asked`) : known(undefined),
      );
    else push(groups, `${group} ${kind} ${one.version ?? ''} ${namespace ?? ''}`, one);
  }
  await Promise.all([...groups.values()].map((group) => readGroup(client, group, live)));
  return live;
}

function version(one: Wanted): { readonly version?: string } {
  return one.version === undefined ? {} : { version: one.version };
}

function isUnsure(discovery: Awaited<ReturnType<KubeClient['discover']>>, group: string): boolean {
  return discovery.failed.some((one) => one.groupVersion.startsWith(`${group}/`));
}

function push(groups: Map<string, Wanted[]>, key: string, one: Wanted): void {
  const list = groups.get(key);
  if (list === undefined) groups.set(key, [one]);
  else list.push(one);
}

async function readGroup(
  client: KubeClient,
  group: readonly Wanted[],
  live: Map<RefKey, Known<KubeObject | undefined>>,
): Promise<void> {
  const [first] = group;
  if (first === undefined) return;
  const { group: apiGroup, kind, namespace } = first.ref;
  if (group.length < listFrom) {
    await Promise.all(
      group.map(async (one) =>
        live.set(keyOf(one.ref), await asKnown(() => client.get(one.ref, version(one)))),
      ),
    );
    return;
  }
  const options = namespace === undefined ? {} : { namespace };
  const found = await asKnown(
    async () => (await client.list({ group: apiGroup, kind, ...version(first) }, options)).items,
  );
  const byKey = new Map(
    (found.is === 'known' ? found.value : []).map((object) => [keyOf(refOf(object)), object]),
  );
  for (const one of group) {
    const key = keyOf(one.ref);
    live.set(key, found.is === 'known' ? known(byKey.get(key)) : found);
  }
}

// Rights may be missing for one kind: that is unknown, and the rest goes on. A server that is gone is not.
async function asKnown<T>(read: () => Promise<T>): Promise<Known<T>> {
  try {
    return known(await read());
  } catch (error) {
    if (isFailure(error, 'TORYO_KUBE_FORBIDDEN', 'TORYO_KUBE_ANSWER', 'TORYO_KUBE_UNKNOWN_KIND'))
      return unknown(reasonOf(error));
    throw error;
  }
}

/** The names of all namespaces that are not on their way out. */
export async function readNamespaces(client: KubeClient): Promise<ReadonlySet<string>> {
  const { items } = await client.list({ group: '', kind: 'Namespace' });
  return new Set(
    items
      .filter((one) => at(one, 'metadata', 'deletionTimestamp') === undefined)
      .map((one) => one.metadata.name),
  );
}
