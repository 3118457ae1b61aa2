import { at, listAt, numberAt, stringAt } from '../../lib/index.ts';
import { conditionOf, conditionsOf, fromCondition, whyOfCondition } from './conditions.ts';
import { worst, worstOf } from './worst.ts';
import { failed, healthy, progressing, unsure, type Rule } from './state.ts';
import { healthOfPhase, messageOf } from './words.ts';

type Path = readonly (string | number)[];

/** Failed, progressing or suspended when a condition is True. */
export function whenTrue(type: string, make: (why: string) => ReturnType<Rule>): Rule {
  return (object) => {
    const found = conditionOf(object, type);
    return found?.status === 'True' ? make(whyOfCondition(found)) : undefined;
  };
}

/** All of these conditions must be True: one that is not there yet, or Unknown, is waited for. */
export function need(...types: readonly string[]): Rule {
  return (object) => {
    const found = types.map((type) => conditionOf(object, type));
    const late = types.find((_, index) => found[index] === undefined);
    const health = worst(
      found.filter((one) => one !== undefined),
      object,
    );
    if (health !== undefined && health.state !== 'healthy') return health;
    return late === undefined ? health : progressing(`condition ${late} is not there yet`);
  };
}

/** As `need`, for controllers that say Unknown while they work and False only when it went wrong. */
export function needStrictly(...types: readonly string[]): Rule {
  return (object, now) => {
    const wrong = types
      .map((type) => conditionOf(object, type))
      .find((one) => one?.status === 'False' && fromCondition(one).isSuspended !== true);
    return wrong === undefined ? need(...types)(object, now) : failed(whyOfCondition(wrong));
  };
}

/** What the words of a phase mean where they mean something else than everybody's; `others`: all that nobody knows. */
export interface Words {
  readonly good?: readonly string[];
  readonly bad?: readonly string[];
  readonly busy?: readonly string[];
  readonly unsure?: readonly string[];
  readonly others?: 'progressing';
}

const meanings = { good: () => healthy(), bad: failed, busy: progressing, unsure } as const;
const lists = ['good', 'bad', 'busy', 'unsure'] as const;

/** By the field of the status that names a phase; says nothing while it is empty. */
export function phase(path: string, words: Words = {}): Rule {
  const steps = path.split('.');
  return (object) => {
    const word = stringAt(object, 'status', ...steps) ?? '';
    if (word === '') return undefined;
    const why = messageOf(object) ?? `${steps.at(-1) ?? path} is ${word}`;
    const list = lists.find((name) => words[name]?.includes(word));
    const health = list === undefined ? healthOfPhase(word, why) : meanings[list](why);
    return list === undefined && health.state === 'unknown' && words.others !== undefined
      ? progressing(why)
      : health;
  };
}

/** Failed while a field of the status holds a message. */
export function errorAt(...path: Path): Rule {
  return (object) => {
    const text = stringAt(object, 'status', ...path) ?? '';
    return text === '' ? undefined : failed(text);
  };
}

/** What a flag of the status says when it has the value. */
export function flag(path: string, value: unknown, make: Rule): Rule {
  return (object, now) =>
    at(object, 'status', ...path.split('.')) === value ? make(object, now) : undefined;
}

/** What a field of the spec says when it has the value. */
export function spec(path: string, value: unknown, make: Rule): Rule {
  return (object, now) => (at(object, 'spec', ...path.split('.')) === value ? make(object, now) : undefined);
}

/** Waits for a condition to be True, whatever the reason; says nothing when it is. */
export function waitFor(type: string): Rule {
  return (object) => {
    const found = conditionOf(object, type);
    if (found === undefined) return progressing(`condition ${type} is not there yet`);
    return found.status === 'True' ? undefined : progressing(whyOfCondition(found));
  };
}

/** The worst of those of these conditions that are there. */
export function sums(...types: readonly string[]): Rule {
  return (object) =>
    worst(
      conditionsOf(object).filter((one) => types.includes(one.type)),
      object,
    );
}

/** The worst of what the rules say about each entry of a list of the status; silent when all are healthy. */
export function entries(list: string, rule: Rule): Rule {
  return (object, now) => {
    const found = listAt(object, 'status', ...list.split('.')).flatMap(
      (entry) => rule({ ...object, status: entry }, now) ?? [],
    );
    const health = worstOf(found);
    return health?.state === 'healthy' ? undefined : health;
  };
}

/** As many ready as wanted, by two numbers of the object. */
export function counted(have: string, want: string, what: string): Rule {
  return (object) => {
    const wanted = numberAt(object, ...want.split('.'));
    const ready = numberAt(object, ...have.split('.')) ?? 0;
    if (wanted === undefined) return undefined;
    const why = `${ready} of ${wanted} ${what}`;
    return ready < wanted ? progressing(why) : healthy(why);
  };
}
