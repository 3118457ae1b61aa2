import type { Origin } from '../lib/index.ts';
import type { KubeObject } from '../objects/index.ts';
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
  /** Milliseconds that everything must stay healthy before the next wave begins. */
  readonly soak: number | undefined;
  readonly gates: readonly Gate[];
}

/** What a gate asks. */
export type GateQuestion =
  | {
      readonly kind: 'prometheus';
      readonly url: string;
      readonly query: string;
      /** Every sample must be: `< 0.01`. */
      readonly is: string;
      /** Variable of the environment that holds the bearer token. */
      readonly bearer: string | undefined;
    }
  | {
      readonly kind: 'http';
      readonly url: string;
      readonly status: number;
      readonly contains: string | undefined;
      readonly bearer: string | undefined;
    }
  | {
      readonly kind: 'job';
      /** Path of the manifest, from the repository's root. */
      readonly file: string;
      readonly manifest: KubeObject;
    };

/** What must hold after the clusters of a wave are healthy; `gateOn` fills its variables for one cluster. */
export interface Gate {
  readonly name: string;
  readonly ask: 'each-cluster' | 'once';
  /** Milliseconds until it is asked again. */
  readonly every: number;
  /** Milliseconds that it may take to pass. */
  readonly timeout: number;
  readonly question: GateQuestion;
}

/** Whole days in which nothing new starts on some clusters. */
export interface ResolvedFreeze {
  readonly name: string;
  /** `2026-12-28`, inclusive. */
  readonly from: string;
  /** `2027-01-04`, exclusive. */
  readonly to: string;
  /** IANA name. */
  readonly timezone: string;
  /** Names. */
  readonly clusters: readonly string[];
}

/** Times outside of which nothing starts on some clusters. */
export interface ResolvedWindow {
  readonly days: FleetSpec['windows'][number]['days'];
  /** `10:00`; one that is later than `to` closes on the next day, an equal one is the whole day. */
  readonly from: string;
  readonly to: string;
  /** IANA name. */
  readonly timezone: string;
  /** Names. */
  readonly clusters: readonly string[];
}

/** Who may approve changes in an environment. */
export interface ApproverKeys {
  /** SSH public keys, `ssh-ed25519 AAAA… comment`, each key once. */
  readonly keys: readonly string[];
  /** How many of them must. */
  readonly atLeast: number;
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

/** A profile that a document of the fleet says. */
export interface PlacedProfile extends SecurityProfile {
  /** Where a part of it was written: `path` is counted from its spec. */
  readonly place: Whereabouts;
}

export interface Waiver extends WaiverSpec {
  readonly name: string;
  /** Milliseconds from the time at which the fleet was read until it expires. */
  readonly lasts: number;
  readonly from: Origin;
  /** Where a part of its spec was written. */
  readonly locate: Whereabouts['locate'];
}

/** Where a resolved part was written. */
export interface Whereabouts {
  locate(path: readonly (string | number)[], part?: 'key' | 'value'): Origin;
  /** True when it is written somewhere; otherwise it is a default. */
  isWritten(path: readonly (string | number)[]): boolean;
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

/** What is known of a Waiver with mistakes; no `locate`: it could not be read. */
export interface DoubtfulWaiver {
  readonly rule: string | undefined;
  readonly target: Waiver['target'];
  readonly locate?: Whereabouts['locate'];
}

/** Where something may run that mistakes hide; what is left out may be any. */
export interface HiddenSpot {
  readonly cluster?: string;
  readonly tenant?: string;
  readonly namespace?: string;
}

/** What is missing in a fleet because of mistakes: nothing is concluded from its absence. */
export interface LeftOut {
  /** Documents, `App/shop/web`; `App/web` of one that could not be read, none of what says no name. */
  readonly titles: readonly string[];
  /** Waivers that might let something in, were they right: what is known of them. */
  readonly waivers: readonly DoubtfulWaiver[];
  /** File names of toryo.lock that could not be read. */
  readonly lockFiles: ReadonlySet<string>;
  /** Of Apps and add-ons. */
  readonly spots: readonly HiddenSpot[];
  /** Clusters on which quotas of Tenants may be missing. */
  readonly promises: ReadonlySet<string>;
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
  /** By environment; those without `approvers` are left out. */
  readonly approverKeys: ReadonlyMap<string, ApproverKeys>;
  readonly waves: readonly Wave[];
  readonly freezes: readonly ResolvedFreeze[];
  readonly windows: readonly ResolvedWindow[];
  /** Limits of what one change may delete, as they are written. */
  readonly prune: FleetSpec['prune'];
  readonly networkSets: Readonly<Record<string, NetworkSet>>;
  readonly ownership: FleetSpec['ownership'];
  readonly moved: FleetSpec['moved'];
  readonly removed: FleetSpec['removed'];
  readonly clusters: ReadonlyMap<string, Cluster>;
  readonly tenants: ReadonlyMap<string, Tenant>;
  readonly profiles: ReadonlyMap<string, PlacedProfile>;
  readonly addons: readonly Addon[];
  readonly apps: readonly App[];
  readonly waivers: readonly Waiver[];
  readonly lock: Lock;
  readonly unenforced: readonly Unenforced[];
  /** Undefined: the fleet has no mistakes. */
  readonly leftOut?: LeftOut;
}
