import { boundsName, listAt, objectAt, stringAt } from '../../lib/index.ts';
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
  return quotasIn(objects, world, changes).flatMap(({ quota, live }) => {
    const inside = namespaces.get(quota.metadata.namespace ?? '') ?? [];
    if (!inside.some(isWrite)) return [];
    const { before, after } = sidesOf(inside, wanted, world);
    const was = quotaViolations(before, quota, ground).sums;
    const becomes = quotaViolations(after, quota, ground).sums;
    return becomes.flatMap((sum, index) => effectOn(quota, live, { was: was[index] ?? sum, becomes: sum }));
  });
}

interface QuotaThere {
  readonly quota: KubeObject;
  readonly live: KubeObject | undefined;
}

/** ResourceQuotas that hold when the changes are there: those of the bundle, and others that are live. */
function quotasIn(
  objects: readonly KubeObject[],
  world: ClusterWorld,
  changes: readonly Change[],
): readonly QuotaThere[] {
  const there = world.quotas?.is === 'known' ? world.quotas.value : [];
  const live = new Map(there.map((one) => [keyOf(refOf(one)), one]));
  const ours = objects
    .filter((one) => one.kind === 'ResourceQuota' && one.apiVersion === 'v1')
    .map((quota) => ({ quota, live: live.get(keyOf(refOf(quota))) ?? liveOf(refOf(quota), world) }));
  const gone = changes.filter(({ action }) => action === 'delete').map(({ subject }) => keyOf(subject));
  const known = new Set([...ours.map(({ quota }) => keyOf(refOf(quota))), ...gone]);
  const others = there.filter((one) => !known.has(keyOf(refOf(one))));
  return [...ours, ...others.map((quota) => ({ quota, live: quota }))];
}

function liveOf(ref: Ref, world: ClusterWorld): KubeObject | undefined {
  const found = world.live.get(keyOf(ref));
  return found?.is === 'known' ? found.value : undefined;
}

interface Sides {
  readonly before: readonly KubeObject[];
  readonly after: readonly KubeObject[];
}

/** The objects of a namespace, as far as they are ours, before its changes and after them. */
function sidesOf(
  changes: readonly Change[],
  wanted: ReadonlyMap<string, KubeObject>,
  world: ClusterWorld,
): Sides {
  const pairs = changes.map((change) => {
    const key = keyOf(change.subject);
    const live = liveOf(change.subject, world);
    if (!isWrite(change)) return { live, next: live };
    const written = change.action === 'delete' ? undefined : wanted.get(key);
    return { live, next: written && storedThen(live, written, world.predicted.get(key)) };
  });
  const after = pairs.flatMap(({ live, next }) => [
    ...(next === undefined ? [] : [next]),
    ...(live === undefined ? [] : claimsLeft(live, next)),
  ]);
  // Pods keep what they got on their way in: a LimitRange alone moves nothing.
  const isRange = ({ kind }: KubeObject): boolean => kind === 'LimitRange';
  const before = pairs.flatMap(({ live }) => (live === undefined || isRange(live) ? [] : [live]));
  return { before: [...before, ...after.filter(isRange)], after };
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

function effectOn(
  quota: KubeObject,
  live: KubeObject | undefined,
  { was, becomes }: { readonly was: QuotaSum; readonly becomes: QuotaSum },
): readonly Effect[] {
  const { resource, hard } = becomes;
  const [before, after] = [amountOf(was.wanted), amountOf(becomes.wanted)];
  const more = sumOfQuantities([after, { ...before, nanos: -before.nanos }]);
  if (more.nanos === 0n) return [];
  const { name, namespace = '' } = quota.metadata;
  // Of a quota that is not there yet, or does not count it yet: what it will find.
  const used = quantityOf(objectAt(live, 'status', 'used')[resource]) ?? before;
  const isTooMuch = more.nanos > 0n && used.nanos + more.nanos > amountOf(hard).nanos;
  const size =
    more.nanos > 0n ? `adds ${quantityText(more)}` : `frees ${quantityText({ ...more, nanos: -more.nanos })}`;
  const whose = name === boundsName ? '' : ` (ResourceQuota ${name})`;
  const state = `${resource}${whose} ${quantityText(used)} of ${hard} used`;
  const text = `${namespace}: ${state}, this ${size}${isTooMuch ? ': it does not fit' : ''}`;
  return [{ about: 'quota', subject: namespace, text, isTooMuch }];
}

const nothing: Quantity = { nanos: 0n, format: 'decimal' };

function amountOf(text: string): Quantity {
  return quantityOf(text) ?? nothing;
}
