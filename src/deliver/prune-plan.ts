import {
  keyOf,
  lastWriter,
  ownerName,
  protectedKinds,
  refOf,
  titleOf,
  type KubeObject,
  type Owner,
} from '../objects/index.ts';
import type { Bundle } from '../compile/index.ts';
import { uidOf, type ClusterWorld, type Inventory } from '../world/index.ts';
import { foreignness, type Circumstances } from './object-plan.ts';
import type { Blocker, Change, PlanInput } from './change.ts';

/** More than this many objects, and at least half of an owner's: somebody made a mistake. */
const brakeObjects = 10;
const brakeShare = 0.5;

interface Prune {
  readonly changes: readonly Change[];
  readonly blockers: readonly Blocker[];
}

/** What leaves a cluster: listed there, wanted no more. */
export function planPrune(bundle: Bundle, world: ClusterWorld, input: PlanInput): Prune {
  const { inventories } = world;
  if (inventories.is === 'unknown')
    return { changes: [], blockers: [{ code: 'damaged-inventory', why: inventories.why }] };
  const wanted = new Set(bundle.manifests.map((manifest) => keyOf(refOf(manifest.object))));
  const prunes = [...inventories.value.values()].map((inventory) =>
    pruneOwner(inventory, wanted, { world, input, bundle }),
  );
  return { changes: prunes.flatMap((one) => one.changes), blockers: prunes.flatMap((one) => one.blockers) };
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
