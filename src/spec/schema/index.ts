import { z } from 'zod';
import { apiVersion } from '../../lib/index.ts';
import { addonSpec } from './addon.ts';
import { appSpec } from './app.ts';
import { clusterSpec, clusterTemplateShape } from './cluster.ts';
import { field, labelMap, nameText, selector } from './field.ts';
import { fleetSpec } from './fleet.ts';
import { examplesOf, patchOf, shapeOf } from './patch.ts';
import { profileSpec } from './profile.ts';
import { tenantSpec } from './tenant.ts';
import { waiverSpec } from './waiver.ts';

/** Every kind of document, in the order in which people meet them. */
export const kinds = [
  'Fleet',
  'ClusterTemplate',
  'Cluster',
  'SecurityProfile',
  'Tenant',
  'Addon',
  'App',
  'Waiver',
] as const;

export type Kind = (typeof kinds)[number];

/** One sentence per kind, for references and editors. */
export const kindDescriptions: Readonly<Record<Kind, string>> = {
  Fleet: 'One per repository: environments, waves, freezes and address pools.',
  ClusterTemplate: 'What many clusters share; a version bump here moves all of them in waves.',
  Cluster: 'One cluster: its template, environment and place.',
  SecurityProfile: 'What a pod may be; a field left out has its strictest value.',
  Tenant: 'Who has which namespaces on which clusters, and who may do what in them.',
  Addon: 'What the platform runs on clusters.',
  App: 'Manifests that one tenant runs in one of its namespaces.',
  Waiver: 'A rule left out for one target until a day.',
};

/** The smallest spec of each kind, for references and editors. */
const smallest: Readonly<Record<Kind, unknown>> = {
  Fleet: { environments: [{ name: 'production' }], waves: [{ name: 'all', select: 'all' }] },
  ClusterTemplate: { provider: 'eks', version: '1.35' },
  Cluster: { from: 'eks-standard', environment: 'production' },
  SecurityProfile: { readOnlyRootFilesystem: false },
  Tenant: { clusters: 'all', namespaces: [{ name: 'shop-web', profile: 'restricted' }] },
  Addon: { from: 'catalog', clusters: 'all', namespace: { name: 'metallb-system', profile: 'restricted' } },
  App: { tenant: 'shop', namespace: 'shop-web', clusters: 'all', source: { path: 'manifests' } },
  Waiver: {
    rule: 'TRY-SEC-012',
    target: { app: 'shop/web' },
    reason: 'rebuilt in January',
    owner: 'shop-dev',
    expires: '2027-01-31',
  },
};

/** Fields that overrides may not change. */
const fixedFields = ['tenant', 'namespace', 'clusters'] as const;

/** An overrides entry: which clusters, and the fields that differ there. */
function overridesOf(spec: z.ZodObject): z.ZodType {
  const shape: Record<string, z.ZodType> = {
    select: field(selector, 'Clusters that the entry holds for.', { environment: 'production' }),
  };
  for (const [key, value] of shapeOf(spec)) {
    const isFixed = fixedFields.some((fixed) => fixed === key);
    const patched = z.exactOptional(patchOf(value).nullable());
    if (!isFixed) shape[key] = field(patched, value.description ?? '', ...examplesOf(value));
  }
  return field(
    z.array(z.strictObject(shape)).default([]),
    'What differs on some clusters: every matching entry, in order, later wins.',
    [{ select: { environment: 'production' } }],
  );
}

const metadata = z.strictObject({ name: field(nameText, 'Name of the document.', 'shop') });
const labelledMetadata = z.strictObject({
  name: field(nameText, 'Name of the cluster.', 'shop-tokyo'),
  labels: field(labelMap.default({}), 'Labels for selectors.', { product: 'shop' }),
});

const documentOf = (kind: Kind, spec: z.ZodType, meta: z.ZodType = metadata): z.ZodObject =>
  z
    .strictObject({
      apiVersion: field(z.literal(apiVersion), 'Version of the format.', apiVersion),
      kind: field(z.literal(kind), 'Kind of the document.', kind),
      metadata: field(meta, 'Name and labels.', { name: 'shop' }),
      spec: field(spec, kindDescriptions[kind], smallest[kind]),
    })
    .meta({ title: kind, description: kindDescriptions[kind] });

/** What a file holds, by kind: the input form, before templates and overrides are merged. */
export const documentSchemas: Readonly<Record<Kind, z.ZodObject>> = {
  Fleet: documentOf('Fleet', fleetSpec),
  ClusterTemplate: documentOf('ClusterTemplate', patchOf(clusterTemplateShape)),
  Cluster: documentOf('Cluster', clusterInput(), labelledMetadata),
  SecurityProfile: documentOf('SecurityProfile', profileSpec),
  Tenant: documentOf('Tenant', z.strictObject({ ...tenantSpec.shape, overrides: overridesOf(tenantSpec) })),
  Addon: documentOf('Addon', z.strictObject({ ...addonSpec.shape, overrides: overridesOf(addonSpec) })),
  App: documentOf('App', z.strictObject({ ...appSpec.shape, overrides: overridesOf(appSpec) })),
  Waiver: documentOf('Waiver', waiverSpec),
};

function clusterInput(): z.ZodType {
  const shape: Record<string, z.ZodType> = {};
  for (const [key, value] of shapeOf(clusterSpec)) {
    const isRequired = key === 'environment';
    shape[key] = isRequired
      ? value
      : field(z.exactOptional(patchOf(value).nullable()), value.description ?? '', ...examplesOf(value));
  }
  return z.strictObject(shape);
}

export { addonSpec, type AddonSpec } from './addon.ts';
export { appSpec, type AppSpec } from './app.ts';
export { clusterSpec, type ClusterSpec } from './cluster.ts';
export { fleetSpec, type FleetSpec } from './fleet.ts';
export type { GateSpec } from './gate.ts';
export { profileSpec, type ProfileSpec } from './profile.ts';
export { manifestSource, type HelmSource, type ManifestSource } from './source.ts';
export { tenantSpec, type TenantSpec } from './tenant.ts';
export { waiverSpec, type WaiverSpec } from './waiver.ts';
