import type { KubeObject, PodParts } from '../../objects/index.ts';

/** What of a cluster decides which pods its API server stores. */
export interface PodGround {
  /** `1.35`; undefined where it is not known: it is taken for a new one. */
  readonly version?: string | undefined;
  /** Name of the PriorityClass that pods get that name none. */
  readonly priorityClass?: string | undefined;
}

/** What the objects of a cluster are for its pods. */
export function groundOf(objects: readonly KubeObject[], version: string | undefined): PodGround {
  const classes = objects.filter(({ kind }) => kind === 'PriorityClass');
  return { version, priorityClass: classes.find((one) => one['globalDefault'] === true)?.metadata.name };
}

const firstWithPodResources = 34;

/** A pod as the API server reads it: older ones drop what it says for all containers together. */
export function storedPod({ metadata, spec }: PodParts, { version, priorityClass }: PodGround): PodParts {
  const { resources, ...rest } = spec;
  const minor = /^1\.(\d+)/.exec(version ?? '')?.[1];
  const isDropped = minor !== undefined && Number(minor) < firstWithPodResources;
  const hasOwnPriority = (spec['priorityClassName'] ?? '') !== '';
  return {
    metadata,
    spec: {
      ...rest,
      ...(resources === undefined || isDropped ? {} : { resources }),
      ...(priorityClass === undefined || hasOwnPriority ? {} : { priorityClassName: priorityClass }),
    },
  };
}
