import type { Instant, Known, ToryoError } from '../lib/index.ts';
import type { KubeObject, RefKey } from '../objects/index.ts';
import type { ClusterConsent } from './consent-record.ts';
import type { Inventory } from './inventory.ts';

/** A field that somebody else has, and what is wanted of it. */
export interface FieldClaim {
  /** `spec.template.spec.containers[web].image` */
  readonly path: string;
  /** The field manager, or the autoscaler (`HorizontalPodAutoscaler/web`). */
  readonly manager: string;
  /** RFC 3339: when that manager wrote last. */
  readonly time?: string;
  /** What is there; hidden in Secrets. */
  readonly value: unknown;
  readonly wanted: unknown;
}

/** What is to be written where that is not just the manifest's object. */
export interface Sending {
  /** Without what is left to others, with what would be reset if it were left out. */
  readonly object: KubeObject;
  /** Managers whose fields become ours first: the object is adopted. */
  readonly inherits: ReadonlySet<string>;
}

/** What the server says it would store, or why it would not. */
export interface Prediction {
  /**
   * dry-run: by the server; stand-in: by the server, in another namespace; managed-fields: what is there is what was applied
   * and is wanted again, so there is nothing to ask; schema, nothing: not by the server.
   */
  readonly by: 'dry-run' | 'stand-in' | 'managed-fields' | 'schema' | 'nothing';
  readonly object?: KubeObject;
  readonly refused?: string;
  /** Fields of others that would be taken, that would be left to them, and for which nothing is written. */
  readonly taken?: readonly FieldClaim[];
  readonly left?: readonly FieldClaim[];
  readonly stopped?: readonly FieldClaim[];
  readonly send?: Sending;
  /** Others added to what is wholly ours: its spec is put in place of the one that is there, before it is applied. */
  readonly replaces?: true;
  /** What the server warned about: Pod Security, deprecated versions. */
  readonly warnings?: readonly string[];
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
  /** Objects of ours that somebody took the mark from, with the name of the owner whose inventory lists them. */
  readonly unmarked?: ReadonlyMap<RefKey, string>;
  /** Every ResourceQuota, when it was asked for. */
  readonly quotas?: Known<readonly KubeObject[]>;
  /** Who may approve changes here, by the fleet that was applied last, and what was approved. */
  readonly consent?: Known<ClusterConsent>;
  /** True: nothing but reading was tried, and what could not be read is unknown. */
  readonly isReadOnly?: boolean;
  /** Every claim by namespace, where something is removed and its data kept; undefined: nobody asked. */
  readonly claims?: Known<ReadonlyMap<string, readonly KubeObject[]>>;
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
