import { at, isString, listAt, objectAt, stringAt } from '../../lib/index.ts';
import {
  hasWholeResources,
  podQuantities,
  quantityOf,
  quantityText,
  type KubeObject,
  type PodParts,
  type Quantities,
} from '../../objects/index.ts';
import { withDefaults, type LimitDefault } from './defaults.ts';
import type { LimitViolations } from './limit-range.ts';

/**
 * What no longer fits together in a pod once LimitRanges have filled it: a request above a limit, containers above what the
 * pod says as a whole. In the words of the API server, which calls the pod invalid.
 */
export function contradictions(pod: PodParts, ranges: readonly KubeObject[]): readonly LimitViolations[] {
  const { pod: filled, set } = withDefaults(pod, ranges);
  if (set.length === 0) return [];
  const found = [
    ...ofContainers(filled, set),
    ...(hasWholeResources(pod.spec) ? ofWhole(pod, filled, set) : []),
  ];
  const once = new Map(found.map((one) => [one.words, one]));
  return [...once.values()].map(({ words, given }) => ({
    range: given.by,
    words: [words],
    bounds: [boundOf(given, ranges)],
  }));
}

interface Found {
  readonly words: string;
  /** What a LimitRange gave that does not fit. */
  readonly given: LimitDefault;
}

/** Other resources cannot be asked for in part: there a LimitRange itself must say both alike. */
const sharable: ReadonlySet<string> = new Set(['cpu', 'memory', 'ephemeral-storage']);

function ofContainers({ spec }: PodParts, set: readonly LimitDefault[]): readonly Found[] {
  return ['containers', 'initContainers'].flatMap((list) =>
    listAt(spec, list).flatMap((container, index) =>
      givenTo(container, set).flatMap((given) => {
        const [request, limit] = (['requests', 'limits'] as const).map((field) =>
          quantityOf(at(container, 'resources', field, given.resource)),
        );
        if (request === undefined || limit === undefined || request.nanos <= limit.nanos) return [];
        if (!sharable.has(given.resource)) return [];
        const what = `must be less than or equal to ${given.resource} limit of ${quantityText(limit)}`;
        const path = `spec.${list}[${index}].resources.requests`;
        return [{ words: `${path}: Invalid value: "${quantityText(request)}": ${what}`, given }];
      }),
    ),
  );
}

function givenTo(container: unknown, set: readonly LimitDefault[]): readonly LimitDefault[] {
  const name = stringAt(container, 'name') ?? '';
  return set.filter((one) => one.container === name);
}

function ofWhole(pod: PodParts, filled: PodParts, set: readonly LimitDefault[]): readonly Found[] {
  const most = objectAt(pod.spec, 'resources', 'limits');
  const limits = listAt(filled.spec, 'containers').flatMap((container, index) =>
    givenTo(container, set)
      .filter(({ field }) => field === 'limits')
      .flatMap((given) => {
        const [whole, limit] = [quantityOf(most[given.resource]), quantityOf(given.value)];
        if (whole === undefined || limit === undefined || limit.nanos <= whole.nanos) return [];
        const path = `spec.resources.containers[${index}][${given.resource}].limits`;
        const what = `must be less than or equal to pod limits of ${quantityText(whole)}`;
        return [{ words: `${path}: Invalid value: "${quantityText(limit)}": ${what}`, given }];
      }),
  );
  return [...limits, ...requestsOfWhole(pod, filled, set)];
}

// The pod's own request was decided before LimitRanges filled anything.
function requestsOfWhole(pod: PodParts, filled: PodParts, set: readonly LimitDefault[]): readonly Found[] {
  const { resources: _resources, ...parts } = filled.spec;
  const [whole, all] = [amountsOf(pod.spec), amountsOf(parts)];
  const given = set.filter(({ field }) => field === 'requests');
  return [...new Map(given.map((one) => [one.resource, one])).values()].flatMap((one) => {
    const [request, sum] = [whole.get(`requests.${one.resource}`), all.get(`requests.${one.resource}`)];
    if (request === undefined || sum === undefined || sum.nanos <= request.nanos) return [];
    const what = `must be greater than or equal to aggregate container requests of ${quantityText(sum)}`;
    const path = `spec.resources.requests[${one.resource}]`;
    return [{ words: `${path}: Invalid value: "${quantityText(request)}": ${what}`, given: one }];
  });
}

function amountsOf({ overhead: _overhead, ...spec }: PodParts['spec']): Quantities {
  return podQuantities(spec);
}

const sources = {
  limits: ['default', 'max'],
  requests: ['defaultRequest', 'default', 'max', 'min'],
} as const;

/** The field of the LimitRange that gives it. */
function boundOf({ by, field, resource }: LimitDefault, ranges: readonly KubeObject[]): readonly string[] {
  const items = ranges
    .filter(({ metadata }) => metadata.name === by)
    .flatMap((range) => listAt(range, 'spec', 'limits'))
    .filter((item) => stringAt(item, 'type') === 'Container');
  const source = sources[field].find((one) => items.some((item) => at(item, one, resource) !== undefined));
  return ['Container', source, resource].filter(isString);
}
