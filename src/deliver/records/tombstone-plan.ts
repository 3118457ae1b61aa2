import {
  annotations,
  isArray,
  isObject,
  listAt,
  objectAt,
  stringAt,
  stringsAt,
  type Instant,
} from '../../lib/index.ts';
import {
  isKubeObject,
  titleOf,
  type KubeObject,
  type Owner,
  type Ref,
  type Metadata,
} from '../../objects/index.ts';

/** How long what was deleted can be brought back: seven days, in milliseconds. */
const undoWindow = 7 * 24 * 3_600_000;

/** One deleted object as it was: without its status and what only a server writes, and who owned which field. */
export interface Buried {
  readonly object: KubeObject;
  readonly managedFields: readonly unknown[];
}

/** What one delivery deleted of one owner on one cluster. */
export interface Tomb {
  readonly owner: Owner;
  readonly at: Instant;
  readonly by: string;
  readonly plan: string;
  readonly buried: readonly Buried[];
}

/** Until when what was deleted then can be brought back. */
export function undoEnd(at: Instant): Instant {
  return new Date(Date.parse(at) + undoWindow).toISOString();
}

/** True when a tombstone has had its time; one whose time cannot be read has. */
export function isExpired(at: Instant, now: Instant): boolean {
  return !(Date.parse(now) - Date.parse(at) <= undoWindow);
}

const serverFields = new Set([
  'uid',
  'resourceVersion',
  'generation',
  'creationTimestamp',
  'deletionTimestamp',
  'deletionGracePeriodSeconds',
  'selfLink',
  'managedFields',
  // What it belonged to may be gone: the garbage collector would take it away again.
  'ownerReferences',
]);

/** A live object as it goes into a tombstone. */
export function buriedFrom(live: KubeObject): Buried {
  const { status: _status, ...rest } = live;
  const kept = Object.entries(live.metadata).filter(([key]) => !serverFields.has(key));
  const metadata: Metadata = { ...Object.fromEntries(kept), name: live.metadata.name };
  const managers = live.metadata['managedFields'];
  return {
    object: { ...rest, metadata },
    // Fields of the status have no owner before somebody writes one again.
    managedFields: (isArray(managers) ? managers : []).filter(
      (one) => stringAt(one, 'subresource') === undefined,
    ),
  };
}

/** Reads buriedFrom back; undefined for another value. */
export function buriedIn(value: unknown): Buried | undefined {
  const object = isObject(value) ? value['object'] : undefined;
  return isKubeObject(object) ? { object, managedFields: listAt(value, 'managedFields') } : undefined;
}

const bindings = [
  'pv.kubernetes.io/bind-completed',
  'pv.kubernetes.io/bound-by-controller',
  'volume.beta.kubernetes.io/storage-provisioner',
  'volume.kubernetes.io/storage-provisioner',
  'volume.kubernetes.io/selected-node',
  'kubernetes.io/service-account.uid',
  // What comes back is protected from deletion again.
  annotations.delete,
];
const jobLabels = [
  'controller-uid',
  'batch.kubernetes.io/controller-uid',
  'job-name',
  'batch.kubernetes.io/job-name',
];

/** The object as it can be created again: without what tied it to objects that are gone. */
export function creatable({ object }: Buried): KubeObject {
  const notes = without(stringsAt(object, 'metadata', 'annotations'), bindings);
  const bare = { ...object, metadata: { ...object.metadata, annotations: notes } };
  const spec = objectAt(object, 'spec');
  switch (`${object.apiVersion} ${object.kind}`) {
    case 'v1 PersistentVolumeClaim':
      return { ...bare, spec: without(spec, ['volumeName']) };
    case 'v1 PersistentVolume':
      return { ...bare, spec: without(spec, ['claimRef']) };
    case 'batch/v1 Job':
      return spec['manualSelector'] === true ? bare : { ...bare, spec: freeJob(spec) };
    default:
      return bare;
  }
}

/** The server chooses a Job's selector by its uid, and the Job has a new one. */
function freeJob(spec: Readonly<Record<string, unknown>>): object {
  const template = objectAt(spec, 'template');
  const metadata = objectAt(template, 'metadata');
  const labels = without(objectAt(metadata, 'labels'), jobLabels);
  return { ...without(spec, ['selector']), template: { ...template, metadata: { ...metadata, labels } } };
}

function without<T>(
  fields: Readonly<Record<string, T>>,
  names: readonly string[],
): Readonly<Record<string, T>> {
  return Object.fromEntries(Object.entries(fields).filter(([key]) => !names.includes(key)));
}

const cautions: Readonly<Record<string, string>> = {
  PersistentVolumeClaim:
    'comes back empty: its data went with its volume, or is in a PersistentVolume that was kept',
  PersistentVolume: 'comes back as an object: whether its data is still there is for its storage to say',
  Namespace: 'comes back without what was in it and is not listed here',
  CustomResourceDefinition: 'comes back without the objects of its kind',
  Job: 'comes back and runs again',
  StatefulSet: 'comes back with the claims that are still there: deleted data does not',
};

/** What does not come back with an object; undefined when it is all there. */
export function cautionOf({ kind }: Ref): string | undefined {
  return cautions[kind];
}

/** True when somebody names the object, as KIND/NAME or KIND/NAMESPACE/NAME. */
export function isNamed(ref: Ref, names: readonly string[]): boolean {
  return names.length === 0 || names.includes(`${ref.kind}/${ref.name}`) || names.includes(titleOf(ref));
}

/** Annotations of a tombstone, or undefined when it is none. */
export function inscription(
  tombstone: Pick<KubeObject, 'metadata'>,
): { readonly at: Instant; readonly by: string; readonly plan: string; readonly piece: string } | undefined {
  const notes = tombstone.metadata.annotations ?? {};
  const [at, piece] = [notes[annotations.deletedAt], notes[annotations.piece]];
  if (at === undefined || piece === undefined) return undefined;
  return { at, piece, by: notes[annotations.deletedBy] ?? '', plan: notes[annotations.plan] ?? '' };
}
