import type { Origin } from '../lib/index.ts';
import type { KubeObject } from '../objects/index.ts';

/** One object as its source says it, and the line that does. */
export interface RenderedObject {
  readonly object: KubeObject;
  readonly from: Origin;
}

/** The objects of one source. */
export interface RenderedObjects extends ReadonlyArray<RenderedObject> {
  /** Some more are there, and have mistakes. */
  readonly isPartial?: boolean;
}

/** What each App and Addon renders to on each cluster: owner's name -> cluster -> objects. Owners that failed are missing. */
export type Rendered = ReadonlyMap<string, ReadonlyMap<string, RenderedObjects>>;
