import { gunzipSync, gzipSync } from 'node:zlib';
import {
  digestOf,
  fieldManagerOf,
  isFailure,
  labels,
  listAt,
  parseJson,
  stringAt,
  stringsAt,
  systemNamespace,
} from '../../lib/index.ts';
import { isKubeObject, ownerLabel, refOf, type KubeObject, type Owner } from '../../objects/index.ts';
import type { ApplyOptions, KubeClient } from '../../kube/index.ts';
import { uidOf, type WaveRecord } from '../../world/index.ts';
import { allEnded } from '../trouble.ts';

const component = 'revision';
/** Below the API server's limit of 1 MiB for one object, with room for its metadata. */
const pieceLength = 900_000;
const digestLength = 16;

/** An owner's revision: the owner and the digest of its manifests on one cluster. */
export interface Revision {
  readonly owner: Owner;
  readonly digest: string;
}

const short = (digest: string): string => digest.replace(/^sha256:/, '').slice(0, digestLength);

/**
 * The manifests of a revision as ConfigMaps that never change: compressed, in pieces, values of Secrets left out. What a
 * rollback applies.
 */
function keptObjects(
  revision: Revision,
  objects: readonly KubeObject[],
  fleet: string,
): readonly KubeObject[] {
  const text = gzipSync(JSON.stringify(objects.map(withoutData))).toString('base64');
  const pieces = Array.from({ length: Math.ceil(text.length / pieceLength) }, (_, index) =>
    text.slice(index * pieceLength, (index + 1) * pieceLength),
  );
  return pieces.map((piece, index) => ({
    apiVersion: 'v1',
    kind: 'ConfigMap',
    metadata: {
      name: `revision.${ownerLabel(revision.owner)}.${short(revision.digest)}.${index}`,
      namespace: systemNamespace,
      labels: {
        [labels.component]: component,
        [labels.fleet]: fleet,
        [labels.owner]: ownerLabel(revision.owner),
        [labels.revision]: short(revision.digest),
      },
    },
    immutable: true,
    data: { digest: revision.digest, piece: `${index + 1}/${pieces.length}`, content: digestOf(text) },
    binaryData: { manifests: piece },
  }));
}

function withoutData(object: KubeObject): KubeObject {
  if (!isSecret(object)) return object;
  const { data: _data, stringData: _stringData, ...rest } = object;
  return rest;
}

function isSecret(object: KubeObject): boolean {
  return object.kind === 'Secret' && object.apiVersion === 'v1';
}

/** Writes a revision's manifests down; what is there already and whole stays. */
export async function keep(
  revision: Revision,
  objects: readonly KubeObject[],
  client: KubeClient,
  fleet: string,
): Promise<void> {
  const options = { fieldManager: fieldManagerOf(fleet), force: true };
  await allEnded(keptObjects(revision, objects, fleet).map((piece) => put(piece, client, options)));
}

async function put(piece: KubeObject, client: KubeClient, options: ApplyOptions): Promise<void> {
  try {
    await client.apply(piece, options);
  } catch (error) {
    // It never changes: what is there was packed otherwise, or somebody made it anew.
    if (!isFailure(error, 'TORYO_KUBE_INVALID')) throw error;
    const found = await client.get(refOf(piece));
    if (found !== undefined) await client.remove(refOf(piece), { uid: uidOf(found) });
    await client.apply(piece, options);
  }
}

/**
 * Reads a revision's manifests back; undefined when a piece is missing or is not what was written. Secrets get the values that
 * they have now: a revision that changed them has no way back.
 */
export async function recall(
  revision: Revision,
  client: KubeClient,
): Promise<readonly KubeObject[] | undefined> {
  if (!/^[0-9A-Za-z]+$/.test(short(revision.digest))) return undefined;
  const labelSelector = `${labels.component}=${component},${labels.owner}=${ownerLabel(revision.owner)},${labels.revision}=${short(revision.digest)}`;
  const { items } = await client.list(
    { group: '', kind: 'ConfigMap' },
    { namespace: systemNamespace, labelSelector },
  );
  const objects = objectsIn(items, revision.digest);
  return objects === undefined
    ? undefined
    : Promise.all(objects.map((object) => withLiveData(object, client)));
}

/** The revision that an owner goes back to: a way back that was begun goes on, one that begins leads to the last that was healthy. */
function targetOf(record: WaveRecord | undefined): string | undefined {
  return record?.phase === 'returning' ? record.digest : record?.previous;
}

/** What an owner goes back to; undefined when its manifests are not kept any more. */
export async function recallBefore(
  owner: Owner,
  record: WaveRecord | undefined,
  client: KubeClient,
): Promise<{ readonly digest: string; readonly objects: readonly KubeObject[] } | undefined> {
  const digest = targetOf(record);
  const objects = digest === undefined ? undefined : await recall({ owner, digest }, client);
  return digest === undefined || objects === undefined ? undefined : { digest, objects };
}

function objectsIn(pieces: readonly KubeObject[], digest: string): readonly KubeObject[] | undefined {
  const ordered = pieces
    .map((one) => ({ data: stringsAt(one, 'data'), text: stringsAt(one, 'binaryData')['manifests'] ?? '' }))
    .filter(({ data }) => data['digest'] === digest)
    .toSorted(
      (left, right) =>
        Number.parseInt(left.data['piece'] ?? '', 10) - Number.parseInt(right.data['piece'] ?? '', 10),
    );
  const isWhole =
    ordered.length > 0 &&
    ordered.every(({ data }, index) => data['piece'] === `${index + 1}/${ordered.length}`);
  const text = ordered.map((one) => one.text).join('');
  if (!isWhole || ordered.some(({ data }) => data['content'] !== digestOf(text))) return undefined;
  const found = listAt(unpacked(text));
  // Nothing at all would be taken for an owner that has no objects, and all of them be deleted.
  return found.length > 0 && found.every(isKubeObject) ? found : undefined;
}

function unpacked(text: string): unknown {
  try {
    return parseJson(gunzipSync(Buffer.from(text, 'base64')).toString('utf8'));
  } catch {
    return undefined;
  }
}

async function withLiveData(object: KubeObject, client: KubeClient): Promise<KubeObject> {
  if (!isSecret(object)) return object;
  const live = await client.get(refOf(object));
  return live?.['data'] === undefined ? object : { ...object, data: live['data'] };
}

/** Deletes the kept manifests of these owners but for the revisions that are still of use. */
export async function forget(
  owners: readonly Owner[],
  useful: ReadonlySet<string>,
  client: KubeClient,
): Promise<void> {
  const wanted = new Set(owners.map(ownerLabel));
  const left = new Set([...useful].map(short));
  const selector = encodeURIComponent(`${labels.component}=${component}`);
  const { text } = await client.raw(
    'GET',
    `/api/v1/namespaces/${systemNamespace}/configmaps?labelSelector=${selector}`,
    {
      accept: 'application/json;as=PartialObjectMetadataList;g=meta.k8s.io;v=v1,application/json',
    },
  );
  const old = listAt(parseJson(text), 'items').flatMap((item) => {
    const marks = stringsAt(item, 'metadata', 'labels');
    const isOld = wanted.has(marks[labels.owner] ?? '') && !left.has(marks[labels.revision] ?? '');
    const [name, uid] = [stringAt(item, 'metadata', 'name'), stringAt(item, 'metadata', 'uid')];
    return isOld && name !== undefined && uid !== undefined ? [{ name, uid }] : [];
  });
  // With its uid a delete may be sent again when its answer is lost.
  await allEnded(
    old.map(({ name, uid }) =>
      client.remove({ group: '', kind: 'ConfigMap', namespace: systemNamespace, name }, { uid }),
    ),
  );
}
