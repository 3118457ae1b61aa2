import { parseJson, stringAt, type Run } from '../lib/index.ts';
import { groupOf, isKubeObject, refOf, versionOf, type KubeObject, type Ref } from '../objects/index.ts';
import type { ClusterAccess, Impersonation } from './access.ts';
import { collectionPath, objectPath, queryText, withoutNamespace } from './addresses.ts';
import { discover, type Discovery, type KindRef, type Resource } from './discovery.ts';
import type { Answer } from './exchange.ts';
import { failureOf, isAbsent, strange, type Place, type Topic } from './failures.ts';
import type {
  Applied,
  ApplyOptions,
  CreateOptions,
  EvictOptions,
  GetOptions,
  KubeClient,
  PatchOptions,
  RawAnswer,
  RawOptions,
  RemoveOptions,
  ServerVersion,
} from './kube-client.ts';
import { listAll, type ListOptions, type ObjectList, type Port } from './list.ts';
import {
  about,
  contentTypes,
  deleteOptions,
  dryRunOf,
  identityHeaders,
  readCall,
  writeCall,
} from './requests.ts';
import { Transport, type Call, type Headers, type TransportOptions } from './transport.ts';
import { warningsIn } from './warnings.ts';
import { watchResource, type WatchEvent, type WatchOptions } from './watch.ts';

/** Opens the port to one API server; nothing is sent before the first call. */
export function openClient(access: ClusterAccess, run: Run, options: TransportOptions = {}): KubeClient {
  const identity = identityHeaders(access.as);
  const shared = new Shared(new Transport(access, run, options), run, identity);
  return new Client(shared, identity, () => shared.transport.close());
}

/** What a client and all made from it by `as` have in common. */
class Shared {
  readonly transport: Transport;
  readonly run: Run;
  readonly #identity: Headers;
  #discovery: Promise<Discovery> | undefined;

  constructor(transport: Transport, run: Run, identity: Headers) {
    this.transport = transport;
    this.run = run;
    this.#identity = identity;
  }

  /** In the connection's own identity, whoever asks. */
  discover(): Promise<Discovery> {
    this.#discovery ??= this.#ask().catch((error: unknown) => {
      this.#discovery = undefined;
      throw error;
    });
    return this.#discovery;
  }

  forgetDiscovery(): void {
    this.#discovery = undefined;
  }

  async #ask(): Promise<Discovery> {
    const get = (path: string, accept: string): Promise<Answer> =>
      this.transport.send(
        readCall({ verb: 'get', what: path, isObject: false }, path, { ...this.#identity, accept }),
      );
    return await discover(get, this.transport.place);
  }
}

class Client implements KubeClient {
  readonly #shared: Shared;
  readonly #transport: Transport;
  readonly #place: Place;
  readonly #identity: Headers;
  readonly #close: () => Promise<void>;

  constructor(shared: Shared, identity: Headers, close: () => Promise<void>) {
    this.#shared = shared;
    this.#transport = shared.transport;
    this.#place = shared.transport.place;
    this.#identity = identity;
    this.#close = close;
  }

  get server(): string {
    return this.#place.server;
  }

  get cluster(): string {
    return this.#place.cluster;
  }

  async version(): Promise<ServerVersion> {
    const topic = { verb: 'get', what: '/version', isObject: false };
    const body = await this.#send(readCall(topic, '/version', this.#headers()));
    const gitVersion = stringAt(body, 'gitVersion');
    const major = Number.parseInt(stringAt(body, 'major') ?? '', 10);
    // Managed control planes write `36+`.
    const minor = Number.parseInt(stringAt(body, 'minor') ?? '', 10);
    if (gitVersion === undefined || Number.isNaN(major) || Number.isNaN(minor))
      throw strange('no version', topic, this.#place);
    const emulated = Number.parseInt(stringAt(body, 'emulationMinor') ?? '', 10);
    return { gitVersion, major, minor, ...(!Number.isNaN(emulated) && { emulationMinor: emulated }) };
  }

  discover(): Promise<Discovery> {
    return this.#shared.discover();
  }

  forgetDiscovery(): void {
    this.#shared.forgetDiscovery();
  }

  async get(ref: Ref, options: GetOptions = {}): Promise<KubeObject | undefined> {
    const topic = about('get', ref);
    const path = await this.#pathOf(ref, options, topic);
    const call = { ...readCall(topic, path, this.#headers()), isMeasured: true };
    const answer = await this.#transport.send(call);
    return isAbsent(answer) ? undefined : this.#object(answer, call);
  }

  async list(kind: KindRef, options: ListOptions = {}): Promise<ObjectList> {
    return await listAll(this.#port(), await this.#resource(kind), options);
  }

  async *watch(kind: KindRef, options: WatchOptions = {}): AsyncGenerator<WatchEvent, void, void> {
    if (options.signal?.aborted === true) return;
    const resource = await this.#resource(kind);
    const { signal: _, resourceVersion: __, ...selection } = options;
    const port = {
      ...this.#port(),
      run: this.#shared.run,
      closed: this.#transport.closed,
      stream: this.#transport.stream.bind(this.#transport),
      list: () => listAll(this.#port(), resource, selection),
    };
    yield* watchResource(port, resource, options);
  }

  async apply(object: KubeObject, options: ApplyOptions): Promise<Applied> {
    const topic = about('apply', refOf(object));
    const { fieldManager, force, subresource } = options;
    const place = {
      version: versionOf(object.apiVersion),
      ...(subresource !== undefined && { subresource }),
    };
    const path = await this.#pathOf(refOf(object), place, topic);
    const query = queryText({ fieldManager, force, fieldValidation: 'Strict', dryRun: dryRunOf(options) });
    const call = writeCall(topic, 'PATCH', {
      path: path + query,
      headers: this.#headers(contentTypes.apply),
      body: object,
    });
    // Applying the same twice is applying it once.
    const isTrial = options.dryRun === true;
    const answer = await this.#transport.send({ ...call, isRepeatable: true, isTrial });
    return {
      object: this.#object(answer, call),
      outcome: answer.status === 201 ? 'created' : 'configured',
      warnings: isTrial ? warningsIn(answer.headers['warning']) : [],
    };
  }

  async create(object: KubeObject, options: CreateOptions = {}): Promise<KubeObject> {
    const topic = about('create', refOf(object));
    const resource = await this.#resource({
      group: groupOf(object.apiVersion),
      version: versionOf(object.apiVersion),
      kind: object.kind,
    });
    const { namespace } = object.metadata;
    if (resource.namespaced && namespace === undefined) throw withoutNamespace(topic, this.#place);
    const { fieldManager } = options;
    const query = queryText({ fieldManager, fieldValidation: 'Strict', dryRun: dryRunOf(options) });
    const path = collectionPath(resource, namespace) + query;
    const call = writeCall(topic, 'POST', {
      path: path,
      headers: this.#headers(contentTypes.plain),
      body: object,
    });
    return this.#object(await this.#transport.send({ ...call, isRepeatable: options.dryRun === true }), call);
  }

  async patch(ref: Ref, body: unknown, options: PatchOptions): Promise<KubeObject> {
    const topic = about('patch', ref);
    const path = await this.#pathOf(ref, options, topic);
    const { fieldManager } = options;
    const query = queryText({ fieldManager, fieldValidation: 'Strict', dryRun: dryRunOf(options) });
    const call = writeCall(topic, 'PATCH', {
      path: path + query,
      headers: this.#headers(contentTypes[options.type]),
      body: body,
    });
    return this.#object(await this.#transport.send({ ...call, isRepeatable: options.dryRun === true }), call);
  }

  async remove(ref: Ref, options: RemoveOptions = {}): Promise<'deleted' | 'absent'> {
    const topic = about('delete', ref);
    const path = await this.#pathOf(ref, {}, topic);
    const body = deleteOptions(options);
    const call = {
      ...writeCall(topic, 'DELETE', { path: path, headers: this.#headers(contentTypes.plain), body: body }),
      isRepeatable: options.uid !== undefined || options.dryRun === true,
    };
    const answer = await this.#transport.send(call);
    if (isAbsent(answer)) return 'absent';
    if (answer.status >= 300) throw failureOf(answer, call, this.#place);
    return 'deleted';
  }

  async evict(namespace: string, pod: string, options: EvictOptions = {}): Promise<void> {
    const ref = { group: '', kind: 'Pod', namespace, name: pod };
    const topic = about('evict', ref);
    const path = await this.#pathOf(ref, { subresource: 'eviction' }, topic);
    const body = {
      apiVersion: 'policy/v1',
      kind: 'Eviction',
      metadata: { name: pod, namespace },
      deleteOptions: deleteOptions(options),
    };
    const call = {
      ...writeCall(topic, 'POST', { path: path, headers: this.#headers(contentTypes.plain), body: body }),
      isRepeatable: options.uid !== undefined || options.dryRun === true,
    };
    const answer = await this.#transport.send(call);
    if (answer.status >= 300 && !isAbsent(answer)) throw failureOf(answer, call, this.#place);
  }

  async raw(method: string, path: string, options: RawOptions = {}): Promise<RawAnswer> {
    const { body, accept = contentTypes.plain, contentType = contentTypes.plain } = options;
    const isRead = method === 'GET' || method === 'HEAD';
    const { status, text } = await this.#transport.send({
      verb: method.toLowerCase(),
      what: path,
      isObject: false,
      method,
      path,
      headers: { ...this.#headers(body === undefined ? undefined : contentType), accept },
      ...(body !== undefined && { body: () => (typeof body === 'string' ? body : JSON.stringify(body)) }),
      isRepeatable: isRead,
      isMeasured: false,
    });
    return { status, text };
  }

  as(who: Impersonation): KubeClient {
    return new Client(this.#shared, identityHeaders(who), () => Promise.resolve());
  }

  close(): Promise<void> {
    return this.#close();
  }

  #port(): Port {
    return {
      place: this.#place,
      headers: this.#headers(),
      send: (call) => this.#transport.send(call),
    };
  }

  #headers(contentType?: string): Headers {
    const identity = this.#identity;
    return contentType === undefined ? identity : { ...identity, 'content-type': contentType };
  }

  async #resource(kind: KindRef): Promise<Resource> {
    return (await this.discover()).need(kind, this.#place);
  }

  async #pathOf(ref: Ref, options: GetOptions, topic: Topic): Promise<string> {
    const { version, subresource } = options;
    const { group, kind, namespace, name } = ref;
    const wanted = version === undefined ? { group, kind } : { group, kind, version };
    const resource = await this.#resource(wanted);
    return objectPath({ resource, namespace, name }, subresource, topic, this.#place);
  }

  async #send(call: Call): Promise<unknown> {
    const answer = await this.#transport.send(call);
    if (answer.status >= 300) throw failureOf(answer, call, this.#place);
    return parseJson(answer.text);
  }

  #object(answer: Answer, topic: Topic): KubeObject {
    if (answer.status >= 300) throw failureOf(answer, topic, this.#place);
    const object = parseJson(answer.text);
    if (isKubeObject(object)) return object;
    throw strange(`HTTP ${answer.status} without an object`, topic, this.#place);
  }
}
