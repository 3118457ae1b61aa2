import { listAt, objectAt, stringAt, type JsonObject } from '../../lib/index.ts';
import {
  podQuantities,
  quantityOf,
  quantityText,
  type KubeObject,
  type PodParts,
  type Quantity,
} from '../../objects/index.ts';

/** What a pod breaks of one LimitRange, in the API server's words, sorted. */
export interface LimitViolations {
  /** Name of the LimitRange. */
  readonly range: string;
  readonly words: readonly string[];
  /** Which bounds: type, field and resource of each, `['Container', 'max', 'cpu']`. */
  readonly bounds: readonly (readonly string[])[];
}

/**
 * What a pod breaks of the LimitRanges of its namespace; take it through `withDefaults` first. The API server tells those of
 * one LimitRange, in an order of its own.
 */
export function limitViolations(pod: PodParts, ranges: readonly KubeObject[]): readonly LimitViolations[] {
  return violationsOf(ranges, (item) => brokenBounds(item, pod));
}

/** What a PersistentVolumeClaim, or a template of one, breaks of the LimitRanges of its namespace. */
export function claimViolations(claim: unknown, ranges: readonly KubeObject[]): readonly LimitViolations[] {
  const requests = quantitiesIn(objectAt(claim, 'spec', 'resources', 'requests'));
  return violationsOf(ranges, (item) => brokenByClaim(item, requests));
}

/** True when some LimitRange bounds what claims ask for. */
export function boundsClaims(ranges: readonly KubeObject[]): boolean {
  return ranges.some((range) =>
    listAt(range, 'spec', 'limits').some((item) => stringAt(item, 'type') === ofClaims),
  );
}

function violationsOf(
  ranges: readonly KubeObject[],
  brokenIn: (item: unknown) => readonly Broken[],
): readonly LimitViolations[] {
  return ranges.flatMap((range) => {
    const broken = listAt(range, 'spec', 'limits').flatMap(brokenIn);
    if (broken.length === 0) return [];
    const words = [...new Set(broken.map((one) => one.words))].sort();
    return [{ range: range.metadata.name, words, bounds: broken.map((one) => one.bound) }];
  });
}

/** What the API server writes after `pods "NAME" is forbidden: `; with more than one it is a list in brackets. */
export function limitMessage({ words }: LimitViolations): string {
  return words.length === 1 ? (words[0] ?? '') : `[${words.join(', ')}]`;
}

const ofClaims = 'PersistentVolumeClaim';

// Claims have no limits that count: only requests are bounded.
function brokenByClaim(item: unknown, requests: Amounts['requests']): readonly Broken[] {
  if (stringAt(item, 'type') !== ofClaims) return [];
  return (['min', 'max'] as const).flatMap((field) =>
    [...quantitiesIn(objectAt(item, field))].flatMap(([resource, enforced]) => {
      const bound = { type: ofClaims, resource, enforced, request: requests.get(resource), limit: undefined };
      const words = field === 'min' ? minWords(bound) : maxRequestWords(bound);
      return words === undefined ? [] : [{ words, bound: [ofClaims, field, resource] }];
    }),
  );
}

function maxRequestWords({ type, resource, enforced, request }: Bound): string | undefined {
  const most = `maximum ${resource} usage per ${type} is ${quantityText(enforced)}`;
  if (request === undefined) return `${most}.  No request is specified`;
  return isLess(enforced, request) ? `${most}, but request is ${quantityText(request)}` : undefined;
}

interface Amounts {
  readonly requests: ReadonlyMap<string, Quantity>;
  readonly limits: ReadonlyMap<string, Quantity>;
}

interface Broken {
  readonly words: string;
  readonly bound: readonly string[];
}

function brokenBounds(item: unknown, pod: PodParts): readonly Broken[] {
  const type = stringAt(item, 'type');
  if (type === 'Pod') return brokenBy(item, type, podAmounts(pod));
  if (type !== 'Container') return [];
  const containers = ['containers', 'initContainers'].flatMap((list) => listAt(pod.spec, list));
  return containers.flatMap((container) =>
    brokenBy(item, type, {
      requests: quantitiesIn(objectAt(container, 'resources', 'requests')),
      limits: quantitiesIn(objectAt(container, 'resources', 'limits')),
    }),
  );
}

// The LimitRanger adds up containers and leaves overhead out.
function podAmounts({ spec }: PodParts): Amounts {
  const { overhead: _overhead, ...rest } = spec;
  const all = [...podQuantities(rest)];
  const under = (prefix: string): ReadonlyMap<string, Quantity> =>
    new Map(
      all.flatMap(([name, amount]) =>
        name.startsWith(prefix) ? [[name.slice(prefix.length), amount] as const] : [],
      ),
    );
  return { requests: under('requests.'), limits: under('limits.') };
}

function quantitiesIn(resources: JsonObject): ReadonlyMap<string, Quantity> {
  return new Map(
    Object.entries(resources).flatMap(([name, value]) => {
      const quantity = quantityOf(value);
      return quantity === undefined ? [] : [[name, quantity] as const];
    }),
  );
}

interface Bound {
  readonly type: string;
  readonly resource: string;
  readonly enforced: Quantity;
  readonly request: Quantity | undefined;
  readonly limit: Quantity | undefined;
}

const checks = { min: minWords, max: maxWords, maxLimitRequestRatio: ratioWords } as const;

function brokenBy(item: unknown, type: string, amounts: Amounts): readonly Broken[] {
  return (['min', 'max', 'maxLimitRequestRatio'] as const).flatMap((field) =>
    [...quantitiesIn(objectAt(item, field))].flatMap(([resource, enforced]) => {
      const [request, limit] = [amounts.requests.get(resource), amounts.limits.get(resource)];
      const words = checks[field]({ type, resource, enforced, request, limit });
      return words === undefined ? [] : [{ words, bound: [type, field, resource] }];
    }),
  );
}

function minWords({ type, resource, enforced, request, limit }: Bound): string | undefined {
  const least = `minimum ${resource} usage per ${type} is ${quantityText(enforced)}`;
  if (request === undefined) return `${least}.  No request is specified`;
  if (isLess(request, enforced)) return `${least}, but request is ${quantityText(request)}`;
  if (limit !== undefined && isLess(limit, enforced)) return `${least}, but limit is ${quantityText(limit)}`;
  return undefined;
}

function maxWords({ type, resource, enforced, request, limit }: Bound): string | undefined {
  const most = `maximum ${resource} usage per ${type} is ${quantityText(enforced)}`;
  if (limit === undefined) return `${most}.  No limit is specified`;
  if (isLess(enforced, limit)) return `${most}, but limit is ${quantityText(limit)}`;
  if (request !== undefined && isLess(enforced, request))
    return `${most}, but request is ${quantityText(request)}`;
  return undefined;
}

function ratioWords({ type, resource, enforced, request, limit }: Bound): string | undefined {
  const most = `${resource} max limit to request ratio per ${type} is ${quantityText(enforced)}`;
  if (request === undefined || request.nanos === 0n)
    return `${most}, but no request is specified or request is 0`;
  if (limit === undefined || limit.nanos === 0n) return `${most}, but no limit is specified or limit is 0`;
  const ratio = Number(limit.nanos) / Number(request.nanos);
  return ratio * 1e9 > Number(enforced.nanos)
    ? `${most}, but provided ratio is ${ratio.toFixed(6)}`
    : undefined;
}

function isLess(left: Quantity, right: Quantity): boolean {
  return left.nanos < right.nanos;
}
