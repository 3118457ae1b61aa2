import { listed, platformTenant } from '../lib/index.ts';
import { ownerName } from '../objects/index.ts';
import type { Addon, App, Fleet, HiddenSpot } from '../spec/index.ts';
import type { Sources } from './workload.ts';

/** A cluster of a fleet, and what its Apps and Addons render to. */
interface Place {
  readonly fleet: Fleet;
  readonly sources: Sources;
  readonly cluster: string;
  readonly apps: readonly App[];
  /** Namespace -> its tenant; all others are the platform's. */
  readonly tenants: ReadonlyMap<string, string>;
}

/** Namespaces of a cluster of which it is not known, for mistakes, all that is to be in them. */
export function hiddenIn(place: Place): (namespace: string) => boolean {
  const { fleet, cluster, tenants } = place;
  const left = (fleet.leftOut?.spots ?? []).filter(({ cluster: on = cluster }) => on === cluster);
  const spots = [...left, ...unrendered(place)];
  return (namespace) => {
    const owner = tenants.get(namespace) ?? platformTenant;
    return spots.some(
      ({ tenant = owner, namespace: name = namespace }) => tenant === owner && name === namespace,
    );
  };
}

/** Where what did not render, or not all of it, would run. */
function unrendered({ fleet, sources, cluster, apps }: Place): readonly HiddenSpot[] {
  const isLost = (name: string): boolean => {
    const objects = sources.get(name)?.get(cluster);
    return objects === undefined || objects.isPartial === true;
  };
  const addonOn = ({ name, on }: Addon): boolean => on.has(cluster) && isLost(ownerName({ addon: name }));
  return [
    ...(fleet.addons.some(addonOn) ? [{ tenant: platformTenant }] : []),
    ...apps
      .filter(({ tenant, name }) => isLost(ownerName({ tenant, app: name })))
      .map(({ tenant, on }) => {
        const namespace = on.get(cluster)?.namespace;
        return tenant === platformTenant || namespace === undefined ? { tenant } : { tenant, namespace };
      }),
  ];
}

/** Namespaces whose quotas were not held against what is to be in them: `shop-web on cluster lab, tokyo`. */
export function namespacesText(clusters: ReadonlyMap<string, readonly string[]>): string {
  const groups = Map.groupBy(clusters, ([, on]) => listed(on));
  return [...groups]
    .map(([on, names]) => `${listed(names.map(([name]) => name))} on cluster ${on}`)
    .join(', and ');
}
