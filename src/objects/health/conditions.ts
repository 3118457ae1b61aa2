import { at, listAt, numberAt, stringAt } from '../../lib/index.ts';
import type { KubeObject } from '../manifest.ts';
import { failed, healthy, progressing, suspended, type Health } from './state.ts';
import { isBad, tellsError } from './words.ts';

/** One condition of a status. */
export interface Condition {
  readonly type: string;
  readonly status: string;
  readonly reason: string;
  readonly message: string;
  /** The generation it was written for, where its controller says so. */
  readonly observedGeneration: number | undefined;
}

/** The conditions in a list of them, wherever it stands. */
export function conditionsIn(list: readonly unknown[]): readonly Condition[] {
  return list.map((one) => ({
    type: stringAt(one, 'type') ?? '',
    // Some controllers write true for "True".
    status: statusText(at(one, 'status')),
    reason: stringAt(one, 'reason') ?? '',
    message: stringAt(one, 'message') ?? '',
    observedGeneration: numberAt(one, 'observedGeneration'),
  }));
}

function statusText(status: unknown): string {
  if (typeof status === 'boolean') return status ? 'True' : 'False';
  return typeof status === 'string' ? status : 'Unknown';
}

/** Every condition of an object's status. */
export function conditionsOf(object: KubeObject): readonly Condition[] {
  return conditionsIn(listAt(object, 'status', 'conditions'));
}

/** The condition of a type; undefined when it is not there. */
export function conditionOf(object: KubeObject, type: string): Condition | undefined {
  return conditionsOf(object).find((one) => one.type === type);
}

/** Why a condition is as it is: its message, else its reason, else its type and status. */
export function whyOfCondition(one: Condition): string {
  return one.message || one.reason || `${one.type} is ${one.status}`;
}

/** What it means that a condition which should be True is as it is. */
export function fromCondition(one: Condition): Health {
  if (one.status === 'True') return healthy();
  if (/^(.*paused|.*suspended|stopped)$/i.test(one.reason)) return suspended(whyOfCondition(one));
  const isFailure = one.status === 'False' && (isBad(one.reason || one.message) || tellsError(one.message));
  return isFailure ? failed(whyOfCondition(one)) : progressing(whyOfCondition(one));
}
