import { defaultedPod, policyVerdict } from '../evaluation.ts';
import { podWith, weightOf, type Ground, type Variation } from './aspect.ts';
import { around, baseFor, type Base } from './base.ts';
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
  const base = baseFor(ground, (parts) => sides.profile(podWith(parts)).length);
  const lent = lentBy(ground, sides, base);
  return lent.flatMap((left, index) =>
    lent.slice(index + 1).flatMap((right) => pairOf(left, right, sides, base) ?? []),
  );
}

/** Of each aspect the plainest value for each set of policies that let it in, where the profile and some policy do. */
function lentBy(ground: Ground, sides: Sides, base: Base): readonly Lent[] {
  const asked = policiesAsked(ground);
  return everyAspect.flatMap((aspect) => {
    const byPolicies = new Map<string, Lent>();
    for (const variation of aspect.variations(ground)) {
      const value = new Map([[aspect.name, variation]]);
      const pod = podWith(around(base, value));
      const isIn = asked.map((isLetIn) => isLetIn(value));
      const before = byPolicies.get(isIn.join());
      const isUseful = isIn.includes(true) && isIn.includes(false) && sides.profile(pod).length === 0;
      if (!isUseful) continue;
      const own = casesIn(aspect, defaultedPod(pod), ground);
      const cases = new Set([...(before?.cases ?? []), ...own]);
      const one = { aspect: aspect.name, variation, isIn, cases };
      const isPlainer = before === undefined || weightIn(variation) < weightIn(before.variation);
      byPolicies.set(isIn.join(), isPlainer ? one : { ...before, cases });
    }
    return [...byPolicies.values()];
  });
}

const weightIn = (variation: Variation): number => weightOf(podWith([variation]));

/** For each policy whether it lets some values in, with all that it asks for besides. */
export function policiesAsked({ policies, ...more }: Ground): readonly ((values: Base) => boolean)[] {
  return policies.map((policy) => {
    const refusals = (parts: readonly Variation[]): number =>
      policyVerdict(podWith(parts), policy, more.version).refusals.length;
    const base = baseFor({ ...more, policies: [policy] }, refusals);
    return (values) => refusals(around(base, values)) === 0;
  });
}

function pairOf(left: Lent, right: Lent, sides: Sides, base: Base): Difference | undefined {
  const isShared = left.isIn.some((one, index) => one && right.isIn[index] === true);
  if (left.aspect === right.aspect || isShared) return undefined;
  const values = new Map([
    [left.aspect, left.variation],
    [right.aspect, right.variation],
  ]);
  const example = podWith(around(base, values));
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
