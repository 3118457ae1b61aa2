import { policyVerdict } from '../evaluation.ts';
import { podWith, weightOf, type Ground, type Variation } from './aspect.ts';
import { casesOf, everyAspect, type Difference } from './comparison.ts';
import { sidesOf, type Sides } from './verdicts.ts';

/** A value of an aspect, and which policies let it in. */
interface Lent {
  readonly aspect: string;
  readonly variation: Variation;
  /** One for each policy. */
  readonly isIn: readonly boolean[];
}

/**
 * What a profile made of several policies lets in although each of them refuses it: two values of which one policy lets in the one
 * and another policy the other. Pairs are asked about; none where there is only one policy.
 */
export function togetherOf(ground: Ground): readonly Difference[] {
  if (ground.policies.length < 2) return [];
  const sides = sidesOf(ground);
  const lent = lentBy(ground, sides);
  const found = new Map<string, Difference>();
  for (const [index, left] of lent.entries())
    for (const right of lent.slice(index + 1)) {
      const difference = pairOf(left, right, ground, sides);
      const before = difference && found.get(difference.aspect);
      if (difference !== undefined && (before === undefined || isPlainer(difference, before)))
        found.set(difference.aspect, difference);
    }
  return [...found.values()];
}

const isPlainer = (left: Difference, right: Difference): boolean =>
  weightOf(left.example) < weightOf(right.example);

/** Of each aspect the plainest value for each set of policies that let it in, where the profile and some policy do. */
function lentBy(ground: Ground, sides: Sides): readonly Lent[] {
  const { policies, version } = ground;
  const plain = policies.map((policy) => policyVerdict(podWith([]), policy, version).refusals.length);
  return everyAspect.flatMap((aspect) => {
    const byPolicies = new Map<string, Lent>();
    for (const variation of aspect.variations(ground)) {
      const pod = podWith([variation]);
      const isIn = policies.map(
        (policy, index) => policyVerdict(pod, policy, version).refusals.length <= (plain[index] ?? 0),
      );
      const before = byPolicies.get(isIn.join());
      const isUseful = isIn.includes(true) && isIn.includes(false) && sides.profile(pod).length === 0;
      const weight = (one: Variation): number => weightOf(podWith([one]));
      if (isUseful && (before === undefined || weight(variation) < weight(before.variation)))
        byPolicies.set(isIn.join(), { aspect: aspect.name, variation, isIn });
    }
    return [...byPolicies.values()];
  });
}

function pairOf(left: Lent, right: Lent, ground: Ground, sides: Sides): Difference | undefined {
  const isShared = left.isIn.some((one, index) => one && right.isIn[index] === true);
  if (left.aspect === right.aspect || isShared) return undefined;
  const example = podWith([left.variation, right.variation]);
  const refusals = sides.policies(example);
  if (refusals.length === 0 || sides.profile(example).length > 0) return undefined;
  return {
    aspect: `${left.aspect} and ${right.aspect}`,
    direction: 'looser',
    refusals: [...new Set(refusals.map(({ sentence }) => sentence))],
    example,
    cases: casesOf(example, ground),
  };
}
