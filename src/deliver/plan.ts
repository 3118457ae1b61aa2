import { hintOf, type ToryoError } from '../lib/index.ts';
import { keyOf, refOf } from '../objects/index.ts';
import type { Bundle } from '../compile/index.ts';
import { isMarked, type ClusterWorld } from '../world/index.ts';
import type { Blocker, Change, Plan, PlanInput, PlannedCluster } from './change.ts';
import { hashOf } from './hash-plan.ts';
import { orderNotes } from './notes-plan.ts';
import { changeOf, planObject } from './object-plan.ts';
import { planPrune } from './prune-plan.ts';
import { noWayBackOf } from './way-back-plan.ts';

/** Compares what is wanted with what is there. Pure. */
export function plan(input: PlanInput): Plan {
  const bundles = new Map(input.bundles.map((bundle) => [bundle.cluster, bundle]));
  const waves = input.waves.map((wave) => ({
    wave: wave.name,
    clusters: wave.clusters.flatMap((name) => {
      const bundle = bundles.get(name);
      return bundle === undefined ? [] : [planCluster(bundle, input)];
    }),
  }));
  const leaving = input.leaving ?? [];
  const all = leaving.length === 0 ? waves : [...waves, { wave: 'removed', clusters: leaving }];
  return { hash: hashOf(input.fleet, all), at: input.world.at, waves: all };
}

function planCluster(bundle: Bundle, input: PlanInput): PlannedCluster {
  const infrastructure = input.infrastructure?.get(bundle.cluster) ?? [];
  const planned = planObjects(bundle, input);
  const notes = [...(planned.notes ?? []), ...orderNotes(bundle, planned.changes)];
  return {
    ...planned,
    ...(infrastructure.length === 0 ? {} : { infrastructure }),
    ...(notes.length === 0 ? {} : { notes }),
  };
}

function planObjects(bundle: Bundle, input: PlanInput): PlannedCluster {
  const seen = input.world.clusters.get(bundle.cluster);
  const base = { cluster: bundle.cluster, digest: bundle.digest };
  if (seen?.is === 'there') return planThere(bundle, seen.world, input);
  const changes = bundle.manifests.map((manifest): Change => ({
    ...changeOf(manifest),
    action: 'create',
    checkedBy: 'nothing',
    hasRights: false,
  }));
  if (seen?.is === 'absent') return { ...base, state: 'absent', changes, blockers: [] };
  const why = seen === undefined ? 'it was not asked' : withHint(seen.why);
  return { ...base, state: 'unknown', why, changes: [], blockers: [] };
}

function withHint(error: ToryoError): string {
  return `${error.message}. ${hintOf(error.code)}`;
}

function planThere(bundle: Bundle, world: ClusterWorld, input: PlanInput): PlannedCluster {
  const base = { cluster: bundle.cluster, digest: bundle.digest };
  const wrong = wrongCluster(world, input);
  if (wrong.length > 0) return { ...base, state: 'there', changes: [], blockers: wrong };
  const wanted = bundle.manifests.map((manifest) => planObject(manifest, { bundle, world, input }));
  const gone = planPrune(bundle, world, input);
  const blocked = wanted.filter((change) => change.action === 'blocked');
  const blockers = [
    ...gone.blockers,
    ...(blocked.length === 0
      ? []
      : [
          {
            code: 'blocked-change' as const,
            why: `${blocked.length} ${blocked.length === 1 ? 'object is' : 'objects are'} blocked`,
          },
        ]),
  ];
  const changes = [...wanted, ...gone.changes];
  const lost = noWayBackOf(bundle, world, changes, input.pinned?.get(bundle.cluster) ?? new Set());
  const planned = {
    ...base,
    state: 'there' as const,
    ...(lost.size === 0 ? {} : { noWayBack: Object.fromEntries(lost) }),
    changes,
    blockers,
    ...(gone.closing.length === 0 ? {} : { closing: gone.closing }),
  };
  return hasLostInventories(bundle, world, input.fleet) ? { ...planned, notes: [lostInventories] } : planned;
}

// The namespace of the inventories is there and something else of ours too, yet nothing is listed: somebody deleted them.
function hasLostInventories(bundle: Bundle, world: ClusterWorld, fleet: string): boolean {
  if (world.inventories.is === 'unknown' || world.inventories.value.size > 0) return false;
  const there = bundle.manifests.filter(({ object }) => {
    const live = world.live.get(keyOf(refOf(object)));
    return live?.is === 'known' && isMarked(live.value, fleet);
  });
  return there.length > 1;
}

const lostInventories =
  'this cluster has objects of ours and no inventory of them: what left the repository meanwhile is not known. `toryo inventory check` finds it, with --repair it is listed again';

function wrongCluster(world: ClusterWorld, input: PlanInput): readonly Blocker[] {
  const { identity } = world;
  if (identity !== undefined && (identity.fleet !== input.fleet || identity.cluster !== world.cluster)) {
    return [
      {
        code: 'wrong-cluster',
        why: `it says that it is cluster ${identity.cluster} of fleet ${identity.fleet}, not ${world.cluster} of ${input.fleet}`,
      },
    ];
  }
  if (!input.identities.has(world.cluster)) return [];
  const locked = input.identities.get(world.cluster);
  if (locked === undefined)
    return [
      { code: 'wrong-cluster', why: 'toryo.lock does not say which cluster it is', allow: 'toryo lock' },
    ];
  if (locked === world.uid) return [];
  return [{ code: 'wrong-cluster', why: `its kube-system has uid ${world.uid}, toryo.lock says ${locked}` }];
}
