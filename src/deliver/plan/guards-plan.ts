import { labels, platformOwner } from '../../lib/index.ts';
import { guardPartOf, isWholeOurs } from '../../guard/index.ts';
import { keyOf, ownerName, titleOf, type Ref } from '../../objects/index.ts';
import type { Bundle } from '../../compile/index.ts';
import type { ClusterWorld, Inventory } from '../../world/index.ts';
import type { Change } from './change.ts';
import { isRobbed } from './object-plan.ts';

const mostNamed = 3;

/** What somebody took from the guards of a cluster, or changed in them, since Toryo delivered them: no policy can guard policies. */
export function guardNotes(
  bundle: Pick<Bundle, 'cluster' | 'owners'>,
  world: ClusterWorld,
  changes: readonly Change[],
): readonly string[] {
  if (world.inventories.is === 'unknown') return [];
  const inventories = world.inventories.value;
  const found = changes.flatMap((change) => {
    if (isUnmarked(change, world)) return [`the mark of ${titleOf(change.subject)} was taken away`];
    const inventory = inventories.get(ownerName(change.owner));
    const what = inventory === undefined ? undefined : lossIn(change, inventory, bundle);
    return what === undefined ? [] : [`${titleOf(change.subject)} ${what}`];
  });
  if (found.length === 0) return [];
  const more = found.length - mostNamed;
  const rest = more > 0 ? ` and ${more} more` : '';
  return [
    `guards are weakened on cluster ${bundle.cluster}: ${found.slice(0, mostNamed).join(', ')}${rest}, and not by Toryo. \`toryo apply\` puts ${found.length === 1 ? 'it' : 'them'} back; find out who did it`,
  ];
}

function isUnmarked(change: Change, world: ClusterWorld): boolean {
  const isGuarding = guardPartOf(change.subject) !== undefined || isNamespace(change.subject);
  return isGuarding && isRobbed(change, world);
}

// What Toryo itself wrote last and nobody took: namespaces that left since were spared until then. Whoever else writes to a list that is
// one value has it, and it is taken back from them.
function isSparedOnly({ subject, fields, takes }: Change): boolean {
  return (
    guardPartOf(subject) === 'binding' &&
    takes === undefined &&
    fields.length > 0 &&
    fields.every(({ path }) => path.startsWith(sparedPath))
  );
}

function lossIn(change: Change, inventory: Inventory, bundle: Pick<Bundle, 'owners'>): string | undefined {
  const isPart = guardPartOf(change.subject) !== undefined && ownerName(change.owner) === platformOwner;
  if (!isPart && !isNetworkPolicy(change.subject) && !isNamespaceWith(change)) return undefined;
  const key = keyOf(change.subject);
  const wasThere = inventory.items.some((item) => item.uid !== '' && keyOf(item.ref) === key);
  if (!wasThere) return undefined;
  if (change.action === 'create') return 'was deleted';
  // Otherwise the difference is what the repository says now.
  const isSettled = inventory.digest === bundle.owners.get(ownerName(change.owner));
  return isSettled && change.action === 'configure' && !isSparedOnly(change) ? 'was changed' : undefined;
}

function isNetworkPolicy(ref: Ref): boolean {
  return isWholeOurs(ref) && guardPartOf(ref) === undefined;
}

const sparedPath = 'spec.matchResources.namespaceSelector.matchExpressions';
const guarding = [labels.managed, labels.guard, labels.tenant, 'pod-security.kubernetes.io/'];

function isNamespaceWith({ subject, action, fields }: Change): boolean {
  const isEdited =
    action === 'configure' && fields.some(({ path }) => guarding.some((label) => path.includes(label)));
  return isNamespace(subject) && isEdited;
}

function isNamespace({ group, kind }: Ref): boolean {
  return group === '' && kind === 'Namespace';
}
