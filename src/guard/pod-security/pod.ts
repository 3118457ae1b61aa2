import { at, isObject, listAt, objectAt, stringAt, type JsonObject } from '../../lib/index.ts';
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

/** The pod read once for all controls; `hasFields`: the API server reads annotations of AppArmor into fields first. */
export function readPod(pod: PodParts, hasFields = false): Pod {
  const { spec } = pod;
  const lists = ['initContainers', 'containers', 'ephemeralContainers'].flatMap((list) => listAt(spec, list));
  const read: Pod = {
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
  return hasFields && !read.isWindows ? { ...read, containers: read.containers.map(armoured(read)) } : read;
}

/** What the annotation of a container's AppArmor profile begins with; its name follows. */
export const appArmorPrefix = 'container.apparmor.security.beta.kubernetes.io/';

// Of what an annotation can say, only this is refused.
const unconfined = { type: 'Unconfined' } as const;

function armoured({ annotations, securityContext }: Pod): (container: Container) => Container {
  const isSaid = at(securityContext, 'appArmorProfile', 'type') === unconfined.type;
  return (container) => {
    const own = container.securityContext;
    const isAnnotated = annotations[`${appArmorPrefix}${container.name}`] === 'unconfined';
    if (!isAnnotated || isSaid || isObject(own['appArmorProfile'])) return container;
    return { ...container, securityContext: { ...own, appArmorProfile: unconfined } };
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
