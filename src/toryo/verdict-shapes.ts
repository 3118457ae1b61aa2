import type { Origin, PathStep } from '../lib/index.ts';
import type { Change, QuotaAnswer } from '../guard/index.ts';
import type { KubeObject } from '../objects/index.ts';
import type { Fleet } from '../spec/index.ts';
import type { ExplainedVerdict } from './explained.ts';

/** An object to be held against the guards of a fleet, and where it was written. */
export interface Asked {
  readonly object: KubeObject;
  readonly from: Origin;
  /** Where one of its fields was written, or the nearest above it. */
  readonly locate?: ((path: readonly PathStep[]) => Origin) | undefined;
}

/** What is to be held against the guards. */
export interface VerdictRequest {
  /** `App/shop/web`, `Addon/metallb`; every one when empty. */
  readonly owners: readonly string[];
  /** Names; every cluster when empty. */
  readonly clusters: readonly string[];
  /** Objects that are not the fleet's, instead of its own. */
  readonly objects?: readonly Asked[];
  /** Of objects that name none. */
  readonly namespace?: string | undefined;
}

/** One object and what the clusters' guards say of it; or what mistakes of the fleet keep from being judged. */
export interface ObjectVerdict {
  /** `Pod/shop-web/web`; `App/shop/web`, `Cluster/lab` of what was not judged. */
  readonly title: string;
  /** Undefined: it is a document of the fleet with mistakes, which are told with their places. */
  readonly from: Origin | undefined;
  /** Undefined: it is not the fleet's. */
  readonly owner: string | undefined;
  /** Clusters on which this is the verdict. */
  readonly clusters: readonly string[];
  readonly verdict: ExplainedVerdict;
  /** What would mend it; undefined: it is not refused. */
  readonly change: Change | undefined;
}

/** Verdicts, with the fleet that they are of. */
export interface FleetVerdicts {
  readonly fleet: Fleet;
  readonly verdicts: readonly ObjectVerdict[];
  /** Quotas that cannot hold all that is to be in their namespaces. */
  readonly quotas: readonly FullQuota[];
  /** How many of the objects that were asked are nothing to be held: no pods, no Services. */
  readonly passedOver: number;
}

/** A quota that is too small, and of what. */
export interface FullQuota {
  readonly namespace: string;
  readonly quota: string;
  readonly clusters: readonly string[];
  readonly sums: QuotaAnswer['sums'];
}
