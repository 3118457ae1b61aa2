import type { PodParts } from '../../objects/index.ts';
import { confinementRules } from './confinement.ts';
import { hostRules } from './host.ts';
import { imageRules } from './images.ts';
import { ruledPod } from './pod.ts';
import { privilegeRules } from './privileges.ts';
import type { Offence, PodRule } from './rule.ts';
import { ruleSentence } from './rule.ts';
import type { PodRules } from './rules.ts';
import { userRules } from './users.ts';
import { volumeRules } from './volumes.ts';

/** The rules by the policy that a cluster has for them. */
export const podRuleGroups = {
  host: [...hostRules, ...volumeRules],
  privileges: [...privilegeRules, ...confinementRules],
  users: userRules,
  images: imageRules,
} as const;

/** Every rule about pods. */
export const everyPodRule: readonly PodRule[] = Object.values(podRuleGroups).flat();

/** A rule that a pod breaks. */
export interface PodViolation {
  readonly rule: PodRule;
  readonly offences: readonly Offence[];
  /** As the API server tells it after `denied request: `. */
  readonly sentence: string;
}

/** A Waiver as pods meet it: a rule that does not hold for one container, or, when it is empty, for the pod. */
export interface PodWaiver {
  readonly rule: string;
  readonly container: string;
}

/** What a pod breaks of a profile; take a manifest's pod through `admittedPod` first. */
export function podViolations(
  pod: PodParts,
  rules: PodRules,
  waivers: readonly PodWaiver[] = [],
): readonly PodViolation[] {
  const read = ruledPod(pod);
  return everyPodRule.flatMap((rule) => {
    const mine = waivers.filter((one) => one.rule === rule.code);
    const offences = rule.offences(read, rules).filter((one) => !isWaived(one, mine));
    if (offences.length === 0) return [];
    return [{ rule, offences, sentence: ruleSentence(rule, offences, rules.name) }];
  });
}

function isWaived({ subject }: Offence, waivers: readonly PodWaiver[]): boolean {
  return waivers.some(({ container }) => container === '' || subject === `container ${container}`);
}
