import { gunzipSync, gzipSync } from 'node:zlib';
import {
  annotations,
  fieldManagerOf,
  isString,
  knownValue,
  labels,
  listAt,
  parseJson,
  stringAt,
  stringsAt,
  systemNamespace,
  type Instant,
} from '../../lib/index.ts';
import { keyOf, ownerFrom, ownerLabel, ownerName, type KubeObject } from '../../objects/index.ts';
import type { KubeClient } from '../../kube/index.ts';
import { readLive, uidOf } from '../../world/index.ts';
import type { Change } from '../plan/change.ts';
import type { ClusterLease } from './lease.ts';
import type { Movement } from '../plan/movement.ts';
import { buriedFrom, buriedIn, inscription, isExpired, type Tomb } from './tombstone-plan.ts';

const component = 'tombstone';
const secretType = 'toryo.dev/tombstone';
/** A Secret holds 1 MiB; in a request its bytes are a third longer. */
const pieceBytes = 700_000;
const wide = 'application/json;as=PartialObjectMetadataList;g=meta.k8s.io;v=v1,application/json';

/** The deleted objects as Secrets, because values of Secrets are among them: compressed, in pieces. */
function tombstones(tomb: Tomb, fleet: string): readonly KubeObject[] {
  const bytes = gzipSync(JSON.stringify({ owner: ownerName(tomb.owner), buried: tomb.buried }));
  const count = Math.ceil(bytes.length / pieceBytes);
  const stamp = tomb.at.replaceAll(/\D/g, '');
  return Array.from({ length: count }, (_, index) => ({
    apiVersion: 'v1',
    kind: 'Secret',
    type: secretType,
    immutable: true,
    metadata: {
      name: `tombstone.${ownerLabel(tomb.owner)}.${stamp}.${index}`,
      namespace: systemNamespace,
      labels: {
        [labels.component]: component,
        [labels.fleet]: fleet,
        [labels.owner]: ownerLabel(tomb.owner),
      },
      annotations: {
        [annotations.deletedAt]: tomb.at,
        [annotations.deletedBy]: tomb.by,
        [annotations.plan]: tomb.plan,
        [annotations.piece]: `${index + 1}/${count}`,
      },
    },
    data: { objects: bytes.subarray(index * pieceBytes, (index + 1) * pieceBytes).toString('base64') },
  }));
}

/** Who deletes, where, when and by which plan. */
interface Burial {
  readonly client: KubeClient;
  readonly fleet: string;
  readonly lease: ClusterLease;
  readonly movement: Pick<Movement, 'plan'>;
  readonly at: Instant;
}

/** Writes the objects that are about to be deleted down, as they are now: `toryo undo` brings them back. */
export async function bury(deletions: readonly Change[], burial: Burial): Promise<void> {
  const { client, fleet, lease, movement, at } = burial;
  const live = await readLive(
    client,
    deletions.map((change) => ({ ref: change.subject, version: undefined })),
  );
  lease.check();
  const options = { fieldManager: fieldManagerOf(fleet), force: true };
  const owners = Map.groupBy(deletions, (change) => ownerName(change.owner));
  const pieces = [...owners.values()].flatMap((mine) => {
    const owner = mine[0]?.owner;
    const buried = mine.flatMap(({ subject, uid }) => {
      const object = knownValue(live.get(keyOf(subject)));
      return object === undefined || uidOf(object) !== uid ? [] : [buriedFrom(object)];
    });
    if (owner === undefined || buried.length === 0) return [];
    return tombstones({ owner, at, by: lease.holder, plan: movement.plan, buried }, fleet);
  });
  await Promise.all(pieces.map((piece) => client.apply(piece, options)));
}

/** What was deleted on a cluster and can be brought back, the latest first. A tombstone without all of its pieces is left out. */
export async function readTombs(client: KubeClient, fleet: string, now: Instant): Promise<readonly Tomb[]> {
  const labelSelector = `${labels.component}=${component},${labels.fleet}=${fleet}`;
  const { items } = await client.list(
    { group: '', kind: 'Secret' },
    { namespace: systemNamespace, labelSelector },
  );
  const groups = Map.groupBy(items, ({ metadata }) => metadata.name.slice(0, metadata.name.lastIndexOf('.')));
  const tombs = [...groups.values()].flatMap((pieces) => tombFrom(pieces) ?? []);
  return tombs
    .filter((tomb) => !isExpired(tomb.at, now))
    .toSorted((left, right) => (left.at < right.at ? 1 : -1));
}

function tombFrom(pieces: readonly KubeObject[]): Tomb | undefined {
  const parts = pieces
    .map((piece) => ({ said: inscription(piece), text: stringsAt(piece, 'data')['objects'] ?? '' }))
    .toSorted((left, right) => numberOf(left.said?.piece) - numberOf(right.said?.piece));
  const [first] = parts;
  const isWhole = parts.every((part, index) => part.said?.piece === `${index + 1}/${parts.length}`);
  if (first?.said === undefined || !isWhole) return undefined;
  const content = unpacked(parts.map((part) => part.text));
  const owner = ownerFrom(stringAt(content, 'owner') ?? '');
  if (owner === undefined) return undefined;
  const { at, by, plan } = first.said;
  return { owner, at, by, plan, buried: listAt(content, 'buried').flatMap((one) => buriedIn(one) ?? []) };
}

function numberOf(piece: string | undefined): number {
  return Number.parseInt(piece ?? '', 10);
}

function unpacked(texts: readonly string[]): unknown {
  try {
    const bytes = Buffer.concat(texts.map((text) => Buffer.from(text, 'base64')));
    return parseJson(gunzipSync(bytes).toString('utf8'));
  } catch {
    return undefined;
  }
}

/** Deletes the tombstones of a cluster that have had their time. */
export async function clearTombs(client: KubeClient, fleet: string, now: Instant): Promise<void> {
  const selector = encodeURIComponent(`${labels.component}=${component},${labels.fleet}=${fleet}`);
  const path = `/api/v1/namespaces/${systemNamespace}/secrets?labelSelector=${selector}`;
  const { text } = await client.raw('GET', path, { accept: wide });
  const names = listAt(parseJson(text), 'items').flatMap((item) => {
    const name = stringAt(item, 'metadata', 'name');
    const at = stringsAt(item, 'metadata', 'annotations')[annotations.deletedAt] ?? '';
    return isString(name) && isExpired(at, now) ? [name] : [];
  });
  await Promise.all(
    names.map((name) => client.remove({ group: '', kind: 'Secret', namespace: systemNamespace, name })),
  );
}
