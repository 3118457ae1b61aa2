import { at, isString, listAt, platformTenant } from '../lib/index.ts';
import type { SaidAddon, SaidApp, TenantsOn } from './app-rules.ts';
import { selectableOf, type ResolvedCluster } from './clusters.ts';
import type { SourceDocument } from './document.ts';
import type { HiddenSpot } from './fleet.ts';
import type { Registry, Unread } from './registry.ts';
import { selector } from './schema/field.ts';
import { isSelected, mayBeSelected, type Choice } from './selection.ts';
import type { SaidTenant } from './tenant-rules.ts';
import { hasVariable } from './variables.ts';

/** What is known of a fleet with mistakes. */
export interface Known {
  readonly documents: readonly SourceDocument[];
  readonly unread: readonly Unread[];
  readonly registry: Registry;
  readonly choice: Choice<ResolvedCluster>;
  readonly tenants: readonly SaidTenant[];
  readonly apps: readonly SaidApp[];
  readonly addons: readonly SaidAddon[];
  /** Documents that the fleet is made from. */
  readonly kept: ReadonlySet<SourceDocument>;
}

/** Where Apps and add-ons may be meant to run that the fleet lacks, or has in a place that is not there. */
export function hiddenSpots(known: Known): readonly HiddenSpot[] {
  const tenantsOn: TenantsOn = new Map(known.tenants.map((one) => [one.document.name, one.on]));
  const addons = new Map(known.addons.map((one) => [one.document, one.on]));
  const apps = new Map(known.apps.map((one) => [one.document, one.on]));
  const ofPlatform = (cluster: string): HiddenSpot => ({ cluster, tenant: platformTenant });
  return [
    ...known.unread.flatMap((one) => unreadSpots(one, known.registry)),
    ...ofKind('Addon', known).flatMap((document) =>
      unheardOn(document, known, addons.get(document)).map(ofPlatform),
    ),
    ...ofKind('App', known).flatMap((document) => {
      const on = apps.get(document) ?? new Map<string, never>();
      return appSpots({ document, on }, known, tenantsOn);
    }),
  ];
}

/** Of an App that is heard: where it is in a place that is not there. */
function appSpots({ document, on }: SaidApp, known: Known, tenantsOn: TenantsOn): readonly HiddenSpot[] {
  const lost = new Set(unheardOn(document, known, on));
  return [...lost.union(new Set(on.keys()))].flatMap((cluster) => {
    const said = on.get(cluster)?.value ?? writtenPlace(document);
    const spot = { cluster, ...rightPart(said, tenantsOn, { cluster, registry: known.registry }) };
    const isPlaced = spot.namespace !== undefined || spot.tenant === platformTenant;
    return isPlaced && !lost.has(cluster) ? [] : [spot];
  });
}

/** Clusters on which quotas of Tenants may be missing. */
export function hiddenPromises(known: Known, contested: ReadonlySet<string>): ReadonlySet<string> {
  const names = known.choice.clusters.map(({ name }) => name);
  if (known.unread.some(({ kind }) => kind === 'Tenant')) return new Set(names);
  const said = new Map(known.tenants.map((one) => [one.document, one.on]));
  return new Set([
    ...ofKind('Tenant', known).flatMap((document) => unheardOn(document, known, said.get(document))),
    ...known.tenants.flatMap(({ on }) =>
      [...on].flatMap(([cluster, { value }]) =>
        value.namespaces.some(({ name }) => contested.has(name)) ? [cluster] : [],
      ),
    ),
  ]);
}

function ofKind(kind: 'Addon' | 'App' | 'Tenant', { documents }: Known): readonly SourceDocument[] {
  return documents.filter((document) => document.kind === kind);
}

/** Clusters that a document may be for and on which the fleet has nothing of it, or not all: an override may be meant for any. */
function unheardOn(
  document: SourceDocument,
  { choice, kept }: Known,
  on: ReadonlyMap<string, unknown> | undefined,
): readonly string[] {
  const isSettled = listAt(document.value, 'spec', 'overrides').every((one) =>
    isForSome(at(one, 'select'), choice),
  );
  const isHeard = ({ name }: ResolvedCluster): boolean =>
    isSettled && kept.has(document) && on?.has(name) === true;
  return clustersOf(document, choice)
    .filter((cluster) => !isHeard(cluster))
    .map(({ name }) => name);
}

// A selector that is none, or that selects nothing at all, may be meant for any.
function clustersOf({ value }: SourceDocument, choice: Choice<ResolvedCluster>): readonly ResolvedCluster[] {
  const written = at(value, 'spec', 'clusters');
  const isForAny = !isForSome(written, choice);
  return choice.clusters.filter((cluster) => isForAny || isSelected(written, selectableOf(cluster)));
}

/** False for what is no selector, or selects no cluster, also none of those with mistakes. */
function isForSome(written: unknown, { clusters, shadows }: Choice<ResolvedCluster>): boolean {
  const { success, data } = selector.safeParse(written);
  return (
    success &&
    (clusters.some((cluster) => isSelected(data, selectableOf(cluster))) ||
      shadows.some((shadow) => mayBeSelected(data, shadow)))
  );
}

interface Place {
  readonly tenant?: string;
  readonly namespace?: string;
}

/** What a document with mistakes says in one way only. */
function writtenPlace({ value }: SourceDocument): Place {
  const said = (field: string): unknown => {
    const all = [at(value, 'spec'), ...listAt(value, 'spec', 'overrides')].map((one) => at(one, field));
    const [first, ...others] = all.filter((one) => one !== undefined);
    return others.length > 0 || hasVariable(first) ? undefined : first;
  };
  const [tenant, namespace] = [said('tenant'), said('namespace')];
  return { ...(isString(tenant) ? { tenant } : {}), ...(isString(namespace) ? { namespace } : {}) };
}

/** The part of an App's place that is right; Apps of the platform may write into all of its namespaces. */
function rightPart(
  { tenant, namespace }: Place,
  tenantsOn: TenantsOn,
  { cluster, registry }: { readonly cluster: string; readonly registry: Registry },
): Place {
  if (tenant === platformTenant) return { tenant };
  if (tenant === undefined || !registry.mayHave(`Tenant/${tenant}`)) return {};
  const on = tenantsOn.get(tenant)?.get(cluster);
  const isIts = on?.value.namespaces.some(({ name }) => name === namespace) ?? true;
  return { tenant, ...(isIts && namespace !== undefined ? { namespace } : {}) };
}

function unreadSpots({ kind, tenant }: Unread, registry: Registry): readonly HiddenSpot[] {
  if (kind === 'Addon') return [{ tenant: platformTenant }];
  if (kind !== 'App') return [];
  const isKnown = tenant === platformTenant || (tenant !== undefined && registry.mayHave(`Tenant/${tenant}`));
  return [isKnown ? { tenant } : {}];
}
