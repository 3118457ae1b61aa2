import type { Instant, Known, ToryoError } from '../lib/index.ts';
import type { KubeObject, RefKey } from '../objects/index.ts';
import type { Inventory } from './inventory.ts';

/** What the server says it would store, or why it would not. */
export interface Prediction {
  /**
   * dry-run: by the server; stand-in: by the server, in another namespace; managed-fields: what is there is what was applied
   * and is wanted again, so there is nothing to ask; schema, nothing: not by the server.
   */
  readonly by: 'dry-run' | 'stand-in' | 'managed-fields' | 'schema' | 'nothing';
  readonly object?: KubeObject;
  readonly refused?: string;
  /** `manager: field` of every field that somebody else owns. */
  readonly conflicts?: readonly string[];
  /** The writer's rights were checked by the API server; otherwise offline only. */
  readonly hasRights: boolean;
}

/** Which cluster this is, by its own word. */
export interface Identity {
  readonly fleet: string;
  readonly cluster: string;
}

/** One cluster at one moment, as far as one bundle is concerned. */
export interface ClusterWorld {
  readonly cluster: string;
  readonly version: string;
  /** uid of the kube-system namespace: a cluster that was replaced has another. */
  readonly uid: string;
  readonly identity: Identity | undefined;
  /** By owner's name; unknown when one cannot be read: then nothing may be pruned. */
  readonly inventories: Known<ReadonlyMap<string, Inventory>>;
  readonly live: ReadonlyMap<RefKey, Known<KubeObject | undefined>>;
  readonly predicted: ReadonlyMap<RefKey, Prediction>;
}

/** What a cluster is for a plan: read, not there yet, or not to be read. */
export type Observation =
  | { readonly is: 'there'; readonly world: ClusterWorld }
  | { readonly is: 'absent' }
  | { readonly is: 'unknown'; readonly why: ToryoError };

/** All clusters of a plan. */
export interface World {
  readonly at: Instant;
  readonly clusters: ReadonlyMap<string, Observation>;
}
