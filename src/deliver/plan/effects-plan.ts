import { listAt, objectAt } from '../../lib/index.ts';
import {
  containerDefaults,
  keyOf,
  nanosIn,
  podDemand,
  podsOf,
  refOf,
  type ContainerDefaults,
  type KubeObject,
  type Manifest,
} from '../../objects/index.ts';
import type { Bundle } from '../../compile/index.ts';
import type { ClusterWorld } from '../../world/index.ts';
import { isWrite, type Change, type Effect } from './change.ts';
import { securityEffects } from './security-plan.ts';

/** What the changes do to quotas and to Pod Security. Pure. */
export function effectsOf(
  bundle: Bundle,
  world: ClusterWorld,
  changes: readonly Change[],
): readonly Effect[] {
  const writes = changes.filter(isWrite);
  return [...quotaEffects(new Scales(bundle, world), writes), ...securityEffects(bundle, world, writes)];
}

/** Demands in a namespace: how much a change adds (negative: frees), by resource as quotas name it. */
class Scales {
  readonly world: ClusterWorld;
  readonly #manifests: ReadonlyMap<string, Manifest>;
  readonly #bundle: Bundle;

  constructor(bundle: Bundle, world: ClusterWorld) {
    this.world = world;
    this.#bundle = bundle;
    this.#manifests = new Map(bundle.manifests.map((one) => [keyOf(refOf(one.object)), one]));
  }

  /** ResourceQuotas that hold when the changes are there: those of the bundle, and others that are live. */
  quotas(): readonly { readonly wanted: KubeObject; readonly live: KubeObject | undefined }[] {
    const { quotas } = this.world;
    const there = quotas?.is === 'known' ? quotas.value : [];
    const live = new Map(there.map((one) => [keyOf(refOf(one)), one]));
    const ours = this.#ofKind('ResourceQuota').map((wanted) => ({
      wanted,
      live: live.get(keyOf(refOf(wanted))) ?? this.#live(keyOf(refOf(wanted))),
    }));
    const known = new Set(ours.map((one) => keyOf(refOf(one.wanted))));
    const others = there.filter((one) => !known.has(keyOf(refOf(one))));
    return [...ours, ...others.map((one) => ({ wanted: one, live: one }))];
  }

  #ofKind(kind: string): readonly KubeObject[] {
    return this.#bundle.manifests.map((one) => one.object).filter((one) => one.kind === kind);
  }

  #live(key: string): KubeObject | undefined {
    const found = this.world.live.get(key);
    return found?.is === 'known' ? found.value : undefined;
  }

  /** What one change adds to each resource. */
  weigh(change: Change, defaults: ContainerDefaults): ReadonlyMap<string, bigint> {
    const key = keyOf(change.subject);
    const after =
      change.action === 'delete'
        ? undefined
        : (this.world.predicted.get(key)?.object ?? this.#manifests.get(key)?.object);
    const before = this.#live(key);
    const sum = new Map(after === undefined ? [] : amounts(after, defaults));
    for (const [resource, amount] of before === undefined ? [] : amounts(before, defaults))
      sum.set(resource, (sum.get(resource) ?? 0n) - amount);
    return sum;
  }

  defaultsIn(namespace: string): ContainerDefaults {
    return containerDefaults(
      this.#ofKind('LimitRange').filter((one) => one.metadata.namespace === namespace),
    );
  }
}

const billion = 1_000_000_000n;
/** Kinds that a quota counts by a name of their own, besides `count/…`. */
const countedAs: Readonly<Record<string, string>> = {
  ConfigMap: 'configmaps',
  PersistentVolumeClaim: 'persistentvolumeclaims',
  Secret: 'secrets',
  Service: 'services',
};

/** What an object needs when all of its pods run. */
function amounts(object: KubeObject, defaults: ContainerDefaults): readonly (readonly [string, bigint])[] {
  const pods = podsOf(object);
  const counted = countedAs[object.kind];
  const own = counted === undefined ? [] : [[counted, billion] as const];
  const storage =
    object.kind === 'PersistentVolumeClaim'
      ? nanosIn(objectAt(object, 'spec', 'resources', 'requests')['storage'])
      : undefined;
  const demand = pods === undefined ? [] : [...podDemand(object, defaults)];
  return [
    ...own,
    ...(storage === undefined ? [] : [['requests.storage', storage] as const]),
    ...demand.map(([resource, amount]) => [resource, amount * BigInt(pods ?? 0)] as const),
  ];
}

function quotaEffects(scales: Scales, writes: readonly Change[]): readonly Effect[] {
  const byNamespace = Map.groupBy(writes, (change) => change.subject.namespace ?? '');
  return scales.quotas().flatMap(({ wanted, live }) => {
    const namespace = wanted.metadata.namespace ?? '';
    const changes = byNamespace.get(namespace) ?? [];
    // A quota for some pods only would need the scheduler's eye on each of them.
    const isScoped = listAt(wanted, 'spec', 'scopes').length > 0 || hasScopeSelector(wanted);
    if (changes.length === 0 || isScoped) return [];
    const defaults = scales.defaultsIn(namespace);
    const added = new Map<string, bigint>();
    for (const change of changes)
      for (const [resource, amount] of scales.weigh(change, defaults))
        added.set(resource, (added.get(resource) ?? 0n) + amount);
    return Object.entries(objectAt(wanted, 'spec', 'hard')).flatMap(([resource, hard]) =>
      quotaEffect({ namespace, resource, hard, used: usedOf(live, resource) }, added),
    );
  });
}

function hasScopeSelector(quota: KubeObject): boolean {
  return listAt(quota, 'spec', 'scopeSelector', 'matchExpressions').length > 0;
}

function usedOf(live: KubeObject | undefined, resource: string): unknown {
  return live === undefined ? '0' : objectAt(live, 'status', 'used')[resource];
}

interface Room {
  readonly namespace: string;
  readonly resource: string;
  readonly hard: unknown;
  readonly used: unknown;
}

function quotaEffect(
  { namespace, resource, hard, used }: Room,
  added: ReadonlyMap<string, bigint>,
): Effect[] {
  const [limit, taken, more] = [nanosIn(hard), nanosIn(used), added.get(countedName(resource)) ?? 0n];
  if (more === 0n || limit === undefined) return [];
  const isTooMuch = more > 0n && (taken ?? 0n) + more > limit;
  const size = more > 0n ? `adds ${quantityText(more, resource)}` : `frees ${quantityText(-more, resource)}`;
  const state = taken === undefined ? `at most ${String(hard)}` : `${String(used)} of ${String(hard)} used`;
  const text = `${namespace}: ${resource} ${state}, this ${size}${isTooMuch ? ': it does not fit' : ''}`;
  return [{ about: 'quota', subject: namespace, text, isTooMuch }];
}

/** cpu and memory alone mean requests. */
function countedName(resource: string): string {
  return resource === 'cpu' || resource === 'memory' ? `requests.${resource}` : resource;
}

const binary = [
  ['Gi', 1024n ** 3n],
  ['Mi', 1024n ** 2n],
  ['Ki', 1024n],
] as const;

/** An amount as people write it: `2`, `250m`, `512Mi`. */
function quantityText(nanos: bigint, resource: string): string {
  const isBytes = /memory|storage/.test(resource);
  if (isBytes && nanos % billion === 0n) {
    const bytes = nanos / billion;
    const unit = binary.find(([, size]) => bytes >= size && bytes % size === 0n);
    return unit === undefined ? String(bytes) : `${bytes / unit[1]}${unit[0]}`;
  }
  return nanos % billion === 0n ? String(nanos / billion) : `${(nanos + 999_999n) / 1_000_000n}m`;
}
