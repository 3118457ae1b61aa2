/**
 * The package's own door, `import { defineApp } from 'toryo'`: a fleet written in TypeScript. `fleet.ts` at the root of the
 * repository, and what it imports, call these; each call is one document, the same as a YAML file would hold. `name` (and
 * `labels` of a Cluster) stand beside the fields of `spec`.
 */
import type { z } from 'zod';
import { define, type FleetDocument } from './definitions.ts';
import type {
  addonSpec,
  appSpec,
  clusterSpec,
  fleetSpec,
  profileSpec,
  tenantSpec,
  waiverSpec,
} from './schema/index.ts';

export type { FleetDocument } from './definitions.ts';

/** A value that nobody changes afterwards. */
type Frozen<T> = T extends readonly (infer I)[]
  ? readonly Frozen<I>[]
  : T extends object
    ? { readonly [K in keyof T]: Frozen<T[K]> }
    : T;

/** A part of something, as overrides and templates write it: `null` removes, items of lists with a `name` need only it. */
type Part<T> = T extends readonly (infer I)[]
  ? I extends { name: string }
    ? readonly ({ readonly name: string } & Part<Omit<I, 'name'>>)[]
    : Frozen<T>
  : T extends object
    ? { readonly [K in keyof T]?: Part<T[K]> | null }
    : T;

type Named<Spec> = { readonly name: string } & Spec;
type Selector = z.input<typeof appSpec>['clusters'];
type Overridden<Spec, Fixed extends keyof Spec> = Frozen<Spec> & {
  readonly overrides?: readonly ({ readonly select: Frozen<Selector> } & Part<Omit<Spec, Fixed>>)[];
};

type ClusterFields = z.input<typeof clusterSpec>;

/** Input of defineFleet. */
export type FleetInput = Named<Frozen<z.input<typeof fleetSpec>>>;
/** Input of defineClusterTemplate: a Cluster’s fields, all of them optional. */
export type ClusterTemplateInput = Named<Part<Omit<ClusterFields, 'from' | 'environment'>>>;
/** Input of defineCluster: what its template does not say, or says differently. */
export type ClusterInput = Named<
  {
    readonly labels?: Readonly<Record<string, string>>;
    readonly environment: string;
    readonly from?: string;
  } & Part<Omit<ClusterFields, 'from' | 'environment'>>
>;
/** Input of defineSecurityProfile. */
export type SecurityProfileInput = Named<Frozen<z.input<typeof profileSpec>>>;
/** Input of defineTenant. */
export type TenantInput = Named<Overridden<z.input<typeof tenantSpec>, 'clusters'>>;
/** Input of defineAddon. */
export type AddonInput = Named<Overridden<z.input<typeof addonSpec>, 'clusters' | 'namespace'>>;
/** Input of defineApp. */
export type AppInput = Named<Overridden<z.input<typeof appSpec>, 'tenant' | 'clusters' | 'namespace'>>;
/** Input of defineWaiver. */
export type WaiverInput = Named<Frozen<z.input<typeof waiverSpec>>>;

const apiVersion = 'toryo.dev/v1alpha1';

function documentOf(kind: string, input: { readonly name: string }): FleetDocument {
  const { name, ...spec } = input;
  return { apiVersion, kind, metadata: { name }, spec };
}

/** The Fleet: one per repository. */
export function defineFleet(fleet: FleetInput): FleetDocument {
  return define(documentOf('Fleet', fleet));
}

/** What many clusters share. */
export function defineClusterTemplate(template: ClusterTemplateInput): FleetDocument {
  return define(documentOf('ClusterTemplate', template));
}

/** One cluster. */
export function defineCluster(cluster: ClusterInput): FleetDocument {
  const { labels, ...rest } = cluster;
  const document = documentOf('Cluster', rest);
  return define(
    labels === undefined ? document : { ...document, metadata: { ...document.metadata, labels } },
  );
}

/** What a pod may be; a field left out has its strictest value. */
export function defineSecurityProfile(profile: SecurityProfileInput): FleetDocument {
  return define(documentOf('SecurityProfile', profile));
}

/** Who has which namespaces where, and who may do what in them. */
export function defineTenant(tenant: TenantInput): FleetDocument {
  return define(documentOf('Tenant', tenant));
}

/** What the platform runs on clusters. Paths are relative to the file that calls this. */
export function defineAddon(addon: AddonInput): FleetDocument {
  return define(documentOf('Addon', addon));
}

/** Manifests that one tenant runs in one of its namespaces. Paths are relative to the file that calls this. */
export function defineApp(app: AppInput): FleetDocument {
  return define(documentOf('App', app));
}

/** A rule left out for one target until a day. */
export function defineWaiver(waiver: WaiverInput): FleetDocument {
  return define(documentOf('Waiver', waiver));
}
