import { ownerName } from '../objects/index.ts';
import type { PlanInput } from '../deliver/index.ts';
import type { Fleet } from '../spec/index.ts';
import type { Built } from './looking.ts';

type Rules = Pick<PlanInput, 'owners' | 'selecting' | 'prune' | 'moved' | 'removed' | 'revisions' | 'pinned'>;

const known = new WeakMap<Built, Rules>();

/** What a plan must know of a fleet to judge what may go; made once for all of its clusters. */
export async function rulesOf(built: Built): Promise<Rules> {
  const before = known.get(built);
  if (before !== undefined) return before;
  const { revisionsOf } = await import('../deliver/index.ts');
  const { fleet, bundles } = built;
  const selecting = selectionOf(fleet);
  const rules: Rules = {
    owners: new Set(selecting.keys()),
    selecting,
    prune: fleet.prune,
    moved: new Map(fleet.moved.map(({ from, to }) => [from, to])),
    removed: fleet.removed,
    revisions: revisionsOf(bundles),
    pinned: pinnedOn(fleet),
  };
  known.set(built, rules);
  return rules;
}

function selectionOf(fleet: Fleet): ReadonlyMap<string, ReadonlySet<string>> {
  return new Map([
    ...fleet.apps.map(
      (app) => [ownerName({ tenant: app.tenant, app: app.name }), new Set(app.on.keys())] as const,
    ),
    ...fleet.addons.map((addon) => [ownerName({ addon: addon.name }), new Set(addon.on.keys())] as const),
    ...[...fleet.tenants.values()].map(
      (tenant) => [ownerName({ tenant: tenant.name }), new Set(tenant.on.keys())] as const,
    ),
  ]);
}

/** Cluster -> Apps whose state is pinned there. */
function pinnedOn(fleet: Fleet): ReadonlyMap<string, ReadonlySet<string>> {
  const pinned = new Map<string, Set<string>>();
  for (const app of fleet.apps)
    for (const [cluster, on] of app.on)
      if (on.state === 'pinned')
        pinned.set(
          cluster,
          (pinned.get(cluster) ?? new Set()).add(ownerName({ tenant: app.tenant, app: app.name })),
        );
  return pinned;
}
