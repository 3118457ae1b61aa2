import { fieldManagerOf, isFailure, reasonOf, type Known } from '../lib/index.ts';
import {
  appliedUnchanged,
  groupOf,
  keyOf,
  refOf,
  schemaFor,
  schemaProblems,
  versionOf,
  withoutManagedFields,
  withoutSecrets,
  type KubeObject,
  type Manifest,
  type RefKey,
} from '../objects/index.ts';
import { conflictsOf, type Discovery, type KubeClient } from '../kube/index.ts';
import { rightsIn, writerOf, type Rights } from './rights.ts';
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
  const objects = one.manifests.map((manifest) => manifest.object);
  const definitions = objects.filter((object) => object.kind === 'CustomResourceDefinition');
  const created = new Set(
    objects.filter((object) => object.kind === 'Namespace').map((object) => object.metadata.name),
  );
  const circumstances = {
    ...one,
    discovery,
    definitions,
    created,
    rights: rightsIn(one.manifests, one.live),
  };
  const predictions = await Promise.all(
    one.manifests.map(
      async (manifest) => [keyOf(refOf(manifest.object)), await predictOne(manifest, circumstances)] as const,
    ),
  );
  return new Map(predictions);
}

interface Circumstances extends Foresight {
  readonly discovery: Discovery;
  readonly definitions: readonly KubeObject[];
  readonly created: ReadonlySet<string>;
  readonly rights: Rights;
}

async function predictOne(manifest: Manifest, one: Circumstances): Promise<Prediction> {
  const { object } = manifest;
  const kind = {
    group: groupOf(object.apiVersion),
    kind: object.kind,
    version: versionOf(object.apiVersion),
  };
  if (one.discovery.resourceOf(kind) === undefined) return bySchema(manifest, one);
  const { namespace } = object.metadata;
  if (namespace === undefined || one.namespaces.has(namespace))
    return unchanged(object, one) ?? dryRun(manifest, one);
  if (one.created.has(namespace)) return standIn(manifest, one);
  return {
    by: 'nothing',
    hasRights: false,
    refused: `namespace ${namespace} does not exist and nothing here makes it`,
  };
}

/** What is there, where it is certain that applying again would store just that: nothing is asked and nothing will be written. */
function unchanged(object: KubeObject, one: Circumstances): Prediction | undefined {
  const live = one.live.get(keyOf(refOf(object)));
  const there = live?.is === 'known' ? live.value : undefined;
  return there !== undefined && appliedUnchanged(there, object, fieldManagerOf(one.fleet))
    ? { by: 'managed-fields', object: withoutManagedFields(there), hasRights: true }
    : undefined;
}

/** An instance of a kind that will exist only when its definition here has been applied. */
function bySchema({ object, owner }: Manifest, one: Circumstances): Prediction {
  const hasRights = writerOf({ owner }) === undefined;
  const schema = schemaFor(object, one.definitions);
  if (schema === undefined) {
    return {
      by: 'nothing',
      hasRights,
      refused: `the API server has no ${object.kind} in ${object.apiVersion}`,
    };
  }
  const problems = schemaProblems(object, schema);
  return { by: 'schema', hasRights, ...(problems.length === 0 ? {} : { refused: problems.join('; ') }) };
}

async function dryRun(manifest: Manifest, one: Circumstances): Promise<Prediction> {
  const { object } = manifest;
  const user = writerOf(manifest);
  const hasRights = user === undefined || one.rights.areThere(user, object.metadata.namespace);
  const client = user === undefined || !hasRights ? one.client : one.client.as({ user });
  try {
    const predicted = await client.apply(object, { fieldManager: fieldManagerOf(one.fleet), dryRun: true });
    return { by: 'dry-run', object: withoutManagedFields(predicted.object), hasRights };
  } catch (error) {
    if (isFailure(error, 'TORYO_KUBE_FIELD_CONFLICT')) {
      return {
        by: 'dry-run',
        hasRights,
        conflicts: conflictsOf(error).map((field) => `${field.manager}: ${field.field}`),
      };
    }
    return { by: 'dry-run', hasRights, refused: refusal(error, object) };
  }
}

async function standIn(manifest: Manifest, one: Circumstances): Promise<Prediction> {
  const { object } = manifest;
  const by = 'stand-in';
  const hasRights = writerOf(manifest) === undefined;
  const moved = { ...object, metadata: { ...object.metadata, namespace: standInNamespace } };
  const { namespace } = object.metadata;
  try {
    const predicted = await one.client.apply(moved, {
      fieldManager: fieldManagerOf(one.fleet),
      dryRun: true,
    });
    const metadata = { ...predicted.object.metadata, ...(namespace === undefined ? {} : { namespace }) };
    return { by, object: withoutManagedFields({ ...predicted.object, metadata }), hasRights };
  } catch (error) {
    // Somebody's object of that name in the other namespace says nothing about this one.
    if (isFailure(error, 'TORYO_KUBE_FIELD_CONFLICT')) return { by, hasRights };
    return { by, hasRights, refused: refusal(error, object).replaceAll(standInNamespace, namespace ?? '') };
  }
}

/** What the server said about one object; a server that answers nothing at all is thrown on. */
function refusal(error: unknown, object: KubeObject): string {
  const isAbout = isFailure(
    error,
    'TORYO_KUBE_INVALID',
    'TORYO_KUBE_FORBIDDEN',
    'TORYO_KUBE_CONFLICT',
    'TORYO_KUBE_NOT_FOUND',
    'TORYO_KUBE_ANSWER',
    'TORYO_KUBE_SERVER',
  );
  if (!isAbout) throw error;
  return withoutSecrets(reasonOf(error), object);
}
