import { boundsName, knownValue, listAt, objectAt, stringAt } from '../../lib/index.ts';
import {
  keyOf,
  podsOf,
  quantityOf,
  quantityText,
  refOf,
  sumOfQuantities,
  type KubeObject,
  type Quantity,
  type Ref,
} from '../../objects/index.ts';
import { groundOf, quotaViolations, type QuotaGround, type QuotaSum } from '../../guard/index.ts';
import type { Bundle } from '../../compile/index.ts';
import type { ClusterWorld } from '../../world/index.ts';
import { isWrite, type Change, type Effect } from './change.ts';
import { storedThen } from './object-plan.ts';

/** What changes do to the room in ResourceQuotas: what `toryo check` adds up, of the objects before them and after. Pure. */
export function quotaEffects(
  bundle: Bundle,
  world: ClusterWorld,
  changes: readonly Change[],
): readonly Effect[] {
  const objects = bundle.manifests.map((one) => one.object);
  const wanted = new Map(objects.map((object) => [keyOf(refOf(object)), object]));
  const ground: QuotaGround = { ...groundOf(objects, bundle.version), scaled: 'as-said' };
  const namespaces = Map.groupBy(changes, (change) => change.subject.namespace ?? '');
  return quotasIn(objects, world, changes).flatMap((there) => {
    const { quota } = there;
    const inside = namespaces.get(quota.metadata.namespace ?? '') ?? [];
    if (!inside.some(isWrite)) return [];
    const { before, meanwhile, after } = sidesOf(inside, wanted, world);
    const [was, most, becomes] = [before, meanwhile, after].map(
      (side) => quotaViolations(side, quota, ground).sums,
    );
    return (becomes ?? []).flatMap((sum, index) =>
      effectOn(there, { was: was?.[index] ?? sum, most: most?.[index] ?? sum, becomes: sum }),
    );
  });
}

interface QuotaThere {
  readonly quota: KubeObject;
  readonly live: KubeObject | undefined;
  /** True for one that the changes delete: it holds until the wait for health is over. */
  readonly isGoing: boolean;
}

/** ResourceQuotas that the changes meet: those of the bundle, and others that are live. */
function quotasIn(
  objects: readonly KubeObject[],
  world: ClusterWorld,
  changes: readonly Change[],
): readonly QuotaThere[] {
  const there = knownValue(world.quotas) ?? [];
  const live = new Map(there.map((one) => [keyOf(refOf(one)), one]));
  const ours = objects
    .filter((one) => one.kind === 'ResourceQuota' && one.apiVersion === 'v1')
    .map((quota) => {
      const found = live.get(keyOf(refOf(quota))) ?? liveOf(refOf(quota), world);
      return { quota, live: found, isGoing: false };
    });
  const going = new Set(
    changes.filter(({ action }) => action === 'delete').map(({ subject }) => keyOf(subject)),
  );
  const known = new Set(ours.map(({ quota }) => keyOf(refOf(quota))));
  const others = there.filter((one) => !known.has(keyOf(refOf(one))));
  return [
    ...ours,
    ...others.map((quota) => ({ quota, live: quota, isGoing: going.has(keyOf(refOf(quota))) })),
  ];
}

function liveOf(ref: Ref, world: ClusterWorld): KubeObject | undefined {
  return knownValue(world.live.get(keyOf(ref)));
}

interface Sides {
  readonly before: readonly KubeObject[];
  /** With what is deleted: that is done after the wait for health. */
  readonly meanwhile: readonly KubeObject[];
  readonly after: readonly KubeObject[];
}

/** The objects of a namespace, as far as they are ours, before its changes, while they are made and after them. */
function sidesOf(
  changes: readonly Change[],
  wanted: ReadonlyMap<string, KubeObject>,
  world: ClusterWorld,
): Sides {
  const pairs = changes.map((change) => {
    const key = keyOf(change.subject);
    const live = liveOf(change.subject, world);
    const isGoing = change.action === 'delete';
    if (!isWrite(change)) return { live, next: live, isGoing };
    const written = isGoing ? undefined : wanted.get(key);
    return { live, next: written && storedThen(live, written, world.predicted.get(key)), isGoing };
  });
  // Pods keep what they got on their way in: a LimitRange alone moves nothing.
  const isRange = (one: KubeObject | undefined): boolean => one?.kind === 'LimitRange';
  const made = (some: typeof pairs): readonly KubeObject[] =>
    some.flatMap(({ live, next }) => [
      ...(next === undefined ? [] : [next]),
      ...(live === undefined ? [] : claimsLeft(live, next)),
    ]);
  const after = made(pairs);
  const before = pairs.flatMap(({ live }) => (live === undefined || isRange(live) ? [] : [live]));
  return {
    before: [...before, ...after.filter(isRange)],
    meanwhile: made(
      pairs.map((one) => (one.isGoing && !isRange(one.live) ? { ...one, next: one.live } : one)),
    ),
    after,
  };
}

/** Claims that stay when a StatefulSet goes or gets fewer pods, unless it says that they go as well. */
function claimsLeft(live: KubeObject, next: KubeObject | undefined): readonly KubeObject[] {
  if (live.kind !== 'StatefulSet') return [];
  const [when, pods] = next === undefined ? ['whenDeleted', 0] : ['whenScaled', podsOf(next) ?? 0];
  if (stringAt(next ?? live, 'spec', 'persistentVolumeClaimRetentionPolicy', when) === 'Delete') return [];
  const left = Math.max(0, (podsOf(live) ?? 0) - pods);
  return listAt(live, 'spec', 'volumeClaimTemplates').flatMap((template) =>
    Array.from({ length: left }, () => ({
      apiVersion: 'v1',
      kind: 'PersistentVolumeClaim',
      metadata: { ...live.metadata, name: stringAt(template, 'metadata', 'name') ?? '' },
      spec: objectAt(template, 'spec'),
    })),
  );
}

interface Sums {
  readonly was: QuotaSum;
  readonly most: QuotaSum;
  readonly becomes: QuotaSum;
}

function effectOn(there: QuotaThere, sums: Sums): readonly Effect[] {
  const { quota, live } = there;
  const { resource, hard } = sums.becomes;
  const before = amountOf(sums.was.wanted);
  // Of a quota that is not there yet, or does not count it yet: what it will find.
  const used = quantityOf(objectAt(live, 'status', 'used')[resource]) ?? before;
  const isOver = ({ nanos }: Quantity): boolean => nanos > 0n && used.nanos + nanos > amountOf(hard).nanos;
  const found = judged(there, sums, isOver);
  if (found === undefined) return [];
  const { name, namespace = '' } = quota.metadata;
  const whose = name === boundsName ? '' : ` (ResourceQuota ${name})`;
  const state = `${resource}${whose} ${quantityText(used)} of ${hard} used`;
  const text = `${namespace}: ${state}, this ${sizeOf(found.more)}${found.why}`;
  return [{ about: 'quota', subject: namespace, text, isTooMuch: found.why !== '' }];
}

/** How much more is wanted, and why it is too much; undefined where there is nothing to say. */
function judged(
  { isGoing }: QuotaThere,
  { was, most, becomes }: Sums,
  isOver: (more: Quantity) => boolean,
): { readonly more: Quantity; readonly why: string } | undefined {
  const before = amountOf(was.wanted);
  const atLast = less(amountOf(becomes.wanted), before);
  const atMost = less(amountOf(most.wanted), before);
  if (!isGoing && isOver(atLast)) return { more: atLast, why: ': it does not fit' };
  if (isOver(atMost)) return { more: atMost, why: late };
  return isGoing || atLast.nanos === 0n ? undefined : { more: atLast, why: '' };
}

const late = ': it does not fit until what is deleted is gone, which is after the wait for health';

function sizeOf(more: Quantity): string {
  return more.nanos > 0n
    ? `adds ${quantityText(more)}`
    : `frees ${quantityText({ ...more, nanos: -more.nanos })}`;
}

function less(left: Quantity, right: Quantity): Quantity {
  return sumOfQuantities([left, { ...right, nanos: -right.nanos }]);
}

const nothing: Quantity = { nanos: 0n, format: 'decimal' };

function amountOf(text: string): Quantity {
  return quantityOf(text) ?? nothing;
}
