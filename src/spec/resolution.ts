import path from 'node:path';
import type { z } from 'zod';
import {
  at,
  isClean,
  isString,
  listAt,
  nearest,
  oncePerCause,
  problem,
  stringAt,
  warning,
  type Checked,
  type Diagnostic,
} from '../lib/index.ts';
import {
  addonMistakes,
  appMistakes,
  circleMistakes,
  hostMistakes,
  sourceMistakes,
  type SaidAddon,
  type SaidApp,
} from './app-rules.ts';
import { resolveCluster, type ResolvedCluster } from './clusters.ts';
import { deliveryOf } from './delivery.ts';
import { documentTitle, nameOrigin, placeText, type SourceDocument } from './document.ts';
import { duplicateNames } from './duplicates.ts';
import { unenforcedIn } from './enforcement.ts';
import type { Addon, App, Fleet, PlacedProfile, Tenant, Unenforced, Waiver } from './fleet.ts';
import { fileOrigin } from './folder.ts';
import { changeMistakes, lockMistakes } from './lock-rules.ts';
import type { Lock } from './lock.ts';
import { LayeredPlace } from './merge.ts';
import type { Ground } from './mounts.ts';
import { profileMistakes } from './profile-rules.ts';
import { writtenReferenceMistakes } from './references.ts';
import { Registry, type Unread } from './registry.ts';
import {
  addonSpec,
  appSpec,
  fleetSpec,
  manifestSource,
  profileSpec,
  tenantSpec,
  waiverSpec,
  documentSchemas,
  type FleetSpec,
  type Kind,
} from './schema/index.ts';
import { sayOn } from './selected.ts';
import { shadowOf, type Shadow } from './selection.ts';
import { pathMistakes, tenantMistakes, type SaidTenant } from './tenant-rules.ts';
import { mistakesOf } from './validation.ts';

/** All that a fleet is made from. */
export interface Sources extends Ground {
  readonly documents: readonly SourceDocument[];
  /** Documents that are there and could not be read: nothing is called missing because of them. */
  readonly unread: readonly Unread[];
  readonly lock: Lock;
  /** Today, for what expires. */
  readonly now: string;
}

/** Documents to a Fleet: every reference resolved, every default filled, every mistake found at once. */
export function resolve(sources: Sources): Checked<Fleet> {
  const { documents } = sources;
  const registry = new Registry(documents, sources.unread);
  const diagnostics: Diagnostic[] = [...registry.diagnostics];
  const valid = documents.filter((document) => isValid(document, diagnostics));
  const of = (kind: Kind): readonly SourceDocument[] => valid.filter((document) => document.kind === kind);
  const fleetDocument = theFleet(sources, registry, diagnostics);
  const spec =
    fleetDocument === undefined ? undefined : fleetSpec.safeParse(fleetDocument.value['spec']).data;
  const clusters = of('Cluster').flatMap((document) => resolveCluster(document, registry, diagnostics) ?? []);
  const choice = { clusters, shadows: shadowsOf(documents, { clusters, registry, spec }) };
  const said = <T>(kind: Kind, schema: z.ZodType<T>) =>
    of(kind).map((document) => ({ document, on: sayOn(document, schema, choice, diagnostics) }));
  const tenants = said('Tenant', tenantSpec);
  const apps = said('App', appSpec);
  const addons = said('Addon', addonSpec);
  diagnostics.push(...crossMistakes({ sources, registry, spec, tenants, apps, addons }));
  diagnostics.push(
    ...unresolvedMistakes(documents, {
      said: [...tenants, ...apps, ...addons],
      clusters,
      registry,
      ground: sources,
    }),
  );
  if (fleetDocument === undefined || spec === undefined)
    return { value: undefined, diagnostics: oncePerCause(diagnostics) };
  diagnostics.push(...changeMistakes(fleetDocument, spec, registry));
  const delivery = deliveryOf(
    spec,
    choice,
    { document: fleetDocument, ground: sources, tenantPaths: textsOfTenants(documents, 'paths') },
    diagnostics,
  );
  const waivers = of('Waiver').flatMap((document) => waiverOf(document, sources.now, diagnostics));
  const fleet: Fleet = {
    name: fleetDocument.name,
    from: nameOrigin(fleetDocument),
    root: sources.root,
    mounts: sources.mounts,
    ...delivery,
    networkSets: spec.networkSets,
    tenants: new Map(tenants.map((one) => [one.document.name, tenantOf(one)])),
    profiles: new Map(of('SecurityProfile').flatMap(profileOf)),
    addons: addons.map(addonOf),
    apps: apps.map(appOf),
    waivers,
    lock: sources.lock,
    unenforced: unenforced(valid, { clusters, tenants, apps, addons }),
  };
  diagnostics.push(...lockMistakes(fleet, spec, registry));
  diagnostics.push(...fleet.unenforced.map((one) => warning('TRY-SPEC-900', one.at, { field: one.field })));
  const all = oncePerCause(diagnostics);
  return { value: isClean(all) ? fleet : undefined, diagnostics: all };
}

function isValid(document: SourceDocument, diagnostics: Diagnostic[]): boolean {
  const mistakes = [
    ...mistakesOf(documentSchemas[document.kind], document.value, document),
    ...duplicateNames(document),
    ...profileMistakes(document),
  ];
  diagnostics.push(...mistakes);
  return isClean(mistakes);
}

function theFleet(
  { documents, root }: Sources,
  registry: Registry,
  diagnostics: Diagnostic[],
): SourceDocument | undefined {
  const [first, ...others] = documents.filter((document) => document.kind === 'Fleet');
  if (first === undefined) {
    if (registry.unread('Fleet').length === 0)
      diagnostics.push(problem('TRY-SPEC-019', fileOrigin('.'), { folder: root }));
  } else
    for (const other of others)
      diagnostics.push(problem('TRY-SPEC-020', nameOrigin(other), { other: placeText(nameOrigin(first)) }));
  return first;
}

/** Clusters with mistakes: what selects one of them is no mistake of its own. */
function shadowsOf(
  documents: readonly SourceDocument[],
  known: {
    readonly clusters: readonly ResolvedCluster[];
    readonly registry: Registry;
    readonly spec: FleetSpec | undefined;
  },
): readonly Shadow[] {
  const environments = known.spec?.environments.map((one) => one.name);
  const sound = new Set(
    known.clusters
      .filter((cluster) => environments?.includes(cluster.spec.environment) ?? true)
      .map((cluster) => cluster.document),
  );
  const wrong = documents.filter((one) => one.kind === 'Cluster' && !sound.has(one));
  return [
    ...wrong.map((document) => shadowOf(document, environments)),
    ...known.registry.unread('Cluster').map(() => ({})),
  ];
}

interface Parts {
  readonly sources: Sources;
  readonly registry: Registry;
  readonly spec: FleetSpec | undefined;
  readonly tenants: readonly SaidTenant[];
  readonly apps: readonly SaidApp[];
  readonly addons: readonly SaidAddon[];
}

function crossMistakes(parts: Parts): readonly Diagnostic[] {
  const { sources, registry, spec, tenants, apps, addons } = parts;
  const tenantsOn = new Map(tenants.map((one) => [one.document.name, one.on]));
  return [
    ...tenantMistakes(tenants, spec, registry),
    ...pathMistakes(sources.documents, textsOfTenants(sources.documents, 'paths'), registry),
    ...apps.flatMap((app) => appMistakes(app, tenantsOn, registry)),
    ...addons.flatMap((addon) => addonMistakes(addon, registry)),
    ...hostMistakes(apps, textsOfTenants(sources.documents, 'hosts')),
    ...needCircles([...apps, ...addons]),
    ...sources.documents.flatMap((document) => targetMistakes(document, registry)),
    ...apps.flatMap((app) => localSourceMistakes(app, sources)),
    ...addons.flatMap((addon) => localSourceMistakes(addon, sources)),
  ];
}

/** Tenant -> a list of texts that its document says for all clusters. */
function textsOfTenants(
  documents: readonly SourceDocument[],
  field: string,
): ReadonlyMap<string, readonly string[]> {
  return new Map(
    documents
      .filter((one) => one.kind === 'Tenant')
      .map((one) => [one.name, listAt(one.value, 'spec', field).filter(isString)]),
  );
}

/** What documents that no cluster was resolved for name wrongly. */
function unresolvedMistakes(
  documents: readonly SourceDocument[],
  known: {
    readonly said: readonly {
      readonly document: SourceDocument;
      readonly on: ReadonlyMap<string, unknown>;
    }[];
    readonly clusters: readonly ResolvedCluster[];
    readonly registry: Registry;
    readonly ground: Ground;
  },
): readonly Diagnostic[] {
  const resolved = new Set<SourceDocument>(known.clusters.map((cluster) => cluster.document));
  for (const one of known.said) if (one.on.size > 0) resolved.add(one.document);
  return documents.flatMap((document) =>
    resolved.has(document)
      ? []
      : [
          ...writtenReferenceMistakes(document, known.registry),
          ...writtenSourceMistakes(document, known.ground),
        ],
  );
}

function writtenSourceMistakes(document: SourceDocument, ground: Ground): readonly Diagnostic[] {
  if (document.kind !== 'App') return [];
  const source = manifestSource.safeParse(at(document.value, 'spec', 'source'));
  if (!source.success) return [];
  const folder = path.posix.dirname(document.file);
  return sourceMistakes(ground, folder, source.data, (steps) =>
    document.locate(['spec', 'source', ...steps]),
  );
}

/** Owners that need each other, as they are written or, when overrides say so, on some cluster. */
function needCircles(owners: readonly (SaidApp | SaidAddon)[]): readonly Diagnostic[] {
  const written = owners.map(({ document }) => ({
    name: documentTitle(document),
    needs: needsOf(document),
    at: nameOrigin(document),
  }));
  const found = circleMistakes(new Map(written.map((one) => [one.name, one])));
  if (found.length > 0) return found;
  const said = owners.flatMap(({ document, on }) =>
    [...on].map(([cluster, { value, place }]) => ({
      cluster,
      name: documentTitle(document),
      needs: value.needs,
      at: place.locate(['needs']),
    })),
  );
  const clusters = Map.groupBy(said, (one) => one.cluster);
  return [...clusters.values()].flatMap((on) => circleMistakes(new Map(on.map((one) => [one.name, one]))));
}

function needsOf(document: SourceDocument): readonly string[] {
  return listAt(document.value, 'spec', 'needs').filter(isString);
}

function localSourceMistakes(owner: SaidApp | SaidAddon, ground: Ground): readonly Diagnostic[] {
  const folder = path.posix.dirname(owner.document.file);
  const seen = new Set<unknown>();
  return [...owner.on.values()].flatMap((said) => {
    const [field, source] =
      'source' in said.value
        ? (['source', said.value.source] as const)
        : (['from', said.value.from] as const);
    if (source === 'catalog' || seen.has(said)) return [];
    seen.add(said);
    return sourceMistakes(ground, folder, source, (steps) => said.place.locate([field, ...steps]));
  });
}

/** What a Waiver points at. */
function targetMistakes(document: SourceDocument, registry: Registry): readonly Diagnostic[] {
  if (document.kind !== 'Waiver') return [];
  const target = (field: string) => stringAt(document.value, 'spec', 'target', field);
  const place = (field: string) => document.locate(['spec', 'target', field]);
  const [app, cluster] = [target('app'), target('cluster')];
  const what = `App/${app ?? ''}`;
  const missing =
    app === undefined || registry.mayHave(what)
      ? []
      : [problem('TRY-SPEC-013', place('app'), { what, suggestion: nearest(what, registry.titles()) ?? '' })];
  return cluster === undefined
    ? missing
    : [...missing, ...registry.missing('Cluster', cluster, place('cluster'))];
}

function waiverOf(document: SourceDocument, now: string, diagnostics: Diagnostic[]): readonly Waiver[] {
  const parsed = waiverSpec.safeParse(document.value['spec']);
  if (!parsed.success) return [];
  const { expires } = parsed.data;
  // Without a zone it is UTC: the same answer on every machine.
  const end = /T\d{2}:\d{2}(:\d{2})?$/.test(expires) ? `${expires}Z` : expires;
  const lasts = Date.parse(end) - Date.parse(now);
  if (lasts <= 0)
    diagnostics.push(problem('TRY-SPEC-035', document.locate(['spec', 'expires']), { expires }));
  return [{ ...parsed.data, name: document.name, lasts, from: nameOrigin(document) }];
}

function profileOf(document: SourceDocument): readonly (readonly [string, PlacedProfile])[] {
  const spec = document.value['spec'];
  const parsed = profileSpec.safeParse(spec);
  if (!parsed.success) return [];
  const { name } = document;
  const place = new LayeredPlace([{ document, base: ['spec'] }], spec);
  return [[name, { ...parsed.data, name, from: nameOrigin(document), place }]];
}

function tenantOf({ document, on }: SaidTenant): Tenant {
  const resolved = [...on].map(
    ([cluster, { value, place }]) =>
      [cluster, { teams: value.teams, namespaces: value.namespaces, place }] as const,
  );
  const texts = (field: string) => listAt(document.value, 'spec', field).filter(isString);
  return {
    name: document.name,
    paths: texts('paths'),
    hosts: texts('hosts'),
    from: nameOrigin(document),
    on: new Map(resolved),
  };
}

function appOf({ document, on }: SaidApp): App {
  const tenant = at(document.value, 'spec', 'tenant');
  return {
    name: document.name,
    tenant: isString(tenant) ? tenant : '',
    folder: path.posix.dirname(document.file),
    from: nameOrigin(document),
    on: shared(on, (said) => ({ ...said.value, place: said.place })),
  };
}

function addonOf({ document, on }: SaidAddon): Addon {
  return {
    name: document.name,
    folder: path.posix.dirname(document.file),
    from: nameOrigin(document),
    on: shared(on, (said) => ({ ...said.value, place: said.place })),
  };
}

// Clusters that share what is said share the value made from it: 500 clusters, one object.
function shared<S extends object, T>(
  on: ReadonlyMap<string, S>,
  make: (said: S) => T,
): ReadonlyMap<string, T> {
  const made = new Map<S, T>();
  const result = new Map<string, T>();
  for (const [cluster, said] of on) {
    const value = made.get(said) ?? make(said);
    made.set(said, value);
    result.set(cluster, value);
  }
  return result;
}

interface Resolved {
  readonly clusters: readonly ResolvedCluster[];
  readonly tenants: readonly SaidTenant[];
  readonly apps: readonly SaidApp[];
  readonly addons: readonly SaidAddon[];
}

function unenforced(documents: readonly SourceDocument[], resolved: Resolved): readonly Unenforced[] {
  const all = resolved.clusters.map((cluster) => cluster.name);
  const on = new Map<SourceDocument, readonly string[]>();
  for (const one of [...resolved.tenants, ...resolved.apps, ...resolved.addons])
    on.set(one.document, [...one.on.keys()]);
  for (const cluster of resolved.clusters) on.set(cluster.document, [cluster.name]);
  return documents.flatMap((document) => {
    if (document.kind === 'ClusterTemplate') {
      const users = resolved.clusters
        .filter((cluster) => cluster.spec.from === document.name)
        .map((cluster) => cluster.name);
      return unenforcedIn(document, users);
    }
    return unenforcedIn(document, on.get(document) ?? all);
  });
}
