import { digestOf, hintOf, labels, type Instant, type ToryoError } from '../lib/index.ts';
import {
  difference,
  isSame,
  keyOf,
  lastWriter,
  ownerLabel,
  ownerName,
  protectedKinds,
  refOf,
  specOf,
  titleOf,
  type FieldChange,
  type KubeObject,
  type Manifest,
  type Owner,
  type Ref,
} from '../objects/index.ts';
import type { Bundle } from '../compile/index.ts';
import {
  isMarked,
  uidOf,
  type ClusterWorld,
  type Inventory,
  type Prediction,
  type World,
} from '../world/index.ts';

/** What becomes of one object. */
export interface Change {
  readonly subject: Ref;
  readonly owner: Owner;
  readonly action: 'create' | 'configure' | 'unchanged' | 'delete' | 'skip' | 'blocked';
  readonly fields: readonly FieldChange[];
  readonly checkedBy: Prediction['by'];
  /** False: whether the writer may do it was checked offline only. */
  readonly hasRights: boolean;
  readonly why?: string;
  readonly from?: { readonly file: string; readonly line: number };
  /** Of a deletion: the incarnation that may be deleted. */
  readonly uid?: string;
}

/** A reason not to write to a cluster at all. */
export interface Blocker {
  readonly code: 'wrong-cluster' | 'prune-brake' | 'damaged-inventory' | 'protected-kind' | 'blocked-change';
  readonly why: string;
  /** What lets it pass, as a flag. */
  readonly allow?: string;
}

/** What is to be done on one cluster. */
export interface PlannedCluster {
  readonly cluster: string;
  readonly state: 'there' | 'absent' | 'unknown';
  readonly why?: string;
  /** What becomes of the cluster itself, a sentence each. */
  readonly infrastructure?: readonly string[];
  /** What to know that stops nothing. */
  readonly notes?: readonly string[];
  readonly changes: readonly Change[];
  readonly blockers: readonly Blocker[];
}

/** One wave: its clusters are planned side by side. */
export interface PlannedWave {
  readonly wave: string;
  readonly clusters: readonly PlannedCluster[];
}

/** What is to be done everywhere, in order. */
export interface Plan {
  readonly hash: string;
  readonly at: Instant;
  readonly waves: readonly PlannedWave[];
}

/** What the operator lets pass, by name. */
export interface Permissions {
  /** KIND/NAME of protected objects that may be deleted. */
  readonly deletions: ReadonlySet<string>;
  /** Owners that may lose more than the brake lets them. */
  readonly prunes: ReadonlySet<string>;
}

/** All that a plan is made from; the same inputs give the same plan. */
export interface PlanInput {
  readonly fleet: string;
  readonly waves: readonly { readonly name: string; readonly clusters: readonly string[] }[];
  readonly bundles: readonly Bundle[];
  readonly world: World;
  /** Cluster -> uid of kube-system that toryo.lock has; undefined: not needed (sandboxes). */
  readonly identities: ReadonlyMap<string, string | undefined>;
  readonly permissions: Permissions;
  /** Cluster -> what its provider would do, a sentence each. */
  readonly infrastructure?: ReadonlyMap<string, readonly string[]>;
  /** Owners that some document still names, on whatever cluster. */
  readonly owners: ReadonlySet<string>;
}

/** More than this many objects, and at least half of an owner's: somebody made a mistake. */
const brakeObjects = 10;
const brakeShare = 0.5;

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
  return { hash: hashOf(waves, input.bundles), at: input.world.at, waves };
}

function planCluster(bundle: Bundle, input: PlanInput): PlannedCluster {
  const infrastructure = input.infrastructure?.get(bundle.cluster) ?? [];
  const planned = planObjects(bundle, input);
  return infrastructure.length === 0 ? planned : { ...planned, infrastructure };
}

function planObjects(bundle: Bundle, input: PlanInput): PlannedCluster {
  const seen = input.world.clusters.get(bundle.cluster);
  if (seen?.is === 'there') return planThere(bundle, seen.world, input);
  const changes = bundle.manifests.map((manifest): Change => ({
    ...changeOf(manifest),
    action: 'create',
    checkedBy: 'nothing',
    hasRights: false,
  }));
  if (seen?.is === 'absent') return { cluster: bundle.cluster, state: 'absent', changes, blockers: [] };
  const why = seen === undefined ? 'it was not asked' : withHint(seen.why);
  return { cluster: bundle.cluster, state: 'unknown', why, changes: [], blockers: [] };
}

function withHint(error: ToryoError): string {
  return `${error.message}. ${hintOf(error.code)}`;
}

function planThere(bundle: Bundle, world: ClusterWorld, input: PlanInput): PlannedCluster {
  const wrong = wrongCluster(world, input);
  if (wrong.length > 0) return { cluster: bundle.cluster, state: 'there', changes: [], blockers: wrong };
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
  const planned = {
    cluster: bundle.cluster,
    state: 'there' as const,
    changes: [...wanted, ...gone.changes],
    blockers,
  };
  return hasLostInventories(bundle, world, input.fleet)
    ? { ...planned, notes: [lostInventories(input.fleet)] }
    : planned;
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

function lostInventories(fleet: string): string {
  return `this cluster has objects of ours and no inventory of them: what left the repository meanwhile is not known. Look for it with kubectl get all -A -l ${labels.fleet}=${fleet}`;
}

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

function changeOf(manifest: Manifest): Omit<Change, 'action' | 'checkedBy' | 'hasRights'> {
  return {
    subject: refOf(manifest.object),
    owner: manifest.owner,
    fields: [],
    from: { file: manifest.from.file, line: manifest.from.line },
  };
}

function planObject(manifest: Manifest, context: Circumstances): Change {
  const { world } = context;
  const key = keyOf(refOf(manifest.object));
  const live = world.live.get(key) ?? { is: 'unknown' as const, why: 'it was not read' };
  const predicted = world.predicted.get(key) ?? { by: 'nothing' as const, hasRights: false };
  const base = { ...changeOf(manifest), checkedBy: predicted.by, hasRights: predicted.hasRights };
  const blocked = (why: string): Change => ({ ...base, action: 'blocked', why });
  if (live.is === 'unknown') return blocked(`cannot be read: ${live.why}`);
  const foreign =
    live.value === undefined ? undefined : foreignness(live.value, manifest.owner, context.input.fleet);
  if (foreign !== undefined) return blocked(`${foreign.why}; ${foreign.next}`);
  if (live.value === undefined && isDoneAndGone(manifest, context))
    return { ...base, action: 'unchanged', why: 'finished and removed itself' };
  if (predicted.conflicts !== undefined)
    return blocked(
      `fields belong to somebody else: ${predicted.conflicts.join(', ')}; have them given up there, or leave them out of the manifest`,
    );
  if (predicted.refused !== undefined) return blocked(predicted.refused);
  return { ...base, ...verdict(live.value, predicted, manifest.object) };
}

/** A Job that removes itself when it is done does not run again until its owner's manifests change. */
function isDoneAndGone(manifest: Manifest, { bundle, world }: Circumstances): boolean {
  const isPassing =
    manifest.object.kind === 'Job' && specOf(manifest.object)['ttlSecondsAfterFinished'] !== undefined;
  if (!isPassing || world.inventories.is === 'unknown') return false;
  const name = ownerName(manifest.owner);
  const inventory = world.inventories.value.get(name);
  const key = keyOf(refOf(manifest.object));
  return (
    inventory?.digest === bundle.owners.get(name) &&
    inventory?.items.some((item) => item.uid !== '' && keyOf(item.ref) === key) === true
  );
}

function verdict(
  live: KubeObject | undefined,
  predicted: Prediction,
  wanted: KubeObject,
): Pick<Change, 'action' | 'fields'> {
  if (live === undefined) return { action: 'create', fields: [] };
  const after = predicted.object ?? wanted;
  return isSame(live, after)
    ? { action: 'unchanged', fields: [] }
    : { action: 'configure', fields: difference(live, after) };
}

/** Why an object that is there may not be touched; undefined when it is this owner's. */
function foreignness(live: KubeObject, owner: Owner, fleet: string): Foreign | undefined {
  if (live.metadata['deletionTimestamp'] !== undefined)
    return { why: 'it is being deleted', next: 'apply again when it is gone' };
  if (!isMarked(live, fleet))
    return {
      why: `it exists and is not ours (last written by ${lastWriter(live)})`,
      next: 'delete it, or leave it out with `without`',
    };
  const label = live.metadata.labels?.[labels.owner];
  if (label === ownerLabel(owner)) return undefined;
  return {
    why: `it belongs to ${label ?? 'another owner'}`,
    next: 'leave it out of one of the two, or apply once without it so that it goes there first',
  };
}

/** Why an object is somebody else's, and what to do where it is wanted. */
interface Foreign {
  readonly why: string;
  readonly next: string;
}

interface Prune {
  readonly changes: readonly Change[];
  readonly blockers: readonly Blocker[];
}

function planPrune(bundle: Bundle, world: ClusterWorld, input: PlanInput): Prune {
  const { inventories } = world;
  if (inventories.is === 'unknown')
    return { changes: [], blockers: [{ code: 'damaged-inventory', why: inventories.why }] };
  const wanted = new Set(bundle.manifests.map((manifest) => keyOf(refOf(manifest.object))));
  const prunes = [...inventories.value.values()].map((inventory) =>
    pruneOwner(inventory, wanted, { world, input, bundle }),
  );
  return { changes: prunes.flatMap((one) => one.changes), blockers: prunes.flatMap((one) => one.blockers) };
}

interface Circumstances {
  readonly world: ClusterWorld;
  readonly input: PlanInput;
  readonly bundle: Bundle;
}

function pruneOwner(inventory: Inventory, wanted: ReadonlySet<string>, context: Circumstances): Prune {
  const name = ownerName(inventory.owner);
  const left = inventory.items.filter((item) => !wanted.has(keyOf(item.ref)));
  const changes = left.flatMap((item) => pruneObject(item, inventory.owner, context));
  const deletions = changes.filter((change) => change.action === 'delete');
  // A document that went says so itself; one that stands and selects the cluster no more may be a slip in a label.
  const isLeaving =
    !context.bundle.owners.has(name) && context.input.owners.has(name) && deletions.length > 0;
  const isMany = deletions.length > brakeObjects && deletions.length >= inventory.items.length * brakeShare;
  const blockers: Blocker[] = changes.flatMap((change) =>
    change.action === 'blocked'
      ? [
          {
            code: 'protected-kind',
            why: `${titleOf(change.subject)}: ${change.why ?? ''}`,
            allow: `--allow-delete ${change.subject.kind}/${change.subject.name}`,
          },
        ]
      : [],
  );
  if ((isLeaving || isMany) && !context.input.permissions.prunes.has(name)) {
    const why = isLeaving
      ? `${name} leaves this cluster and loses all of its ${deletions.length} objects`
      : `${name} loses ${deletions.length} of ${inventory.items.length} objects`;
    blockers.push({ code: 'prune-brake', why, allow: `--allow-prune ${name}` });
  }
  return { changes, blockers };
}

function pruneObject(
  item: Inventory['items'][number],
  owner: Owner,
  context: Circumstances,
): readonly Change[] {
  const live = context.world.live.get(keyOf(item.ref));
  const base = { subject: item.ref, owner, fields: [], checkedBy: 'nothing' as const, hasRights: true };
  if (live?.is !== 'known')
    return [{ ...base, action: 'skip', why: `cannot be read: ${live?.why ?? 'it was not asked for'}` }];
  const object = live.value;
  if (object === undefined || object.metadata['deletionTimestamp'] !== undefined) return [];
  const why = strangeness(item, object) ?? foreignness(object, owner, context.input.fleet)?.why;
  if (why !== undefined) return [{ ...base, action: 'skip', why }];
  return [permittedDeletion({ ...base, action: 'delete', uid: uidOf(object) }, context)];
}

/** Why the object that is there is not the one that was listed. */
function strangeness(item: Inventory['items'][number], object: KubeObject): string | undefined {
  if (item.uid === '' || item.uid === uidOf(object)) return undefined;
  return `another object has taken its name since (last written by ${lastWriter(object)}): it is left alone`;
}

function permittedDeletion(change: Change, context: Circumstances): Change {
  const { kind, name } = change.subject;
  const isAllowed = !protectedKinds.has(kind) || context.input.permissions.deletions.has(`${kind}/${name}`);
  return isAllowed
    ? change
    : { ...change, action: 'blocked', why: `a ${kind} is never deleted without being named` };
}

/** Covers what would be written, not when or over which revision: the same change has the same hash tomorrow. */
function hashOf(waves: readonly PlannedWave[], bundles: readonly Bundle[]): string {
  const digests = bundles.map((bundle) => [bundle.cluster, bundle.digest]);
  const changes = waves.map((wave) => [
    wave.wave,
    wave.clusters.map((one) => [
      one.cluster,
      one.changes
        .filter(isWrite)
        .map((change) => [
          keyOf(change.subject),
          change.action,
          change.fields.map((field) => [field.path, field.after ?? null]),
        ]),
    ]),
  ]);
  return digestOf([digests, changes]);
}

/** True for a change that writes something. */
export function isWrite(change: Change): boolean {
  return change.action === 'create' || change.action === 'configure' || change.action === 'delete';
}
