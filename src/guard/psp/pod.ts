import {
  isArray,
  isEqual,
  isObject,
  listAt,
  objectAt,
  stringAt,
  stringsAt,
  type JsonObject,
} from '../../lib/index.ts';
import type { PodParts } from '../../objects/index.ts';

/** The three lists of containers, in the order in which the API server visits them. */
const containerLists = ['initContainers', 'containers', 'ephemeralContainers'] as const;

/** One container of a pod, and what holds for it. */
export interface PolicedContainer {
  readonly name: string;
  readonly own: JsonObject;
  readonly context: JsonObject;
}

/** Every container of a pod. */
export function containersOf({ spec }: PodParts): readonly PolicedContainer[] {
  return containerLists.flatMap((list) =>
    listAt(spec, list).map((container) => ({
      name: stringAt(container, 'name') ?? '',
      own: objectAt(container),
      context: objectAt(container, 'securityContext'),
    })),
  );
}

/** The pod's own securityContext. */
export function contextOf({ spec }: PodParts): JsonObject {
  return objectAt(spec, 'securityContext');
}

/** What a container says of a field, else its pod. */
export function effective(pod: PodParts, container: PolicedContainer, field: string): unknown {
  return container.context[field] ?? contextOf(pod)[field];
}

/** The pod with every container as `map` makes it. */
export function mapContainers(pod: PodParts, map: (container: PolicedContainer) => JsonObject): PodParts {
  const changed = containerLists.flatMap((list) => {
    const before = pod.spec[list];
    if (!isArray(before)) return [];
    const after = before.map((one) =>
      isObject(one)
        ? map({ name: stringAt(one, 'name') ?? '', own: one, context: objectAt(one, 'securityContext') })
        : one,
    );
    return [[list, after] as const];
  });
  return { ...pod, spec: { ...pod.spec, ...Object.fromEntries(changed) } };
}

/** The container with fields of its securityContext set; itself when there are none. */
export function withContext(container: PolicedContainer, fields: JsonObject): JsonObject {
  if (Object.keys(fields).length === 0) return container.own;
  return { ...container.own, securityContext: { ...container.context, ...fields } };
}

/** The pod with fields of its own securityContext set; itself when there are none. */
export function withPodContext(pod: PodParts, fields: JsonObject): PodParts {
  if (Object.keys(fields).length === 0) return pod;
  return { ...pod, spec: { ...pod.spec, securityContext: { ...contextOf(pod), ...fields } } };
}

/** The pod with annotations added. */
export function withAnnotations(pod: PodParts, added: Readonly<Record<string, string>>): PodParts {
  const before = stringsAt(pod.metadata, 'annotations');
  if (Object.entries(added).every(([key, value]) => before[key] === value)) return pod;
  return { ...pod, metadata: { ...pod.metadata, annotations: { ...before, ...added } } };
}

/** True when nothing of a pod was changed. */
export function isSamePod(left: PodParts, right: PodParts): boolean {
  return isEqual(left.metadata, right.metadata) && isEqual(left.spec, right.spec);
}

/** True for a container that may gain privileges whatever it says: the API server takes no `false` from it. */
export function isEscalating(container: PolicedContainer): boolean {
  const adds = listAt(container.context, 'capabilities', 'add');
  return (
    container.context['privileged'] === true || adds.includes('SYS_ADMIN') || adds.includes('CAP_SYS_ADMIN')
  );
}
