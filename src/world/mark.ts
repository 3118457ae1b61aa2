import { labels } from '../lib/index.ts';
import type { KubeObject } from '../objects/index.ts';

/** True when the object carries the marks of that fleet. */
export function isMarked(object: KubeObject | undefined, fleet: string): object is KubeObject {
  return (
    object?.metadata.labels?.[labels.managed] === 'true' && object.metadata.labels[labels.fleet] === fleet
  );
}
