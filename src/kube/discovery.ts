import {
  failure,
  listAt,
  objectAt,
  parseJson,
  reasonOf,
  stringAt,
  at,
  isString,
  type ToryoError,
} from '../lib/index.ts';
import { failureOf, strange, type Place } from './failures.ts';
import type { Answer } from './exchange.ts';

/** A kind, in the version that the server prefers unless one is given. */
export interface KindRef {
  readonly group: string;
  readonly kind: string;
  readonly version?: string;
}

/** How the server serves a kind. */
export interface Resource {
  readonly group: string;
  readonly version: string;
  readonly kind: string;
  readonly plural: string;
  readonly namespaced: boolean;
  readonly verbs: readonly string[];
}

/** A group version that is announced and cannot be served now, mostly because its own server is down. */
export interface FailedGroup {
  /** `metrics.k8s.io/v1beta1`. */
  readonly groupVersion: string;
  readonly why: string;
}

/** What one API server serves. */
export class Discovery {
  /** By group, each group's versions in the order of preference. */
  readonly resources: readonly Resource[];
  readonly failed: readonly FailedGroup[];
  readonly #byKind: ReadonlyMap<string, readonly Resource[]>;

  constructor(resources: readonly Resource[], failed: readonly FailedGroup[]) {
    this.resources = resources;
    this.failed = failed;
    this.#byKind = Map.groupBy(resources, (resource) => `${resource.group}/${resource.kind}`);
  }

  /** The resource of a kind; undefined when the server does not have it, or not in that version. */
  resourceOf(kind: KindRef): Resource | undefined {
    const versions = this.#byKind.get(`${kind.group}/${kind.kind}`);
    if (kind.version === undefined) return versions?.[0];
    return versions?.find((resource) => resource.version === kind.version);
  }

  /** The same or TORYO_KUBE_UNKNOWN_KIND, which says when the group is only unavailable. */
  need(kind: KindRef, place: Place): Resource {
    const found = this.resourceOf(kind);
    if (found !== undefined) return found;
    throw this.#unknownKind(kind, place);
  }

  #unknownKind(kind: KindRef, place: Place): ToryoError {
    const groupVersion = [kind.group, kind.version]
      .filter((part) => part !== undefined && part !== '')
      .join('/');
    const down = this.failed.find((failed) => failed.groupVersion.startsWith(`${kind.group}/`));
    const why = down === undefined ? '' : ` (${down.groupVersion} cannot be served now: ${down.why})`;
    const version = `${groupVersion === '' ? 'the core group' : groupVersion}${why}`;
    return failure('TORYO_KUBE_UNKNOWN_KIND', { kind: kind.kind, version }, { cluster: place.cluster });
  }
}

/** Gets a discovery document; `accept` is the Accept header. */
export type Fetch = (path: string, accept: string) => Promise<Answer>;

const plain = 'application/json';
const aggregated = ['v2', 'v2beta1']
  .map((version) => `${plain};g=apidiscovery.k8s.io;v=${version};as=APIGroupDiscoveryList`)
  .concat(plain)
  .join(',');

/** Asks what is served: two requests where the server has aggregated discovery, else one per group version. */
export async function discover(fetch: Fetch, place: Place): Promise<Discovery> {
  const parts = await Promise.all(['/api', '/apis'].map((path) => discoverBelow(path, fetch, place)));
  return new Discovery(
    parts.flatMap((part) => part.resources),
    parts.flatMap((part) => part.failed),
  );
}

interface Part {
  readonly resources: readonly Resource[];
  readonly failed: readonly FailedGroup[];
}

async function discoverBelow(path: string, fetch: Fetch, place: Place): Promise<Part> {
  const answer = await fetch(path, aggregated);
  const topic = { verb: 'get', what: path, isObject: false };
  if (answer.status >= 300) throw failureOf(answer, topic, place);
  const body = parseJson(answer.text);
  switch (stringAt(body, 'kind')) {
    case 'APIGroupDiscoveryList':
      return fromAggregated(body);
    case 'APIVersions':
      return await fetchEach(coreVersions(body), fetch, place);
    case 'APIGroupList':
      return await fetchEach(groupVersions(body), fetch, place);
    default:
      throw strange('no discovery document', topic, place);
  }
}

function fromAggregated(body: unknown): Part {
  const failed: FailedGroup[] = [];
  const resources = listAt(body, 'items').flatMap((item) => {
    const group = stringAt(item, 'metadata', 'name') ?? '';
    return listAt(item, 'versions').flatMap((served) => {
      const version = stringAt(served, 'version') ?? '';
      // The resources of a stale version are what its server said when it was last reached.
      if (stringAt(served, 'freshness') === 'Stale')
        failed.push({ groupVersion: `${group}/${version}`, why: 'the server behind it does not answer' });
      return listAt(served, 'resources').map((resource) => ({
        group,
        version,
        kind: stringAt(resource, 'responseKind', 'kind') ?? '',
        plural: stringAt(resource, 'resource') ?? '',
        namespaced: stringAt(resource, 'scope') === 'Namespaced',
        verbs: listAt(resource, 'verbs').filter(isString),
      }));
    });
  });
  return { resources, failed };
}

interface GroupVersion {
  readonly group: string;
  readonly version: string;
}

function coreVersions(body: unknown): readonly GroupVersion[] {
  return listAt(body, 'versions')
    .filter(isString)
    .map((version) => ({ group: '', version }));
}

function groupVersions(body: unknown): readonly GroupVersion[] {
  return listAt(body, 'groups').flatMap((item) => {
    const group = stringAt(item, 'name') ?? '';
    const preferred = stringAt(item, 'preferredVersion', 'version');
    const versions = listAt(item, 'versions')
      .map((version) => stringAt(version, 'version'))
      .filter((version) => version !== undefined);
    const inOrder = [
      ...versions.filter((each) => each === preferred),
      ...versions.filter((each) => each !== preferred),
    ];
    return inOrder.map((version) => ({ group, version }));
  });
}

async function fetchEach(versions: readonly GroupVersion[], fetch: Fetch, place: Place): Promise<Part> {
  const parts = await Promise.all(versions.map((version) => fetchOne(version, fetch, place)));
  return { resources: parts.flatMap((part) => part.resources), failed: parts.flatMap((part) => part.failed) };
}

async function fetchOne({ group, version }: GroupVersion, fetch: Fetch, place: Place): Promise<Part> {
  const path = group === '' ? `/api/${version}` : `/apis/${group}/${version}`;
  const answer = await fetch(path, plain);
  if (answer.status >= 300) {
    const error = failureOf(answer, { verb: 'get', what: path, isObject: false }, place);
    return { resources: [], failed: [{ groupVersion: `${group}/${version}`, why: reasonOf(error) }] };
  }
  const resources = listAt(parseJson(answer.text), 'resources')
    .map((resource) => ({
      group,
      version,
      kind: stringAt(resource, 'kind') ?? '',
      plural: stringAt(resource, 'name') ?? '',
      namespaced: at(objectAt(resource), 'namespaced') === true,
      verbs: listAt(resource, 'verbs').filter(isString),
    }))
    .filter((resource) => !resource.plural.includes('/'));
  return { resources, failed: [] };
}
