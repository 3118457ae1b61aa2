import { isObject, listAt, parseJson, stringAt } from '../lib/index.ts';
import { isKubeObject, type KubeObject } from '../objects/index.ts';
import { collectionPath, queryText } from './addresses.ts';
import type { Resource } from './discovery.ts';
import type { Answer } from './exchange.ts';
import { failureOf, strange, type Place } from './failures.ts';
import type { Call, Headers } from './transport.ts';

export interface Selection {
  readonly namespace?: string;
  readonly labelSelector?: string;
  readonly fieldSelector?: string;
}

export interface ListOptions extends Selection {
  /** Objects in one answer; 500 unless told. 0: all in one. */
  readonly chunk?: number;
  /** What is kept of each object as soon as it was read; undefined: nothing. */
  readonly keep?: (object: KubeObject) => KubeObject | undefined;
}

export interface ObjectList {
  readonly items: readonly KubeObject[];
  /** Where a watch goes on from. */
  readonly resourceVersion: string;
}

/** What a list or a watch needs of its client. */
export interface Port {
  readonly place: Place;
  readonly headers: Headers;
  send(call: Call): Promise<Answer>;
}

const usualChunk = 500;
/** A list that expires this often half way is asked for in one piece. */
const restartLimit = 3;

/** Lists all objects of a resource in chunks, from the start again when the server forgets the revision half way. */
export async function listAll(port: Port, resource: Resource, options: ListOptions): Promise<ObjectList> {
  for (let restart = 0; ; restart += 1) {
    const limit = restart < restartLimit ? (options.chunk ?? usualChunk) : 0;
    const list = await listOnce(port, resource, options, limit);
    if (list !== undefined) return list;
  }
}

async function listOnce(
  port: Port,
  resource: Resource,
  options: ListOptions,
  limit: number,
): Promise<ObjectList | undefined> {
  const items: KubeObject[] = [];
  let next: string | undefined;
  for (;;) {
    const call = listCall(port, resource, options, {
      limit,
      continue: next,
    });
    const answer = await port.send(call);
    if (answer.status === 410 && next !== undefined) return undefined;
    if (answer.status >= 300) throw failureOf(answer, call, port.place);
    const body = parseJson(answer.text);
    const resourceVersion = stringAt(body, 'metadata', 'resourceVersion');
    if (resourceVersion === undefined) throw strange('no list', call, port.place);
    const page = listAt(body, 'items').map((item) => itemOf(item, resource, call, port.place));
    for (const object of kept(page, options)) items.push(object);
    next = stringAt(body, 'metadata', 'continue');
    if ((next ?? '') === '') return { items, resourceVersion };
  }
}

function kept(page: readonly KubeObject[], { keep }: ListOptions): readonly KubeObject[] {
  return keep === undefined ? page : page.flatMap((object) => keep(object) ?? []);
}

/** What a list or watch is about, for its errors: `pods`, `deployments.apps in shop-web`. */
export function resourceTitle(resource: Resource, namespace: string | undefined): string {
  const name = resource.group === '' ? resource.plural : `${resource.plural}.${resource.group}`;
  return namespace === undefined ? name : `${name} in ${namespace}`;
}

/** The selection as query parameters. */
export function selectionQuery(selection: Selection): Readonly<Record<string, string | undefined>> {
  return { labelSelector: selection.labelSelector, fieldSelector: selection.fieldSelector };
}

interface PageQuery {
  readonly limit: number;
  readonly continue: string | undefined;
}

function listCall(port: Port, resource: Resource, options: Selection, page: PageQuery): Call {
  const query = queryText({ ...selectionQuery(options), ...page });
  return {
    verb: 'list',
    what: resourceTitle(resource, options.namespace),
    isObject: false,
    method: 'GET',
    path: collectionPath(resource, options.namespace) + query,
    headers: port.headers,
    isRepeatable: true,
    isMeasured: false,
  };
}

// Items of a list come without their apiVersion and kind.
function itemOf(item: unknown, resource: Resource, call: Call, place: Place): KubeObject {
  const apiVersion = resource.group === '' ? resource.version : `${resource.group}/${resource.version}`;
  const object: unknown = isObject(item) ? { apiVersion, kind: resource.kind, ...item } : undefined;
  if (isKubeObject(object)) return object;
  throw strange('an item that is no object', call, place);
}
