import type { PodParts } from '../../../objects/index.ts';
import { podSecurityViolations } from '../../pod-security/evaluation.ts';
import { podSecurityLevel, type PodSecurityLevel } from '../../pod-security/profile-level.ts';
import { podViolations } from '../../profile/evaluation.ts';
import { filledSpec } from '../../profile/fill.ts';
import { podRules } from '../../profile/rules.ts';
import { apiRefusals, type Refusal } from '../api-rules.ts';
import { defaultedPod, policyVerdict } from '../evaluation.ts';
import type { Ground } from './aspect.ts';

/** Why a side refuses a pod; nothing: it lets it in. */
export type Answer = readonly Refusal[];

/** The two sides of a comparison. */
export interface Sides {
  /** The policies: what the one that comes nearest to letting the pod in says. */
  readonly policies: (pod: PodParts) => Answer;
  /** Pod Security at the profile's level, and the profile, after `fill`. */
  readonly profile: (pod: PodParts) => Answer;
}

/** Who asks about a pod on both sides. */
export function sidesOf({ policies, profile, version }: Ground): Sides {
  const rules = podRules(profile, version);
  const level = podSecurityLevel(profile);
  return {
    policies: (pod) => {
      const answers = policies.map((policy) => policyVerdict(pod, policy, version).refusals);
      return answers.reduce((least, one) => (one.length < least.length ? one : least), answers[0] ?? nobody);
    },
    profile: (pod) => {
      const { metadata, spec } = defaultedPod(pod);
      const filled = { metadata, spec: filledSpec(spec, profile).spec };
      return [
        ...podViolations(filled, rules).map(({ rule, sentence }) => ({ rule: rule.code, sentence })),
        ...podSecurity(filled, level, version),
        ...apiRefusals(filled),
      ];
    },
  };
}

const nobody: Answer = [{ rule: 'none', sentence: 'no policy may be used' }];

function podSecurity(pod: PodParts, level: PodSecurityLevel, version: string): Answer {
  return podSecurityViolations(pod, { level, version: `v${version}` }).map(({ control, reason, detail }) => ({
    rule: control,
    sentence: `Pod Security ${level}: ${reason} (${detail})`,
  }));
}
