import type { Origin, PathStep } from '../lib/index.ts';
import type { KubeObject } from '../objects/index.ts';

/** One object as its source says it, and the line that does. */
export interface RenderedObject {
  readonly object: KubeObject;
  readonly from: Origin;
  /** Where one of its fields stands, or the nearest above it; only where the source is read as it is written. */
  readonly locate?: ((path: readonly PathStep[]) => Origin) | undefined;
}

/** The objects of one source. */
export interface RenderedObjects extends ReadonlyArray<RenderedObject> {
  /** Some more are there, and have mistakes. */
  readonly isPartial?: boolean;
}

/** What each App and Addon renders to on each cluster: owner's name -> cluster -> objects. Owners that failed are missing. */
export type Rendered = ReadonlyMap<string, ReadonlyMap<string, RenderedObjects>>;
