import path from 'node:path';
import {
  isPlatformNamespace,
  nearest,
  platformTenant,
  problem,
  stringAt,
  type Diagnostic,
} from '../lib/index.ts';
import { nameOrigin, placeText, type SourceDocument } from './document.ts';
import type { FleetSpec, TenantSpec } from './schema/index.ts';
import type { Registry } from './registry.ts';
import type { Said } from './selected.ts';

/** A tenant and what it says on each cluster. */
export interface SaidTenant {
  readonly document: SourceDocument;
  readonly on: ReadonlyMap<string, Said<TenantSpec>>;
}

/** Network sets that need no entry in the Fleet. */
export const builtInNetworkSets = [
  'same-namespace',
  'tenant',
  'ingress-controller',
  'monitoring',
  'dns',
  'kube-api',
  'pod-identity',
  'internet',
] as const;

/** Mistakes between tenants, and between a tenant and what it names. */
export function tenantMistakes(
  tenants: readonly SaidTenant[],
  fleet: FleetSpec | undefined,
  registry: Registry,
): readonly Diagnostic[] {
  const each = tenants.flatMap(({ document, on }) => {
    const builtIn =
      document.name === platformTenant
        ? [problem('TRY-SPEC-028', nameOrigin(document), { name: platformTenant })]
        : [];
    return [...builtIn, ...[...on.values()].flatMap((said) => referenceMistakes(said, fleet, registry))];
  });
  return [...each, ...sharedNamespaces(tenants)];
}

function referenceMistakes(
  said: Said<TenantSpec>,
  fleet: FleetSpec | undefined,
  registry: Registry,
): readonly Diagnostic[] {
  const { value, place } = said;
  const namespaces = value.namespaces.flatMap((namespace, index) => {
    const profiles = [
      ...registry.missing(
        'SecurityProfile',
        namespace.profile,
        place.locate(['namespaces', index, 'profile']),
      ),
      ...Object.entries(namespace.serviceAccounts).flatMap(([account, profile]) =>
        registry.missing(
          'SecurityProfile',
          profile,
          place.locate(['namespaces', index, 'serviceAccounts', account]),
        ),
      ),
    ];
    const at = place.locate(['namespaces', index, 'name']);
    const taken = isPlatformNamespace(namespace.name)
      ? [problem('TRY-SPEC-024', at, { namespace: namespace.name })]
      : [];
    return [...profiles, ...taken, ...networkMistakes(said, index, fleet)];
  });
  const teams = value.teams.flatMap((team, index) =>
    (['group', 'user'] as const).flatMap((field) => {
      const subject = team[field];
      if (subject === undefined || !subject.startsWith('system:')) return [];
      return [problem('TRY-SPEC-027', place.locate(['teams', index, field]), { subject })];
    }),
  );
  return [...namespaces, ...teams];
}

function networkMistakes(
  said: Said<TenantSpec>,
  index: number,
  fleet: FleetSpec | undefined,
): readonly Diagnostic[] {
  const network = said.value.namespaces[index]?.network;
  if (network === undefined || network === 'own' || fleet === undefined) return [];
  const known = [...builtInNetworkSets, ...Object.keys(fleet.networkSets)];
  return (['ingress', 'egress'] as const).flatMap((way) =>
    network[way].flatMap((name, position) => {
      if (known.includes(name)) return [];
      const at = said.place.locate(['namespaces', index, 'network', way, position]);
      return [
        problem('TRY-SPEC-013', at, {
          what: `network set "${name}"`,
          suggestion: nearest(name, known) ?? '',
        }),
      ];
    }),
  );
}

function sharedNamespaces(tenants: readonly SaidTenant[]): readonly Diagnostic[] {
  const taken = new Map<string, SaidTenant>();
  return tenants.flatMap((tenant) =>
    [...tenant.on].flatMap(([cluster, said]) =>
      said.value.namespaces.flatMap((namespace, index) => {
        const key = `${cluster} ${namespace.name}`;
        const other = taken.get(key);
        taken.set(key, other ?? tenant);
        if (other === undefined || other === tenant) return [];
        const where = `tenant ${other.document.name} (${placeText(nameOrigin(other.document))})`;
        return [
          problem('TRY-SPEC-023', said.place.locate(['namespaces', index, 'name']), {
            namespace: namespace.name,
            cluster,
            other: where,
          }),
        ];
      }),
    ),
  );
}

/** Apps outside their tenant's paths, and anything but Apps inside one: CODEOWNERS of a path can then be trusted. */
export function pathMistakes(
  documents: readonly SourceDocument[],
  tenants: ReadonlyMap<string, readonly string[]>,
  registry: Registry,
): readonly Diagnostic[] {
  return documents.flatMap((document) => {
    if (document.kind === 'App') return appPathMistakes(document, tenants, registry);
    const tenant = tenantOfPath(document.file, tenants);
    return tenant === undefined
      ? []
      : [problem('TRY-SPEC-022', document.locate(['kind']), { kind: document.kind, tenant })];
  });
}

function appPathMistakes(
  document: SourceDocument,
  tenants: ReadonlyMap<string, readonly string[]>,
  registry: Registry,
): readonly Diagnostic[] {
  const tenant = stringAt(document.value, 'spec', 'tenant') ?? '';
  // A tenant that does not exist is told by itself.
  if (tenant !== platformTenant && !registry.has(`Tenant/${tenant}`)) return [];
  const globs = tenants.get(tenant) ?? [];
  const isOutside = globs.length > 0 && !isInside(document.file, globs);
  const stranger = [...tenants].find(([name, others]) => name !== tenant && isInside(document.file, others));
  if (isOutside)
    return [
      problem('TRY-SPEC-021', document.locate(['spec', 'tenant']), { tenant, paths: globs.join(', ') }),
    ];
  if (stranger === undefined) return [];
  return [
    problem('TRY-SPEC-022', document.locate(['spec', 'tenant']), {
      kind: `App of tenant ${tenant}`,
      tenant: stranger[0],
    }),
  ];
}

/** The tenant in whose paths a file stands. */
export function tenantOfPath(
  file: string,
  tenants: ReadonlyMap<string, readonly string[]>,
): string | undefined {
  return [...tenants].find(([, globs]) => isInside(file, globs))?.[0];
}

function isInside(file: string, globs: readonly string[]): boolean {
  // The plain beginning of a glob decides nearly always, and costs next to nothing.
  return globs.some(
    (glob) => file.startsWith(glob.slice(0, glob.search(/[*?[{]|$/))) && path.posix.matchesGlob(file, glob),
  );
}
