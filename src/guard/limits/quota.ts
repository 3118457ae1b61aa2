import {
  at,
  booleanAt,
  compareText,
  listAt,
  numberAt,
  objectAt,
  stringAt,
  type PathStep,
} from '../../lib/index.ts';
import {
  groupOf,
  hasWholeResources,
  podOf,
  podQuantities,
  podsOf,
  quantityOf,
  quantityText,
  refOf,
  sumOfQuantities,
  titleOf,
  type KubeObject,
  type PodParts,
  type Quantities,
  type Quantity,
} from '../../objects/index.ts';
import { withDefaults } from './defaults.ts';
import { scopeOf, type Scope } from './scopes.ts';
import { storedPod, type PodGround } from './stored-pod.ts';

/** A workload whose pods a quota refuses whatever else runs. */
export interface QuotaRefusal {
  /** `Deployment/shop-web/web`. */
  readonly object: string;
  /** What the API server writes after `pods "NAME" is forbidden: `. */
  readonly words: string;
  /** Of the quota, those that it is refused for: `requests.memory`. */
  readonly resources: readonly string[];
}

/** What all objects of a namespace need of one resource of a quota. */
export interface QuotaSum {
  readonly resource: string;
  /** By what runs always, and by the least of it where it may be more. */
  readonly wanted: string;
  /** What wants it, the most first: `Deployment/shop-web/web`. */
  readonly by: readonly { readonly object: string; readonly wanted: string }[];
  /** While all Deployments are rolled out at once, with the pods that they may have too many, and all Jobs run. */
  readonly surging: string;
  readonly hard: string;
  readonly isExceeded: boolean;
  readonly isExceededSurging: boolean;
}

/** A ResourceQuota held against what a namespace is to hold. */
export interface QuotaAnswer {
  readonly quota: string;
  readonly refusals: readonly QuotaRefusal[];
  readonly sums: readonly QuotaSum[];
  /** What is not in the sums, and why. */
  readonly unknown: readonly string[];
}

/**
 * The objects of a namespace, LimitRanges among them, held against one of its ResourceQuotas. Counted are what they say, the
 * pods and claims that their controllers make of them, and the ConfigMap that every namespace gets.
 */
export function quotaViolations(
  objects: readonly KubeObject[],
  quota: KubeObject,
  ground: PodGround = {},
): QuotaAnswer {
  const name = quota.metadata.name;
  const scope = scopeOf(quota);
  if (scope === 'unknown')
    return { quota: name, refusals: [], sums: [], unknown: [`${name} is for some objects only`] };
  const hard = hardOf(quota);
  const room: Room = { objects, ground, scope };
  const needs = [
    ...(scope === undefined ? [rootCertificate] : []),
    ...objects.map((object) => needOf(object, room)),
  ];
  return {
    quota: name,
    refusals: objects.flatMap((object) => refusalsOf(object, room, { name, hard })),
    sums: [...hard].map(([resource, limit]) => sumOf(resource, limit, needs)),
    unknown: needs.flatMap((one) => one.unknown),
  };
}

/** Sums that a quota cannot hold, without those for which it refuses single pods already. */
export function exceededSums({ sums, refusals }: QuotaAnswer): readonly QuotaSum[] {
  const refused = new Set(refusals.flatMap(({ resources }) => resources));
  return sums.filter(({ resource, isExceeded }) => isExceeded && !refused.has(resource));
}

/** What a quota is held against. */
interface Room {
  readonly objects: readonly KubeObject[];
  readonly ground: PodGround;
  readonly scope: Scope | undefined;
}

function hardOf(quota: KubeObject): Quantities {
  const entries = Object.entries(objectAt(quota, 'spec', 'hard')).flatMap(([resource, value]) => {
    const quantity = quantityOf(value);
    return quantity === undefined ? [] : [[resource, quantity] as const];
  });
  return new Map(entries.sort(([left], [right]) => compareText(left, right)));
}

/** What one object needs; `surge` is what its pods need that do not run always. */
interface Need {
  readonly object: string;
  readonly wanted: Quantities;
  readonly surge: Quantities;
  readonly unknown: readonly string[];
}

const one: Quantity = { nanos: 1_000_000_000n, format: 'decimal' };
const nothing: Quantities = new Map();

/** kube-root-ca.crt, which a controller writes into every namespace. */
const rootCertificate: Need = {
  object: 'ConfigMap/kube-root-ca.crt',
  wanted: new Map([
    ['configmaps', one],
    ['count/configmaps', one],
  ]),
  surge: new Map(),
  unknown: [],
};

function needOf(object: KubeObject, room: Room): Need {
  const title = titleOf(refOf(object));
  const scaler = scalerOf(object, room.objects);
  const count = podCount(object, scaler);
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
function podCount(object: KubeObject, scaler: KubeObject | undefined): number | undefined {
  const count = podsOf(object);
  if (count === undefined) return undefined;
  if (scaler !== undefined) return numberAt(scaler, 'spec', 'minReplicas') ?? 1;
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
function podIn(object: KubeObject, { objects, ground, scope }: Room): PodParts | undefined {
  const pod = podOf(object);
  if (pod === undefined) return undefined;
  const ranges = objects.filter(
    (other) => other.kind === 'LimitRange' && other.metadata.namespace === object.metadata.namespace,
  );
  const stored = withDefaults(storedPod(pod, ground), ranges).pod;
  return scope?.(stored) === false ? undefined : stored;
}

/** What a quota counts of one pod: `cpu`, `memory` and others are other names of their requests. */
function podUsage({ spec }: PodParts): Quantities {
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

function totalOf(resource: string, parts: readonly Quantities[]): Quantity {
  return sumOfQuantities(parts.flatMap((part) => part.get(resource) ?? []));
}

function sumOf(resource: string, hard: Quantity, needs: readonly Need[]): QuotaSum {
  const wanted = totalOf(
    resource,
    needs.map((need) => need.wanted),
  );
  const surging = sumOfQuantities([
    wanted,
    totalOf(
      resource,
      needs.map((need) => need.surge),
    ),
  ]);
  return {
    resource,
    wanted: quantityText(wanted),
    by: wantersOf(resource, needs),
    surging: quantityText(surging),
    hard: quantityText(hard),
    isExceeded: wanted.nanos > hard.nanos,
    isExceededSurging: surging.nanos > hard.nanos,
  };
}

function wantersOf(resource: string, needs: readonly Need[]): QuotaSum['by'] {
  return needs
    .flatMap(({ object, wanted }) => {
      const amount = wanted.get(resource);
      return amount === undefined || amount.nanos === 0n ? [] : [{ object, amount }];
    })
    .sort((left, right) => Number(right.amount.nanos - left.amount.nanos))
    .map(({ object, amount }) => ({ object, wanted: quantityText(amount) }));
}

interface Limit {
  readonly name: string;
  readonly hard: Quantities;
}

function refusalsOf(object: KubeObject, room: Room, limit: Limit): readonly QuotaRefusal[] {
  const pod = podIn(object, room);
  const refused = pod === undefined ? undefined : quotaMessage(pod, limit);
  return refused === undefined ? [] : [{ object: titleOf(refOf(object)), ...refused }];
}

/** What the API server answers to one pod in an empty namespace; undefined when it lets it in. */
function quotaMessage(pod: PodParts, { name, hard }: Limit): Omit<QuotaRefusal, 'object'> | undefined {
  const missing = missingIn(pod, hard);
  if (missing.length > 0) {
    const listed = missing.map(({ resource, names }) => `${resource} for: ${names.join(',')}`);
    const words = `failed quota: ${name}: must specify ${listed.join('; ')}`;
    return { words, resources: missing.map(({ resource }) => resource) };
  }
  const usage = podUsage(pod);
  const exceeded = [...hard.keys()].filter(
    (resource) => (usage.get(resource)?.nanos ?? 0n) > (hard.get(resource)?.nanos ?? 0n),
  );
  if (exceeded.length === 0) return undefined;
  const listed = (textOf: (resource: string) => string): string =>
    exceeded.map((resource) => `${resource}=${textOf(resource)}`).join(',');
  const amount = (amounts: Quantities) => (resource: string) => quantityText(amounts.get(resource) ?? one);
  const used = listed(() => '0');
  const words = `exceeded quota: ${name}, requested: ${listed(amount(usage))}, used: ${used}, limited: ${listed(amount(hard))}`;
  return { words, resources: exceeded };
}

/** Where a quota is about these, each container must say them, unless the pod says some of them as a whole. */
const mustSay = ['cpu', 'limits.cpu', 'limits.memory', 'memory', 'requests.cpu', 'requests.memory'] as const;

function missingIn(
  { spec }: PodParts,
  hard: Quantities,
): readonly { readonly resource: string; readonly names: readonly string[] }[] {
  if (hasWholeResources(spec)) return [];
  const containers = ['containers', 'initContainers'].flatMap((list) => listAt(spec, list));
  return mustSay
    .filter((resource) => hard.has(resource))
    .flatMap((resource) => {
      const [field, name] = resource.includes('.') ? resource.split('.') : ['requests', resource];
      const silent = containers.filter(
        (container) => at(container, 'resources', field ?? '', name ?? '') === undefined,
      );
      const names = [...new Set(silent.map((container) => stringAt(container, 'name') ?? ''))].sort();
      return names.length === 0 ? [] : [{ resource, names }];
    });
}
