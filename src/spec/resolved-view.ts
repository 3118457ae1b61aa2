import { compareText, isArray, isObject, pathText, type PathStep } from '../lib/index.ts';
import { placeText } from './document.ts';
import type { Fleet, Whereabouts } from './fleet.ts';

/** One resolved value and where it came from. */
export interface ResolvedValue {
  /** `Cluster/lab`, `Tenant/shop on lab`, `App/shop/web on lab`, `Addon/metallb on lab`. */
  readonly subject: string;
  readonly cluster: string;
  /** Below spec: `pools[0].nodes.max`. */
  readonly field: string;
  /** A string as it is, anything else as JSON. */
  readonly value: string;
  /** `clusters/lab.yaml:7`, or `default`. */
  readonly from: string;
}

/** Every resolved leaf of every cluster, tenant, add-on and App, on each cluster, for `check --resolved`. */
export function resolvedView(fleet: Fleet): readonly ResolvedValue[] {
  const clusters = [...fleet.clusters.values()].flatMap(
    ({ name, labels: _labels, wave: _wave, from: _from, place, ...spec }) =>
      leaves({ subject: `Cluster/${name}`, cluster: name, place }, spec),
  );
  const tenants = [...fleet.tenants.values()].flatMap((tenant) => on(`Tenant/${tenant.name}`, tenant.on));
  const addons = fleet.addons.flatMap((addon) => on(`Addon/${addon.name}`, addon.on));
  const apps = fleet.apps.flatMap((app) => on(`App/${app.tenant}/${app.name}`, app.on));
  return [...clusters, ...tenants, ...addons, ...apps];
}

function on(
  subject: string,
  clusters: ReadonlyMap<string, { readonly place: Whereabouts }>,
): readonly ResolvedValue[] {
  return [...clusters]
    .toSorted(([left], [right]) => compareText(left, right))
    .flatMap(([cluster, { place, ...spec }]) =>
      leaves({ subject: `${subject} on ${cluster}`, cluster, place }, spec),
    );
}

interface Subject {
  readonly subject: string;
  readonly cluster: string;
  readonly place: Whereabouts;
}

function leaves(about: Subject, spec: unknown): readonly ResolvedValue[] {
  const visit = (value: unknown, path: readonly PathStep[]): readonly ResolvedValue[] => {
    const inner = entriesOf(value);
    if (inner.length > 0) return inner.flatMap(([step, item]) => visit(item, [...path, step]));
    if (value === undefined) return [];
    const { subject, cluster, place } = about;
    const from = place.isWritten(path) ? placeText(place.locate(path)) : 'default';
    const text = typeof value === 'string' ? value : JSON.stringify(value);
    return [{ subject, cluster, field: pathText(path), value: text, from }];
  };
  return visit(spec, []);
}

function entriesOf(value: unknown): readonly (readonly [PathStep, unknown])[] {
  if (isArray(value)) return value.map((item, index) => [index, item] as const);
  return isObject(value) ? Object.entries(value) : [];
}
