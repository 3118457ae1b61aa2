import path from 'node:path';
import type { Checked, Diagnostic, Origin, Run } from '../lib/index.ts';
import { ownerName, type Owner } from '../objects/index.ts';
import type { AddonVersion } from '../catalog/index.ts';
import type { Cluster, Ground, HelmSource, ManifestSource } from '../spec/index.ts';
import type { RenderedObject } from './rendered.ts';

/** The environment that a person has set. */
export type Environment = Readonly<Record<string, string | undefined>>;

/** All that cooking needs besides the order. */
export interface Bench {
  readonly ground: Ground;
  readonly run: Run;
  readonly env: Environment;
  /** The path of a tool, found, downloaded or built the first time that it is asked for. */
  program(tool: Tool): Promise<string>;
}

/** The tools that sources may need. */
export type Tool = 'helm' | 'kustomize';

/** What one source gives, or the mistakes in it. */
export type Objects = Checked<readonly RenderedObject[]>;

/** One thing to render: a source as one cluster sees it. */
export interface Order {
  readonly owner: Owner;
  /** A source of the repository, or a version of the catalogue. */
  readonly source: ManifestSource | { readonly catalog: AddonVersion };
  /** Folder that the source is relative to, from the root. */
  readonly folder: string;
  readonly cluster: Cluster;
  readonly namespace: string;
  /** Values laid over those of the source. */
  readonly values: Readonly<Record<string, unknown>>;
  readonly at: Origin;
}

/** An order for a chart, and what the cluster serves besides Kubernetes' own: `group/version` and `group/version/Kind`. */
export interface ChartOrder extends Order {
  readonly helm: HelmSource;
  readonly apiVersions: readonly string[];
}

/** The chart that an order asks for. */
export function chartOf(order: Order): HelmSource | undefined {
  return 'catalog' in order.source ? undefined : order.source.helm;
}

/** Orders with the same key give the same objects: plain manifests anywhere, charts by version, namespace and values. */
export function orderKey(order: Order, apiVersions: readonly string[]): string {
  const { source, folder, namespace } = order;
  if ('catalog' in source) return `catalog ${source.catalog.file} ${namespace}`;
  if (source.path !== undefined) return `path ${path.posix.join(folder, source.path)}`;
  if (source.kustomize !== undefined) return `kustomize ${path.posix.join(folder, source.kustomize)}`;
  const { cluster, owner, values } = order;
  return JSON.stringify([folder, source, values, namespace, cluster.version, ownerName(owner), apiVersions]);
}

/** The result that only tells mistakes. */
export function refused(...diagnostics: readonly Diagnostic[]): Objects {
  return { value: undefined, diagnostics };
}
