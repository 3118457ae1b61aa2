import { isString, listAt } from '../../lib/index.ts';

/** What a request asks for. Without a namespace it is about the cluster, or about all namespaces. */
export type AccessRequest = ResourceRequest | PathRequest;

export interface ResourceRequest {
  readonly verb: string;
  /** Empty for the core group. */
  readonly group: string;
  /** The plural: `pods`. */
  readonly resource: string;
  readonly subresource?: string;
  readonly namespace?: string;
  readonly name?: string;
}

export interface PathRequest {
  readonly verb: string;
  /** `/healthz` */
  readonly path: string;
}

/** One rule of a role; `*` stays a symbol, for it also means what does not exist yet. */
export interface Rule {
  readonly verbs: ReadonlySet<string>;
  readonly groups: ReadonlySet<string>;
  /** `pods`, `pods/exec`, `*`, and `*` before `/scale`: that subresource of everything. */
  readonly resources: ReadonlySet<string>;
  /** Empty: whatever the name. */
  readonly names: ReadonlySet<string>;
  readonly urls: ReadonlySet<string>;
  /** The same text for the same rule. */
  readonly key: string;
}

/** Reads one rule of a Role or ClusterRole. */
export function ruleFrom(rule: unknown): Rule {
  const read = (field: string): readonly string[] =>
    [...new Set(listAt(rule, field).filter(isString))].sort();
  const [verbs, groups, resources] = [read('verbs'), read('apiGroups'), read('resources')];
  const [names, urls] = [read('resourceNames'), read('nonResourceURLs')];
  return {
    verbs: new Set(verbs),
    groups: new Set(groups),
    resources: new Set(resources),
    names: new Set(names),
    urls: new Set(urls),
    key: JSON.stringify([verbs, groups, resources, names, urls]),
  };
}

/** Whether a rule allows a request, as the RBAC authorizer reads it. */
export function allows(rule: Rule, request: AccessRequest): boolean {
  if (!hasOrAll(rule.verbs, request.verb)) return false;
  if ('path' in request) return [...rule.urls].some((url) => coversUrl(url, request.path));
  return (
    hasOrAll(rule.groups, request.group) &&
    allowsResource(rule.resources, request) &&
    (rule.names.size === 0 || rule.names.has(request.name ?? ''))
  );
}

/** True when a set has the value or the wildcard. */
export function hasOrAll(set: ReadonlySet<string>, value: string): boolean {
  return set.has(value) || set.has('*');
}

function allowsResource(
  resources: ReadonlySet<string>,
  { resource, subresource = '' }: ResourceRequest,
): boolean {
  if (subresource === '') return hasOrAll(resources, resource);
  return hasOrAll(resources, `${resource}/${subresource}`) || resources.has(`*/${subresource}`);
}

/** Whether resources of a rule have another one: `pods/exec` is in `*`, in itself, and in `exec` of everything. */
export function coversResource(resources: ReadonlySet<string>, resource: string): boolean {
  const slash = resource.indexOf('/');
  return hasOrAll(resources, resource) || (slash > 0 && resources.has(`*${resource.slice(slash)}`));
}

/** Whether one URL of a rule has another, which may end in `*` itself. */
export function coversUrl(url: string, other: string): boolean {
  return url === other || (url.endsWith('*') && stemOf(other).startsWith(stemOf(url)));
}

function stemOf(url: string): string {
  return url.replace(/\*+$/, '');
}
