import { fieldManagerOf, isFailure, knownValue, reasonOf, type Known } from '../lib/index.ts';
import { guardPartOf, guardsNamedBy } from '../guard/index.ts';
import {
  groupOf,
  keyOf,
  refOf,
  schemaFor,
  schemaProblems,
  unservedText,
  versionOf,
  withoutManagedFields,
  withoutSecrets,
  type KubeObject,
  type Manifest,
  type RefKey,
} from '../objects/index.ts';
import { statusOf, type Applied, type Discovery, type KubeClient } from '../kube/index.ts';
import { readAutoscalers, settleReplicas, type Autoscalers } from './autoscaling.ts';
import { predictContested, settleLeft, type Settled } from './contest.ts';
import { isMarked } from './mark.ts';
import { rulesFor, type OwnershipRule } from './ownership-decide.ts';
import { rightsIn, writerOf, type Rights } from './rights.ts';
import { isUnchanged, withoutStrays } from './whole.ts';
import type { Prediction } from './world.ts';

/** What predictions are made from. */
export interface Foresight {
  readonly client: KubeClient;
  readonly fleet: string;
  readonly manifests: readonly Manifest[];
  readonly live: ReadonlyMap<RefKey, Known<KubeObject | undefined>>;
  readonly namespaces: ReadonlySet<string>;
  /** Objects that are certain to stay as they are. */
  readonly unchanged: ReadonlySet<RefKey>;
  readonly rules: readonly OwnershipRule[];
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
    hasNewGuards: objects.some((object) => isGuarding(object) && !one.unchanged.has(keyOf(refOf(object)))),
    autoscalers: once(() => readAutoscalers(one.client, objects)),
  };
  const predictions = await Promise.all(
    one.manifests.map(async (manifest) => {
      const { object } = manifest;
      const rules = rulesFor(object, one.rules);
      return [keyOf(refOf(object)), await predictOne(manifest, { ...circumstances, rules })] as const;
    }),
  );
  return new Map(predictions);
}

function once<T>(ask: () => Promise<T>): () => Promise<T> {
  let answer: Promise<T> | undefined;
  return () => (answer ??= ask());
}

interface Circumstances extends Foresight {
  readonly discovery: Discovery;
  readonly definitions: readonly KubeObject[];
  readonly created: ReadonlySet<string>;
  readonly rights: Rights;
  /** What holds pods on this cluster is about to change. */
  readonly hasNewGuards: boolean;
  readonly autoscalers: () => Promise<Autoscalers>;
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
  if (namespace === undefined || one.namespaces.has(namespace)) return tried(manifest, one);
  if (one.created.has(namespace)) return standIn(manifest, one);
  return {
    by: 'nothing',
    hasRights: false,
    refused: `namespace ${namespace} does not exist and nothing here makes it`,
  };
}

async function tried(manifest: Manifest, one: Circumstances): Promise<Prediction> {
  const key = keyOf(refOf(manifest.object));
  const live = knownValue(one.live.get(key));
  if (live === undefined) return dryRun(manifest, one);
  if (one.unchanged.has(key)) return { by: 'managed-fields', object: live, hasRights: true };
  return triedOver(live, manifest, one);
}

/** What would become of an object that is there, without what is left to others. */
async function triedOver(live: KubeObject, manifest: Manifest, one: Circumstances): Promise<Prediction> {
  const isForeign = !isMarked(live, one.fleet);
  const fieldManager = fieldManagerOf(one.fleet);
  const scaled = await settleReplicas(manifest.object, { ...one, live, isForeign, fieldManager });
  const { object, left } = settleLeft(scaled.object, live, { rules: one.rules, fieldManager });
  const settled = { object, left: [...scaled.left, ...left] };
  if (!isForeign && isUnchanged(live, object, fieldManager))
    return withLeft({ by: 'managed-fields', object: withoutManagedFields(live), hasRights: true }, settled);
  const applied = await dryRun({ ...manifest, object }, one, isForeign);
  const isLeft = settled.left.length > 0 || (applied.left !== undefined && applied.left.length > 0);
  const predicted =
    isForeign || isLeft || (applied.stopped !== undefined && applied.stopped.length > 0)
      ? applied
      : await withoutStrays(applied, live, { object, fieldManager, writer: writerFor(manifest, one).writer });
  const send = object === manifest.object ? {} : { send: { object, inherits: none } };
  return withLeft({ ...send, ...predicted }, settled);
}

function withLeft(predicted: Prediction, { left }: Settled): Prediction {
  return left.length === 0 ? predicted : { ...predicted, left: [...left, ...(predicted.left ?? [])] };
}

const none: ReadonlySet<string> = new Set();

/** An instance of a kind that will exist only when its definition here has been applied. */
function bySchema({ object, owner }: Manifest, one: Circumstances): Prediction {
  const hasRights = writerOf({ owner }) === undefined;
  const schema = schemaFor(object, one.definitions);
  if (schema === undefined) {
    return {
      by: 'nothing',
      hasRights,
      refused: `${unservedText(object)}${sinceText(object)}`,
    };
  }
  const problems = schemaProblems(object, schema);
  return { by: 'schema', hasRights, ...(problems.length === 0 ? {} : { refused: problems.join('; ') }) };
}

// Guards are made of them: what is too old is said, not only that something is missing.
function sinceText({ kind }: KubeObject): string {
  const isPolicy = kind.startsWith('ValidatingAdmissionPolicy');
  return isPolicy ? ': Kubernetes has it since 1.30, and guards need it' : '';
}

async function dryRun(manifest: Manifest, one: Circumstances, isForeign = false): Promise<Prediction> {
  const { object } = manifest;
  const { writer, hasRights } = writerFor(manifest, one);
  const fieldManager = fieldManagerOf(one.fleet);
  const base = { by: 'dry-run' as const, hasRights };
  try {
    // Before the first write of ours, what others own counts too.
    const predicted = isForeign
      ? undefined
      : await applied(() => writer.apply(object, { fieldManager, dryRun: true }));
    if (predicted !== undefined)
      return { ...base, object: withoutManagedFields(predicted.object), ...warningsOf(predicted) };
    const { client, rules } = one;
    const verdict = await predictContested({ object, client, writer, fieldManager, rules, isForeign });
    return verdict === undefined
      ? { ...base, refused: 'it was deleted while it was looked at: plan again' }
      : { ...base, ...verdict };
  } catch (error) {
    return refusedPrediction(error, base, object, one);
  }
}

/** In whose name it is tried: the writer's own, as soon as its rights are there. */
function writerFor(
  manifest: Manifest,
  one: Circumstances,
): { readonly writer: KubeClient; readonly hasRights: boolean } {
  const user = writerOf(manifest);
  const hasRights = user === undefined || one.rights.areThere(user, manifest.object.metadata.namespace);
  return { writer: user === undefined || !hasRights ? one.client : one.client.as({ user }), hasRights };
}

// Guards that are there now say nothing of those that come with this apply; compiling has held the object against these.
function refusedPrediction(
  error: unknown,
  base: Pick<Prediction, 'by' | 'hasRights'>,
  object: KubeObject,
  { hasNewGuards }: Circumstances,
): Prediction {
  return hasNewGuards && isByGuards(error)
    ? { ...base, by: 'nothing' }
    : { ...base, refused: refusal(error, object) };
}

function isGuarding(object: KubeObject): boolean {
  return guardPartOf(refOf(object)) !== undefined || guardsNamedBy(object).length > 0;
}

function isByGuards(error: unknown): boolean {
  return (
    isFailure(error, 'TORYO_KUBE_FORBIDDEN') && error.message.includes("ValidatingAdmissionPolicy 'toryo-")
  );
}

/** What the server would store; undefined when others own some of it. */
async function applied(apply: () => Promise<Applied>): Promise<Applied | undefined> {
  try {
    return await apply();
  } catch (error) {
    if (isFailure(error, 'TORYO_KUBE_FIELD_CONFLICT')) return undefined;
    throw error;
  }
}

function warningsOf({ warnings }: Applied): Pick<Prediction, 'warnings'> {
  return warnings.length === 0 ? {} : { warnings };
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
    const object = withoutManagedFields({ ...predicted.object, metadata });
    return { by, object, hasRights, ...warningsOf(predicted) };
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
  // A server that says it cannot now says nothing about the object; 500 is a webhook or a mistake in it.
  if (!isAbout || [502, 503, 504].includes(statusOf(error)?.code ?? 0)) throw error;
  return withoutSecrets(reasonOf(error), object);
}
