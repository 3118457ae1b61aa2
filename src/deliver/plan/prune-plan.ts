import {
  keyOf,
  lastWriter,
  ownerLabel,
  ownerName,
  protectedKinds,
  refOf,
  titleOf,
  type KubeObject,
  type Owner,
} from '../../objects/index.ts';
import { labels } from '../../lib/index.ts';
import type { Bundle } from '../../compile/index.ts';
import { guardPartOf } from '../../guard/index.ts';
import { isMarked, uidOf, type ClusterWorld, type Inventory, type InventoryItem } from '../../world/index.ts';
import { brakeOf } from './brake-plan.ts';
import { foreignness, isRobbed, type Circumstances } from './object-plan.ts';
import { leftAlone, type Blocker, type Change, type PlanInput } from './change.ts';
import { dying, isNamedBy, planRemoval } from './removal-plan.ts';

interface Prune {
  readonly changes: readonly Change[];
  readonly blockers: readonly Blocker[];
  /** Owners without manifests whose inventories list what is theirs no more. */
  readonly closing: readonly string[];
}

/** What the record of an owner says after `toryo undo`: what its revision deletes stays until the revision changes. */
export const undoneWhy = 'undone by hand';
/** The same with what to do next. */
export const undoneText = `${undoneWhy}: put what came back into the repository, or change the owner there`;

/** What leaves a cluster: listed there, wanted no more. */
export function planPrune(bundle: Bundle, world: ClusterWorld, input: PlanInput): Prune {
  const { inventories } = world;
  if (inventories.is === 'unknown')
    return { changes: [], blockers: [{ code: 'damaged-inventory', why: inventories.why }], closing: [] };
  const wanted = new Set(bundle.manifests.map((manifest) => keyOf(refOf(manifest.object))));
  const all = [...inventories.value.values()];
  const prunes = all.map((inventory) => pruneOwner(inventory, wanted, { world, input, bundle }));
  return {
    changes: prunes.flatMap((one) => one.changes),
    blockers: prunes.flatMap((one) => one.blockers),
    closing: all
      .filter((inventory) => isClosing(inventory, { world, input, bundle }))
      .map((inventory) => ownerName(inventory.owner)),
  };
}

function pruneOwner(
  inventory: Inventory,
  wanted: ReadonlySet<string>,
  context: Circumstances,
): Pick<Prune, 'changes' | 'blockers'> {
  const name = ownerName(inventory.owner);
  const left = inventory.items.filter((item) => !wanted.has(keyOf(item.ref)));
  const found = left.flatMap((item) => pruneObject(item, inventory.owner, context));
  const changes = isUndone(inventory, context.input) ? found.map(undone) : found;
  const count = changes.filter(countsAsLoss).length;
  const brake = brakeOf(
    {
      name,
      cluster: context.world.cluster,
      deletions: count,
      listed: inventory.items.length,
      keepsSome: left.length < inventory.items.length,
      isRendered: context.bundle.owners.has(name),
    },
    context.input,
  );
  const isBraked = brake !== undefined && !context.input.permissions.prunes.has(name);
  const blockers = changes.filter((change) => change.action === 'blocked').map(blockerOf);
  return {
    changes,
    blockers: isBraked
      ? [...blockers, { code: 'prune-brake', why: brake, allow: `--allow-prune ${name}`, count }]
      : blockers,
  };
}

// What `removed` names was decided there. Guards follow from namespaces and profiles: those are braked themselves.
function countsAsLoss({ action, isRemoval, subject }: Change): boolean {
  return action === 'delete' && isRemoval !== true && guardPartOf(subject) === undefined;
}

function blockerOf({ subject, why }: Change): Blocker {
  const code = 'protected-kind';
  const said = `${titleOf(subject)}: ${why ?? ''}`;
  return why === protection(subject.kind)
    ? { code, why: said, allow: `--allow-delete ${subject.kind}/${subject.name}` }
    : { code, why: said };
}

function isUndone({ owner, record }: Inventory, input: PlanInput): boolean {
  return record?.why === undoneWhy && record.bad === (input.revisions?.get(ownerName(owner)) ?? '');
}

function undone(change: Change): Change {
  const isPruned = change.action === 'delete' || change.action === 'blocked';
  if (!isPruned || change.isRemoval === true) return change;
  return leftAlone(change, `${undoneWhy}: it stays until its owner changes`);
}

/** True when an owner without manifests has something to be crossed out: gone, or another's by now. */
function isClosing({ owner, items }: Inventory, { world, input, bundle }: Circumstances): boolean {
  if (bundle.owners.has(ownerName(owner))) return false;
  return (
    items.length === 0 ||
    items.some((item) => {
      const live = world.live.get(keyOf(item.ref));
      if (live?.is !== 'known') return false;
      const object = live.value;
      if (object === undefined) return true;
      const isTheirs =
        isRobbed({ subject: item.ref, owner }, world) ||
        (isMarked(object, input.fleet) && object.metadata.labels?.[labels.owner] === ownerLabel(owner));
      return object.metadata['deletionTimestamp'] === undefined && (!isTheirs || isAnother(item, object));
    })
  );
}

function pruneObject(item: InventoryItem, owner: Owner, context: Circumstances): readonly Change[] {
  const live = context.world.live.get(keyOf(item.ref));
  const base = { subject: item.ref, owner, fields: [], checkedBy: 'nothing' as const, hasRights: true };
  if (live?.is !== 'known') {
    const why = `cannot be read: ${live?.why ?? 'it was not asked for'}`;
    return [{ ...base, action: 'skip', why, isOurs: true }];
  }
  return live.value === undefined ? [] : pruneThere(base, { item, object: live.value, owner }, context);
}

interface Found {
  readonly item: InventoryItem;
  readonly object: KubeObject;
  readonly owner: Owner;
}

function pruneThere(
  base: Omit<Change, 'action'>,
  { item, object, owner }: Found,
  context: Circumstances,
): readonly Change[] {
  const { removed } = context.input;
  const removal = removed?.find((one) => isNamedBy(one, item.ref, owner));
  const isGoing = object.metadata['deletionTimestamp'] !== undefined;
  if (isGoing) return removal === undefined ? [] : [dying({ base, object, removal })];
  const why = strangeness(base, { item, object, owner }, context);
  if (why !== undefined) return [{ ...base, action: 'skip', why }];
  if (removal !== undefined) return planRemoval({ base, object, removal }, context.world.claims);
  if (isRobbed(base, context.world)) return [{ ...base, action: 'skip', why: lostMark, isOurs: true }];
  return [
    permittedDeletion({ ...base, action: 'delete', uid: uidOf(object), ...heirOf(owner, context) }, context),
  ];
}

function heirOf(owner: Owner, { input }: Circumstances): Pick<Change, 'after'> {
  const after = input.moved?.get(ownerName(owner));
  return after === undefined ? {} : { after };
}

// Whoever took the mark may have wanted to keep the object: it is not deleted, and not forgotten either.
const lostMark =
  'its mark was taken away: it stays, and stays listed; with its mark back the next apply deletes it';

function isAnother(item: InventoryItem, object: KubeObject): boolean {
  return item.uid !== '' && item.uid !== uidOf(object);
}

/** Why the object that is there is not the one that was listed, or not this owner's; undefined when it is both. */
function strangeness(
  base: Omit<Change, 'action'>,
  { item, object, owner }: Found,
  { world, input }: Circumstances,
): string | undefined {
  if (isAnother(item, object))
    return `another object has taken its name since (last written by ${lastWriter(object)}): it is left alone`;
  return isRobbed(base, world) ? undefined : foreignness(object, owner, input.fleet)?.why;
}

function permittedDeletion(change: Change, context: Circumstances): Change {
  const { kind, name } = change.subject;
  const isAllowed =
    !protectedKinds.has(kind) ||
    context.input.permissions.deletions.has(`${kind}/${name}`) ||
    // With the kind of Guards goes nothing that an apply does not bring back.
    guardPartOf(change.subject) !== undefined;
  return isAllowed ? change : { ...change, action: 'blocked', why: protection(kind) };
}

function protection(kind: string): string {
  return `a ${kind} is never deleted without being named`;
}
