import { compareText } from '../../lib/index.ts';
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

/** Every rule about pods, by its code. */
export const everyPodRule: readonly PodRule[] = Object.values(podRuleGroups)
  .flat()
  .toSorted((left, right) => compareText(left.code, right.code));

/** A rule that a pod breaks. */
export interface PodViolation {
  readonly rule: PodRule;
  readonly offences: readonly Offence[];
  /** As the API server tells it after `denied request: `. */
  readonly sentence: string;
}

/** A Waiver as pods meet it: a rule that does not hold for one container, or, when it is empty, for the pod. */
export interface PodWaiver {
  readonly name: string;
  readonly rule: string;
  readonly container: string;
}

/** What a pod breaks, and what Waivers let it break. */
export interface HeldPod {
  readonly broken: readonly PodViolation[];
  readonly waived: readonly (PodViolation & { readonly waivers: readonly string[] })[];
}

/** A pod held against a profile; take a manifest's pod through `admittedPod` first. */
export function heldPod(pod: PodParts, rules: PodRules, waivers: readonly PodWaiver[]): HeldPod {
  const read = ruledPod(pod);
  const found = everyPodRule.flatMap((rule) => {
    const all = rule.offences(read, rules);
    return all.length === 0 ? [] : [{ rule, all, mine: waivers.filter((one) => one.rule === rule.code) }];
  });
  return {
    broken: found.flatMap(({ rule, all, mine }) => {
      const offences = all.filter((one) => waiversOf(one, mine).length === 0);
      return offences.length === 0 ? [] : [violation(rule, offences, rules)];
    }),
    waived: found.flatMap(({ rule, all, mine }) => {
      const offences = all.filter((one) => waiversOf(one, mine).length > 0);
      if (offences.length === 0) return [];
      const names = new Set(offences.flatMap((one) => waiversOf(one, mine)));
      return [{ ...violation(rule, offences, rules), waivers: [...names] }];
    }),
  };
}

/** What a pod breaks of a profile; take a manifest's pod through `admittedPod` first. */
export function podViolations(
  pod: PodParts,
  rules: PodRules,
  waivers: readonly PodWaiver[] = [],
): readonly PodViolation[] {
  return heldPod(pod, rules, waivers).broken;
}

function violation(rule: PodRule, offences: readonly Offence[], { name }: PodRules): PodViolation {
  return { rule, offences, sentence: ruleSentence(rule, offences, name) };
}

function waiversOf({ subject }: Offence, waivers: readonly PodWaiver[]): readonly string[] {
  return waivers
    .filter(({ container }) => container === '' || subject === `container ${container}`)
    .map(({ name }) => name);
}
