import { defaultedPod, policyVerdict } from '../evaluation.ts';
import { podWith, weightOf, type Ground, type Variation } from './aspect.ts';
import { casesIn, everyAspect, type Difference } from './comparison.ts';
import { sidesOf, type Sides } from './verdicts.ts';

/** Values of an aspect that the same policies let in, and the plainest of them. */
interface Lent {
  readonly aspect: string;
  readonly variation: Variation;
  readonly cases: ReadonlySet<string>;
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
  const base = baseOf(ground, sides);
  const lent = lentBy(ground, sides, base);
  const found: Difference[] = [];
  for (const [index, left] of lent.entries())
    for (const right of lent.slice(index + 1)) {
      const difference = pairOf(left, right, sides, base);
      if (difference !== undefined) found.push(difference);
    }
  return found;
}

/** What a pod must say so that the profile lets it in; nothing, for most profiles. */
function baseOf(ground: Ground, sides: Sides): Variation {
  const isLetIn = (variation: Variation): boolean => sides.profile(podWith([variation])).length === 0;
  if (isLetIn({})) return {};
  return everyAspect.flatMap((aspect) => aspect.variations(ground)).find(isLetIn) ?? {};
}

/** Of each aspect the plainest value for each set of policies that let it in, where the profile and some policy do. */
function lentBy(ground: Ground, sides: Sides, base: Variation): readonly Lent[] {
  const { policies, version } = ground;
  const plain = policies.map((policy) => policyVerdict(podWith([base]), policy, version).refusals.length);
  return everyAspect.flatMap((aspect) => {
    const byPolicies = new Map<string, Lent>();
    for (const variation of aspect.variations(ground)) {
      const pod = podWith([base, variation]);
      const isIn = policies.map(
        (policy, index) => policyVerdict(pod, policy, version).refusals.length <= (plain[index] ?? 0),
      );
      const before = byPolicies.get(isIn.join());
      const isUseful = isIn.includes(true) && isIn.includes(false) && sides.profile(pod).length === 0;
      if (!isUseful) continue;
      const own = casesIn(aspect, defaultedPod(pod), ground);
      const cases = new Set([...(before?.cases ?? []), ...own]);
      const isPlainer = before === undefined || weightOf(pod) < weightOf(podWith([base, before.variation]));
      byPolicies.set(
        isIn.join(),
        isPlainer ? { aspect: aspect.name, variation, isIn, cases } : { ...before, cases },
      );
    }
    return [...byPolicies.values()];
  });
}

function pairOf(left: Lent, right: Lent, sides: Sides, base: Variation): Difference | undefined {
  const isShared = left.isIn.some((one, index) => one && right.isIn[index] === true);
  if (left.aspect === right.aspect || isShared) return undefined;
  const example = podWith([base, left.variation, right.variation]);
  const refusals = sides.policies(example);
  if (refusals.length === 0 || sides.profile(example).length > 0) return undefined;
  return {
    aspect: `${left.aspect} and ${right.aspect}`,
    direction: 'looser',
    refusals: [...new Set(refusals.map(({ sentence }) => sentence))],
    example,
    cases: [...left.cases],
    together: [...right.cases],
  };
}
