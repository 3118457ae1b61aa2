import path from 'node:path';
import type { z } from 'zod';
import {
  at,
  isClean,
  isString,
  listAt,
  oncePerCause,
  problem,
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
import { deliveryOf, undelivered } from './delivery.ts';
import { documentTitle, nameOrigin, placeText, type SourceDocument } from './document.ts';
import { duplicateNames } from './duplicates.ts';
import { unenforcedIn } from './enforcement.ts';
import type { Addon, App, Fleet, PlacedProfile, Tenant, Unenforced } from './fleet.ts';
import { fileOrigin } from './folder.ts';
import { changeMistakes, lockMistakes } from './lock-rules.ts';
import { LayeredPlace } from './merge.ts';
import type { Ground } from './mounts.ts';
import { profileMistakes } from './profile-rules.ts';
import { writtenReferenceMistakes } from './references.ts';
import { Registry } from './registry.ts';
import {
  addonSpec,
  appSpec,
  fleetSpec,
  manifestSource,
  profileSpec,
  tenantSpec,
  documentSchemas,
  type FleetSpec,
  type Kind,
} from './schema/index.ts';
import { sayOn } from './selected.ts';
import { shadowOf, type Choice, type Shadow } from './selection.ts';
import { contestedNamespaces, isFit, leftOutOf, type Sources } from './sound-part.ts';
import { pathMistakes, tenantMistakes, type SaidTenant } from './tenant-rules.ts';
import { mistakesOf } from './validation.ts';
import { targetMistakes, waiverOf } from './waivers.ts';

/** Documents to a Fleet: every reference resolved, every default filled, every mistake found at once. */
export function resolve(sources: Sources): Checked<Fleet> {
  const diagnostics: Diagnostic[] = [];
  const parts = partsOf(sources, diagnostics);
  const { registry, valid, written, ours, tenants, apps, addons } = parts;
  const misplaced = placeMistakes([...apps, ...addons], sources);
  diagnostics.push(...crossMistakes(parts), ...[...misplaced.values()].flat());
  const delivery = delivered(parts, diagnostics);
  const kept = keptOf(parts, misplaced);
  const isKept = (one: { readonly document: SourceDocument }): boolean => kept.has(one.document);
  const of = (kind: Kind): readonly SourceDocument[] => valid.filter((document) => document.kind === kind);
  const contested = contestedNamespaces(diagnostics);
  const fleet: Fleet = {
    name: written?.name ?? '',
    from: written === undefined ? fileOrigin('.') : nameOrigin(written),
    root: sources.root,
    mounts: sources.mounts,
    ...delivery,
    networkSets: ours?.spec.networkSets ?? {},
    tenants: new Map(tenants.filter(isKept).map((one) => [one.document.name, tenantOf(one, contested)])),
    profiles: new Map(
      of('SecurityProfile')
        .filter((one) => kept.has(one))
        .flatMap(profileOf),
    ),
    addons: addons.filter(isKept).map(addonOf),
    apps: apps.filter(isKept).map(appOf),
    waivers: of('Waiver').flatMap((document) => waiverOf(document, sources.now, diagnostics)),
    lock: sources.lock,
    unenforced: unenforced(valid, parts),
  };
  if (ours !== undefined)
    diagnostics.push(
      ...changeMistakes(ours.document, ours.spec, registry),
      ...lockMistakes(fleet, ours.spec, registry, sources.unreadLocks),
      ...fleet.unenforced.map((one) => warning('TRY-SPEC-900', one.at, { field: one.field })),
    );
  const all = oncePerCause(diagnostics);
  return {
    value: isClean(all) && ours !== undefined ? fleet : undefined,
    sound: { ...fleet, leftOut: leftOutOf(sources, { ...parts, ...sources, kept }, all) },
    diagnostics: all,
  };
}

/** What the documents say, each by itself and on each cluster. */
interface Parts {
  readonly sources: Sources;
  readonly registry: Registry;
  /** Documents without mistakes of their own. */
  readonly valid: readonly SourceDocument[];
  /** The Fleet's document. */
  readonly written: SourceDocument | undefined;
  /** The same and what it says; undefined when it has mistakes. */
  readonly ours: { readonly document: SourceDocument; readonly spec: FleetSpec } | undefined;
  readonly choice: Choice<ResolvedCluster>;
  readonly tenants: readonly SaidTenant[];
  readonly apps: readonly SaidApp[];
  readonly addons: readonly SaidAddon[];
}

function partsOf(sources: Sources, diagnostics: Diagnostic[]): Parts {
  const { documents } = sources;
  const registry = new Registry(documents, sources.unread);
  diagnostics.push(...registry.diagnostics);
  const valid = documents.filter((document) => isValid(document, diagnostics));
  const of = (kind: Kind): readonly SourceDocument[] => valid.filter((document) => document.kind === kind);
  const written = theFleet(sources, registry, diagnostics);
  const spec = written === undefined ? undefined : fleetSpec.safeParse(written.value['spec']).data;
  const clusters = of('Cluster').flatMap((document) => resolveCluster(document, registry, diagnostics) ?? []);
  const choice = { clusters, shadows: shadowsOf(documents, { clusters, registry, spec }) };
  const said = <T>(kind: Kind, schema: z.ZodType<T>) =>
    of(kind).map((document) => ({ document, on: sayOn(document, schema, choice, diagnostics) }));
  const tenants = said('Tenant', tenantSpec);
  const apps = said('App', appSpec);
  const addons = said('Addon', addonSpec);
  const ours = written === undefined || spec === undefined ? undefined : { document: written, spec };
  return { sources, registry, valid, written, ours, choice, tenants, apps, addons };
}

function delivered(
  { ours, choice, sources }: Parts,
  diagnostics: Diagnostic[],
): ReturnType<typeof deliveryOf> {
  if (ours === undefined) return undelivered(choice.clusters);
  const tenantPaths = textsOfTenants(sources.documents, 'paths');
  return deliveryOf(
    ours.spec,
    choice,
    { document: ours.document, ground: sources, tenantPaths },
    diagnostics,
  );
}

/** Documents that a fleet can be made from, whatever else is wrong. */
function keptOf(
  { registry, valid, ours, choice }: Parts,
  misplaced: ReadonlyMap<SourceDocument, unknown>,
): ReadonlySet<SourceDocument> {
  return new Set([
    ...valid.filter((one) => isFit(one, registry) && !misplaced.has(one)),
    ...choice.clusters.map(({ document }) => document),
    ...(ours === undefined ? [] : [ours.document]),
  ]);
}

/** Documents whose sources are not there, and what is told of it. */
function placeMistakes(
  owners: readonly (SaidApp | SaidAddon)[],
  ground: Ground,
): ReadonlyMap<SourceDocument, readonly Diagnostic[]> {
  const found = owners.map((one) => [one.document, localSourceMistakes(one, ground)] as const);
  return new Map(found.filter(([, mistakes]) => mistakes.length > 0));
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

function crossMistakes(parts: Parts): readonly Diagnostic[] {
  const { sources, registry, ours, choice, tenants, apps, addons } = parts;
  const said = [...tenants, ...apps, ...addons];
  const tenantsOn = new Map(tenants.map((one) => [one.document.name, one.on]));
  return [
    ...tenantMistakes(tenants, ours?.spec, registry),
    ...pathMistakes(sources.documents, textsOfTenants(sources.documents, 'paths'), registry),
    ...apps.flatMap((app) => appMistakes(app, tenantsOn, registry)),
    ...addons.flatMap((addon) => addonMistakes(addon, registry)),
    ...hostMistakes(apps, textsOfTenants(sources.documents, 'hosts')),
    ...needCircles([...apps, ...addons]),
    ...sources.documents.flatMap((document) => targetMistakes(document, registry)),
    ...unresolvedMistakes(sources.documents, { said, clusters: choice.clusters, registry, ground: sources }),
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

function profileOf(document: SourceDocument): readonly (readonly [string, PlacedProfile])[] {
  const spec = document.value['spec'];
  const parsed = profileSpec.safeParse(spec);
  if (!parsed.success) return [];
  const { name } = document;
  const place = new LayeredPlace([{ document, base: ['spec'] }], spec);
  return [[name, { ...parsed.data, name, from: nameOrigin(document), place }]];
}

function tenantOf({ document, on }: SaidTenant, contested: ReadonlySet<string>): Tenant {
  const resolved = [...on].map(([cluster, said]) => {
    const namespaces = withoutNames(said.value.namespaces, contested);
    const place = namespaces === said.value.namespaces ? said.place : said.place.of({ namespaces });
    return [cluster, { teams: said.value.teams, namespaces, place }] as const;
  });
  const texts = (field: string) => listAt(document.value, 'spec', field).filter(isString);
  return {
    name: document.name,
    paths: texts('paths'),
    hosts: texts('hosts'),
    from: nameOrigin(document),
    on: new Map(resolved),
  };
}

// The list itself where nothing is left out: clusters that say the same share it.
function withoutNames<T extends { readonly name: string }>(
  list: readonly T[],
  names: ReadonlySet<string>,
): readonly T[] {
  return names.size === 0 ? list : list.filter(({ name }) => !names.has(name));
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

function unenforced(documents: readonly SourceDocument[], parts: Parts): readonly Unenforced[] {
  const { clusters } = parts.choice;
  const all = clusters.map((cluster) => cluster.name);
  const on = new Map<SourceDocument, readonly string[]>();
  for (const one of [...parts.tenants, ...parts.apps, ...parts.addons])
    on.set(one.document, [...one.on.keys()]);
  for (const cluster of clusters) on.set(cluster.document, [cluster.name]);
  return documents.flatMap((document) => {
    if (document.kind === 'ClusterTemplate') {
      const users = clusters
        .filter((cluster) => cluster.spec.from === document.name)
        .map((cluster) => cluster.name);
      return unenforcedIn(document, users);
    }
    return unenforcedIn(document, on.get(document) ?? all);
  });
}
