import {
  canonical,
  checked,
  compareText,
  identityName,
  platformTenant,
  problem,
  systemNamespace,
  isPlatformNamespace,
  oncePerCause,
  warning,
  type Checked,
  type Diagnostic,
} from '../lib/index.ts';
import {
  customScopes,
  keyOf,
  markOf,
  ownerName,
  refOf,
  titleOf,
  withLabels,
  type CustomScopes,
  type KubeObject,
  type Manifest,
  type Owner,
} from '../objects/index.ts';
import type { Addon, App, Cluster, Fleet, Tenant, TenantOn, Waiver } from '../spec/index.ts';
import { accessObjects } from './access.ts';
import { approversObjects } from './approvers.ts';
import { CustomResources } from './custom-resources.ts';
import { boundsDiagnostics } from './bounds.ts';
import { bundleDigest, ownerDigests, type Bundle, type Infrastructure } from './bundle.ts';
import { missingDigests, pinsOf } from './digests.ts';
import { guardingObjects, guardingsOn, type Guarding } from './guarding.ts';
import { namespaceObject, platformNamespaceObject, systemNamespaceObject } from './namespaces.ts';
import { networkObjects } from './network.ts';
import { openedNetworks } from './opened-networks.ts';
import { hiddenIn } from './hidden-sums.ts';
import { quotaObjects } from './quota.ts';
import { judgedOn, RefusedPods } from './refused-pods.ts';
import { clusterRoles } from './roles.ts';
import { unjudgedIn, withUnjudged, type Unjudged } from './unjudged.ts';
import { UsedWaivers } from './used-waivers.ts';
import { compileWorkload, intrusions, type SourceObjects, type Sources, type Workload } from './workload.ts';

/** How a fleet is compiled. */
export interface Manner {
  /** `as-written`: no image gets the digest of toryo.lock, and none is missed: what `toryo lock` starts from. */
  readonly images?: 'locked' | 'as-written';
}

/** One Bundle per cluster, in the order of the Fleet's clusters; where there are mistakes, as far as they are sound. */
export function compile(fleet: Fleet, sources: Sources, manner: Manner = {}): Checked<readonly Bundle[]> {
  const compiler = new Compiler(fleet, sources, manner);
  const bundles = [...fleet.clusters.values()].map((cluster) => compiler.bundle(cluster));
  const missing = manner.images === 'as-written' ? [] : missingDigests(fleet, bundles);
  const found = [
    ...compiler.diagnostics,
    ...compiler.waiverMistakes(),
    ...unenforcedNetworks(fleet),
    ...missing,
  ];
  return checked(bundles, withUnjudged(oncePerCause(found), fleet, compiler.unjudged()));
}

class Compiler {
  readonly diagnostics: Diagnostic[] = [];
  readonly #refusedPods: RefusedPods;
  readonly #customResources = new CustomResources();
  readonly #unheld = new Set<string>();
  readonly #unsummed = new Map<string, string[]>();
  readonly #waivers: UsedWaivers;
  readonly #fleet: Fleet;
  readonly #sources: Sources;
  readonly #manner: Manner;
  readonly #scopes: CustomScopes;
  readonly #newest: string | undefined;
  /** Clusters for which an App says and renders the same share its manifests. */
  readonly #workloads = new WeakMap<object, Map<SourceObjects, Map<string, readonly Manifest[]>>>();

  readonly #apps: ReadonlyMap<string, readonly App[]>;
  readonly #tenantsOn: ReadonlyMap<string, readonly Tenant[]>;

  constructor(fleet: Fleet, sources: Sources, manner: Manner) {
    this.#fleet = fleet;
    this.#manner = manner;
    this.#sources = sources;
    this.#refusedPods = new RefusedPods(fleet);
    this.#waivers = new UsedWaivers(fleet);
    this.#apps = byCluster(fleet.apps);
    this.#tenantsOn = byCluster([...fleet.tenants.values()]);
    this.#scopes = customScopes(everyObject(sources));
    this.#newest = newestVersion([...fleet.clusters.values()]);
  }

  bundle(cluster: Cluster): Bundle {
    const apps = this.#workloadsOn(cluster);
    const guardings = guardingsOn({ fleet: this.#fleet, cluster, workloads: apps }, this.diagnostics);
    const workloads = [...apps, ...this.#addonNamespaces(guardings, cluster)];
    this.#noteUnheld(guardings, cluster);
    const manifests = [
      ...this.#platform(cluster, workloads, guardings),
      ...this.#tenants(cluster, guardings),
      ...workloads,
    ];
    const sorted = manifests.toSorted((left, right) => compareText(sortKey(left), sortKey(right)));
    const tenants = tenantsOfNamespaces(this.#tenantsOn.get(cluster.name) ?? [], cluster.name);
    const isHidden = this.#hiddenIn(sorted, { cluster: cluster.name, tenants });
    // Of the bundle's own list: who asks later gets the same guards.
    const judged = judgedOn(cluster, sorted);
    this.#waivers.on(guardings, { cluster, manifests, judged });
    this.diagnostics.push(
      ...twoOwners(manifests, cluster.name),
      ...intrusions(workloads, tenants),
      ...this.#refusedPods.on(cluster, judged),
      ...boundsDiagnostics({
        cluster: cluster.name,
        version: cluster.version,
        manifests: sorted,
        guardings,
        isHidden,
      }),
      ...openedNetworks(cluster.name, manifests),
      ...this.#customResources.on(cluster, manifests),
    );
    const infrastructure = infrastructureOf(cluster);
    const owners = ownerDigests(sorted);
    return {
      cluster: cluster.name,
      version: cluster.version,
      digest: bundleDigest(cluster.name, infrastructure, owners),
      infrastructure,
      manifests: sorted,
      owners,
      needs: this.#needs(cluster.name),
    };
  }

  /** Mistakes of Waivers, once every cluster was compiled. */
  waiverMistakes(): readonly Diagnostic[] {
    return this.#waivers.mistakes();
  }

  /** What is in the fleet and could not be looked at. */
  unjudged(): Unjudged {
    const { hasDoubts } = this.#refusedPods;
    const found = { unheld: this.#unheld, unsummed: this.#unsummed, hasDoubts };
    return unjudgedIn(this.#fleet, this.#sources, found);
  }

  /** Namespaces of which something is hidden by mistakes; notes those whose quotas are not summed up for that. */
  #hiddenIn(
    manifests: readonly Manifest[],
    { cluster, tenants }: { readonly cluster: string; readonly tenants: ReadonlyMap<string, string> },
  ): (namespace: string) => boolean {
    const apps = this.#appsOn(cluster);
    const isHidden = hiddenIn({ fleet: this.#fleet, sources: this.#sources, cluster, apps, tenants });
    const limited = manifests.filter(({ object }) => object.kind === 'ResourceQuota');
    for (const name of new Set(limited.map(({ object }) => object.metadata.namespace ?? '')))
      if (isHidden(name)) this.#unsummed.set(name, [...(this.#unsummed.get(name) ?? []), cluster]);
    return isHidden;
  }

  /** Apps whose namespace has mistakes: what guards it is not known. */
  #noteUnheld(guardings: ReadonlyMap<string, Guarding>, cluster: Cluster): void {
    if (this.#fleet.leftOut === undefined) return;
    for (const { name, tenant, on } of this.#appsOn(cluster.name)) {
      const wish = guardings.get(on.get(cluster.name)?.namespace ?? '')?.wish;
      const isHeld = tenant === platformTenant || wish?.tenant === tenant;
      if (!isHeld) this.#unheld.add(ownerName({ tenant, app: name }));
    }
  }

  #appsOn(cluster: string): readonly App[] {
    return this.#apps.get(cluster) ?? [];
  }

  #needs(cluster: string): ReadonlyMap<string, readonly string[]> {
    const apps = this.#appsOn(cluster).map(
      (app) => [ownerName({ tenant: app.tenant, app: app.name }), app.on.get(cluster)?.needs ?? []] as const,
    );
    const addons = this.#fleet.addons.map(
      (addon) => [ownerName({ addon: addon.name }), addon.on.get(cluster)?.needs ?? []] as const,
    );
    return new Map([...apps, ...addons].filter(([, needs]) => needs.length > 0));
  }

  #platform(
    cluster: Cluster,
    workloads: readonly Manifest[],
    guardings: ReadonlyMap<string, Guarding>,
  ): readonly Manifest[] {
    const shipped = new Set(
      workloads.filter((one) => one.object.kind === 'Namespace').map((one) => one.object.metadata.name),
    );
    const used = this.#appsOn(cluster.name)
      .filter((app) => app.tenant === platformTenant)
      .flatMap((app) => app.on.get(cluster.name)?.namespace ?? []);
    const namespaces = [...new Set(used)].filter((name) => !isPlatformNamespace(name) && !shipped.has(name));
    const identity = {
      apiVersion: 'v1',
      kind: 'ConfigMap',
      metadata: { name: identityName, namespace: systemNamespace },
      data: { cluster: cluster.name, fleet: this.#fleet.name },
    };
    const objects = [
      systemNamespaceObject(cluster.version),
      identity,
      ...approversObjects(this.#fleet, cluster),
      ...namespaces.map(platformNamespaceObject),
      ...clusterRoles(),
      ...guardingObjects(guardings, cluster, this.#fleet.from),
    ];
    return this.#owned(objects, { tenant: platformTenant }, this.#fleet.from);
  }

  #tenants(cluster: Cluster, guardings: ReadonlyMap<string, Guarding>): readonly Manifest[] {
    return (this.#tenantsOn.get(cluster.name) ?? []).flatMap((tenant) => {
      const on = tenant.on.get(cluster.name);
      return on === undefined
        ? []
        : this.#owned(
            this.#tenantObjects(tenant, on, { cluster, guardings }),
            { tenant: tenant.name },
            tenant.from,
          );
    });
  }

  #tenantObjects(
    tenant: Tenant,
    on: TenantOn,
    where: { readonly cluster: Cluster; readonly guardings: ReadonlyMap<string, Guarding> },
  ): readonly KubeObject[] {
    const { cluster, guardings } = where;
    const context = { fleet: this.#fleet, cluster: cluster.name, tenant: tenant.name, on };
    const spaces = on.namespaces.flatMap((namespace) => {
      const guarding = guardings.get(namespace.name);
      return [
        ...(guarding === undefined ? [] : [namespaceObject(guarding, cluster)]),
        ...quotaObjects(namespace),
        ...networkObjects(namespace, context, this.diagnostics),
      ];
    });
    return [...spaces, ...accessObjects(tenant.name, on)];
  }

  #owned(objects: readonly KubeObject[], owner: Owner, from: Manifest['from']): readonly Manifest[] {
    const mark = markOf(owner, this.#fleet.name);
    return objects.map((object) => ({ object: withLabels(object, mark), from, owner }));
  }

  #workloadsOn(cluster: Cluster): readonly Manifest[] {
    const apps = this.#appsOn(cluster.name).flatMap((app) => this.#app(app, cluster));
    const addons = this.#fleet.addons.flatMap((addon) => this.#addon(addon, cluster));
    return [...apps, ...addons];
  }

  #app(app: App, cluster: Cluster): readonly Manifest[] {
    const owner = { tenant: app.tenant, app: app.name };
    const on = app.on.get(cluster.name);
    const sources = this.#sources.get(ownerName(owner))?.get(cluster.name);
    if (on === undefined || sources === undefined) return [];
    const tenant = this.#fleet.tenants.get(on.tenant)?.on.get(cluster.name);
    const namespace = tenant?.namespaces.find((one) => one.name === on.namespace);
    const isPlatform = app.tenant === platformTenant;
    const isPlaced = isPlatform || namespace !== undefined;
    const manifests = this.#shared({ key: on, sources, namespace }, () => ({
      owner,
      hasOwnNetwork: !isPlaced || namespace?.network === 'own',
      isPlatform,
      namespace: on.namespace,
      images: on.images,
      without: on.without,
      place: on.place,
    }));
    // A namespace with mistakes: what else is there, and what holds there, is not known.
    return isPlaced ? manifests : [];
  }

  #addon(addon: Addon, cluster: Cluster): readonly Manifest[] {
    const owner = { addon: addon.name };
    const on = addon.on.get(cluster.name);
    const sources = this.#sources.get(ownerName(owner))?.get(cluster.name);
    if (on === undefined || sources === undefined) return [];
    return this.#shared({ key: on, sources, namespace: on.namespace }, () => ({
      owner,
      hasOwnNetwork: true,
      isPlatform: true,
      namespace: on.namespace.name,
      images: {},
      without: on.without,
      place: on.place,
    }));
  }

  #addonNamespaces(guardings: ReadonlyMap<string, Guarding>, cluster: Cluster): readonly Manifest[] {
    return this.#fleet.addons.flatMap((addon) => {
      const name = addon.on.get(cluster.name)?.namespace.name;
      const guarding = name === undefined ? undefined : guardings.get(name);
      const isRendered = this.#sources.get(ownerName({ addon: addon.name }))?.has(cluster.name) === true;
      if (guarding === undefined || !isRendered) return [];
      return this.#owned([namespaceObject(guarding, cluster)], { addon: addon.name }, addon.from);
    });
  }

  #shared(
    { key, sources, namespace }: Shared,
    workload: () => Omit<Workload, 'fleet' | 'newest' | 'scopes' | 'waived' | 'profile' | 'pins'>,
  ): readonly Manifest[] {
    const made = this.#workloads.get(key) ?? new Map<SourceObjects, Map<string, readonly Manifest[]>>();
    this.#workloads.set(key, made);
    const bySpace = made.get(sources) ?? new Map<string, readonly Manifest[]>();
    made.set(sources, bySpace);
    // What of its namespace an App's manifests depend on.
    const { profile = '', serviceAccounts = {} } = namespace ?? {};
    const one = workload();
    const space = canonical([profile, serviceAccounts, one.hasOwnNetwork]);
    const known = bySpace.get(space);
    if (known !== undefined) return known;
    const whole = {
      ...one,
      fleet: this.#fleet.name,
      newest: this.#newest,
      scopes: this.#scopes,
      waived: waivedFor(this.#fleet, one.owner),
      profile: (account: string) => this.#fleet.profiles.get(serviceAccounts[account] ?? profile),
      pins: this.#manner.images === 'as-written' ? {} : pinsOf(this.#fleet, one.owner),
    };
    const manifests = compileWorkload(sources, whole, this.diagnostics);
    bySpace.set(space, manifests);
    return manifests;
  }
}

/** What manifests of an App or Addon are made from. */
interface Shared {
  readonly key: object;
  readonly sources: SourceObjects;
  readonly namespace:
    | { readonly profile: string; readonly serviceAccounts: Readonly<Record<string, string>> }
    | undefined;
}

/** What is on each cluster, in one walk: 500 clusters do not ask 10,000 Apps each. */
function byCluster<T extends { readonly on: ReadonlyMap<string, unknown> }>(
  all: readonly T[],
): ReadonlyMap<string, readonly T[]> {
  const lists = new Map<string, T[]>();
  for (const one of all) {
    for (const cluster of one.on.keys()) {
      const list = lists.get(cluster);
      if (list === undefined) lists.set(cluster, [one]);
      else list.push(one);
    }
  }
  return lists;
}

/** Rules that an owner's objects may break; also those that a Waiver with mistakes may be meant for. */
function waivedFor(fleet: Fleet, owner: Owner): ReadonlySet<string> {
  const name = ownerName(owner).replace(/^App\//, '');
  const isIts = ({ target }: Pick<Waiver, 'target'>): boolean => target.app === name;
  const doubtful = (fleet.leftOut?.waivers ?? []).filter((one) => one.target.app === undefined || isIts(one));
  return new Set([
    ...fleet.waivers.filter(isIts).map(({ rule }) => rule),
    ...doubtful.map(({ rule = 'TRY-OBJ-005' }) => rule),
  ]);
}

function everyObject(sources: Sources): readonly KubeObject[] {
  const lists = new Set([...sources.values()].flatMap((on) => [...on.values()]));
  return [...lists].flatMap((list) => list.map((one) => one.object));
}

function sortKey(manifest: Manifest): string {
  return `${ownerName(manifest.owner)} ${keyOf(refOf(manifest.object))}`;
}

function tenantsOfNamespaces(tenants: readonly Tenant[], cluster: string): ReadonlyMap<string, string> {
  const entries = tenants.flatMap((tenant) =>
    (tenant.on.get(cluster)?.namespaces ?? []).map((one) => [one.name, tenant.name] as const),
  );
  return new Map(entries);
}

/** Two manifests for one object: told at the later one, naming the other. */
function twoOwners(manifests: readonly Manifest[], cluster: string): readonly Diagnostic[] {
  const first = new Map<string, Manifest>();
  return manifests.flatMap((manifest) => {
    const ref = refOf(manifest.object);
    const key = keyOf(ref);
    const other = first.get(key);
    first.set(key, other ?? manifest);
    if (other === undefined) return [];
    const place = `${ownerName(other.owner)} (${other.from.file}:${other.from.line})`;
    const args = { object: titleOf(ref), owner: ownerName(manifest.owner), cluster, other: place };
    return [problem('TRY-OBJ-004', manifest.from, args)];
  });
}

function infrastructureOf(cluster: Cluster): Infrastructure {
  if (cluster.provider !== 'sandbox') return { kind: 'none' };
  return {
    kind: 'sandbox',
    version: cluster.version ?? '',
    zones: cluster.sandbox?.zones ?? 3,
    pools: cluster.pools,
  };
}

function unenforcedNetworks(fleet: Fleet): readonly Diagnostic[] {
  const used = new Set([...fleet.tenants.values()].flatMap((tenant) => [...tenant.on.keys()]));
  const names = [...fleet.clusters.values()]
    .filter((cluster) => used.has(cluster.name) && cluster.networkPolicies !== 'enforced')
    .map((cluster) => cluster.name);
  return names.length === 0 ? [] : [warning('TRY-NET-001', fleet.from, { clusters: names.join(', ') })];
}

function newestVersion(clusters: readonly Cluster[]): string | undefined {
  const minor = ({ version }: Cluster) => Number(version?.split('.')[1] ?? 0);
  return clusters.toSorted((left, right) => minor(right) - minor(left))[0]?.version;
}
