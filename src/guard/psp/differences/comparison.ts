import { at, stringsAt } from '../../../lib/index.ts';
import type { PodParts } from '../../../objects/index.ts';
import { defaultedPod } from '../evaluation.ts';
import { podWith, weightOf, type Aspect, type Ground, type Variation } from './aspect.ts';
import { confinementAspects } from './confinement.ts';
import { identityAspects } from './identity.ts';
import { nodeAspects, windows } from './node.ts';
import { privilegeAspects } from './privileges.ts';
import { sidesOf, type Answer, type Sides } from './verdicts.ts';

/** Everything that policies and profiles look at; each pod's answer is that of all aspects together. */
export const everyAspect: readonly Aspect[] = [
  ...privilegeAspects,
  ...identityAspects,
  ...confinementAspects,
  ...nodeAspects,
];

/** stricter: the policies let it in and the profile does not; looser: the other way. */
export type Direction = 'stricter' | 'looser';

/** A class of pods that policies and a profile answer differently, and one of them. */
export interface Difference {
  readonly aspect: string;
  readonly direction: Direction;
  /** What the side that refuses says of the example. */
  readonly refusals: readonly string[];
  /** A pod that one side lets in and the other refuses, saying as little as possible. */
  readonly example: PodParts;
  /** Every value that is answered so, as `casesOf` writes them. */
  readonly cases: readonly string[];
  /** Where it takes two values to be answered so: those of the other one. */
  readonly together?: readonly string[];
}

/** What differs between policies and a profile; empty lists: nothing does. */
export interface Comparison {
  readonly differences: readonly Difference[];
  /** How many pods were asked about. */
  readonly asked: number;
  /** False: the policies let no pod in at all. */
  readonly isUsable: boolean;
}

/** The values of a pod that answers can depend on. */
function casesOf(pod: PodParts, ground: Ground): readonly string[] {
  const whole = defaultedPod(pod);
  return everyAspect.flatMap((aspect) => casesIn(aspect, whole, ground));
}

/** The cases of one aspect; the pod has its defaults. */
export function casesIn(aspect: Aspect, whole: PodParts, ground: Ground): readonly string[] {
  const system = isWindows(whole) ? 'windows ' : '';
  return aspect.cases(whole, ground).map((one) => `${system}${aspect.name}: ${one}`);
}

/** True when one of the differences speaks of a pod that is answered differently in that direction. */
export function isCovered(
  pod: PodParts,
  ground: Ground,
  found: readonly Pick<Difference, 'direction' | 'cases' | 'together'>[],
  direction: Direction,
): boolean {
  const own = new Set(casesOf(pod, ground));
  const hasOneOf = (cases: readonly string[] | undefined): boolean =>
    cases === undefined || cases.some((each) => own.has(each));
  return found.some((one) => one.direction === direction && hasOneOf(one.cases) && hasOneOf(one.together));
}

/**
 * What differs, found by asking both sides about every value of every aspect, alone and on Windows, around a pod that says nothing
 * else; aspects are made so that fields which act on each other are varied together.
 */
export function comparisonOf(ground: Ground): Comparison {
  const both = sidesOf(ground);
  const whole = new Search(ground, both, ground.policies.length < 2 ? ['stricter', 'looser'] : ['looser']);
  const searches = [whole, ...eachAlone(ground, both)];
  for (const search of searches) for (const system of [[], [windows]]) search.look(system);
  const found = searches.flatMap((search) => search.found());
  return {
    differences: folded(merged(found)).map(differenceOf),
    asked: searches.reduce((sum, search) => sum + search.asked, 0),
    isUsable: searches.some((search) => search.isUsable),
  };
}

/** What is let in by several policies is what any of them lets in: each is asked by itself what the profile refuses of it. */
function eachAlone(ground: Ground, both: Sides): readonly Search[] {
  if (ground.policies.length < 2) return [];
  return ground.policies.map((policy) => {
    const { policies } = sidesOf({ ...ground, policies: [policy] });
    return new Search(ground, { policies, profile: both.profile }, ['stricter']);
  });
}

/** Classes of several searches, those of one kind put together. */
function merged(found: readonly Found[]): readonly Found[] {
  const byKind = Map.groupBy(found, (one) => `${one.direction} ${one.aspect} ${one.rules.join(' ')}`);
  return [...byKind.values()].flatMap((all) => {
    const [plainest] = all.toSorted((left, right) => weightOf(left.example) - weightOf(right.example));
    const cases = new Set(all.flatMap((one) => [...one.cases]));
    return plainest === undefined ? [] : [{ ...plainest, cases }];
  });
}

function differenceOf({ aspect, direction, example, answer, cases }: Found): Difference {
  const refusals = [...new Set(answer.map(({ sentence }) => sentence))];
  return { aspect, direction, example, refusals, cases: [...cases] };
}

interface Found {
  readonly aspect: string;
  readonly direction: Direction;
  readonly rules: readonly string[];
  readonly answer: Answer;
  readonly example: PodParts;
  readonly cases: ReadonlySet<string>;
}

/** The pod that is varied, for each side. */
type Base = Readonly<Record<keyof Sides, readonly Variation[]>>;

class Search {
  asked = 0;
  isUsable = true;
  readonly #ground: Ground;
  readonly #sides: Sides;
  readonly #keeps: readonly Direction[];
  readonly #variations: readonly (readonly Variation[])[];
  readonly #found = new Map<string, Found>();

  constructor(ground: Ground, sides: Sides, keeps: readonly Direction[]) {
    this.#ground = ground;
    this.#sides = sides;
    this.#keeps = keeps;
    this.#variations = everyAspect.map((aspect) => aspect.variations(ground));
  }

  look(system: readonly Variation[]): void {
    const base = this.#base(system);
    const isOpen = (['policies', 'profile'] as const).map((side) => this.#ask(side, base[side]).length === 0);
    if (system.length === 0) this.isUsable = isOpen[0] === true;
    // Where a side takes no pod of the system, that is the difference, whatever else a pod says.
    const isShut = system.length > 0 && isOpen.includes(false);
    for (const [index, aspect] of everyAspect.entries())
      for (const variation of this.#variations[index] ?? [])
        this.#compare(aspect, index, variation, { ...base, isShut });
  }

  found(): readonly Found[] {
    return [...this.#found.values()];
  }

  #ask(side: keyof Sides, parts: readonly Variation[]): Answer {
    this.asked += 1;
    return this.#sides[side](podWith(parts));
  }

  /** The plainest pod that both sides let in; where there is none, the plainest of each. */
  #base(system: readonly Variation[]): Base {
    const joint = this.#descend(system, ['policies', 'profile']);
    const isCommon = (['policies', 'profile'] as const).every((side) => this.#ask(side, joint).length === 0);
    return isCommon
      ? { policies: joint, profile: joint }
      : {
          policies: this.#descend(system, ['policies']),
          profile: this.#descend(system, ['profile']),
        };
  }

  /** Aspect by aspect the first value that is refused least: answers about one do not depend on the others. */
  #descend(system: readonly Variation[], sides: readonly (keyof Sides)[]): readonly Variation[] {
    const chosen: Variation[] = everyAspect.map(() => ({}));
    const countOf = (): number =>
      sides.reduce((sum, side) => sum + this.#ask(side, [...system, ...chosen]).length, 0);
    let least = countOf();
    for (const [index, variations] of this.#variations.entries()) {
      if (least === 0) break;
      let best: Variation = {};
      for (const variation of variations) {
        chosen[index] = variation;
        const count = countOf();
        if (count < least) [least, best] = [count, variation];
      }
      chosen[index] = best;
    }
    return [...system, ...chosen];
  }

  #compare(
    aspect: Aspect,
    index: number,
    variation: Variation,
    base: Base & { readonly isShut: boolean },
  ): void {
    const offset = base.policies.length - everyAspect.length;
    const varied = (parts: readonly Variation[]): readonly Variation[] => [
      ...parts.filter((_one, place) => place !== index + offset),
      variation,
    ];
    const [forPolicies, forProfile] = [varied(base.policies), varied(base.profile)];
    const policies = this.#ask('policies', forPolicies);
    const profile = this.#ask('profile', forProfile);
    if ((policies.length === 0) === (profile.length === 0)) return;
    const direction = policies.length === 0 ? 'stricter' : 'looser';
    if (!this.#keeps.includes(direction)) return;
    const example = podWith(direction === 'stricter' ? forPolicies : forProfile);
    const one = { direction, answer: [...policies, ...profile], example } as const;
    this.#add(aspect, { ...one, ...(base.isShut ? onWindows : kindOf(aspect.name, one)) });
  }

  #add(varied: Aspect, one: Omit<Found, 'cases'>): void {
    const { aspect, rules } = one;
    const key = `${one.direction} ${aspect} ${rules.join(' ')}`;
    const own = casesIn(varied, defaultedPod(one.example), this.#ground);
    const before = this.#found.get(key);
    const cases = new Set([...(before?.cases ?? []), ...own]);
    const isPlainer = before === undefined || weightOf(one.example) < weightOf(before.example);
    this.#found.set(key, isPlainer ? { ...one, cases } : { ...before, cases });
  }
}

const onWindows: Pick<Found, 'aspect' | 'rules'> = { aspect: 'Windows pods', rules: [] };

/** Classes of people's words: what is refused by the same rules of the same aspect is one. */
function kindOf(
  name: string,
  { answer, example }: Pick<Found, 'answer' | 'example'>,
): Pick<Found, 'aspect' | 'rules'> {
  const rules = [...new Set(answer.map(({ rule }) => rule))].toSorted();
  if (rules.includes('windows')) return onWindows;
  if (isAnnotated(example)) return { aspect: 'seccomp annotations', rules: [] };
  // What a profile's rule says, Pod Security often says again.
  const own = rules.filter((rule) => rule.startsWith('TRY-'));
  return { aspect: name, rules: own.length > 0 ? own : rules };
}

/** What is refused for two reasons of which each is a class of its own is no third. */
function folded(found: readonly Found[]): readonly Found[] {
  const isPartOf = (small: Found, large: Found): boolean =>
    small !== large &&
    small.aspect === large.aspect &&
    small.direction === large.direction &&
    small.rules.length < large.rules.length &&
    small.rules.every((rule) => large.rules.includes(rule));
  const kept = found.filter((large) => !found.some((small) => isPartOf(small, large)));
  return kept.map((small) => {
    const larger = found.filter((large) => isPartOf(small, large));
    return { ...small, cases: new Set([...small.cases, ...larger.flatMap((one) => [...one.cases])]) };
  });
}

function isAnnotated({ metadata }: PodParts): boolean {
  return Object.keys(stringsAt(metadata, 'annotations')).some((key) =>
    key.includes('seccomp.security.alpha'),
  );
}

function isWindows({ spec }: PodParts): boolean {
  return at(spec, 'os', 'name') === 'windows';
}
