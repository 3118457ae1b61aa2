import { at, isObject, listAt, objectAt, stringAt, type JsonObject, type PathStep } from '../../lib/index.ts';
import type { PodParts } from '../../objects/index.ts';

/** One container as the rules read it. */
export interface RuledContainer {
  readonly name: string;
  /** Below the pod's spec: `['initContainers', 0]`. */
  readonly path: readonly PathStep[];
  readonly own: JsonObject;
  readonly securityContext: JsonObject;
}

/** A pod as the rules read it: containers in the order init, main, ephemeral. */
export interface RuledPod {
  readonly spec: JsonObject;
  readonly annotations: JsonObject;
  readonly securityContext: JsonObject;
  readonly containers: readonly RuledContainer[];
  readonly volumes: readonly {
    readonly name: string;
    readonly path: readonly PathStep[];
    readonly own: JsonObject;
  }[];
  readonly isWindows: boolean;
}

const lists = ['initContainers', 'containers', 'ephemeralContainers'] as const;

/** The pod read once for all rules. */
export function ruledPod({ metadata, spec }: PodParts): RuledPod {
  return {
    spec,
    annotations: objectAt(metadata, 'annotations'),
    securityContext: objectAt(spec, 'securityContext'),
    containers: lists.flatMap((list) =>
      listAt(spec, list).map((container, index) => ({
        name: stringAt(container, 'name') ?? '',
        path: [list, index],
        own: objectAt(container),
        securityContext: objectAt(container, 'securityContext'),
      })),
    ),
    // Null is what the API server leaves out.
    volumes: listAt(spec, 'volumes').flatMap((volume, index) =>
      isObject(volume)
        ? [{ name: stringAt(volume, 'name') ?? '', path: ['volumes', index], own: volume }]
        : [],
    ),
    isWindows: at(spec, 'os', 'name') === 'windows',
  };
}

/** The kinds of a volume: the fields that are its source; one without a source is an emptyDir. */
export function kindsOf(volume: JsonObject): readonly string[] {
  const kinds = Object.entries(volume).flatMap(([field, value]) =>
    field !== 'name' && isObject(value) ? [field] : [],
  );
  return kinds.length === 0 ? ['emptyDir'] : kinds;
}
