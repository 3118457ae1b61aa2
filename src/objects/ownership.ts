import { labels, sha256, sha256Base64Url, systemNamespace } from '../lib/index.ts';
import { ownerName, type Owner, type Ref } from './manifest.ts';

const longestLabel = 63;

/** The owner as a label value: `app.shop.web`; a long one is cut and made unique by a digest. */
export function ownerLabel(owner: Owner): string {
  const text = ownerName(owner).toLowerCase().replaceAll('/', '.');
  if (text.length <= longestLabel) return text;
  return `${text.slice(0, longestLabel - 11).replace(/[^a-z0-9]+$/, '')}-${sha256(text).slice(0, 10)}`;
}

/** Name of the owner's inventory, a ConfigMap in toryo-system. */
export function inventoryName(owner: Owner): string {
  return `inventory.${ownerLabel(owner)}`;
}

/** Where the owner's inventory is. */
export function inventoryRef(owner: Owner): Ref {
  return { group: '', kind: 'ConfigMap', namespace: systemNamespace, name: inventoryName(owner) };
}

/** The ApplySet id of an inventory, as KEP-3659 computes it: from name, namespace, kind and group of the parent. */
export function applySetId(owner: Owner): string {
  return `applyset-${sha256Base64Url(`${inventoryName(owner)}.${systemNamespace}.ConfigMap.`)}-v1`;
}

/** Labels that mark an object as ours: fleet, owner and ApplySet membership. */
export function markOf(owner: Owner, fleet: string): Readonly<Record<string, string>> {
  return {
    [labels.managed]: 'true',
    [labels.fleet]: fleet,
    [labels.owner]: ownerLabel(owner),
    [labels.partOf]: applySetId(owner),
  };
}
