import { at, booleanAt, listAt, numberAt, objectAt, stringAt, type PathStep } from '../../lib/index.ts';
import {
  groupOf,
  podOf,
  podQuantities,
  podsOf,
  quantityOf,
  refOf,
  sumOfQuantities,
  titleOf,
  type KubeObject,
  type PodParts,
  type Quantities,
  type Quantity,
} from '../../objects/index.ts';
import { withDefaults } from './defaults.ts';
import type { Scope } from './scopes.ts';
import { storedPod, type PodGround } from './stored-pod.ts';

/** How what objects need is counted. */
export interface QuotaGround extends PodGround {
  /**
   * Pods of what a HorizontalPodAutoscaler scales: the fewest that it leaves (default), which is all that can be promised; or as many
   * as the object says, which is what it has at this moment.
   */
  readonly scaled?: 'fewest' | 'as-said';
}

/** What a quota is held against. */
export interface Room {
  readonly objects: readonly KubeObject[];
  readonly ground: QuotaGround;
  readonly scope: Scope | undefined;
}

/** What one object needs; `surge` is what its pods need that do not run always. */
export interface Need {
  readonly object: string;
  readonly wanted: Quantities;
  readonly surge: Quantities;
  readonly unknown: readonly string[];
}

const one: Quantity = { nanos: 1_000_000_000n, format: 'decimal' };
const nothing: Quantities = new Map();

/** kube-root-ca.crt, which a controller writes into every namespace. */
export const rootCertificate: Need = {
  object: 'ConfigMap/kube-root-ca.crt',
  wanted: new Map([
    ['configmaps', one],
    ['count/configmaps', one],
  ]),
  surge: new Map(),
  unknown: [],
};

/** What an object of a namespace needs of a quota. */
export function needOf(object: KubeObject, room: Room): Need {
  const title = titleOf(refOf(object));
  const scaler = scalerOf(object, room.objects);
  const count = podCount(object, scaler, room);
  const isWhole = room.scope === undefined;
  const own = isWhole ? new Map([...countsOf(object), ...claimsOf(object, count ?? 0)]) : nothing;
  const pod = podIn(object, room);
  const need: Need = { object: title, wanted: own, surge: nothing, unknown: [] };
  if (pod === undefined || object.kind === 'PodTemplate') return need;
  if (count === undefined) {
    const why = object.kind === 'DaemonSet' ? 'as many pods as there are nodes' : 'pods as its schedule says';
    return { ...need, unknown: [`${title}: ${why}`] };
  }
  const each = eachPod(pod, isWhole);
  const always = isPassing(object) ? 0 : count;
  return {
    ...need,
    wanted: together([own, times(each, always)]),
    surge: times(each, count - always + surgeOf(object, count)),
    unknown: scaler === undefined ? [] : [`${title}: ${titleOf(refOf(scaler))} may run more pods`],
  };
}

function eachPod(pod: PodParts, hasClaims: boolean): Quantities {
  const claims = hasClaims ? podClaims(pod).map(({ claim }) => storageOf(claim, 1, claimCounts)) : [];
  return together([podUsage(pod), ...claims]);
}

// A Job never runs more pods than are still to complete; what is scaled has the fewest that its scaler leaves it.
function podCount(object: KubeObject, scaler: KubeObject | undefined, { ground }: Room): number | undefined {
  const count = podsOf(object);
  if (count === undefined) return undefined;
  if (scaler !== undefined) {
    const fewest = numberAt(scaler, 'spec', 'minReplicas') ?? 1;
    return ground.scaled === 'as-said' ? Math.max(fewest, count) : fewest;
  }
  const completions = object.kind === 'Job' ? numberAt(object, 'spec', 'completions') : undefined;
  return Math.min(count, completions ?? count);
}

/** True for pods that end by themselves: others can wait for them. */
function isPassing(object: KubeObject): boolean {
  return (
    object.kind === 'Job' || ['Never', 'OnFailure'].includes(stringAt(object, 'spec', 'restartPolicy') ?? '')
  );
}

function scalerOf(object: KubeObject, objects: readonly KubeObject[]): KubeObject | undefined {
  return objects.find(
    (other) =>
      other.kind === 'HorizontalPodAutoscaler' &&
      other.metadata.namespace === object.metadata.namespace &&
      stringAt(other, 'spec', 'scaleTargetRef', 'kind') === object.kind &&
      stringAt(other, 'spec', 'scaleTargetRef', 'name') === object.metadata.name,
  );
}

/** The pod of an object as it is stored; undefined where it makes none that the quota is for. */
export function podIn(object: KubeObject, { objects, ground, scope }: Room): PodParts | undefined {
  const pod = podOf(object);
  if (pod === undefined) return undefined;
  const ranges = objects.filter(
    (other) => other.kind === 'LimitRange' && other.metadata.namespace === object.metadata.namespace,
  );
  const stored = withDefaults(storedPod(pod, ground), ranges).pod;
  return scope?.(stored) === false ? undefined : stored;
}

/** What a quota counts of one pod: `cpu`, `memory` and others are other names of their requests. */
export function podUsage({ spec }: PodParts): Quantities {
  const amounts = podQuantities(spec);
  const short = [...amounts].flatMap(([resource, amount]) => {
    const [, name] = /^requests\.(cpu|memory|ephemeral-storage|hugepages-.+)$/.exec(resource) ?? [];
    return name === undefined ? [] : [[name, amount] as const];
  });
  return new Map([...amounts, ...short, ['pods', one], ['count/pods', one]]);
}

const defaultSurge = '25%';

/** Pods that a Deployment may have too many while it is rolled out: a share is rounded up. */
function surgeOf(object: KubeObject, count: number): number {
  if (object.kind !== 'Deployment' || stringAt(object, 'spec', 'strategy', 'type') === 'Recreate') return 0;
  const path = ['spec', 'strategy', 'rollingUpdate', 'maxSurge'] as const;
  const said = numberAt(object, ...path);
  if (said !== undefined) return said;
  const share = Number.parseFloat(stringAt(object, ...path) ?? defaultSurge);
  return Number.isNaN(share) ? 0 : Math.ceil((count * share) / 100);
}

/** Kinds that a quota counts by a short name as well. */
const shortNames: ReadonlySet<string> = new Set([
  'configmaps',
  'persistentvolumeclaims',
  'replicationcontrollers',
  'resourcequotas',
  'secrets',
  'services',
]);

function countsOf(object: KubeObject): Quantities {
  const group = groupOf(object.apiVersion);
  const plural = pluralOf(object.kind);
  const full = group === '' ? `count/${plural}` : `count/${plural}.${group}`;
  const isShort = group === '' && shortNames.has(plural);
  const services = object.kind === 'Service' ? serviceCounts(object) : [];
  // Pods are counted with what they need.
  if (object.kind === 'Pod') return new Map();
  return new Map([[full, one], ...(isShort ? [[plural, one] as const] : []), ...services]);
}

function pluralOf(kind: string): string {
  const word = kind.toLowerCase();
  if (/[^aeiou]y$/.test(word)) return `${word.slice(0, -1)}ies`;
  return /(s|x|ch)$/.test(word) ? `${word}es` : `${word}s`;
}

function serviceCounts(service: KubeObject): readonly (readonly [string, Quantity])[] {
  const type = stringAt(service, 'spec', 'type');
  const ports = listAt(service, 'spec', 'ports').length;
  const isBalanced = type === 'LoadBalancer';
  const hasNodePorts =
    type === 'NodePort' ||
    (isBalanced && booleanAt(service, 'spec', 'allocateLoadBalancerNodePorts') !== false);
  return [
    ...(isBalanced ? [['services.loadbalancers', one] as const] : []),
    ...(hasNodePorts ? [['services.nodeports', scaled(one, ports)] as const] : []),
  ];
}

function claimsOf(object: KubeObject, pods: number): Quantities {
  if (object.kind === 'PersistentVolumeClaim') return storageOf(object, 1, []);
  if (object.kind !== 'StatefulSet') return new Map();
  const claims = listAt(object, 'spec', 'volumeClaimTemplates');
  return together(claims.map((claim) => storageOf(claim, pods, claimCounts)));
}

/** How claims are counted that controllers make. */
const claimCounts = [
  ['persistentvolumeclaims', one] as const,
  ['count/persistentvolumeclaims', one] as const,
];

/** Templates of the claims that live as long as a pod (generic ephemeral volumes), and where they stand in its spec. */
export function podClaims({
  spec,
}: PodParts): readonly { readonly claim: unknown; readonly path: readonly PathStep[] }[] {
  return listAt(spec, 'volumes').flatMap((volume, index) => {
    const claim = at(volume, 'ephemeral', 'volumeClaimTemplate');
    const path = ['volumes', index, 'ephemeral', 'volumeClaimTemplate'];
    return claim === undefined ? [] : [{ claim, path }];
  });
}

function storageOf(
  claim: unknown,
  count: number,
  counted: readonly (readonly [string, Quantity])[],
): Quantities {
  const storage = quantityOf(objectAt(claim, 'spec', 'resources', 'requests')['storage']);
  const name = stringAt(claim, 'spec', 'storageClassName');
  const names = ['', ...(name === undefined ? [] : [`${name}.storageclass.storage.k8s.io/`])];
  const amounts = names.flatMap((prefix) => [
    ...(storage === undefined ? [] : [[`${prefix}requests.storage`, storage] as const]),
    ...(prefix === '' ? [] : [[`${prefix}persistentvolumeclaims`, one] as const]),
  ]);
  return times(new Map([...counted, ...amounts]), count);
}

function scaled(quantity: Quantity, count: number): Quantity {
  return { ...quantity, nanos: quantity.nanos * BigInt(count) };
}

function times(amounts: Quantities, count: number): Quantities {
  return new Map([...amounts].map(([resource, amount]) => [resource, scaled(amount, count)]));
}

function together(parts: readonly Quantities[]): Quantities {
  const resources = new Set(parts.flatMap((part) => [...part.keys()]));
  return new Map([...resources].map((resource) => [resource, totalOf(resource, parts)]));
}

/** What parts need of a resource together. */
export function totalOf(resource: string, parts: readonly Quantities[]): Quantity {
  return sumOfQuantities(parts.flatMap((part) => part.get(resource) ?? []));
}
