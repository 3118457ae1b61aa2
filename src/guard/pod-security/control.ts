import type { Pod } from './pod.ts';

/** Why a control refuses a pod, in the API server's words: `reason (detail)`. */
export interface Refusal {
  readonly reason: string;
  readonly detail: string;
}

/** What a control asks from one Kubernetes version on. */
export interface Era {
  /** The minor version of 1.x. */
  readonly since: number;
  readonly refuse: (pod: Pod) => Refusal | undefined;
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
