import { labels, platformTenant } from '../../lib/index.ts';
import { ownerName, type KubeObject, type Manifest } from '../../objects/index.ts';
import type { Fleet, TenantNamespace, TenantOn } from '../../spec/index.ts';
import { networkOf, podGroupOf, type Network, type PodGroup } from './network.ts';

/** One cluster of a fleet as the network sees it. */
export interface NetworkPlace {
  readonly fleet: Fleet;
  readonly cluster: string;
  readonly network: Network;
  /** Pods of each App and Addon, by the owner's name. */
  readonly owned: ReadonlyMap<string, readonly PodGroup[]>;
  readonly objects: readonly KubeObject[];
}

/** What is asked about a cluster: its manifests, read once. */
export function networkPlace(fleet: Fleet, cluster: string, manifests: readonly Manifest[]): NetworkPlace {
  const owned = new Map<string, PodGroup[]>();
  for (const { object, owner } of manifests) {
    const group = podGroupOf(object);
    if (group === undefined) continue;
    const name = ownerName(owner);
    owned.set(name, [...(owned.get(name) ?? []), group]);
  }
  const objects = manifests.map((one) => one.object);
  return { fleet, cluster, network: networkOf(objects), owned, objects };
}

/** A namespace of a tenant, and where the tenant says so. */
export interface TenantSpace {
  readonly tenant: string;
  readonly on: TenantOn;
  readonly index: number;
  readonly namespace: TenantNamespace;
}

/** Whose namespace it is; undefined for the platform's. */
export function tenantSpaceOf({ fleet, cluster }: NetworkPlace, name: string): TenantSpace | undefined {
  for (const tenant of fleet.tenants.values()) {
    const on = tenant.on.get(cluster);
    const index = on?.namespaces.findIndex((one) => one.name === name) ?? -1;
    const namespace = on?.namespaces[index];
    if (on !== undefined && namespace !== undefined) return { tenant: tenant.name, on, index, namespace };
  }
  return undefined;
}

/** The tenant that a namespace is labelled with; platform for one that is not. */
export function tenantLabelOf(network: Network, namespace: string): string {
  return network.namespaces.get(namespace)?.known[labels.tenant] ?? platformTenant;
}

/** Add-ons on a cluster whose pods are a network set. */
export function addonsWithRole(
  { fleet, cluster }: NetworkPlace,
  role: string,
): readonly { readonly namespace: string; readonly pods: Readonly<Record<string, string>> }[] {
  return fleet.addons.flatMap((addon) => {
    const on = addon.on.get(cluster);
    return on?.role?.is === role ? [{ namespace: on.namespace.name, pods: on.role.pods }] : [];
  });
}
