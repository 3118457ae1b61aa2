import { listAt, numberAt, stringAt } from '../../lib/index.ts';
import type { KubeObject } from '../manifest.ts';
import { conditionsIn, conditionsOf, fromCondition, whyOfCondition, type Condition } from './conditions.ts';
import { failed, healthy, progressing, type Health } from './state.ts';
import { worstOf } from './worst.ts';

/** What is refused stays so until somebody changes it; `Programmed` is the only one that takes time. */
const refusals = new Set(['Accepted', 'ResolvedRefs']);
const asked = new Set([...refusals, 'Programmed', 'Ready']);

/**
 * Gateway API: a gateway and its listeners, or what each gateway (parent, ancestor) says about a route or policy. `Programmed`
 * covers the address: a Gateway without one is not programmed. Says nothing about objects of another shape.
 */
export function byGatewayApi(object: KubeObject): Health | undefined {
  // Kafka has listeners too, without conditions.
  const listeners = listAt(object, 'status', 'listeners').filter(
    (one) => listAt(one, 'conditions').length > 0,
  );
  const named = ['parents', 'ancestors'].find((field) => listOf(object, field) !== undefined);
  if (named === undefined && listeners.length === 0) return undefined;
  const parts = named === undefined ? listeners : current(object, listAt(object, 'status', named));
  if (named !== undefined && parts.length === 0) return progressing('no gateway has looked at it yet');
  const found = [
    ...(named === undefined ? conditionsOf(object).map((one) => ofCondition(one, object)) : []),
    ...parts.map((part) => ofPart(part, object)),
  ];
  return worstOf(found);
}

function listOf(object: KubeObject, field: string): readonly unknown[] | undefined {
  const status = object['status'];
  return typeof status === 'object' && status !== null && field in status ? listAt(status, field) : undefined;
}

// A controller that has seen this generation leaves entries of gateways behind that are no longer asked for.
function current(object: KubeObject, parts: readonly unknown[]): readonly unknown[] {
  const generation = numberAt(object, 'metadata', 'generation') ?? 0;
  const isFresh = (part: unknown): boolean =>
    conditionsIn(listAt(part, 'conditions')).every(
      (one) => (one.observedGeneration ?? generation) >= generation,
    );
  const controllers = new Set(parts.filter(isFresh).map((part) => stringAt(part, 'controllerName')));
  return parts.filter((part) => isFresh(part) || !controllers.has(stringAt(part, 'controllerName')));
}

function ofPart(part: unknown, object: KubeObject): Health {
  const conditions = conditionsIn(listAt(part, 'conditions'));
  if (conditions.length === 0) return progressing(`${nameOf(part)} has not looked at it yet`);
  const health = worstOf(conditions.map((one) => ofCondition(one, object))) ?? healthy();
  return health.state === 'healthy' ? health : { ...health, why: `${nameOf(part)}: ${health.why}` };
}

function nameOf(part: unknown): string {
  const listener = stringAt(part, 'name');
  if (listener !== undefined) return `listener ${listener}`;
  return stringAt(part, 'parentRef', 'name') ?? stringAt(part, 'ancestorRef', 'name') ?? 'its gateway';
}

function ofCondition(one: Condition, object: KubeObject): Health {
  if (!asked.has(one.type)) return healthy();
  const generation = numberAt(object, 'metadata', 'generation') ?? 0;
  if ((one.observedGeneration ?? generation) < generation)
    return progressing('its controller has not seen the change yet');
  return one.status === 'False' && refusals.has(one.type) ? failed(whyOfCondition(one)) : fromCondition(one);
}
