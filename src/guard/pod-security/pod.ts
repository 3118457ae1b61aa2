import { at, listAt, objectAt, stringAt, type JsonObject } from '../../lib/index.ts';
import type { PodParts } from '../../objects/index.ts';
import { sortedOnce } from './words.ts';

/** One container as the controls read it. */
export interface Container {
  readonly name: string;
  readonly own: JsonObject;
  readonly securityContext: JsonObject;
}

/** A pod as the controls read it: containers of all three lists in the order in which the API server visits them. */
export interface Pod {
  readonly annotations: JsonObject;
  readonly spec: JsonObject;
  readonly securityContext: JsonObject;
  readonly containers: readonly Container[];
  /** Its containers run as users that mean nothing on the node. */
  readonly hasUserNamespace: boolean;
  readonly isWindows: boolean;
}

/** The pod read once for all controls. */
export function readPod(pod: PodParts): Pod {
  const { spec } = pod;
  const lists = ['initContainers', 'containers', 'ephemeralContainers'].flatMap((list) => listAt(spec, list));
  return {
    annotations: objectAt(pod.metadata, 'annotations'),
    spec,
    securityContext: objectAt(spec, 'securityContext'),
    containers: lists.map((container) => ({
      name: stringAt(container, 'name') ?? '',
      own: objectAt(container),
      securityContext: objectAt(container, 'securityContext'),
    })),
    hasUserNamespace: spec['hostUsers'] === false,
    isWindows: at(spec, 'os', 'name') === 'windows',
  };
}

/** Containers that say something, by name, and all that they say, each once and sorted. */
export interface Said {
  readonly names: readonly string[];
  readonly values: readonly string[];
}

/** Who says what, where `values` reads it from one container; undefined when none says anything. */
export function saidBy(pod: Pod, values: (container: Container) => readonly string[]): Said | undefined {
  const found = pod.containers
    .map((container) => ({ name: container.name, values: values(container) }))
    .filter((one) => one.values.length > 0);
  if (found.length === 0) return undefined;
  return { names: found.map((one) => one.name), values: sortedOnce(found.flatMap((one) => one.values)) };
}
