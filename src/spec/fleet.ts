import type { Origin } from '../lib/index.ts';
import type {
  AddonSpec,
  AppSpec,
  ClusterSpec,
  FleetSpec,
  ProfileSpec,
  TenantSpec,
  WaiverSpec,
} from './schema/index.ts';
import type { Lock } from './lock.ts';

export type Environment = FleetSpec['environments'][number];
export type NetworkSet = FleetSpec['networkSets'][string];
export type Pool = ClusterSpec['pools'][number];
export type Team = TenantSpec['teams'][number];
export type TenantNamespace = TenantSpec['namespaces'][number];
export type Limits = NonNullable<TenantNamespace['limits']>;

/** One wave and the clusters that it moves, by name. */
export interface Wave {
  readonly name: string;
  readonly clusters: readonly string[];
  readonly atOnce: string | number | undefined;
  readonly stopAfterFailures: number;
}

/** One cluster, its template merged in. */
export interface Cluster extends Omit<ClusterSpec, 'from'> {
  readonly name: string;
  readonly labels: Readonly<Record<string, string>>;
  readonly wave: string;
  readonly from: Origin;
  /** Where a part of it was written, in its own document or its template. */
  readonly place: Whereabouts;
}

/** What a tenant is on one cluster, overrides merged in. */
export interface TenantOn {
  readonly teams: readonly Team[];
  readonly namespaces: readonly TenantNamespace[];
  /** Where a part of it was written: `path` is counted from the Tenant's spec. */
  readonly place: Whereabouts;
}

/** A tenant: who has which namespaces where. */
export interface Tenant {
  readonly name: string;
  readonly paths: readonly string[];
  readonly hosts: readonly string[];
  readonly from: Origin;
  readonly on: ReadonlyMap<string, TenantOn>;
}

/** What an App is on one cluster, overrides merged in. */
export interface AppOn extends AppSpec {
  readonly place: Whereabouts;
}

/** An App, unique by tenant and name. */
export interface App {
  readonly name: string;
  readonly tenant: string;
  /** Folder of the document, relative to the repository's root: what its source is relative to. */
  readonly folder: string;
  readonly from: Origin;
  readonly on: ReadonlyMap<string, AppOn>;
}

/** What an add-on is on one cluster, overrides merged in. */
export interface AddonOn extends AddonSpec {
  readonly place: Whereabouts;
}

export interface Addon {
  readonly name: string;
  readonly folder: string;
  readonly from: Origin;
  readonly on: ReadonlyMap<string, AddonOn>;
}

export interface SecurityProfile extends ProfileSpec {
  readonly name: string;
  readonly from: Origin;
}

export interface Waiver extends WaiverSpec {
  readonly name: string;
  readonly from: Origin;
}

/** Where a resolved part was written. */
export interface Whereabouts {
  locate(path: readonly (string | number)[], part?: 'key' | 'value'): Origin;
}

/** A field that is valid and that nothing acts on yet. */
export interface Unenforced {
  /** `Fleet.spec.freezes`, `Cluster.spec.provider: eks`. */
  readonly field: string;
  /** Safety depends on it: apply refuses, except on provider sandbox. */
  readonly isSafety: boolean;
  /** Clusters that it touches. */
  readonly clusters: readonly string[];
  readonly at: Origin;
}

/** The whole repository, every reference resolved, every default filled. */
export interface Fleet {
  readonly name: string;
  readonly from: Origin;
  /** Absolute path of the repository's root. */
  readonly root: string;
  /** Folders directly below the root that stand elsewhere: name -> absolute path. */
  readonly mounts: ReadonlyMap<string, string>;
  readonly environments: readonly Environment[];
  readonly waves: readonly Wave[];
  readonly networkSets: Readonly<Record<string, NetworkSet>>;
  readonly moved: FleetSpec['moved'];
  readonly removed: FleetSpec['removed'];
  readonly clusters: ReadonlyMap<string, Cluster>;
  readonly tenants: ReadonlyMap<string, Tenant>;
  readonly profiles: ReadonlyMap<string, SecurityProfile>;
  readonly addons: readonly Addon[];
  readonly apps: readonly App[];
  readonly waivers: readonly Waiver[];
  readonly lock: Lock;
  readonly unenforced: readonly Unenforced[];
}
