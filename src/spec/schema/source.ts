import { z } from 'zod';
import { field, isRecord } from './field.ts';

/** A Helm chart: a folder of the repository, or a registry's chart whose digest stands in toryo.lock. */
export const helmSource = z.strictObject({
  chart: field(
    z.string(),
    'Folder of the chart, relative to this file, or `oci://…`.',
    'chart',
    'oci://registry.example.com/charts/web',
  ),
  version: field(z.string().exactOptional(), 'Version of a chart from a registry.', '1.4.2'),
  release: field(
    z.string().exactOptional(),
    'Release name; the name of the App or Addon when left out.',
    'web',
  ),
  values: field(z.record(z.string(), z.unknown()).exactOptional(), 'Values given to the chart.', {
    replicaCount: 3,
  }),
});

const alternatives = {
  path: field(
    z.string().exactOptional(),
    'Folder or file of plain manifests, relative to this file.',
    'manifests',
  ),
  kustomize: field(
    z.string().exactOptional(),
    'Folder of a kustomization, relative to this file.',
    'overlays/production',
  ),
  helm: field(helmSource.exactOptional(), 'A Helm chart and its values.', { chart: 'chart' }),
  oci: field(
    z.string().exactOptional(),
    'Manifests from a registry; the digest stands in toryo.lock.',
    'oci://registry.example.com/web-manifests:1.4',
  ),
};

/** Where manifests come from: exactly one of path, kustomize, helm, oci. */
export const manifestSource = z
  .strictObject(alternatives)
  .refine((source) => Object.keys(source).length === 1, { error: 'one-source', when: isRecord })
  .meta({ minProperties: 1, maxProperties: 1 });

export type ManifestSource = z.infer<typeof manifestSource>;
export type HelmSource = z.infer<typeof helmSource>;
