import path from 'node:path';
import {
  isClean,
  nearest,
  problem,
  type Checked,
  type Diagnostic,
  type Origin,
  type Run,
} from '../lib/index.ts';
import { ownerName, type Owner } from '../objects/index.ts';
import type { AddonVersion, Catalog } from '../catalog/index.ts';
import type { Addon, AddonOn, App, Cluster, Fleet, ManifestSource } from '../spec/index.ts';
import { readManifests, readPlain } from './plain.ts';
import type { Rendered, RenderedObject } from './rendered.ts';

type Objects = Checked<readonly RenderedObject[]>;

/** One thing to render: a source as one cluster sees it. */
export interface Order {
  readonly owner: Owner;
  readonly source: ManifestSource;
  /** Folder that the source is relative to, from the root. */
  readonly folder: string;
  readonly cluster: Cluster;
  readonly namespace: string;
  /** Values laid over the chart's own. */
  readonly values: Readonly<Record<string, unknown>>;
  readonly at: Origin;
}

/** Renders every App and Addon for every cluster; equal orders are rendered once. */
export async function render(fleet: Fleet, catalog: Catalog, run: Run): Promise<Checked<Rendered>> {
  const kitchen = new Kitchen(fleet, catalog, run);
  for (const app of fleet.apps) await kitchen.app(app);
  for (const addon of fleet.addons) await kitchen.addon(addon);
  const { rendered, diagnostics } = kitchen;
  return { value: isClean(diagnostics) ? rendered : undefined, diagnostics };
}

class Kitchen {
  readonly rendered = new Map<string, ReadonlyMap<string, readonly RenderedObject[]>>();
  readonly diagnostics: Diagnostic[] = [];
  readonly #fleet: Fleet;
  readonly #catalog: Catalog;
  readonly #run: Run;
  readonly #done = new Map<string, Promise<Objects>>();

  constructor(fleet: Fleet, catalog: Catalog, run: Run) {
    this.#fleet = fleet;
    this.#catalog = catalog;
    this.#run = run;
  }

  async app(app: App): Promise<void> {
    const owner = { tenant: app.tenant, app: app.name };
    const served = new Map<string, readonly RenderedObject[]>();
    for (const [cluster, on] of app.on) {
      const at = on.place.locate(['source'], 'key');
      await this.#serve(served, {
        owner,
        source: on.source,
        folder: app.folder,
        namespace: on.namespace,
        values: {},
        at,
        cluster: this.#cluster(cluster),
      });
    }
    this.#put(owner, served);
  }

  async addon(addon: Addon): Promise<void> {
    const owner = { addon: addon.name };
    const served = new Map<string, readonly RenderedObject[]>();
    for (const [cluster, on] of addon.on) {
      const at = on.place.locate(['from'], 'key');
      if (on.from === 'catalog') this.#fromCatalog(served, addon, on, cluster);
      else
        await this.#serve(served, {
          owner,
          source: on.from,
          folder: addon.folder,
          namespace: on.namespace.name,
          values: on.values,
          at,
          cluster: this.#cluster(cluster),
        });
    }
    this.#put(owner, served);
  }

  #cluster(name: string): Cluster {
    const cluster = this.#fleet.clusters.get(name);
    if (cluster === undefined) throw new RangeError(`no cluster ${name}`);
    return cluster;
  }

  #put(owner: Owner, served: ReadonlyMap<string, readonly RenderedObject[]>): void {
    this.rendered.set(ownerName(owner), served);
  }

  async #serve(served: Map<string, readonly RenderedObject[]>, order: Order): Promise<void> {
    const key = orderKey(order);
    const isFirst = !this.#done.has(key);
    const cooking = this.#done.get(key) ?? cook(this.#fleet.root, order, this.#run);
    this.#done.set(key, cooking);
    const result = await cooking;
    if (isFirst) this.#report(order.owner, result, order.at);
    if (result.value !== undefined) served.set(order.cluster.name, result.value);
  }

  #report(owner: Owner, result: Objects, at: Origin): void {
    this.diagnostics.push(...result.diagnostics);
    if (result.value?.length === 0)
      this.diagnostics.push(problem('TRY-RENDER-001', at, { owner: ownerName(owner) }));
  }

  #fromCatalog(
    served: Map<string, readonly RenderedObject[]>,
    addon: Addon,
    on: AddonOn,
    cluster: string,
  ): void {
    const found = this.#inCatalog(addon, on);
    if (found === undefined) return;
    const text = found.text.replaceAll('$(namespace)', on.namespace.name);
    const read = readManifests(text, found.file);
    this.diagnostics.push(...read.diagnostics);
    if (read.value !== undefined) served.set(cluster, read.value);
  }

  #inCatalog(addon: Addon, on: AddonOn): AddonVersion | undefined {
    const versions = this.#catalog.addons.get(addon.name);
    const names = [...this.#catalog.addons.keys()];
    const at = on.place.locate(['from']);
    if (versions === undefined) {
      this.diagnostics.push(
        problem('TRY-CAT-001', at, {
          what: `add-on ${addon.name}`,
          known: names.join(', '),
          suggestion: nearest(addon.name, names) ?? '',
        }),
      );
      return undefined;
    }
    if (Object.keys(on.values).length > 0)
      this.diagnostics.push(
        problem('TRY-CAT-002', on.place.locate(['values'], 'key'), { addon: addon.name }),
      );
    const found =
      on.version === undefined ? versions.at(-1) : versions.find((one) => one.version === on.version);
    if (found === undefined) {
      const known = versions.map((one) => one.version);
      const args = {
        what: `${addon.name} ${on.version ?? ''}`,
        known: known.join(', '),
        suggestion: nearest(on.version ?? '', known) ?? known.at(-1) ?? '',
      };
      this.diagnostics.push(problem('TRY-CAT-001', on.place.locate(['version']), args));
    }
    return found;
  }
}

// Plain manifests are the same everywhere; a chart may ask for the cluster's version and the release's namespace.
function orderKey(order: Order): string {
  const { source, folder } = order;
  if (source.path !== undefined) return `path ${path.posix.join(folder, source.path)}`;
  if (source.kustomize !== undefined) return `kustomize ${path.posix.join(folder, source.kustomize)}`;
  return JSON.stringify([
    folder,
    source,
    order.values,
    order.namespace,
    order.cluster.version,
    ownerName(order.owner),
  ]);
}

async function cook(root: string, order: Order, _run: Run): Promise<Objects> {
  const { source, folder } = order;
  if (source.path !== undefined) return readPlain(root, path.posix.join(folder, source.path));
  const kind = Object.keys(source)[0] ?? '';
  return { value: undefined, diagnostics: [problem('TRY-RENDER-003', order.at, { source: kind })] };
}
