import { isArray, isObject, listAt, objectAt, stringAt, type JsonObject } from '../../lib/index.ts';
import type { KubeObject, PodParts } from '../../objects/index.ts';

/** A request or limit that a LimitRange sets. */
export interface LimitDefault {
  readonly container: string;
  readonly field: 'requests' | 'limits';
  readonly resource: string;
  readonly value: string | number;
  /** Name of the LimitRange. */
  readonly by: string;
}

/** A pod as the API server stores it, and what LimitRanges added to what it says. */
export interface DefaultedPod {
  readonly pod: PodParts;
  readonly set: readonly LimitDefault[];
}

/**
 * A pod with the requests and limits that it gets on its way in: a container's own limits are its requests where it says
 * none, then each LimitRange of its namespace fills what is still missing. Ephemeral containers have no resources.
 */
export function withDefaults(pod: PodParts, ranges: readonly KubeObject[]): DefaultedPod {
  const set: LimitDefault[] = [];
  const given = ranges.flatMap((range) =>
    containerItems(range).map((item) => ({ by: range.metadata.name, ...itemDefaults(item) })),
  );
  const spec = { ...pod.spec };
  for (const list of ['containers', 'initContainers']) {
    const containers = pod.spec[list];
    if (isArray(containers))
      spec[list] = containers.map((one) => (isObject(one) ? defaulted(one, given, set) : one));
  }
  return { pod: { ...pod, spec }, set };
}

type Given = { readonly by: string } & ItemDefaults;

interface ItemDefaults {
  readonly limits: JsonObject;
  readonly requests: JsonObject;
}

function containerItems(range: KubeObject): readonly unknown[] {
  return listAt(range, 'spec', 'limits').filter((item) => stringAt(item, 'type') === 'Container');
}

/** What one item of a LimitRange gives, with the API server's own defaults: max is a limit, a limit is a request, min is one. */
function itemDefaults(item: unknown): ItemDefaults {
  const limits = { ...objectAt(item, 'max'), ...objectAt(item, 'default') };
  return { limits, requests: { ...objectAt(item, 'min'), ...limits, ...objectAt(item, 'defaultRequest') } };
}

function defaulted(container: JsonObject, given: readonly Given[], set: LimitDefault[]): JsonObject {
  const name = stringAt(container, 'name') ?? '';
  const limits = { ...objectAt(container, 'resources', 'limits') };
  const requests = { ...limits, ...objectAt(container, 'resources', 'requests') };
  const fill = (field: 'requests' | 'limits', own: Record<string, unknown>, one: Given): void => {
    for (const [resource, value] of Object.entries(one[field])) {
      const isSaid = Object.hasOwn(own, resource);
      if (isSaid || (typeof value !== 'string' && typeof value !== 'number')) continue;
      own[resource] = value;
      set.push({ container: name, field, resource, value, by: one.by });
    }
  };
  for (const one of given) {
    fill('limits', limits, one);
    fill('requests', requests, one);
  }
  const said = Object.entries({ limits, requests }).filter(([, one]) => Object.keys(one).length > 0);
  const resources = { ...objectAt(container, 'resources'), ...Object.fromEntries(said) };
  return { ...container, resources };
}
