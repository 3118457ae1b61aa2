import { isArray, objectAt } from '../../../lib/index.ts';
import { containersOf, contextOf } from '../pod.ts';
import { both, choices, flags, product, type Aspect, type Ground, type Variation } from './aspect.ts';

type Field = 'runAsUser' | 'runAsGroup' | 'supplementalGroups' | 'fsGroup' | 'hostPorts';
type Ranges = readonly { readonly min: number; readonly max: number }[];

/** Every list of ranges that somebody has for a field. */
export function rangesOf({ policies, profile }: Ground, field: Field): readonly Ranges[] {
  const of = (one: Ground['profile'] | Ground['policies'][number]): Ranges =>
    field === 'hostPorts' ? one.hostPorts : one[field].ranges;
  return [...policies.map(of), of(profile)];
}

/** The case of a number: nothing, 0, or in which ranges it is. */
export function numberCase(value: unknown, ranges: readonly Ranges[]): string {
  if (typeof value !== 'number') return 'none';
  const inside = ranges.map((list) => list.some(({ min, max }) => min <= value && value <= max));
  return `${value === 0 ? '0' : ''}${flags(...inside)}`;
}

/** One number of each case: the ends of ranges and their neighbours. */
export function numbersFor(ranges: readonly Ranges[], extra: readonly number[]): readonly number[] {
  const ends = ranges.flat().flatMap(({ min, max }) => [min, max, min - 1, max + 1]);
  const byCase = new Map<string, number>();
  for (const number of [...extra, ...ends].filter((one) => one >= 0)) {
    const found = numberCase(number, ranges);
    if (!byCase.has(found)) byCase.set(found, number);
  }
  return [...byCase.values()];
}

const numbers = (ground: Ground, field: Field): readonly number[] =>
  numbersFor(rangesOf(ground, field), [1000, 0]);

const truths = [true, false];

const user: Aspect = {
  name: 'user',
  variations: (ground) =>
    product<Variation>(
      choices('context', 'runAsNonRoot', truths),
      choices('own', 'runAsNonRoot', truths),
      choices('context', 'runAsUser', numbers(ground, 'runAsUser')),
      choices('own', 'runAsUser', numbers(ground, 'runAsUser')),
    ).map((parts) => both(...parts)),
  cases: (pod, ground) => {
    const ranges = rangesOf(ground, 'runAsUser');
    const said = (context: unknown): string => {
      const { runAsNonRoot, runAsUser } = objectAt(context);
      return `${String(runAsNonRoot)} ${numberCase(runAsUser, ranges)}`;
    };
    return containersOf(pod).map((one) => `${said(contextOf(pod))}/${said(one.context)}`);
  },
};

const group: Aspect = {
  name: 'group',
  variations: (ground) =>
    product<Variation>(
      choices('context', 'runAsGroup', numbers(ground, 'runAsGroup')),
      choices('own', 'runAsGroup', numbers(ground, 'runAsGroup')),
    ).map((parts) => both(...parts)),
  cases: (pod, ground) => {
    const ranges = rangesOf(ground, 'runAsGroup');
    const whole = numberCase(contextOf(pod)['runAsGroup'], ranges);
    return containersOf(pod).map((one) => `${whole}/${numberCase(one.context['runAsGroup'], ranges)}`);
  },
};

const supplemental: Aspect = {
  name: 'supplemental groups',
  variations: (ground) =>
    choices(
      'context',
      'supplementalGroups',
      numbers(ground, 'supplementalGroups').map((one) => [one]),
    ),
  cases: (pod, ground) => {
    const found = contextOf(pod)['supplementalGroups'];
    const ranges = rangesOf(ground, 'supplementalGroups');
    return isArray(found) && found.length > 0 ? found.map((one) => numberCase(one, ranges)) : ['none'];
  },
};

const fsGroup: Aspect = {
  name: 'group of volumes',
  variations: (ground) => choices('context', 'fsGroup', numbers(ground, 'fsGroup')),
  cases: (pod, ground) => [numberCase(contextOf(pod)['fsGroup'], rangesOf(ground, 'fsGroup'))],
};

/** As whom a pod runs. */
export const identityAspects: readonly Aspect[] = [user, group, supplemental, fsGroup];
