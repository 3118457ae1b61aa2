import { compareText, stringAt } from '../../lib/index.ts';
import type { PodParts } from '../../objects/index.ts';
import { admittedPod } from '../pod-security/admitted-pod.ts';
import { safeSysctls } from '../pod-security/sysctls.ts';
import { apiRefusals, type Refusal } from './api-rules.ts';
import { mutatedBy } from './mutation.ts';
import { isSamePod } from './pod.ts';
import type { Psp } from './policy.ts';
import { policyRefusals } from './validation.ts';

/** What a policy does with a pod. */
export interface PolicyVerdict {
  /** None: it is let in. */
  readonly refusals: readonly Refusal[];
  /** As it would be stored. */
  readonly pod: PodParts;
  readonly isMutated: boolean;
}

/** A pod as the API server hands it to whoever admits it: defaults that change a verdict are written. */
export function defaultedPod({ metadata, spec }: PodParts): PodParts {
  const name = stringAt(metadata, 'name') ?? 'pod';
  const object = { apiVersion: 'v1', kind: 'Pod', metadata: { ...metadata, name }, spec };
  return admittedPod(object) ?? { metadata, spec };
}

/**
 * What a PodSecurityPolicy does with a new pod: fills what it must have, looks at it, and leaves the last word to the API
 * server. `version` (`1.35`) says which kernel settings count as safe; undefined: those of 1.24, the last version with policies.
 */
export function policyVerdict(pod: PodParts, policy: Psp, version?: string): PolicyVerdict {
  const before = defaultedPod(pod);
  const after = mutatedBy(before, policy);
  const refusals = [...policyRefusals(after, policy, safeSysctls(version)), ...apiRefusals(after)];
  return { refusals, pod: after, isMutated: !isSamePod(before, after) };
}

/** A policy that lets a pod in. */
export interface ChosenPolicy {
  readonly policy: Psp;
  readonly verdict: PolicyVerdict;
}

/**
 * The policy that holds for a new pod, of those that may be used: in the order of names the first that lets it in as it is, else
 * the first that lets it in after changes; undefined when all refuse.
 */
export function chosenPolicy(
  pod: PodParts,
  candidates: readonly Psp[],
  version?: string,
): ChosenPolicy | undefined {
  const admitting = candidates
    .toSorted((left, right) => compareText(left.name, right.name))
    .map((policy) => ({ policy, verdict: policyVerdict(pod, policy, version) }))
    .filter(({ verdict }) => verdict.refusals.length === 0);
  return admitting.find(({ verdict }) => !verdict.isMutated) ?? admitting[0];
}
