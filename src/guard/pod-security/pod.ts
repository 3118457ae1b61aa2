import { at, listAt, objectAt, stringAt, type JsonObject } from '../../lib/index.ts';
import type { PodParts } from '../../objects/index.ts';

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
