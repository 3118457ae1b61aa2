import {
  fieldManagerOf,
  isFailure,
  labels,
  listAt,
  parseJson,
  reasonOf,
  stringAt,
  stringsAt,
  at,
  failure,
  systemNamespace,
} from '../lib/index.ts';
import type { KubeObject, Ref } from '../objects/index.ts';
import type { KubeClient, Resource } from '../kube/index.ts';
import { inventoryFrom, inventoryPrefix, type Inventory } from './inventory.ts';

/** An object that carries the marks of a fleet. */
export interface Member {
  readonly ref: Ref;
  readonly uid: string;
  /** Value of the owner's label. */
  readonly ownerLabel: string;
  /** A controller made it and copied the labels: it goes with what made it. */
  readonly isControlled: boolean;
  /** The fleet's field manager has applied it; a copy of the labels alone is nobody's word. */
  readonly isApplied: boolean;
}

/** Everything on a cluster that carries the marks of a fleet, and the kinds that could not be asked. */
export interface Membership {
  readonly members: readonly Member[];
  /** `endpoints.example.com: forbidden`. */
  readonly unread: readonly string[];
}

const wide = 'application/json;as=PartialObjectMetadataList;g=meta.k8s.io;v=v1,application/json';
const chunk = 500;

/** Finds every object with the fleet's marks: each kind that is served and can be listed, metadata only. */
export async function readMembership(client: KubeClient, fleet: string): Promise<Membership> {
  client.forgetDiscovery();
  const { resources, failed } = await client.discover();
  const kinds = new Map<string, Resource>();
  for (const resource of resources) {
    const key = `${resource.group}/${resource.kind}`;
    // Every version shows the same objects; what was told about them in Events is no object of anybody.
    if (resource.verbs.includes('list') && resource.kind !== 'Event' && !kinds.has(key))
      kinds.set(key, resource);
  }
  const unread = failed.map(({ groupVersion, why }) => `${groupVersion}: ${why}`);
  const lists = await Promise.all(
    [...kinds.values()].map(async (resource) => {
      try {
        return await listMarked(client, resource, fleet);
      } catch (error) {
        if (!isFailure(error, 'TORYO_KUBE_ANSWER')) throw error;
        unread.push(reasonOf(error));
        return [];
      }
    }),
  );
  return { members: lists.flat(), unread };
}

async function listMarked(client: KubeClient, resource: Resource, fleet: string): Promise<readonly Member[]> {
  const { group, version, plural } = resource;
  const base = group === '' ? `/api/${version}` : `/apis/${group}/${version}`;
  const selector = encodeURIComponent(`${labels.managed}=true,${labels.fleet}=${fleet}`);
  const found: Member[] = [];
  let next = '';
  do {
    const more = next === '' ? '' : `&continue=${encodeURIComponent(next)}`;
    const path = `${base}/${plural}?labelSelector=${selector}&limit=${chunk}${more}`;
    const { status, text } = await client.raw('GET', path, { accept: wide });
    if (status >= 300) {
      const title = group === '' ? plural : `${plural}.${group}`;
      const what = { verb: 'list', what: title, why: String(status) };
      throw failure('TORYO_KUBE_ANSWER', what, { cluster: client.cluster });
    }
    const body = parseJson(text);
    found.push(...listAt(body, 'items').flatMap((item) => memberFrom(item, resource, fleet)));
    next = stringAt(body, 'metadata', 'continue') ?? '';
  } while (next !== '');
  return found;
}

function memberFrom(item: unknown, { group, kind }: Resource, fleet: string): readonly Member[] {
  const [name, namespace] = [stringAt(item, 'metadata', 'name'), stringAt(item, 'metadata', 'namespace')];
  if (name === undefined) return [];
  const holders = listAt(item, 'metadata', 'ownerReferences');
  const isApplied = listAt(item, 'metadata', 'managedFields').some(
    (entry) => stringAt(entry, 'manager') === fieldManagerOf(fleet),
  );
  return [
    {
      ref: { group, kind, name, ...(namespace === undefined ? {} : { namespace }) },
      uid: stringAt(item, 'metadata', 'uid') ?? '',
      ownerLabel: stringsAt(item, 'metadata', 'labels')[labels.owner] ?? '',
      // The Endpoints of a Service have no owner that they name, and its labels.
      isControlled:
        holders.some((holder) => at(holder, 'controller') === true) ||
        (group === '' && kind === 'Endpoints' && !isApplied),
      isApplied,
    },
  ];
}

/** The inventories of a fleet one by one: those that can be read, and the objects of those that cannot. */
export interface Shelf {
  readonly whole: readonly Inventory[];
  readonly damaged: readonly KubeObject[];
}

/** Reads every inventory of a fleet on a cluster; one that was damaged does not hide the others. */
export async function readShelf(client: KubeClient, fleet: string): Promise<Shelf> {
  const { items } = await client.list(
    { group: '', kind: 'ConfigMap' },
    { namespace: systemNamespace, labelSelector: `${labels.component}!=revision` },
  );
  const ours = items.filter(({ metadata }) => {
    const whose = metadata.labels?.[labels.fleet];
    return metadata.name.startsWith(inventoryPrefix) && (whose === undefined || whose === fleet);
  });
  const read = ours.map((item) => ({
    item,
    inventory: item.metadata.labels?.[labels.fleet] === fleet ? inventoryFrom(item) : undefined,
  }));
  return {
    whole: read.flatMap(({ inventory }) => inventory ?? []),
    damaged: read.flatMap(({ item, inventory }) => (inventory === undefined ? [item] : [])),
  };
}
