import {
  checked,
  nearest,
  problem,
  type Checked,
  type Diagnostic,
  type Origin,
  type Run,
} from '../lib/index.ts';
import { ownerName, type KubeObject, type Owner } from '../objects/index.ts';
import type { AddonVersion, Catalog } from '../catalog/index.ts';
import type { Addon, AddonOn, App, Cluster, Fleet } from '../spec/index.ts';
import { ensureAsset } from '../assets/index.ts';
import { cookAll } from './kitchen.ts';
import {
  chartOf,
  orderKey,
  type Bench,
  type Environment,
  type Objects,
  type Order,
  type Tool,
} from './order.ts';
import { servedVersions } from './served.ts';
import type { Rendered, RenderedObject, RenderedObjects } from './rendered.ts';

/**
 * Renders every App and Addon for every cluster; equal orders are rendered once. `env` says where tools and the cache are;
 * the tools themselves see none of it.
 */
export async function render(
  fleet: Fleet,
  catalog: Catalog,
  run: Run,
  env: Environment = {},
): Promise<Checked<Rendered>> {
  const table = new Table(fleet, catalog);
  for (const app of fleet.apps) table.app(app);
  for (const addon of fleet.addons) table.addon(addon);
  await table.serve({ ground: fleet, run, env, program: programs(run, env) });
  const { rendered, diagnostics } = table;
  return checked(rendered, diagnostics);
}

function programs(run: Run, env: Environment): Bench['program'] {
  const known = new Map<Tool, Promise<string>>();
  return (tool) => {
    const path = known.get(tool) ?? ensureAsset(tool, run, env);
    known.set(tool, path);
    return path;
  };
}

function soundIn(dish: Objects | undefined): readonly RenderedObject[] {
  return dish?.value ?? dish?.sound ?? [];
}

/** What a dish gives, one list for all who have it; undefined: nothing. */
function objectsIn(dish: Objects): RenderedObjects | undefined {
  if (dish.value !== undefined || dish.sound === undefined) return dish.value;
  return Object.assign([...dish.sound], { isPartial: true });
}

/** One place at the table: what one owner wants on one cluster. */
interface Seat {
  readonly order: Order;
  readonly key: string;
}

class Table {
  readonly rendered = new Map<string, Map<string, RenderedObjects>>();
  readonly diagnostics: Diagnostic[] = [];
  readonly #fleet: Fleet;
  readonly #catalog: Catalog;
  readonly #orders: Order[] = [];
  readonly #told = new Set<string>();

  constructor(fleet: Fleet, catalog: Catalog) {
    this.#fleet = fleet;
    this.#catalog = catalog;
  }

  app(app: App): void {
    const owner = { tenant: app.tenant, app: app.name };
    this.rendered.set(ownerName(owner), new Map());
    for (const [cluster, on] of app.on) {
      const { source, namespace } = on;
      const at = on.place.locate(['source'], 'key');
      const values = {};
      this.#orders.push({
        owner,
        source,
        folder: app.folder,
        namespace,
        values,
        at,
        cluster: this.#cluster(cluster),
      });
    }
  }

  addon(addon: Addon): void {
    const owner = { addon: addon.name };
    this.rendered.set(ownerName(owner), new Map());
    for (const [cluster, on] of addon.on) {
      const source = on.from === 'catalog' ? this.#inCatalog(addon, on) : on.from;
      if (source === undefined) continue;
      this.#orders.push({
        owner,
        source,
        folder: addon.folder,
        namespace: on.namespace.name,
        values: on.values,
        at: on.place.locate(['from'], 'key'),
        cluster: this.#cluster(cluster),
      });
    }
  }

  /** Charts come last: they may ask what the cluster serves, and the CRDs of everything else say that. */
  async serve(bench: Bench): Promise<void> {
    const plain = this.#seats((order) => chartOf(order) === undefined, new Map());
    const dishes = await cookAll(plain, new Map(), bench);
    const served = servedVersions(this.#objectsOn(plain, dishes));
    const charts = this.#seats((order) => chartOf(order) !== undefined, served);
    const cooked = await cookAll(charts, served, bench);
    const told = new Map<string, RenderedObjects | undefined>();
    for (const seat of [...plain, ...charts]) {
      const dish = dishes.get(seat.key) ?? cooked.get(seat.key);
      if (dish === undefined) continue;
      if (!told.has(seat.key)) this.#report(seat.order.owner, dish, seat.order.at);
      const objects = told.get(seat.key) ?? objectsIn(dish);
      told.set(seat.key, objects);
      if (objects !== undefined)
        this.rendered.get(ownerName(seat.order.owner))?.set(seat.order.cluster.name, objects);
    }
  }

  #seats(
    isWanted: (order: Order) => boolean,
    served: ReadonlyMap<string, readonly string[]>,
  ): readonly Seat[] {
    return this.#orders
      .filter(isWanted)
      .map((order) => ({ order, key: orderKey(order, served.get(order.cluster.name) ?? []) }));
  }

  // Nobody asks what a cluster serves where there is no chart.
  #objectsOn(
    seats: readonly Seat[],
    dishes: ReadonlyMap<string, Objects>,
  ): ReadonlyMap<string, readonly KubeObject[]> {
    const asking = new Set(
      this.#orders.filter((order) => chartOf(order) !== undefined).map((order) => order.cluster.name),
    );
    const on = new Map<string, KubeObject[]>([...asking].map((name) => [name, []]));
    for (const { order, key } of seats)
      on.get(order.cluster.name)?.push(...soundIn(dishes.get(key)).map((one) => one.object));
    return on;
  }

  #report(owner: Owner, dish: Objects, at: Origin): void {
    this.#tell(dish.diagnostics);
    if (dish.value?.length === 0) this.#tell([problem('TRY-RENDER-001', at, { owner: ownerName(owner) })]);
  }

  // Two orders for one chart find the same in its files.
  #tell(diagnostics: readonly Diagnostic[]): void {
    for (const one of diagnostics) {
      const text = JSON.stringify(one);
      if (!this.#told.has(text)) this.diagnostics.push(one);
      this.#told.add(text);
    }
  }

  #cluster(name: string): Cluster {
    const cluster = this.#fleet.clusters.get(name);
    if (cluster === undefined) throw new RangeError(`no cluster ${name}`);
    return cluster;
  }

  #inCatalog(addon: Addon, on: AddonOn): { readonly catalog: AddonVersion } | undefined {
    const versions = this.#catalog.addons.get(addon.name);
    const names = [...this.#catalog.addons.keys()];
    if (versions === undefined) {
      const args = {
        what: `add-on ${addon.name}`,
        known: names.join(', '),
        suggestion: nearest(addon.name, names) ?? '',
      };
      this.#tell([problem('TRY-CAT-001', on.place.locate(['from']), args)]);
      return undefined;
    }
    if (Object.keys(on.values).length > 0)
      this.#tell([problem('TRY-CAT-002', on.place.locate(['values'], 'key'), { addon: addon.name })]);
    const found =
      on.version === undefined ? versions.at(-1) : versions.find((one) => one.version === on.version);
    if (found !== undefined) return { catalog: found };
    const known = versions.map((one) => one.version);
    const args = {
      what: `${addon.name} ${on.version ?? ''}`,
      known: known.join(', '),
      suggestion: nearest(on.version ?? '', known) ?? known.at(-1) ?? '',
    };
    this.#tell([problem('TRY-CAT-001', on.place.locate(['version']), args)]);
    return undefined;
  }
}
