import type { Pod } from './pod.ts';

/** Why a control refuses a pod, in the API server's words: `reason (detail)`. */
export interface Refusal {
  readonly reason: string;
  readonly detail: string;
}

/** Looks at a pod; undefined lets it in. */
export type Refuse = (pod: Pod) => Refusal | undefined;

/** What a control asks from one Kubernetes version on. */
export interface Era {
  /** The minor version of 1.x. */
  readonly since: number;
  readonly refuse: Refuse;
}

/** One control of the Pod Security Standards. */
export interface Control {
  /** The API server's own name of the check. */
  readonly id: string;
  readonly level: 'baseline' | 'restricted';
  /** Baseline controls that this one, where it holds, takes the place of. */
  readonly replaces?: readonly string[];
  /** By version, the oldest first; before the first the control asks nothing. */
  readonly eras: readonly Era[];
}

/** The same, but for Windows, which has none of what is asked. */
export function exceptWindows(refuse: Refuse): Refuse {
  return (pod) => (pod.isWindows ? undefined : refuse(pod));
}

/** The same, but for pods with users of their own: their root is nobody on the node. */
export function exceptOwnUsers(refuse: Refuse): Refuse {
  return (pod) => (pod.hasUserNamespace ? undefined : refuse(pod));
}
