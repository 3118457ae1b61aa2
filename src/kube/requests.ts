import { titleOf, type Ref } from '../objects/index.ts';
import type { Impersonation } from './access.ts';
import type { Topic } from './failures.ts';
import type { RemoveOptions } from './kube-client.ts';
import type { Call, Headers } from './transport.ts';

/** Media types of bodies. */
export const contentTypes = {
  plain: 'application/json',
  apply: 'application/apply-patch+yaml',
  json: 'application/json-patch+json',
  merge: 'application/merge-patch+json',
  strategic: 'application/strategic-merge-patch+json',
} as const;
const propagations = { foreground: 'Foreground', background: 'Background', orphan: 'Orphan' } as const;

/** What is particular to one write. */
export interface WriteRequest {
  readonly path: string;
  readonly headers: Headers;
  readonly body: unknown;
}

/** What a request about one object is about. */
export function about(verb: string, ref: Ref): Topic {
  return { verb, what: titleOf(ref), isObject: true };
}

/** The dryRun parameter. */
export function dryRunOf(options: { readonly dryRun?: boolean }): string | undefined {
  return options.dryRun === true ? 'All' : undefined;
}

/** A GET. */
export function readCall(topic: Topic, path: string, headers: Headers): Call {
  return { ...topic, method: 'GET', path, headers, isRepeatable: true, isMeasured: false };
}

/** A request with a JSON body; not to be repeated unless the caller knows better. */
export function writeCall(topic: Topic, method: string, request: WriteRequest): Call {
  const { path, headers, body } = request;
  return {
    ...topic,
    method,
    path,
    headers,
    body: () => JSON.stringify(body),
    isRepeatable: false,
    isMeasured: true,
  };
}

/** The body of a delete, or the part of an eviction. */
export function deleteOptions(options: RemoveOptions): object {
  const { uid, resourceVersion, propagation, gracePeriodSeconds, dryRun } = options;
  const preconditions = {
    ...(uid !== undefined && { uid }),
    ...(resourceVersion !== undefined && { resourceVersion }),
  };
  return {
    apiVersion: 'v1',
    kind: 'DeleteOptions',
    ...(Object.keys(preconditions).length > 0 && { preconditions }),
    ...(propagation !== undefined && { propagationPolicy: propagations[propagation] }),
    ...(gracePeriodSeconds !== undefined && { gracePeriodSeconds }),
    ...(dryRun === true && { dryRun: ['All'] }),
  };
}

/**
 * The headers of every request in one name. A list of values becomes one header each; an array of pairs would lose all
 * groups but one behind a proxy (undici's ProxyAgent makes a record of it).
 */
export function identityHeaders(who: Impersonation | undefined): Headers {
  const headers: Record<string, string | string[]> = { accept: contentTypes.plain, 'user-agent': 'toryo' };
  if (who === undefined) return headers;
  headers['impersonate-user'] = headerText(who.user);
  if (who.uid !== undefined) headers['impersonate-uid'] = headerText(who.uid);
  if (who.groups !== undefined && who.groups.length > 0)
    headers['impersonate-group'] = who.groups.map(headerText);
  for (const [key, values] of Object.entries(who.extra ?? {}))
    headers[`impersonate-extra-${encodeURIComponent(key).toLowerCase()}`] = values.map(headerText);
  return headers;
}

// Headers are bytes on the wire: names beyond ASCII go as UTF-8, as the API server reads them.
function headerText(text: string): string {
  return Buffer.from(text, 'utf8').toString('latin1');
}
