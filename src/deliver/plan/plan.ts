import { hintOf, type ToryoError } from '../../lib/index.ts';
import { keyOf, ownerName, refOf } from '../../objects/index.ts';
import type { AccessSentence } from '../../guard/index.ts';
import type { Bundle } from '../../compile/index.ts';
import { isMarked, type ClusterWorld } from '../../world/index.ts';
import {
  isWrite,
  leftAlone,
  type Blocker,
  type Change,
  type Plan,
  type PlanInput,
  type PlannedCluster,
} from './change.ts';
import { accessOf } from './access-plan.ts';
import { sparedBy } from './guards-leaving.ts';
import { guardNotes } from './guards-plan.ts';
import { hashOf } from './hash-plan.ts';
import { isEnded } from './movement.ts';
import { orderNotes } from './notes-plan.ts';
import { changeOf, planObject } from './object-plan.ts';
import { planPrune } from './prune-plan.ts';
import { quotaEffects } from './quota-plan.ts';
import { securityEffects } from './security-plan.ts';
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
  const { isReadOnly = false, leaving = [] } = input;
  const all = leaving.length === 0 ? waves : [...waves, { wave: 'removed', clusters: leaving }];
  return {
    hash: hashOf(input.fleet, all, isReadOnly),
    at: input.world.at,
    ...(isReadOnly ? { isReadOnly } : {}),
    waves: all,
  };
}

function planCluster(bundle: Bundle, input: PlanInput): PlannedCluster {
  const infrastructure = input.infrastructure?.get(bundle.cluster) ?? [];
  const planned = planObjects(bundle, input);
  const notes = [
    ...(planned.notes ?? []),
    ...consentNotes(bundle, planned, input),
    ...orderNotes(bundle, planned.changes),
  ];
  const access = accessIn(bundle, planned, input);
  const isChanging = infrastructure.length > 0 || planned.changes.some(isWrite);
  return {
    ...planned,
    ...(isChanging ? input.approvers?.get(bundle.cluster) : {}),
    ...(infrastructure.length === 0 ? {} : { infrastructure }),
    ...(notes.length === 0 ? {} : { notes }),
    ...(access.length === 0 ? {} : { access }),
  };
}

function consentNotes(bundle: Bundle, { changes }: PlannedCluster, input: PlanInput): readonly string[] {
  const { cluster } = bundle;
  const isChanged = (input.infrastructure?.get(cluster) ?? []).length > 0;
  const note = input.consent?.get(cluster);
  const isAsked = isChanged || changes.some((change) => isNews(change, bundle, input));
  return isAsked && note !== undefined ? [note] : [];
}

/** True for a write of what the cluster does not run yet; the rest is drift of what was agreed to before. */
function isNews(change: Change, bundle: Bundle, { world }: PlanInput): boolean {
  if (!isWrite(change)) return false;
  const seen = world.clusters.get(bundle.cluster);
  if (seen?.is !== 'there' || seen.world.inventories.is === 'unknown') return true;
  const name = ownerName(change.owner);
  const record = seen.world.inventories.value.get(name)?.record;
  return record === undefined || record.digest !== bundle.owners.get(name) || !isEnded(record);
}

function accessIn(bundle: Bundle, { changes }: PlannedCluster, input: PlanInput): readonly AccessSentence[] {
  const builtIn = input.builtInAccess?.get(bundle.cluster);
  if (builtIn === undefined) return [];
  const seen = input.world.clusters.get(bundle.cluster);
  return accessOf(bundle, seen?.is === 'there' ? seen.world : undefined, changes, builtIn);
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
  const notes = input.notes?.get(bundle.cluster) ?? [];
  const said = notes.length === 0 ? {} : { notes };
  if (seen?.is === 'absent') return { ...base, state: 'absent', ...said, changes, blockers: [] };
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
  const context = { bundle, world, input, spared: sparedBy(bundle.manifests, world.live) };
  const wanted = bundle.manifests.map((manifest) => planObject(manifest, context));
  const gone = world.isReadOnly === true ? readPrune(bundle, world, input) : planPrune(bundle, world, input);
  const returned = returnedOwners(bundle, world, input);
  const changes = [...wanted, ...gone.changes].map((change) => heldBack(change, returned));
  const lost = noWayBackOf(bundle, world, changes, input.pinned?.get(bundle.cluster) ?? new Set());
  return {
    ...base,
    state: 'there',
    ...(lost.size === 0 ? {} : { noWayBack: Object.fromEntries(lost) }),
    ...toKnow(bundle, world, changes, { input, returned }),
    changes,
    blockers: [...gone.blockers, ...blockedChanges(wanted)],
    ...(gone.closing.length === 0 ? {} : { closing: gone.closing }),
  };
}

function blockedChanges(wanted: readonly Change[]): readonly Blocker[] {
  const count = wanted.filter((change) => change.action === 'blocked').length;
  if (count === 0) return [];
  return [{ code: 'blocked-change', why: `${count} ${count === 1 ? 'object is' : 'objects are'} blocked` }];
}

/** Notes and effects, where there are some. */
function toKnow(
  bundle: Bundle,
  world: ClusterWorld,
  changes: readonly Change[],
  { input, returned }: { readonly input: PlanInput; readonly returned: Returned },
): Pick<PlannedCluster, 'notes' | 'effects'> {
  const said = changes.some(isWrite) ? (input.notes?.get(bundle.cluster) ?? []) : [];
  const notes = [
    ...guardNotes(bundle, world, changes),
    ...said,
    ...returnedNotes(changes, returned),
    ...notesOn(bundle, world, input.fleet),
  ];
  const effects = [...quotaEffects(bundle, world, changes), ...securityEffects(bundle, world, changes)];
  return { ...(notes.length === 0 ? {} : { notes }), ...(effects.length === 0 ? {} : { effects }) };
}

/** Owner -> what became here of the revision that is wanted, and why. */
type Returned = ReadonlyMap<string, { readonly what: string; readonly why: string | undefined }>;

/** Owners whose revision failed here before: it is not written again. */
function returnedOwners(bundle: Bundle, { inventories }: ClusterWorld, input: PlanInput): Returned {
  if (inventories.is === 'unknown' || input.isBack === true) return new Map();
  const bad = [...inventories.value].filter(([name, { record, wish }]) => {
    const isBad = record?.bad !== undefined && record.bad === input.revisions?.get(name);
    return isBad && wish?.promoted !== bundle.owners.get(name);
  });
  return new Map(
    bad.map(([name, { record }]) => {
      const what = record?.phase === 'stuck' ? 'is stuck' : 'went back';
      return [name, { what: `this revision ${what} here`, why: record?.why }];
    }),
  );
}

function heldBack(change: Change, returned: Returned): Change {
  const found = isWrite(change) ? returned.get(ownerName(change.owner)) : undefined;
  return found === undefined ? change : leftAlone(change, notWritten(found.what));
}

const notWritten = (what: string): string => `not written: ${what}`;

function returnedNotes(changes: readonly Change[], returned: Returned): readonly string[] {
  return [...returned].flatMap(([name, { what, why }]) => {
    const isHeld = changes.some(
      (change) => change.why === notWritten(what) && ownerName(change.owner) === name,
    );
    if (!isHeld) return [];
    const next = `Change it, or \`toryo wave promote ${name}\` lets it be tried again`;
    return [`${name} is not applied: ${what} (${why ?? 'no reason is known'}). ${next}`];
  });
}

function notesOn(bundle: Bundle, world: ClusterWorld, fleet: string): readonly string[] {
  const { inventories, isReadOnly = false } = world;
  return [
    ...(hasLostInventories(bundle, world, fleet) ? [lostInventories] : []),
    ...(isReadOnly && inventories.is === 'unknown'
      ? [`what leaves this cluster is unknown: ${inventories.why}`]
      : []),
    ...(isReadOnly && world.uid === '' ? ['which cluster this is could not be read'] : []),
  ];
}

/** Deletions as far as the inventories could be read; what could not is unknown, and stops nothing. */
function readPrune(bundle: Bundle, world: ClusterWorld, input: PlanInput): ReturnType<typeof planPrune> {
  if (world.inventories.is === 'unknown') return { changes: [], blockers: [], closing: [] };
  return planPrune(bundle, world, input);
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
    return [{ code: 'wrong-cluster', why: 'toryo.lock does not say which cluster it is: run `toryo lock`' }];
  if (locked === world.uid || (world.isReadOnly === true && world.uid === '')) return [];
  return [{ code: 'wrong-cluster', why: `its kube-system has uid ${world.uid}, toryo.lock says ${locked}` }];
}
