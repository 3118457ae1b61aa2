import { ownerName } from '../objects/index.ts';
import type { Bundle } from '../compile/index.ts';

/** Owners that are written together, and whom to wait for before the next ones. */
export interface Level {
  readonly owners: ReadonlySet<string>;
  readonly isAwaited: boolean;
  readonly awaited: ReadonlySet<string>;
}

/** Tenants first: their rights and quotas hold for all that follows; then owners, each after those that it needs. */
export function levelsOf(bundle: Pick<Bundle, 'manifests' | 'needs'>): readonly Level[] {
  const names = [...new Set(bundle.manifests.map((manifest) => ownerName(manifest.owner)))];
  const depths = new Map<string, number>();
  const depthOf = (name: string, above: readonly string[]): number => {
    const known = depths.get(name);
    if (known !== undefined) return known;
    const needs = (bundle.needs.get(name) ?? []).filter(
      (need) => names.includes(need) && !above.includes(need),
    );
    const depth = name.startsWith('Tenant/')
      ? 0
      : 1 + Math.max(0, ...needs.map((need) => depthOf(need, [...above, name])));
    depths.set(name, depth);
    return depth;
  };
  for (const name of names) depthOf(name, []);
  const last = Math.max(0, ...depths.values());
  return Array.from({ length: last + 1 }, (_, depth) => {
    const owners = new Set(names.filter((name) => depths.get(name) === depth));
    const soFar = new Set(names.filter((name) => (depths.get(name) ?? 0) <= depth));
    // Tenants' objects are healthy as soon as they are stored: the first wait that matters is for what runs.
    const isAwaited = depth === last || depth > 0;
    return { owners, isAwaited, awaited: depth === last ? new Set(names) : soFar };
  }).filter((level) => level.owners.size > 0);
}
