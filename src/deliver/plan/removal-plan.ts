import { labels, listAt, stringAt, type Known } from '../../lib/index.ts';
import {
  conditionOf,
  keyOf,
  ownerLabel,
  refOf,
  titleOf,
  type FieldChange,
  type KubeObject,
  type Owner,
  type Ref,
} from '../../objects/index.ts';
import { uidOf, type ClusterWorld } from '../../world/index.ts';
import type { Change, PlanInput } from './change.ts';

/** One entry of `removed` in the Fleet. */
export type Removal = NonNullable<PlanInput['removed']>[number];

/** Labels that make an object ours. */
export const ownMarks = [labels.managed, labels.fleet, labels.owner, labels.tenant, labels.partOf] as const;

/**
 * What a namespace that is kept is labelled when it is let go, by label: its policies go, so that Pod Security at its strictest holds
 * from then on. Null takes a label away; nothing for anything but a namespace.
 */
export function closingLabels({ apiVersion, kind }: KubeObject): Readonly<Record<string, string | null>> {
  if (apiVersion !== 'v1' || kind !== 'Namespace') return {};
  return {
    [labels.guard]: null,
    [labels.trial]: null,
    ...Object.fromEntries(
      ['enforce', 'warn', 'audit'].map((mode) => [`pod-security.kubernetes.io/${mode}`, 'restricted']),
    ),
  };
}

function closing(object: KubeObject): readonly FieldChange[] {
  return Object.entries(closingLabels(object)).flatMap(([label, wanted]): readonly FieldChange[] => {
    const [before, after] = [object.metadata.labels?.[label], wanted ?? undefined];
    return before === after ? [] : [{ path: `metadata.labels.${label}`, before, after }];
  });
}

/** True when an entry of `removed` names what the object belongs to: its tenant, or its namespace. */
export function isNamedBy(removal: Removal, ref: Ref, owner: Owner): boolean {
  const [kind, tenant, namespace] = removal.what.split('/');
  if ('addon' in owner || owner.tenant !== tenant) return false;
  if (kind === 'Tenant') return true;
  return kind === 'Namespace' && (isNamespace(ref) ? ref.name : ref.namespace) === namespace;
}

function isNamespace({ group, kind }: Ref): boolean {
  return group === '' && kind === 'Namespace';
}

function isClaim({ group, kind }: Ref): boolean {
  return group === '' && kind === 'PersistentVolumeClaim';
}

/** Every claim of the cluster, by namespace; undefined: nobody asked. */
export type Claims = Known<ReadonlyMap<string, readonly KubeObject[]>> | undefined;

/** An object that `removed` names, and how it is there. */
export interface Leaver {
  readonly base: Omit<Change, 'action'>;
  readonly object: KubeObject;
  readonly removal: Removal;
}

/** What becomes of an object that `removed` names, and of the claims in it when it is a namespace. */
export function planRemoval({ base, object, removal }: Leaver, claims: Claims): readonly Change[] {
  const { subject } = base;
  if (removal.forget === true) return [released(base, object, 'forgotten')];
  const deletion: Change = { ...base, action: 'delete', uid: uidOf(object), isRemoval: true };
  if (removal.data !== 'keep') return [deletion];
  if (isClaim(subject)) return [keptClaim(base, object)];
  return isNamespace(subject) ? planKeptNamespace({ base, object, removal }, claims, deletion) : [deletion];
}

/** What is being deleted already: said, and still listed. */
export function dying({ base, object }: Leaver): Change {
  return { ...base, action: 'skip', why: `is being deleted${heldBy(object)}`, isOurs: true };
}

function planKeptNamespace({ base, object }: Leaver, claims: Claims, deletion: Change): readonly Change[] {
  if (claims?.is !== 'known')
    return [
      { ...base, action: 'blocked', why: `its claims cannot be read: ${claims?.why ?? 'nobody asked'}` },
    ];
  const here = claims.value.get(base.subject.name) ?? [];
  if (here.length === 0) return [deletion];
  // What a StatefulSet made for its pods is listed nowhere, and is the very data that is to be kept.
  const unlisted = here.filter((claim) => claim.metadata.labels?.[labels.managed] === undefined);
  return [
    released(base, object, 'kept'),
    ...unlisted.map((claim) => keptClaim({ ...base, subject: refOf(claim) }, claim)),
  ];
}

function keptClaim(base: Omit<Change, 'action'>, claim: KubeObject): Change {
  const [holder] = listAt(claim, 'metadata', 'ownerReferences');
  if (holder === undefined) return released(base, claim, 'kept');
  const title = `${stringAt(holder, 'kind') ?? ''}/${stringAt(holder, 'name') ?? ''}`;
  const why = `it would be deleted together with ${title}: set persistentVolumeClaimRetentionPolicy.whenDeleted there to Retain first`;
  return { ...base, action: 'blocked', why };
}

const reasons = {
  kept: `stays, labelled ${labels.kept}, and is ours no more`,
  forgotten: 'stays as it is, and is ours no more',
} as const;

function released(base: Omit<Change, 'action'>, object: KubeObject, release: 'kept' | 'forgotten'): Change {
  const marks = ownMarks.flatMap((mark): readonly FieldChange[] => {
    const before = object.metadata.labels?.[mark];
    return before === undefined ? [] : [{ path: `metadata.labels.${mark}`, before, after: undefined }];
  });
  // Without the day: the same plan has the same hash tomorrow.
  const note: readonly FieldChange[] =
    release === 'kept'
      ? [...closing(object), { path: `metadata.labels.${labels.kept}`, before: undefined, after: 'the day' }]
      : [];
  const fields = [...marks, ...note];
  return { ...base, action: 'configure', fields, uid: uidOf(object), release, why: reasons[release] };
}

const namespaceTrouble = [
  'NamespaceDeletionDiscoveryFailure',
  'NamespaceDeletionGroupVersionParsingFailure',
  'NamespaceDeletionContentFailure',
  'NamespaceContentRemaining',
  'NamespaceFinalizersRemaining',
] as const;

/** What keeps an object that is being deleted from going, for people: `: held by …`; empty when it does not say. */
function heldBy(object: KubeObject): string {
  const words = namespaceTrouble.flatMap((type) => {
    const condition = conditionOf(object, type);
    return condition?.status === 'True' && condition.message !== undefined ? [condition.message] : [];
  });
  if (words.length > 0) return `: ${words.join(' ')}`;
  const finalizers = listAt(object, 'metadata', 'finalizers').join(', ');
  return finalizers === '' ? '' : `: held by ${finalizers}`;
}

/** For people: what is not gone and why. */
export function lingering(object: KubeObject): string {
  return `${titleOf(refOf(object))} is not gone yet${heldBy(object)}`;
}

/** What is left of what an entry of `removed` names on one cluster, and why one of it stays. */
export interface Remainder {
  readonly count: number;
  readonly why: string;
}

/** What is left on a cluster of what an entry of `removed` names; objects that cannot be read count. */
export function leftOf(removal: Removal, world: ClusterWorld): Remainder {
  if (world.inventories.is === 'unknown') return { count: 1, why: world.inventories.why };
  const reasons = [...world.inventories.value.values()].flatMap(({ owner, items }) =>
    items.flatMap((item) => {
      if (!isNamedBy(removal, item.ref, owner)) return [];
      const live = world.live.get(keyOf(item.ref));
      if (live?.is !== 'known') return [`${titleOf(item.ref)} cannot be read`];
      const isOurs = live.value?.metadata.labels?.[labels.owner] === ownerLabel(owner);
      return live.value === undefined || !isOurs ? [] : [lingering(live.value)];
    }),
  );
  return { count: reasons.length, why: reasons.find((why) => why.includes(':')) ?? reasons[0] ?? '' };
}
