import { isObject, listAt, objectAt, stringAt, type JsonObject } from '../lib/index.ts';
import type { KubeObject } from './manifest.ts';
import { podSpecOf } from './pods.ts';
import { quantityOf, sumOfQuantities, type Quantity } from './quantity.ts';

/** How many pods a workload has when all of them run; undefined where nodes or a schedule decide. */
export function podsOf(object: KubeObject): number | undefined {
  if (podSpecOf(object) === undefined || ['DaemonSet', 'CronJob', 'PodTemplate'].includes(object.kind))
    return undefined;
  if (object.kind === 'Pod') return 1;
  const spec = objectAt(object, 'spec');
  const wanted = object.kind === 'Job' ? spec['parallelism'] : spec['replicas'];
  return typeof wanted === 'number' ? wanted : 1;
}

/** Resource as a ResourceQuota names it -> amount, with its spelling. */
export type Quantities = ReadonlyMap<string, Quantity>;

/**
 * What one pod needs: containers together, or the largest step of its start (KEP-753 for sidecars). What it says as a whole
 * (Kubernetes 1.34) counts instead of its containers.
 */
export function podQuantities(pod: JsonObject): Quantities {
  const needs = (list: string): readonly Need[] =>
    listAt(pod, list).flatMap((one) => (isObject(one) ? [needOf(one)] : []));
  const starting = needs('initContainers');
  const sidecars = starting.filter((one) => one.isSidecar);
  const peak = new Map(sumOf([...needs('containers'), ...sidecars]));
  let before: Quantities = new Map();
  for (const one of starting) {
    const step = sumOf([{ amounts: before }, one]);
    if (one.isSidecar) before = step;
    else for (const [resource, amount] of step) keepLarger(peak, resource, amount);
  }
  return withOverhead(withWhole(peak, objectAt(pod, 'resources')), objectAt(pod, 'overhead'));
}

/** True when a pod says requests or limits for all its containers together. */
export function hasWholeResources(pod: JsonObject): boolean {
  return ['requests', 'limits'].some((field) => wholeAmounts(objectAt(pod, 'resources', field), '').size > 0);
}

function wholeAmounts(resources: JsonObject, prefix: string): Quantities {
  return amountsOf(
    Object.fromEntries(
      Object.entries(resources).filter(([name]) => /^(cpu|memory|hugepages-.+)$/.test(name)),
    ),
    prefix,
  );
}

// A pod that says no request asks for what its containers ask for, else for its limit.
function withWhole(peak: Quantities, { requests, limits }: JsonObject): Quantities {
  const most = objectAt(limits);
  return new Map([
    ...wholeAmounts(most, 'requests.'),
    ...peak,
    ...wholeAmounts(objectAt(requests), 'requests.'),
    ...wholeAmounts(most, 'limits.'),
  ]);
}

function keepLarger(peak: Map<string, Quantity>, resource: string, amount: Quantity): void {
  const known = peak.get(resource);
  if (known === undefined || amount.nanos > known.nanos) peak.set(resource, amount);
}

// Overhead is a request of its own, and comes on top of a limit only where there is one.
function withOverhead(peak: Quantities, overhead: JsonObject): Quantities {
  const requests = amountsOf(overhead, 'requests.');
  const limits = [...amountsOf(overhead, 'limits.')].filter(([resource]) => peak.has(resource));
  return sumOf([{ amounts: peak }, { amounts: requests }, { amounts: new Map(limits) }]);
}

interface Need {
  readonly isSidecar: boolean;
  readonly amounts: Quantities;
}

// A container with a limit and no request asks for its limit.
function needOf(container: JsonObject): Need {
  const limits = objectAt(container, 'resources', 'limits');
  const requests = { ...limits, ...objectAt(container, 'resources', 'requests') };
  return {
    isSidecar: stringAt(container, 'restartPolicy') === 'Always',
    amounts: new Map([...amountsOf(requests, 'requests.'), ...amountsOf(limits, 'limits.')]),
  };
}

function amountsOf(resources: JsonObject, prefix: string): Quantities {
  return new Map(
    Object.entries(resources).flatMap(([name, value]) => {
      const quantity = quantityOf(value);
      return quantity === undefined ? [] : [[`${prefix}${name}`, quantity] as const];
    }),
  );
}

function sumOf(parts: readonly { readonly amounts: Quantities }[]): Quantities {
  const sum = new Map<string, Quantity>();
  for (const { amounts } of parts)
    for (const [resource, amount] of amounts) {
      const known = sum.get(resource);
      sum.set(resource, known === undefined ? amount : sumOfQuantities([known, amount]));
    }
  return sum;
}
