import type { Dispatcher } from 'undici';
import {
  backOff,
  pause,
  at,
  isFailure,
  parseJson,
  reasonOf,
  stringAt,
  tell,
  type Run,
  type ToryoError,
} from '../lib/index.ts';
import { isKubeObject, type KubeObject } from '../objects/index.ts';
import { collectionPath, queryText } from './addresses.ts';
import type { Resource } from './discovery.ts';
import {
  brokenFailure,
  failureOf,
  interrupted,
  statusFailure,
  statusFrom,
  strange,
  type Place,
  type Topic,
} from './failures.ts';
import { resourceTitle, selectionQuery, type ObjectList, type Port, type Selection } from './list.ts';
import type { Call } from './transport.ts';

export interface WatchOptions extends Selection {
  /** From a list or an earlier event; without it the watch begins with a list. */
  readonly resourceVersion?: string;
  /** Ends the watch without an error. */
  readonly signal?: AbortSignal;
}

/** What a watch tells; a watch begun with an event's resourceVersion goes on after that event. */
export type WatchEvent =
  | {
      readonly type: 'added' | 'modified' | 'deleted';
      readonly object: KubeObject;
      readonly resourceVersion: string;
    }
  | { readonly type: 'bookmark'; readonly resourceVersion: string }
  /** These are all objects now: whatever was known before is replaced. */
  | {
      readonly type: 'restarted';
      readonly items: readonly KubeObject[];
      readonly resourceVersion: string;
    };

/** What a watch needs of its client. */
export interface WatchPort extends Port {
  readonly run: Run;
  stream(call: Call, signal: AbortSignal): Promise<Dispatcher.ResponseData>;
  list(): Promise<ObjectList>;
  /** Aborted when the client is closed. */
  readonly closed: AbortSignal;
}

/** A connection that ends sooner without an event is a failure: no storm of connections. */
const shortest = 500;
/** One that ends sooner, whatever it told, was cut: before the next one there is a pause. */
const steady = 10_000;
/** What a server that cuts connections has to tell is told this late at most. */
const longestAfterCut = 5000;
const longestPause = 30_000;
/** Failures told by the server in a row after which the revision itself is suspected. */
const suspicious = 3;

/** Watches one resource; see KubeClient.watch. */
export async function* watchResource(
  port: WatchPort,
  resource: Resource,
  options: WatchOptions,
): AsyncGenerator<WatchEvent, void, void> {
  const watch = new Watch(port, resource, options);
  while (!watch.isOver) {
    try {
      yield* watch.events();
    } catch (error) {
      watch.fail(error);
    }
    await watch.rest();
  }
  if (port.run.signal.aborted) throw interrupted(watch.topic, port.place);
}

/** Where a watch is, over all its connections. */
class Watch {
  readonly topic: Topic;
  readonly #port: WatchPort;
  readonly #resource: Resource;
  readonly #options: WatchOptions;
  readonly #signal: AbortSignal;
  #resourceVersion: string | undefined;
  #failures = 0;
  #cuts = 0;
  #opened: number | undefined;

  constructor(port: WatchPort, resource: Resource, options: WatchOptions) {
    this.topic = { verb: 'watch', what: resourceTitle(resource, options.namespace), isObject: false };
    this.#port = port;
    this.#resource = resource;
    this.#options = options;
    this.#signal = signalOf(options, port);
    this.#resourceVersion = options.resourceVersion;
  }

  get isOver(): boolean {
    return this.#signal.aborted;
  }

  /** The events of one connection, after a list when there is nothing to go on from. */
  async *events(): AsyncGenerator<WatchEvent, void, void> {
    this.#opened = undefined;
    if (this.#resourceVersion === undefined) {
      const list = await this.#port.list();
      this.#resourceVersion = list.resourceVersion;
      yield { type: 'restarted', ...list };
    }
    let isIdle = true;
    const stream = await openStream(this.#port, this.#call(this.#resourceVersion), this.#signal);
    this.#opened = performance.now();
    for await (const event of eventsOf(stream, this.topic, this.#port.place)) {
      isIdle = false;
      this.#failures = 0;
      this.#resourceVersion = event.resourceVersion;
      yield event;
    }
    if (isIdle && this.#lasted < shortest) throw new Error('the server ended the watch at once');
  }

  /** Takes note of a failure. Throws the one that cannot heal. */
  fail(error: unknown): void {
    if (this.isOver) return;
    const failure = brokenFailure(error, this.topic, this.#port.place);
    if (!heals(failure)) throw failure;
    this.#failures += 1;
    const isSuspect = this.#failures >= suspicious && !isFailure(failure, 'TORYO_KUBE_UNREACHABLE');
    if (isSuspect || isFailure(failure, 'TORYO_KUBE_EXPIRED')) this.#resourceVersion = undefined;
    const { verb, what } = this.topic;
    const happening = { subject: what, verb, state: 'waiting' as const, why: reasonOf(failure) };
    tell(this.#port.run, { ...happening, cluster: this.#port.place.cluster });
  }

  get #lasted(): number {
    return this.#opened === undefined ? 0 : performance.now() - this.#opened;
  }

  /** The pause before the next connection: none after one that ended as agreed. */
  async rest(): Promise<void> {
    // A server that was listened to is there, however the connection ended.
    if (this.#lasted >= shortest) this.#failures = 0;
    this.#cuts = this.#lasted >= steady ? 0 : this.#cuts + 1;
    if (this.#failures === 0 && this.#cuts > 0)
      await pause(backOff(this.#cuts, longestAfterCut), this.#signal);
    if (this.#failures > 0) await pause(backOff(this.#failures, longestPause), this.#signal);
  }

  #call(resourceVersion: string): Call {
    const query = queryText({
      watch: true,
      allowWatchBookmarks: true,
      ...selectionQuery(this.#options),
      resourceVersion,
      // Spread out, so that the watches of a fleet do not come back all at once.
      timeoutSeconds: 300 + Math.floor(Math.random() * 300),
    });
    return {
      ...this.topic,
      method: 'GET',
      path: collectionPath(this.#resource, this.#options.namespace) + query,
      headers: this.#port.headers,
      isRepeatable: true,
      isMeasured: false,
    };
  }
}

function heals(failure: ToryoError): boolean {
  return isFailure(
    failure,
    'TORYO_KUBE_UNREACHABLE',
    'TORYO_KUBE_SERVER',
    'TORYO_KUBE_BUSY',
    'TORYO_KUBE_EXPIRED',
    'TORYO_KUBE_ANSWER',
  );
}

function signalOf(options: WatchOptions, port: WatchPort): AbortSignal {
  const ends = [port.run.signal, port.closed];
  return AbortSignal.any(options.signal === undefined ? ends : [options.signal, ...ends]);
}

async function openStream(
  port: WatchPort,
  call: Call,
  signal: AbortSignal,
): Promise<AsyncIterable<Uint8Array>> {
  const { statusCode: status, headers, body } = await port.stream(call, signal);
  if (status >= 300) throw failureOf({ status, headers, text: await body.text() }, call, port.place);
  return body;
}

async function* eventsOf(
  stream: AsyncIterable<Uint8Array>,
  topic: Topic,
  place: Place,
): AsyncGenerator<WatchEvent, void, void> {
  for await (const line of linesOf(stream)) yield eventFrom(line, topic, place);
}

// A last line without its end is a broken answer: the event comes again after the resume.
async function* linesOf(body: AsyncIterable<Uint8Array>): AsyncGenerator<string, void, void> {
  const decoder = new TextDecoder();
  let rest = '';
  for await (const chunk of body) {
    const pieces = decoder.decode(chunk, { stream: true }).split('\n');
    pieces[0] = rest + (pieces[0] ?? '');
    rest = pieces.pop() ?? '';
    for (const line of pieces) if (line !== '') yield line;
  }
}

const types: ReadonlyMap<string, 'added' | 'modified' | 'deleted'> = new Map([
  ['ADDED', 'added'],
  ['MODIFIED', 'modified'],
  ['DELETED', 'deleted'],
]);

function eventFrom(line: string, topic: Topic, place: Place): WatchEvent {
  const event = parseJson(line);
  const sent = stringAt(event, 'type') ?? '(none)';
  const object = at(event, 'object');
  const resourceVersion = stringAt(object, 'metadata', 'resourceVersion');
  const status = statusFrom(object);
  if (sent === 'ERROR' && status !== undefined) throw statusFailure(status, topic, place);
  if (resourceVersion === undefined) throw strange(`a watch event ${sent} without a revision`, topic, place);
  if (sent === 'BOOKMARK') return { type: 'bookmark', resourceVersion };
  const type = types.get(sent);
  if (type === undefined || !isKubeObject(object)) throw strange(`a watch event ${sent}`, topic, place);
  return { type, object, resourceVersion };
}
