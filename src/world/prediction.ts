import { fieldManagerOf, isFailure, platformTenant, reasonOf, tenantUserOf } from '../lib/index.ts';
import { customScopes, groupOf, keyOf, refOf, versionOf, type KubeObject, type Manifest, type RefKey } from '../objects/index.ts';
import { conflictsOf, type Discovery, type KubeClient } from '../kube/index.ts';
import { roleNames } from '../compile/index.ts';
import type { Known } from '../lib/index.ts';
import type { Prediction } from './world.ts';

/** What predictions are made from. */
export interface Foresight {
  readonly client: KubeClient;
  readonly fleet: string;
  readonly manifests: readonly Manifest[];
  readonly live: ReadonlyMap<RefKey, Known<KubeObject | undefined>>;
  readonly namespaces: ReadonlySet<string>;
}

/** A namespace that every cluster has, with nothing in it that a manifest could meet. */
const standInNamespace = 'kube-node-lease';

/** Asks the API server what it would store for each manifest, in the name of who would write it. Nothing is written. */
export async function predict(one: Foresight): Promise<ReadonlyMap<RefKey, Prediction>> {
  const discovery = await one.client.discover();
  const own = customScopes(one.manifests.map((manifest) => manifest.object));
  const created = new Set(one.manifests.filter((manifest) => manifest.object.kind === 'Namespace').map((manifest) => manifest.object.metadata.name));
  const predictions = await Promise.all(
    one.manifests.map(async (manifest) => [keyOf(refOf(manifest.object)), await predictOne(manifest, { ...one, discovery, own, created })] as const),
  );
  return new Map(predictions);
}

interface Circumstances extends Foresight {
  readonly discovery: Discovery;
  readonly own: ReadonlyMap<string, boolean>;
  readonly created: ReadonlySet<string>;
}

async function predictOne(manifest: Manifest, one: Circumstances): Promise<Prediction> {
  const { object } = manifest;
  const group = groupOf(object.apiVersion);
  const isServed = one.discovery.resourceOf({ group, kind: object.kind, version: versionOf(object.apiVersion) }) !== undefined;
  if (!isServed) {
    if (one.own.has(`${group}/${object.kind}`)) return { by: 'nothing', hasRights: false };
    return { by: 'nothing', hasRights: false, refused: `the API server has no ${object.kind} in ${object.apiVersion}` };
  }
  const { namespace } = object.metadata;
  if (namespace === undefined || one.namespaces.has(namespace)) return dryRun(manifest, one);
  if (!one.created.has(namespace)) return { by: 'nothing', hasRights: false, refused: `namespace ${namespace} does not exist and nothing here makes it` };
  return standIn(object, one);
}

async function dryRun(manifest: Manifest, one: Circumstances): Promise<Prediction> {
  const user = writerOf(manifest);
  const hasRights = user === undefined || isBound(manifest.object.metadata.namespace, one);
  const client = user === undefined || !hasRights ? one.client : one.client.as({ user });
  try {
    const { object } = await client.apply(manifest.object, { fieldManager: fieldManagerOf(one.fleet), dryRun: true });
    return { by: 'dry-run', object, hasRights };
  } catch (error) {
    return refusal(error, 'dry-run', hasRights);
  }
}

async function standIn(object: KubeObject, one: Circumstances): Promise<Prediction> {
  const moved = { ...object, metadata: { ...object.metadata, namespace: standInNamespace } };
  try {
    const predicted = await one.client.apply(moved, { fieldManager: fieldManagerOf(one.fleet), dryRun: true });
    const back = { ...predicted.object, metadata: { ...predicted.object.metadata, ...(object.metadata.namespace === undefined ? {} : { namespace: object.metadata.namespace }) } };
    return { by: 'stand-in', object: back, hasRights: false };
  } catch (error) {
    return refusal(error, 'stand-in', false);
  }
}

function refusal(error: unknown, by: Prediction['by'], hasRights: boolean): Prediction {
  if (isFailure(error, 'TORYO_KUBE_FIELD_CONFLICT')) return { by, hasRights, conflicts: conflictsOf(error).map((one) => `${one.manager}: ${one.field}`) };
  if (isFailure(error, 'TORYO_KUBE_INVALID', 'TORYO_KUBE_FORBIDDEN', 'TORYO_KUBE_CONFLICT', 'TORYO_KUBE_NOT_FOUND', 'TORYO_KUBE_ANSWER')) {
    return { by, hasRights, refused: reasonOf(error) };
  }
  throw error;
}

/** The user that a manifest is written as: an App of a tenant as its tenant, everything else as Toryo (undefined). */
export function writerOf(manifest: Pick<Manifest, 'owner'>): string | undefined {
  const { owner } = manifest;
  if ('addon' in owner || owner.app === undefined || owner.tenant === platformTenant) return undefined;
  return tenantUserOf(owner.tenant);
}

// Before its RoleBinding is there, the tenant's user is refused everything: nothing would be learnt from asking.
function isBound(namespace: string | undefined, one: Circumstances): boolean {
  if (namespace === undefined) return true;
  const binding = one.live.get(keyOf({ group: 'rbac.authorization.k8s.io', kind: 'RoleBinding', namespace, name: roleNames.deploy }));
  return binding?.is === 'known' && binding.value !== undefined;
}
