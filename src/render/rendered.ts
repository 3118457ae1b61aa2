import type { Origin } from '../lib/index.ts';
import type { KubeObject } from '../objects/index.ts';

/** One object as its source says it, and the line that does. */
export interface RenderedObject {
  readonly object: KubeObject;
  readonly from: Origin;
}

/** What each App and Addon renders to on each cluster: owner's name -> cluster -> objects. Owners that failed are missing. */
export type Rendered = ReadonlyMap<string, ReadonlyMap<string, readonly RenderedObject[]>>;
