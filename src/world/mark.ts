import { fieldManagerOf, known, labels, listAt, stringAt, type Known } from '../lib/index.ts';
import { keyOf, ownerLabel, ownerName, type KubeObject, type Owner, type RefKey } from '../objects/index.ts';
import { uidOf, type Inventory } from './inventory.ts';

type Live = ReadonlyMap<RefKey, Known<KubeObject | undefined>>;

/** True when the object carries the marks of that fleet. */
export function isMarked(object: KubeObject | undefined, fleet: string): object is KubeObject {
  return (
    object?.metadata.labels?.[labels.managed] === 'true' && object.metadata.labels[labels.fleet] === fleet
  );
}

/**
 * Objects that somebody took the mark from, by key with the name of their owner: the owner's inventory lists them with the uid that
 * they have, and the fleet's field manager has applied them. One that names another fleet or owner is not among them.
 */
export function unmarkedIn(
  live: Live,
  inventories: Known<ReadonlyMap<string, Inventory>>,
  fleet: string,
): ReadonlyMap<RefKey, string> {
  const found = new Map<RefKey, string>();
  if (inventories.is === 'unknown') return found;
  for (const { owner, items } of inventories.value.values())
    for (const { ref, uid } of items) {
      const there = live.get(keyOf(ref));
      if (there?.is !== 'known' || there.value === undefined || uid !== uidOf(there.value)) continue;
      if (hasLostMarks(there.value, owner, fleet)) found.set(keyOf(ref), ownerName(owner));
    }
  return found;
}

function hasLostMarks(object: KubeObject, owner: Owner, fleet: string): boolean {
  const marks = object.metadata.labels ?? {};
  const [theirs, ours] = [marks[labels.fleet] ?? fleet, marks[labels.owner] ?? ownerLabel(owner)];
  if (theirs !== fleet || ours !== ownerLabel(owner)) return false;
  const isWhole = isMarked(object, fleet) && marks[labels.owner] !== undefined;
  return !isWhole && isAppliedBy(object, fleet);
}

function isAppliedBy(object: KubeObject, fleet: string): boolean {
  return listAt(object, 'metadata', 'managedFields').some(
    (entry) =>
      stringAt(entry, 'manager') === fieldManagerOf(fleet) && stringAt(entry, 'operation') === 'Apply',
  );
}

/** The same objects, those that lost the mark with it: for who asks only whether they are ours. */
export function markedAgain(live: Live, unmarked: ReadonlyMap<RefKey, string>, fleet: string): Live {
  if (unmarked.size === 0) return live;
  const all = new Map(live);
  for (const key of unmarked.keys()) {
    const found = live.get(key);
    if (found?.is !== 'known' || found.value === undefined) continue;
    const { metadata } = found.value;
    const marks = { ...metadata.labels, [labels.managed]: 'true', [labels.fleet]: fleet };
    all.set(key, known({ ...found.value, metadata: { ...metadata, labels: marks } }));
  }
  return all;
}
