import {
  annotations,
  isString,
  labels,
  parseJson,
  stringAt,
  stringsAt,
  systemNamespace,
  listAt,
} from '../lib/index.ts';
import {
  applySetId,
  inventoryName,
  keyOf,
  ownerFrom,
  ownerLabel,
  refFrom,
  ownerName,
  type KubeObject,
  type Owner,
  type Ref,
} from '../objects/index.ts';
import { recordFrom, recordText, wishFrom, type WaveRecord, type Wish } from './record.ts';

/** One object that an owner has on a cluster; an empty uid was written down before the object was. */
export interface InventoryItem {
  readonly ref: Ref;
  readonly uid: string;
}

/** What one owner has on one cluster, as an object in toryo-system says. */
export interface Inventory {
  readonly owner: Owner;
  readonly name: string;
  /** Digest of the manifests that it stands for; empty while they are being applied. */
  readonly digest: string;
  /** Where the owner's wave stands here; undefined before its first one ended. */
  readonly record?: WaveRecord;
  /** What a person said about it. */
  readonly wish?: Wish;
  readonly items: readonly InventoryItem[];
}

/** What the names of all inventories begin with. */
export const inventoryPrefix = 'inventory.';

const inventoryComponent = 'inventory';
const tooling = 'toryo/v1';

/** The inventory as a ConfigMap with ApplySet metadata (KEP-3659). */
export function inventoryObject(inventory: Inventory, fleet: string): KubeObject {
  const refs = inventory.items.map((item) => item.ref);
  const kinds = new Set(refs.map((ref) => (ref.group === '' ? ref.kind : `${ref.kind}.${ref.group}`)));
  const namespaces = new Set(
    refs.flatMap((ref) =>
      ref.namespace === undefined || ref.namespace === systemNamespace ? [] : [ref.namespace],
    ),
  );
  const lines = inventory.items.map((item) => JSON.stringify([keyOf(item.ref), item.uid]));
  return {
    apiVersion: 'v1',
    kind: 'ConfigMap',
    metadata: {
      name: inventory.name,
      namespace: systemNamespace,
      labels: {
        [labels.component]: inventoryComponent,
        [labels.fleet]: fleet,
        [labels.owner]: ownerLabel(inventory.owner),
        [labels.applySetId]: applySetId(inventory.owner),
      },
      annotations: {
        [annotations.applySetTooling]: tooling,
        [annotations.applySetGroupKinds]: [...kinds].sort().join(','),
        [annotations.applySetNamespaces]: [...namespaces].sort().join(','),
      },
    },
    data: {
      owner: ownerName(inventory.owner),
      digest: inventory.digest,
      ...(inventory.record === undefined ? {} : { record: recordText(inventory.record) }),
      objects: lines.sort().join('\n'),
    },
  };
}

/** Reads an inventory back; undefined when somebody changed it into something else. */
export function inventoryFrom(object: KubeObject): Inventory | undefined {
  const data = stringsAt(object, 'data');
  const owner = ownerFrom(data['owner'] ?? '');
  if (owner === undefined || object.metadata.name !== inventoryName(owner)) return undefined;
  const items = itemsFrom(data['objects'] ?? '');
  const record = recordFrom(data['record']);
  if (items === undefined || isLost(record, data['record'])) return undefined;
  const wish = wishOn(object);
  return {
    owner,
    name: object.metadata.name,
    digest: data['digest'] ?? '',
    ...(record === undefined ? {} : { record }),
    ...(wish === undefined ? {} : { wish }),
    items,
  };
}

// Without its record a revision would neither soak nor ask its gates, and one that went back would be tried again.
function isLost(record: WaveRecord | undefined, text: string | undefined): boolean {
  return record === undefined && text !== undefined;
}

function wishOn(object: KubeObject): Wish | undefined {
  const notes = object.metadata.annotations ?? {};
  const halted = wishFrom(notes[annotations.halted]);
  const promoted = wishFrom(notes[annotations.promoted])?.digest;
  const returned = wishFrom(notes[annotations.rollBack])?.digest;
  if (halted === undefined && promoted === undefined && returned === undefined) return undefined;
  return {
    ...(halted === undefined ? {} : { halted }),
    ...(promoted === undefined ? {} : { promoted }),
    ...(returned === undefined ? {} : { returned }),
  };
}

function itemsFrom(text: string): readonly InventoryItem[] | undefined {
  const lines = text.split('\n').filter((line) => line !== '');
  const items = lines.flatMap((line) => itemFrom(line) ?? []);
  return items.length === lines.length ? items : undefined;
}

function itemFrom(line: string): InventoryItem | undefined {
  const [key, uid] = listAt(parseJson(line));
  const ref = isString(key) ? refFrom(key) : undefined;
  return ref === undefined || !isString(uid) ? undefined : { ref, uid };
}

/** The uid of a stored object. */
export function uidOf(object: KubeObject): string {
  return stringAt(object, 'metadata', 'uid') ?? '';
}
