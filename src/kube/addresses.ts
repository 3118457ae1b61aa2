import { failure } from '../lib/index.ts';
import type { Resource } from './discovery.ts';
import type { Place, Topic } from './failures.ts';

/** Query parameters; undefined, empty, 0 and false ones are left out. */
export type Query = Readonly<Record<string, string | number | boolean | undefined>>;

/** Path of all objects of a resource, in one namespace where one is given. */
export function collectionPath(resource: Resource, namespace: string | undefined): string {
  const { group, version, plural } = resource;
  const root = group === '' ? `/api/${version}` : `/apis/${group}/${version}`;
  const isInside = resource.namespaced && namespace !== undefined;
  return isInside ? `${root}/namespaces/${encodeURIComponent(namespace)}/${plural}` : `${root}/${plural}`;
}

/** Where an object is. */
export interface Address {
  readonly resource: Resource;
  readonly namespace: string | undefined;
  readonly name: string;
}

/** Path of one object. Throws TORYO_KUBE_INVALID when a namespaced object has no namespace: `default` is never assumed. */
export function objectPath(
  { resource, namespace, name }: Address,
  subresource: string | undefined,
  topic: Topic,
  place: Place,
): string {
  if (resource.namespaced && namespace === undefined) throw withoutNamespace(topic, place);
  const path = `${collectionPath(resource, namespace)}/${encodeURIComponent(name)}`;
  return subresource === undefined ? path : `${path}/${subresource}`;
}

/** The error of a namespaced object without a namespace. */
export function withoutNamespace(topic: Topic, place: Place): Error {
  const details = { verb: topic.verb, what: topic.what, why: 'metadata.namespace is missing' };
  return failure('TORYO_KUBE_INVALID', details, { subject: topic.what, cluster: place.cluster });
}

/** `?a=b&c=d`, or nothing. */
export function queryText(query: Query): string {
  let text = '';
  for (const [key, value] of Object.entries(query)) {
    if (value === undefined || value === false || value === '' || value === 0) continue;
    text += `${text === '' ? '?' : '&'}${key}=${encodeURIComponent(value)}`;
  }
  return text;
}
