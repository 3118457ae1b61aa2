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
import { statusOf, type KindRef, type KubeClient, type ListOptions, type Selection } from '../kube/index.ts';
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

/** What is there of what was asked for. */
type Live = Map<RefKey, Known<KubeObject | undefined>>;

/** What is known before objects are read: whose they are, and which namespaces there are. */
export interface Fleetwide {
  readonly fleet: string;
  readonly namespaces: ReadonlySet<string>;
  /** Gives what is to be kept of each object with the label, as soon as it is read. */
  readonly judge: (object: KubeObject) => KubeObject;
}

/**
 * Reads objects that most likely carry the fleet's label: one list for each kind, then, as readLive does, what it did not
 * show: what is not there, what lost its label, what is somebody else's.
 */
export async function readMarked(
  client: KubeClient,
  wanted: readonly Wanted[],
  where: Fleetwide,
): Promise<Live> {
  const live: Live = new Map();
  const served = await readServed(client, wanted, live);
  const kinds = Map.groupBy(served, (one) => `${one.ref.group} ${one.ref.kind} ${one.version ?? ''}`);
  const labelSelector = `${labels.fleet}=${where.fleet}`;
  const left = await Promise.all(
    [...kinds.values()].map(async (group) => {
      // One request either way, and this one answers for what has no label too.
      if (group.length > 1) await listInto(live, { client, group, judge: where.judge }, { labelSelector });
      return group.filter(({ ref }) => !live.has(keyOf(ref)));
    }),
  );
  const missing = left.flat();
  const isNowhere = ({ ref }: Wanted): boolean =>
    ref.namespace !== undefined && !where.namespaces.has(ref.namespace);
  for (const { ref } of missing.filter(isNowhere)) live.set(keyOf(ref), known(undefined));
  await readAll(
    client,
    missing.filter((one) => !isNowhere(one)),
    live,
  );
  return live;
}

/** Reads objects: by list where many of a kind share a namespace, one by one otherwise. A kind that is not served has none. */
export async function readLive(client: KubeClient, wanted: readonly Wanted[]): Promise<Live> {
  const live: Live = new Map();
  await readAll(client, await readServed(client, wanted, live), live);
  return live;
}

/** Those whose kind is served, all of a kind in one version where some say none; the others are answered. */
async function readServed(
  client: KubeClient,
  wanted: readonly Wanted[],
  live: Live,
): Promise<readonly Wanted[]> {
  const discovery = await client.discover();
  const versions = new Map(
    wanted.flatMap(({ ref, version }) =>
      version === undefined ? [] : [[`${ref.group} ${ref.kind}`, version] as const],
    ),
  );
  return wanted.flatMap((asked) => {
    const { group, kind } = asked.ref;
    const usual = asked.version ?? versions.get(`${group} ${kind}`);
    const one = discovery.resourceOf({ group, kind, ...version({ version: usual }) })
      ? { ref: asked.ref, version: usual }
      : asked;
    if (discovery.resourceOf({ group, kind, ...version(one) }) !== undefined) return [one];
    live.set(
      keyOf(one.ref),
      isUnsure(discovery, group) ? unknown(`the API group ${group} cannot be asked`) : known(undefined),
    );
    return [];
  });
}

async function readAll(client: KubeClient, wanted: readonly Wanted[], live: Live): Promise<void> {
  const groups = Map.groupBy(
    wanted,
    ({ ref, version }) => `${ref.group} ${ref.kind} ${version ?? ''} ${ref.namespace ?? ''}`,
  );
  await Promise.all([...groups.values()].map((group) => readGroup(client, group, live)));
}

function version(one: Pick<Wanted, 'version'>): { readonly version?: string } {
  return one.version === undefined ? {} : { version: one.version };
}

function isUnsure(discovery: Awaited<ReturnType<KubeClient['discover']>>, group: string): boolean {
  return discovery.failed.some((one) => one.groupVersion.startsWith(`${group}/`));
}

async function readGroup(client: KubeClient, group: readonly Wanted[], live: Live): Promise<void> {
  if (group.length < listFrom) {
    await Promise.all(
      group.map(async (one) =>
        live.set(keyOf(one.ref), await asKnown(() => client.get(one.ref, version(one)))),
      ),
    );
    return;
  }
  const namespace = group[0]?.ref.namespace;
  const selection = namespace === undefined ? {} : { namespace };
  const found = await listInto(live, { client, group }, selection);
  for (const { ref } of group)
    if (!live.has(keyOf(ref))) live.set(keyOf(ref), found.is === 'known' ? known(undefined) : found);
}

/** Objects of one kind that are asked for. */
interface Asked {
  readonly client: KubeClient;
  readonly group: readonly Wanted[];
  readonly judge?: (object: KubeObject) => KubeObject;
}

/** Lists the kind that all of a group are of, and keeps those that are asked for. */
async function listInto(live: Live, asked: Asked, selection: Selection): Promise<Known<unknown>> {
  const { client, group, judge = (object: KubeObject) => object } = asked;
  const [first] = group;
  if (first === undefined) return known(undefined);
  const kind = { group: first.ref.group, kind: first.ref.kind, ...version(first) };
  const keys = new Set(group.map(({ ref }) => keyOf(ref)));
  const keep = (object: KubeObject): undefined => {
    const key = keyOf(refOf(object));
    if (keys.has(key)) live.set(key, known(judge(object)));
  };
  return await asKnown(async () => {
    const isServed = await listServed(client, kind, { ...selection, keep });
    if (!isServed) for (const key of keys) live.set(key, known(undefined));
  });
}

/** False for a kind that went away after it was discovered: what is served is asked anew from then on. */
async function listServed(client: KubeClient, kind: KindRef, options: ListOptions): Promise<boolean> {
  try {
    await client.list(kind, options);
    return true;
  } catch (error) {
    if (!isFailure(error, 'TORYO_KUBE_NOT_FOUND') || !isServersWord(error)) throw error;
    client.forgetDiscovery();
    return false;
  }
}

// What an API server says of a path that it does not serve; another page with 404 proves nothing.
function isServersWord(error: unknown): boolean {
  const { reason = '', message = '' } = statusOf(error) ?? {};
  return reason === 'NotFound' || message.startsWith('404 page not found');
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

/** Names of namespaces: all of them, and those that are not on their way out. */
export interface Namespaces {
  readonly all: ReadonlySet<string>;
  readonly open: ReadonlySet<string>;
}

/** Asks which namespaces there are. */
export async function readNamespaces(client: KubeClient): Promise<Namespaces> {
  const { items } = await client.list({ group: '', kind: 'Namespace' });
  const open = items.filter((one) => at(one, 'metadata', 'deletionTimestamp') === undefined);
  const names = (objects: readonly KubeObject[]): ReadonlySet<string> =>
    new Set(objects.map((one) => one.metadata.name));
  return { all: names(items), open: names(open) };
}
