import { at, compareText, listAt, objectAt, stringAt } from '../../lib/index.ts';
import {
  hasWholeResources,
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
import {
  needOf,
  podIn,
  podUsage,
  rootCertificate,
  totalOf,
  type Need,
  type QuotaGround,
  type Room,
} from './quota-need.ts';
import { scopeOf } from './scopes.ts';

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
  ground: QuotaGround = {},
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

function hardOf(quota: KubeObject): Quantities {
  const entries = Object.entries(objectAt(quota, 'spec', 'hard')).flatMap(([resource, value]) => {
    const quantity = quantityOf(value);
    return quantity === undefined ? [] : [[resource, quantity] as const];
  });
  return new Map(entries.sort(([left], [right]) => compareText(left, right)));
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
  const amount = (amounts: Quantities) => (resource: string) => quantityText(totalOf(resource, [amounts]));
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
