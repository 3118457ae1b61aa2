import { numberAt } from '../../lib/index.ts';
import type { KubeObject } from '../manifest.ts';
import { fromCondition, type Condition } from './conditions.ts';
import { progressing, type Health } from './state.ts';

const order = ['failed', 'progressing', 'unknown', 'healthy'];

/** The worst of what conditions say that should all be True; undefined without any. */
export function worst(conditions: readonly Condition[], object: KubeObject): Health | undefined {
  const generation = numberAt(object, 'metadata', 'generation');
  const found = conditions.map((one) =>
    (one.observedGeneration ?? Infinity) < (generation ?? 0)
      ? progressing('its controller has not seen the change yet')
      : fromCondition(one),
  );
  return found.find(({ isSuspended }) => isSuspended) ?? worstOf(found);
}

/** The worst of several healths: failed before progressing before unknown before healthy. */
export function worstOf(found: readonly Health[]): Health | undefined {
  return [...found].sort((left, right) => order.indexOf(left.state) - order.indexOf(right.state))[0];
}
