import { existsSync, realpathSync } from 'node:fs';
import path from 'node:path';
import {
  isPlatformNamespace,
  nearest,
  platformTenant,
  problem,
  type Diagnostic,
  type Origin,
} from '../lib/index.ts';
import { documentTitle, placeText, type SourceDocument } from './document.ts';
import { fileOf, mountOf, mountVariables, type Ground } from './mounts.ts';
import type { Registry } from './registry.ts';
import type { AddonSpec, AppSpec, ManifestSource, TenantSpec } from './schema/index.ts';
import type { Said } from './selected.ts';

/** An App and what it says on each cluster. */
export interface SaidApp {
  readonly document: SourceDocument;
  readonly on: ReadonlyMap<string, Said<AppSpec>>;
}

/** An add-on and what it says on each cluster. */
export interface SaidAddon {
  readonly document: SourceDocument;
  readonly on: ReadonlyMap<string, Said<AddonSpec>>;
}

/** Tenants on clusters: tenant -> cluster -> what it says there. */
export type TenantsOn = ReadonlyMap<string, ReadonlyMap<string, Said<TenantSpec>>>;

/** An App's tenant, namespace and needs, on every cluster it runs on. */
export function appMistakes(app: SaidApp, tenants: TenantsOn, registry: Registry): readonly Diagnostic[] {
  const first = [...app.on.values()][0];
  if (first === undefined) return [];
  const { tenant } = first.value;
  const unknownTenant =
    tenant === platformTenant ? [] : registry.missing('Tenant', tenant, first.place.locate(['tenant']));
  if (unknownTenant.length > 0) return unknownTenant;
  return [...app.on].flatMap(([cluster, said]) => [
    ...(tenant === platformTenant
      ? platformNamespaceMistakes(said, cluster, tenants)
      : placeMistakes(app, said, cluster, tenants.get(tenant))),
    ...needMistakes(said.value.needs, said, registry),
  ]);
}

function placeMistakes(
  app: SaidApp,
  said: Said<AppSpec>,
  cluster: string,
  tenant: ReadonlyMap<string, Said<TenantSpec>> | undefined,
): readonly Diagnostic[] {
  if (tenant === undefined || tenant.size === 0) return []; // the tenant's own mistakes are told where it stands
  const { namespace } = said.value;
  const on = tenant.get(cluster);
  if (on === undefined) {
    const args = { app: documentTitle(app.document), cluster, tenant: said.value.tenant };
    return [problem('TRY-SPEC-038', said.place.locate(['clusters']), args)];
  }
  const names = on.value.namespaces.map((one) => one.name);
  if (names.includes(namespace)) return [];
  const args = { namespace, tenant: said.value.tenant, suggestion: nearest(namespace, names) ?? '' };
  return [problem('TRY-SPEC-033', said.place.locate(['namespace']), args)];
}

function platformNamespaceMistakes(
  said: Said<AppSpec>,
  cluster: string,
  tenants: TenantsOn,
): readonly Diagnostic[] {
  const { namespace } = said.value;
  const owner = [...tenants].find(([, on]) =>
    on.get(cluster)?.value.namespaces.some((one) => one.name === namespace),
  );
  if (owner === undefined || isPlatformNamespace(namespace)) return [];
  return [
    problem('TRY-SPEC-023', said.place.locate(['namespace']), {
      namespace,
      cluster,
      other: `tenant ${owner[0]}`,
    }),
  ];
}

/** References of an add-on. */
export function addonMistakes(addon: SaidAddon, registry: Registry): readonly Diagnostic[] {
  return [...addon.on.values()].flatMap((said) => {
    const { namespace } = said.value;
    return [
      ...registry.missing('SecurityProfile', namespace.profile, said.place.locate(['namespace', 'profile'])),
      ...Object.entries(namespace.serviceAccounts).flatMap(([account, profile]) =>
        registry.missing(
          'SecurityProfile',
          profile,
          said.place.locate(['namespace', 'serviceAccounts', account]),
        ),
      ),
      ...needMistakes(said.value.needs, said, registry),
    ];
  });
}

function needMistakes(
  needs: readonly string[],
  said: Said<unknown>,
  registry: Registry,
): readonly Diagnostic[] {
  return needs.flatMap((need, index) => {
    if (registry.mayHave(need)) return [];
    const suggestion = nearest(need, registry.titles()) ?? '';
    return [problem('TRY-SPEC-013', said.place.locate(['needs', index]), { what: need, suggestion })];
  });
}

/** Owners that need each other in a circle. */
export function circleMistakes(
  owners: ReadonlyMap<string, { readonly needs: readonly string[]; readonly at: Origin }>,
): readonly Diagnostic[] {
  const done = new Set<string>();
  const found: Diagnostic[] = [];
  const visit = (name: string, above: readonly string[]): void => {
    const start = above.indexOf(name);
    const owner = owners.get(name);
    if (owner === undefined || done.has(name)) return;
    if (start >= 0) {
      done.add(name);
      found.push(problem('TRY-SPEC-034', owner.at, { circle: [...above.slice(start), name].join(' -> ') }));
      return;
    }
    for (const need of owner.needs) visit(need, [...above, name]);
    done.add(name);
  };
  for (const name of owners.keys()) visit(name, []);
  return found;
}

/** A source that stands in the repository: there, and inside it. Registries are the lock's matter. */
export function sourceMistakes(
  ground: Ground,
  folder: string,
  source: ManifestSource,
  locate: (path: readonly string[]) => Origin,
): readonly Diagnostic[] {
  const [field, target] = localTarget(source);
  if (target === undefined || target.includes('${')) return []; // a variable there is told by itself
  const at = locate(field);
  const file = path.posix.join(folder, target);
  if (target.startsWith('/') || file === '..' || file.startsWith('../'))
    return [problem('TRY-SPEC-030', at, { path: target })];
  const absolute = fileOf(ground, file);
  if (!existsSync(absolute)) return [missingSource(ground, file, target, at)];
  const top = realpathSync(ground.mounts.get(mountOf(ground, file) ?? '') ?? ground.root);
  return isWithin(realpathSync(absolute), top) ? [] : [problem('TRY-SPEC-030', at, { path: target })];
}

function missingSource(ground: Ground, file: string, target: string, at: Origin): Diagnostic {
  const variable = mountVariables.get(file.split('/')[0] ?? '');
  return variable === undefined || mountOf(ground, file) !== undefined
    ? problem('TRY-SPEC-029', at, { path: target, suggestion: '' })
    : problem('TRY-SPEC-041', at, { path: target, variable });
}

function isWithin(absolute: string, root: string): boolean {
  return absolute === root || absolute.startsWith(root + path.sep);
}

/** The field that names a folder or file of the repository, and what it says. */
export function localTarget(source: ManifestSource): readonly [readonly string[], string | undefined] {
  if (source.path !== undefined) return [['path'], source.path];
  if (source.kustomize !== undefined) return [['kustomize'], source.kustomize];
  const chart = source.helm?.chart;
  return [['helm', 'chart'], chart === undefined || chart.includes('://') ? undefined : chart];
}

/** One host on two Apps or clusters, and hosts that are not the tenant's. */
export function hostMistakes(
  apps: readonly SaidApp[],
  hosts: ReadonlyMap<string, readonly string[]>,
): readonly Diagnostic[] {
  const taken = new Map<string, string>();
  return apps.flatMap((app) =>
    [...app.on].flatMap(([cluster, said]) => {
      const host = said.value.expose?.host;
      if (host === undefined || host.includes('${')) return [];
      const at = said.place.locate(['expose', 'host']);
      const other = taken.get(host);
      taken.set(host, other ?? `${documentTitle(app.document)} on ${cluster} (${placeText(at)})`);
      const twice = other === undefined ? [] : [problem('TRY-SPEC-025', at, { host, other })];
      const allowed = hosts.get(said.value.tenant) ?? [];
      const isForeign = said.value.tenant !== platformTenant && !allowed.some((one) => isHostOf(host, one));
      const foreign = isForeign
        ? [
            problem('TRY-SPEC-026', at, {
              host,
              tenant: said.value.tenant,
              hosts: allowed.join(', ') || 'none',
            }),
          ]
        : [];
      return [...twice, ...foreign];
    }),
  );
}

// A wildcard stands for one label, as in certificates.
function isHostOf(host: string, pattern: string): boolean {
  if (!pattern.startsWith('*.')) return host === pattern;
  return host.slice(host.indexOf('.') + 1) === pattern.slice(2) && host.indexOf('.') > 0;
}
