import { guardKind, isFailure, labels, tell, type Known, type Run } from '../../lib/index.ts';
import { guardNamedIn, guardOfBinding, guardPartOf, guardsNamedBy, sparing } from '../../guard/index.ts';
import {
  keyOf,
  refOf,
  titleOf,
  versionOf,
  type KubeObject,
  type Manifest,
  type RefKey,
} from '../../objects/index.ts';
import type { KubeClient } from '../../kube/index.ts';
import type { Change } from './change.ts';
import { guardedNamespaces } from '../order/graph-guards.ts';

type Live = ReadonlyMap<RefKey, Known<KubeObject | undefined>>;

function namespacesIn(live: Live): readonly KubeObject[] {
  return [...live.values()].flatMap((found) =>
    found.is === 'known' && found.value?.kind === 'Namespace' ? [found.value] : [],
  );
}

/** Whether a namespace names a Guard, as it is wished for or as it is there. */
export function guardedBy(manifests: readonly Manifest[], live: Live): (namespace: string) => boolean {
  const names = guardedNamespaces([...manifests.map((one) => one.object), ...namespacesIn(live)]);
  return (namespace) => names.has(namespace);
}

/**
 * What is to be written, without locking namespaces in that do not move now: their tenant is halted, went back or waits, and they name a
 * Guard that the newest list of the fallback does not know any more.
 */
export function sparingOthers(manifests: readonly Manifest[], live: Live): (one: Manifest) => Manifest {
  const names = sparedBy(manifests, live);
  return (manifest) => {
    const object = sparing(manifest.object, names);
    return object === manifest.object ? manifest : { ...manifest, object };
  };
}

/**
 * Guards that a namespace which does not move with these manifests is held by: the fallback leaves them alone. One that is only tried
 * holds nothing.
 */
export function sparedBy(manifests: readonly Manifest[], live: Live): readonly string[] {
  const moving = new Set(manifests.map((one) => keyOf(refOf(one.object))));
  const others = namespacesIn(live).filter((one) => !moving.has(keyOf(refOf(one))));
  const isOurs = ({ metadata }: KubeObject): boolean => metadata.labels?.[labels.managed] === 'true';
  const names = others.filter(isOurs).flatMap((one) => guardNamedIn(one) ?? []);
  return [...new Set(names)].filter((name) => isKnownGuard(name, live)).sort();
}

function isKnownGuard(name: string, live: Live): boolean {
  const [group = ''] = guardKind.apiVersion.split('/');
  const found = live.get(keyOf({ group, kind: guardKind.kind, name }));
  return found?.is === 'known' && found.value !== undefined;
}

interface Waiting {
  readonly change: Change;
  readonly why: string;
}

/**
 * Deletions without those that would leave pods refused: a Guard that a namespace names goes only when the namespace does not name it any
 * more, and so do its bindings; while one of those stays, policies and the kind of Guards stay too. They stay listed, and go with a
 * later apply. Asks for the namespaces as they are now.
 */
export async function withoutNamedGuards(
  deletions: readonly Change[],
  { client, world }: { readonly client: KubeClient; readonly world: { readonly live: Live } },
  run: Run,
): Promise<readonly Change[]> {
  const parts = deletions.filter((change) => guardPartOf(change.subject) !== undefined);
  if (parts.length === 0) return deletions;
  const labelSelector = `${labels.managed}=true`;
  const { items } = await client.list({ group: '', kind: 'Namespace' }, { labelSelector });
  // What goes with this very run makes no pods any more.
  const going = new Set(deletions.map((change) => keyOf(change.subject)));
  const staying = items.filter((one) => !going.has(keyOf(refOf(one))));
  const waiting = waitingAmong(parts, staying, world.live);
  for (const { change, why } of waiting)
    tell(run, {
      cluster: client.cluster,
      subject: titleOf(change.subject),
      verb: 'prune',
      state: 'waiting',
      why,
    });
  const kept = new Set(waiting.map((one) => one.change));
  return deletions.filter((change) => !kept.has(change));
}

function waitingAmong(
  parts: readonly Change[],
  namespaces: readonly KubeObject[],
  live: Live,
): readonly Waiting[] {
  const there = namespaces.filter((one) => one.metadata['deletionTimestamp'] === undefined);
  const names = new Map(there.flatMap((one) => guardsNamedBy(one).map((name) => [name, one.metadata.name])));
  const waiting = parts.flatMap((change): readonly Waiting[] => {
    const guard = guardIn(change, live);
    const namespace = names.get(guard ?? '');
    if (namespace === undefined) return [];
    return [{ change, why: `Namespace/${namespace} still names Guard/${guard ?? ''}` }];
  });
  const [first] = waiting;
  if (first === undefined) return [];
  const grounds = parts.filter(({ subject }) =>
    ['policy', 'definition'].includes(guardPartOf(subject) ?? ''),
  );
  return [...waiting, ...grounds.map((change) => ({ change, why: first.why }))];
}

function guardIn({ subject }: Change, live: Live): string | undefined {
  if (guardPartOf(subject) === 'guard') return subject.name;
  const found = live.get(keyOf(subject));
  return found?.is === 'known' && found.value !== undefined ? guardOfBinding(found.value) : undefined;
}

/** True when bindings go and what they need goes after them: API servers have to learn of that first, or refuse what they cannot judge. */
export function needsPause(gone: readonly Change[], later: readonly Change[]): boolean {
  return (
    gone.some(({ subject }) => guardPartOf(subject) === 'binding') &&
    later.some(({ subject }) => ['guard', 'policy', 'definition'].includes(guardPartOf(subject) ?? ''))
  );
}

/**
 * Manifests of a way back. A Guard that was pruned since does not come back with a tenant: a namespace that named it goes on naming what
 * it names now, rather than falling under the strictest of all profiles.
 */
export async function withLivingGuards(
  manifests: readonly Manifest[],
  client: KubeClient,
): Promise<readonly Manifest[]> {
  const spaces = manifests.filter((one) => guardsNamedBy(one.object).length > 0);
  if (spaces.length === 0) return manifests;
  const items = await guardsOn(client);
  const coming = manifests.filter((one) => one.object.kind === guardKind.kind).map((one) => one.object);
  const guards = new Set([...items, ...coming].map((one) => one.metadata.name));
  return Promise.all(manifests.map((one) => relabelled(one, guards, client)));
}

/** All Guards of a cluster; none where their kind is not served. */
export async function guardsOn(client: KubeClient): Promise<readonly KubeObject[]> {
  const [group = ''] = guardKind.apiVersion.split('/');
  const kind = { group, kind: guardKind.kind, version: versionOf(guardKind.apiVersion) };
  try {
    return (await client.list(kind)).items;
  } catch (error) {
    if (!isFailure(error, 'TORYO_KUBE_UNKNOWN_KIND')) throw error;
    return [];
  }
}

async function relabelled(
  manifest: Manifest,
  guards: ReadonlySet<string>,
  client: KubeClient,
): Promise<Manifest> {
  const { object } = manifest;
  if (guardsNamedBy(object).every((name) => guards.has(name))) return manifest;
  const live = await client.get(refOf(object));
  const { [labels.guard]: _guard, [labels.trial]: _trial, ...rest } = object.metadata.labels ?? {};
  const marks = live?.metadata.labels ?? {};
  const kept = Object.fromEntries(
    [labels.guard, labels.trial].flatMap((label) => {
      const name = marks[label];
      return name !== undefined && guards.has(name) ? [[label, name]] : [];
    }),
  );
  return {
    ...manifest,
    object: { ...object, metadata: { ...object.metadata, labels: { ...rest, ...kept } } },
  };
}
