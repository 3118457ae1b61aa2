import { isObject, listAt, objectAt, stringAt, type JsonObject } from '../lib/index.ts';
import type { KubeObject } from './manifest.ts';
import { podSpecOf } from './pods.ts';
import { nanosIn } from './quantity.ts';

/** Resource as a ResourceQuota names it (`requests.cpu`, `limits.memory`, `pods`) -> amount in 10^-9. */
export type Demand = ReadonlyMap<string, bigint>;

/** What a LimitRange gives containers that say nothing. */
export interface ContainerDefaults {
  readonly requests: JsonObject;
  readonly limits: JsonObject;
}

/** The defaults for containers in LimitRanges of one namespace. */
export function containerDefaults(ranges: readonly KubeObject[]): ContainerDefaults {
  const items = ranges
    .flatMap((range) => listAt(range, 'spec', 'limits'))
    .filter((item) => stringAt(item, 'type') === 'Container');
  const merged = (field: string): JsonObject =>
    Object.fromEntries(items.flatMap((item) => Object.entries(objectAt(item, field))));
  return { requests: merged('defaultRequest'), limits: merged('default') };
}

/** How many pods a workload has when all of them run; undefined where nodes or a schedule decide. */
export function podsOf(object: KubeObject): number | undefined {
  if (podSpecOf(object) === undefined || ['DaemonSet', 'CronJob', 'PodTemplate'].includes(object.kind))
    return undefined;
  if (object.kind === 'Pod') return 1;
  const spec = objectAt(object, 'spec');
  const wanted = object.kind === 'Job' ? spec['parallelism'] : spec['replicas'];
  return typeof wanted === 'number' ? wanted : 1;
}

/** What one pod of a workload needs: containers together, or the largest step of its start (KEP-753 for sidecars). */
export function podDemand(object: KubeObject, defaults: ContainerDefaults): Demand {
  const pod = podSpecOf(object);
  const needs = (list: string): readonly Need[] =>
    listAt(pod, list).flatMap((one) => (isObject(one) ? [needOf(one, defaults)] : []));
  const starting = needs('initContainers');
  const sidecars = starting.filter((one) => one.isSidecar);
  const running = sumOf([...needs('containers'), ...sidecars]);
  let before = new Map<string, bigint>();
  const steps: Demand[] = [];
  for (const one of starting) {
    if (one.isSidecar) before = sumOf([{ amounts: before }, one]);
    else steps.push(sumOf([{ amounts: before }, one]));
  }
  const peak = new Map(running);
  for (const step of steps)
    for (const [resource, amount] of step)
      if (amount > (peak.get(resource) ?? 0n)) peak.set(resource, amount);
  const overhead = amountsOf(objectAt(pod, 'overhead'), 'requests.');
  return sumOf([{ amounts: peak }, { amounts: overhead }, { amounts: new Map([['pods', 1_000_000_000n]]) }]);
}

interface Need {
  readonly isSidecar: boolean;
  readonly amounts: Demand;
}

// A container with a limit and no request asks for its limit.
function needOf(container: JsonObject, defaults: ContainerDefaults): Need {
  const limits = { ...defaults.limits, ...objectAt(container, 'resources', 'limits') };
  const own = {
    ...objectAt(container, 'resources', 'limits'),
    ...objectAt(container, 'resources', 'requests'),
  };
  const requests = { ...defaults.limits, ...defaults.requests, ...own };
  return {
    isSidecar: stringAt(container, 'restartPolicy') === 'Always',
    amounts: new Map([...amountsOf(requests, 'requests.'), ...amountsOf(limits, 'limits.')]),
  };
}

function amountsOf(resources: JsonObject, prefix: string): Demand {
  return new Map(
    Object.entries(resources).flatMap(([name, value]) => {
      const nanos = nanosIn(value);
      return nanos === undefined ? [] : [[`${prefix}${name}`, nanos] as const];
    }),
  );
}

function sumOf(parts: readonly { readonly amounts: Demand }[]): Map<string, bigint> {
  const sum = new Map<string, bigint>();
  for (const { amounts } of parts)
    for (const [resource, amount] of amounts) sum.set(resource, (sum.get(resource) ?? 0n) + amount);
  return sum;
}
