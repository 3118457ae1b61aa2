import { canonical, labels } from '../../lib/index.ts';
import {
  difference,
  isSame,
  keyOf,
  lastWriter,
  overlay,
  ownerLabel,
  ownerName,
  refOf,
  specOf,
  type KubeObject,
  type Manifest,
  type Owner,
} from '../../objects/index.ts';
import type { Bundle } from '../../compile/index.ts';
import { sparing } from '../../guard/index.ts';
import {
  isMarked,
  type ClusterWorld,
  type FieldClaim,
  type Inventory,
  type Prediction,
} from '../../world/index.ts';
import type { Change, PlanInput } from './change.ts';

/** One cluster as its plan is made. */
export interface Circumstances {
  readonly world: ClusterWorld;
  readonly input: PlanInput;
  readonly bundle: Bundle;
  /** Guards that the fallback goes on leaving alone, as apply will write it. */
  readonly spared?: readonly string[];
}

/** What a manifest's change always says. */
export function changeOf(manifest: Manifest): Omit<Change, 'action' | 'checkedBy' | 'hasRights'> {
  return {
    subject: refOf(manifest.object),
    owner: manifest.owner,
    fields: [],
    from: { file: manifest.from.file, line: manifest.from.line },
  };
}

/** What becomes of one wanted object. */
export function planObject(manifest: Manifest, context: Circumstances): Change {
  const { world } = context;
  const key = keyOf(refOf(manifest.object));
  const live = world.live.get(key) ?? { is: 'unknown' as const, why: 'it was not read' };
  const predicted = world.predicted.get(key) ?? { by: 'nothing' as const, hasRights: false };
  const base = checkedChange(manifest, predicted, world);
  const blocked = (why: string): Change => ({ ...base, action: 'blocked', why });
  if (live.is === 'unknown') return { ...base, ...unread(live.why, world) };
  const foreign = foreignTo(live.value, manifest, context);
  if (foreign !== undefined) return blocked(`${foreign.why}; ${foreign.next}`);
  if (live.value === undefined && isDoneAndGone(manifest, context))
    return { ...base, action: 'unchanged', why: 'finished and removed itself' };
  const refusal = refusalIn(predicted, manifest.owner);
  if (refusal !== undefined) return blocked(refusal);
  return {
    ...base,
    ...verdict(live.value, predicted, { manifest, context }),
    ...claimsIn(predicted),
    ...(live.value === undefined ? lossOf(manifest, context) : {}),
  };
}

function refusalIn({ stopped = [], refused }: Prediction, owner: Owner): string | undefined {
  return stopped.length > 0 ? stopped.map((claim) => stopText(claim, owner)).join('; ') : refused;
}

function claimsIn({ taken = [], left = [] }: Prediction): Pick<Change, 'takes' | 'leaves'> {
  return {
    ...(taken.length === 0 ? {} : { takes: taken }),
    ...(left.length === 0 ? {} : { leaves: left }),
  };
}

function stopText({ path, manager, time, value, wanted }: FieldClaim, owner: Owner): string {
  // What a Tenant stands for is compiled: there is no manifest to leave a field out of.
  const isCompiled = !('app' in owner || 'addon' in owner);
  const out = isCompiled ? '' : 'leave it out of the manifest, ';
  const since = time === undefined ? '' : `, ${time}`;
  return `${path} belongs to ${manager} (${canonical(value)}${since}) and is wanted to be ${canonical(wanted)}: say in spec.ownership of the Fleet who decides, ${out}or have ${manager} give it up`;
}

/** Where only reading is allowed, what may not be read stops nothing: it is unknown. */
function unread(why: string, { isReadOnly }: ClusterWorld): Pick<Change, 'action' | 'why'> {
  return isReadOnly === true
    ? { action: 'skip', why: `unknown: ${why}` }
    : { action: 'blocked', why: `cannot be read: ${why}` };
}

function checkedChange(
  manifest: Manifest,
  predicted: Prediction,
  { isReadOnly }: ClusterWorld,
): Omit<Change, 'action'> {
  return {
    ...changeOf(manifest),
    checkedBy: predicted.by,
    hasRights: predicted.hasRights,
    ...(predicted.warnings === undefined ? {} : { warnings: predicted.warnings }),
    ...(isReadOnly === true && predicted.by === 'nothing' ? { why: 'read-only' } : {}),
  };
}

/** A Job that removes itself when it is done does not run again until its owner's manifests change. */
function isDoneAndGone(manifest: Manifest, { bundle, world }: Circumstances): boolean {
  const inventory = isPassing(manifest.object) ? listerOf(manifest, world) : undefined;
  return inventory !== undefined && inventory.digest === bundle.owners.get(ownerName(manifest.owner));
}

/** True for what removes itself when it is done. */
export function isPassing(object: KubeObject): boolean {
  return object.kind === 'Job' && specOf(object)['ttlSecondsAfterFinished'] !== undefined;
}

/** The inventory of the manifest's own owner, when it says that the object was there. */
function listerOf({ object, owner }: Manifest, { inventories }: ClusterWorld): Inventory | undefined {
  if (inventories.is === 'unknown') return undefined;
  const inventory = inventories.value.get(ownerName(owner));
  const key = keyOf(refOf(object));
  return inventory?.items.some((item) => item.uid !== '' && keyOf(item.ref) === key) === true
    ? inventory
    : undefined;
}

/** What was there and is not, though no apply deleted it: somebody else did. */
function lossOf(manifest: Manifest, { world }: Circumstances): Pick<Change, 'why'> {
  const lister = isPassing(manifest.object) ? undefined : listerOf(manifest, world);
  if (lister === undefined) return {};
  const { record } = lister;
  // An inventory that was repaired knows no revision.
  if (record === undefined) return { why: 'deleted by somebody' };
  // A run that was killed may have deleted it itself.
  if (record.phase === 'moving' || record.phase === 'returning') return {};
  const since = (record.commit ?? record.revision.replace(/^sha256:/, '')).slice(0, 12);
  return { why: `deleted by somebody since revision ${since}` };
}

function verdict(
  live: KubeObject | undefined,
  predicted: Prediction,
  { manifest, context }: { readonly manifest: Manifest; readonly context: Circumstances },
): Pick<Change, 'action' | 'fields' | 'adopts'> {
  if (live === undefined) return { action: 'create', fields: [] };
  const after = sparing(storedThen(live, manifest.object, predicted), context.spared ?? []);
  if (isSame(live, after)) return { action: 'unchanged', fields: [] };
  const adopted =
    isAdoptable(live) && !isRobbed(changeOf(manifest), context.world) ? { adopts: lastWriter(live) } : {};
  return { action: 'configure', fields: difference(live, after), ...adopted };
}

/** What will be stored: by the server's word, else what is written laid over what is there. */
export function storedThen(
  live: KubeObject | undefined,
  wanted: KubeObject,
  predicted: Prediction | undefined,
): KubeObject {
  if (predicted?.object !== undefined) return predicted.object;
  const sent = predicted?.send?.object ?? wanted;
  return live === undefined ? sent : overlay(live, sent);
}

/** True for an object that carries no fleet's mark. */
function isAdoptable({ metadata }: KubeObject): boolean {
  return metadata.labels?.[labels.managed] === undefined && metadata.labels?.[labels.fleet] === undefined;
}

// With the operator's word an object of nobody becomes this owner's; one of another owner or fleet never does.
function foreignTo(
  live: KubeObject | undefined,
  manifest: Manifest,
  context: Circumstances,
): Foreign | undefined {
  if (live === undefined) return undefined;
  const { fleet, permissions } = context.input;
  const isPermitted = isAdoptable(live) && permissions.adoptions?.has(ownerName(manifest.owner)) === true;
  const isGoing = live.metadata['deletionTimestamp'] !== undefined;
  if ((isPermitted || isRobbed(changeOf(manifest), context.world)) && !isGoing) return undefined;
  return foreignness(live, giverOf(live, manifest, context) ?? manifest.owner, fleet);
}

/** True for an object of this very owner that somebody took the mark from. */
export function isRobbed(
  { subject, owner }: Pick<Change, 'subject' | 'owner'>,
  { unmarked }: Pick<ClusterWorld, 'unmarked'>,
): boolean {
  return unmarked?.get(keyOf(subject)) === ownerName(owner);
}

/** The owner that gives an object away: `moved` says so, and its inventory lists the object. */
function giverOf(live: KubeObject, manifest: Manifest, { world, input }: Circumstances): Owner | undefined {
  const { inventories } = world;
  if (inventories.is === 'unknown') return undefined;
  const to = ownerName(manifest.owner);
  const key = keyOf(refOf(manifest.object));
  const froms = [...(input.moved ?? [])].flatMap(([from, other]) => (other === to ? [from] : []));
  const givers = froms.flatMap((from) => inventories.value.get(from) ?? []);
  const giver = givers.find(
    ({ owner, items }) =>
      live.metadata.labels?.[labels.owner] === ownerLabel(owner) &&
      items.some((item) => keyOf(item.ref) === key),
  );
  return giver?.owner;
}

/** Why an object that is there may not be touched; undefined when it is this owner's. */
export function foreignness(live: KubeObject, owner: Owner, fleet: string): Foreign | undefined {
  if (live.metadata['deletionTimestamp'] !== undefined)
    return { why: 'it is being deleted', next: 'apply again when it is gone' };
  if (!isMarked(live, fleet))
    return {
      why: `it exists and is not ours (last written by ${lastWriter(live)})`,
      next: `let it be adopted (\`toryo adopt --owner ${ownerName(owner)}\`), delete it, or leave it out with \`without\``,
    };
  const label = live.metadata.labels?.[labels.owner];
  if (label === ownerLabel(owner)) return undefined;
  return {
    why: `it belongs to ${label ?? 'another owner'}`,
    next: 'leave it out of one of the two, or apply once without it so that it goes there first; an owner that was renamed is named in `moved` of the Fleet',
  };
}

/** Why an object is somebody else's, and what to do where it is wanted. */
export interface Foreign {
  readonly why: string;
  readonly next: string;
}
