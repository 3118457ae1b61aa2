import { at, isFailure, isString, listAt, objectAt, stringAt, stringsAt } from '../lib/index.ts';
import { causeOf, isController, questionsAbout, type KubeObject } from '../objects/index.ts';
import type { KindRef, KubeClient, ListOptions } from '../kube/index.ts';

/**
 * Why an object is not healthy, in one sentence, with as few requests as it takes: its pods, then events, claims and a node
 * only where the pods do not say. Undefined when nothing says, or when the rights to look are missing.
 */
export async function readCause(client: KubeClient, object: KubeObject): Promise<string | undefined> {
  const { namespace } = object.metadata;
  const here = namespace === undefined ? {} : { namespace };
  const list = (kind: string, options: ListOptions): Promise<readonly KubeObject[]> =>
    listOrNone(client, { group: '', kind }, { ...here, ...options });
  const selector = isController(object) ? selectorText(object) : '';
  const pods = selector === '' ? [] : (await list('Pod', { labelSelector: selector })).filter(isOf(object));
  const asked = questionsAbout(object, pods);
  const [events, claims, said, nodes] = await Promise.all([
    asked.events === undefined ? [] : list('Event', { fieldSelector: eventsOf(asked.events) }),
    asked.claims ? list('PersistentVolumeClaim', {}) : [],
    asked.claims ? list('Event', { fieldSelector: 'involvedObject.kind=PersistentVolumeClaim' }) : [],
    asked.node === undefined ? [] : nodeNamed(client, asked.node),
  ]);
  return causeOf(object, { pods, events: [...events, ...said], claims, nodes });
}

// What may not be read is not there: the sentence is made of the rest.
async function listOrNone(
  client: KubeClient,
  kind: KindRef,
  options: ListOptions,
): Promise<readonly KubeObject[]> {
  return await orNone(async () => (await client.list(kind, options)).items);
}

async function nodeNamed(client: KubeClient, name: string): Promise<readonly KubeObject[]> {
  return await orNone(async () => {
    const node = await client.get({ group: '', kind: 'Node', name });
    return node === undefined ? [] : [node];
  });
}

async function orNone(read: () => Promise<readonly KubeObject[]>): Promise<readonly KubeObject[]> {
  try {
    return await read();
  } catch (error) {
    if (isFailure(error, 'TORYO_KUBE_FORBIDDEN', 'TORYO_KUBE_ANSWER', 'TORYO_KUBE_UNKNOWN_KIND')) return [];
    throw error;
  }
}

function eventsOf(object: KubeObject): string {
  const uid = stringAt(object, 'metadata', 'uid');
  const name = `involvedObject.name=${object.metadata.name}`;
  return uid === undefined ? name : `${name},involvedObject.uid=${uid}`;
}

/** The selector of a controller as the server takes it; a ReplicationController's is a map. */
function selectorText(object: KubeObject): string {
  const selector = objectAt(object, 'spec', 'selector');
  const isMap = object.kind === 'ReplicationController';
  const labels = Object.entries(
    stringsAt(isMap ? { selector } : selector, isMap ? 'selector' : 'matchLabels'),
  );
  const expressions = listAt(selector, 'matchExpressions').map(expressionText);
  return [...labels.map(([key, value]) => `${key}=${value}`), ...expressions].join(',');
}

function expressionText(one: unknown): string {
  const key = stringAt(one, 'key') ?? '';
  const values = listAt(one, 'values').filter(isString).join(',');
  switch (stringAt(one, 'operator')) {
    case 'In':
      return `${key} in (${values})`;
    case 'NotIn':
      return `${key} notin (${values})`;
    case 'DoesNotExist':
      return `!${key}`;
    default:
      return key;
  }
}

// Another controller's pods may have the same labels; a Deployment's are its ReplicaSets', which are called after it.
function isOf(object: KubeObject): (pod: KubeObject) => boolean {
  const uid = stringAt(object, 'metadata', 'uid');
  return (pod) => {
    const owner = listAt(pod, 'metadata', 'ownerReferences').find((one) => at(one, 'controller') === true);
    if (owner === undefined || uid === undefined) return true;
    if (object.kind !== 'Deployment') return stringAt(owner, 'uid') === uid;
    return stringAt(owner, 'name')?.startsWith(`${object.metadata.name}-`) === true;
  };
}
