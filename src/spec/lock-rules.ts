import {
  listAt,
  nearest,
  platformTenant,
  problem,
  stringAt,
  warning,
  type Diagnostic,
} from '../lib/index.ts';
import type { SourceDocument } from './document.ts';
import type { Fleet } from './fleet.ts';
import { fileOrigin } from './folder.ts';
import { lockFileOf, lockFolder, lockTitle, type LockEntry } from './lock.ts';
import type { Registry } from './registry.ts';
import type { FleetSpec } from './schema/index.ts';

/** Names that exist by the documents: what toryo.lock should say. */
export function lockEntriesOf(
  fleet: Pick<Fleet, 'clusters' | 'tenants' | 'apps' | 'addons' | 'lock'>,
): readonly LockEntry[] {
  const entries: LockEntry[] = [
    ...[...fleet.clusters.keys()].map((name) => ({ kind: 'Cluster' as const, name })),
    ...[...fleet.tenants.values()].map((tenant) => ({
      kind: 'Tenant' as const,
      name: tenant.name,
      namespaces: namespacesOf(tenant),
    })),
    ...fleet.apps.map((app) => ({ kind: 'App' as const, name: app.name, tenant: app.tenant })),
    ...fleet.addons.map((addon) => ({ kind: 'Addon' as const, name: addon.name })),
  ];
  return entries.map((entry) => {
    const { identity, charts, images } = fleet.lock.get(lockFileOf(entry)) ?? {};
    return {
      ...entry,
      ...(identity === undefined ? {} : { identity }),
      ...(charts === undefined ? {} : { charts }),
      ...(images === undefined ? {} : { images }),
    };
  });
}

function namespacesOf(tenant: {
  readonly on: ReadonlyMap<string, { readonly namespaces: readonly { readonly name: string }[] }>;
}): readonly string[] {
  const names = [...tenant.on.values()].flatMap((on) => on.namespaces.map((one) => one.name));
  return [...new Set(names)].sort();
}

/** What toryo.lock knows and nothing mentions any more, and what it does not know yet; not of files that could not be read. */
export function lockMistakes(
  fleet: Pick<Fleet, 'clusters' | 'tenants' | 'apps' | 'addons' | 'lock'>,
  spec: FleetSpec,
  registry: Registry,
  unread: ReadonlySet<string>,
): readonly Diagnostic[] {
  const gone = [...fleet.lock].flatMap(([file, entry]) =>
    vanished(entry, fleet, spec, registry).map((what) =>
      problem('TRY-LOCK-001', fileOrigin(`${lockFolder}/${file}`), { what }),
    ),
  );
  if (fleet.lock.size === 0 && unread.size === 0)
    return [warning('TRY-LOCK-002', fileOrigin(lockFolder), { what: 'This fleet', file: lockFolder })];
  const fresh = lockEntriesOf(fleet).flatMap((entry) => {
    const file = lockFileOf(entry);
    const known = fleet.lock.get(file);
    const isComplete =
      known !== undefined && (entry.namespaces ?? []).every((name) => known.namespaces?.includes(name));
    if (isComplete || unread.has(file) || !hasTenant(entry, registry)) return [];
    return [
      warning('TRY-LOCK-002', fileOrigin(`${lockFolder}/${file}`), {
        what: lockTitle(entry),
        file: `${lockFolder}/${file}`,
      }),
    ];
  });
  return [...gone, ...fresh];
}

// An App whose tenant is not there has another name than it should.
function hasTenant({ tenant }: LockEntry, registry: Registry): boolean {
  return tenant === undefined || tenant === platformTenant || registry.has(`Tenant/${tenant}`);
}

function vanished(
  entry: LockEntry,
  fleet: Pick<Fleet, 'tenants'>,
  spec: FleetSpec,
  registry: Registry,
): readonly string[] {
  // An App or Addon may go by its document going: its objects are pruned within the brakes.
  if (entry.kind === 'App' || entry.kind === 'Addon') return [];
  const title = lockTitle(entry);
  const isTold = (what: string): boolean =>
    spec.removed.some((one) => one.what === what) || spec.moved.some((one) => one.from === what);
  if (!registry.has(title)) return isTold(title) || registry.mayHave(title) ? [] : [title];
  const tenant = fleet.tenants.get(entry.name);
  if (entry.kind !== 'Tenant' || tenant === undefined) return [];
  // Also those of overrides, and of clusters that have a mistake: what the document names has not vanished.
  const present = new Set([...namespacesOf(tenant), ...namesIn(registry.get('Tenant', entry.name))]);
  const titles = (entry.namespaces ?? [])
    .filter((name) => !present.has(name))
    .map((name) => `Namespace/${entry.name}/${name}`);
  return titles.filter((what) => !isTold(what));
}

function namesIn(document: SourceDocument | undefined): readonly string[] {
  const lists = [
    listAt(document?.value, 'spec', 'namespaces'),
    ...listAt(document?.value, 'spec', 'overrides').map((entry) => listAt(entry, 'namespaces')),
  ];
  return lists.flat().flatMap((one) => stringAt(one, 'name') ?? []);
}

/** Entries of `moved` and `removed` that cannot be meant. */
export function changeMistakes(
  document: SourceDocument,
  spec: FleetSpec,
  registry: Registry,
): readonly Diagnostic[] {
  const moves = spec.moved.flatMap((move, index) => {
    const at = document.locate(['spec', 'moved', index]);
    if (registry.has(move.from))
      return [problem('TRY-SPEC-036', at, { why: `${move.from} still has a document` })];
    if (registry.mayHave(move.to)) return [];
    const suggestion = nearest(move.to, registry.titles());
    return [
      problem('TRY-SPEC-036', at, {
        why: `${move.to} has no document${suggestion === undefined ? '' : `, did you mean "${suggestion}"?`}`,
      }),
    ];
  });
  const removals = spec.removed.flatMap((removal, index) => {
    const at = document.locate(['spec', 'removed', index]);
    if (registry.has(removal.what)) return [problem('TRY-SPEC-040', at, { what: removal.what })];
    const why = removalMistake(removal);
    return why === undefined ? [] : [problem('TRY-SPEC-047', at, { what: removal.what, why })];
  });
  return [...moves, ...removals];
}

function removalMistake({ what, data, forget }: FleetSpec['removed'][number]): string | undefined {
  if (forget === true)
    return data === undefined ? undefined : 'says `forget` and `data`: Toryo lets go, or removes';
  if (data === undefined) return 'says neither what becomes of its data nor `forget: true`';
  return data === 'keep' && what.startsWith('Cluster/')
    ? 'cannot keep the data of a cluster that goes: say `data: delete` or `forget: true`'
    : undefined;
}
