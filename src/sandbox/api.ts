import { createInterface } from 'node:readline';
import { setTimeout as sleep } from 'node:timers/promises';
import { Agent, type Dispatcher } from 'undici';
import { listAt, numberAt, objectAt, parseJson, stringAt, type JsonObject } from '../lib/index.ts';
import type { ClusterFolder } from './folder.ts';
import { pairOf } from './pki.ts';

/** An answer of the API server: its status and its JSON (or its text, when it is none). */
export interface Answer {
  readonly status: number;
  readonly body: unknown;
}

/** One change that a watch reports; `gone` when the object was deleted. */
export type Sight = { readonly object: JsonObject; readonly isGone: boolean };

/** The sandbox's own small client of its own API server: client certificate, own authority, loopback only. */
export class Api {
  readonly server: string;
  readonly #agent: Agent;

  private constructor(server: string, agent: Agent) {
    this.server = server;
    this.#agent = agent;
  }

  /** A client that calls with the certificate of that name in the cluster's folder. */
  static async open(folder: ClusterFolder, client: string, server: string): Promise<Api> {
    const [pair, ca] = await Promise.all([pairOf(folder, client), pairOf(folder, 'ca')]);
    const connect = { ca: ca.certificate, cert: pair.certificate, key: pair.key, timeout: 2_000 };
    return new Api(server, new Agent({ connect, connections: 24, headersTimeout: 30_000, bodyTimeout: 0 }));
  }

  /** Calls the API server; throws only when there is no answer. */
  async call(method: Dispatcher.HttpMethod, path: string, body?: unknown, type?: string): Promise<Answer> {
    const headers = { accept: 'application/json', 'content-type': type ?? 'application/json' };
    const sent = body === undefined ? {} : { body: JSON.stringify(body) };
    const response = await this.#agent.request({ origin: this.server, path, method, headers, ...sent });
    const text = await response.body.text();
    return { status: response.statusCode, body: parseJson(text) ?? text };
  }

  /** Calls and expects a 2xx. */
  async ask(method: Dispatcher.HttpMethod, path: string, body?: unknown, type?: string): Promise<JsonObject> {
    const answer = await this.call(method, path, body, type);
    if (answer.status >= 200 && answer.status < 300) return objectAt(answer.body);
    const why = stringAt(answer.body, 'message') ?? JSON.stringify(answer.body);
    throw new Error(`${method} ${path}: ${answer.status} ${why}`);
  }

  /** Merges into an object or its subresource. */
  patch(path: string, body: unknown): Promise<JsonObject> {
    return this.ask('PATCH', path, body, 'application/merge-patch+json');
  }

  /** Tells of every object at a list path, then of every change, until the signal; goes on after any break. */
  async follow(path: string, signal: AbortSignal, see: (sight: Sight) => void): Promise<void> {
    let version = '';
    while (!signal.aborted) {
      try {
        if (version === '') version = await this.#list(path, see);
        version = await this.#watch(path, { version, signal, see });
      } catch {
        version = '';
        await sleep(500, undefined, { signal }).catch(() => undefined);
      }
    }
  }

  async #list(path: string, see: (sight: Sight) => void): Promise<string> {
    const list = await this.ask('GET', path);
    for (const item of listAt(list, 'items')) see({ object: objectAt(item), isGone: false });
    return stringAt(list, 'metadata', 'resourceVersion') ?? '';
  }

  /** Returns the version to go on from; empty when it has to be listed again. */
  async #watch(path: string, from: Watching): Promise<string> {
    const query = `watch=true&allowWatchBookmarks=true&timeoutSeconds=600&resourceVersion=${from.version}`;
    const response = await this.#agent.request({
      origin: this.server,
      path: `${path}?${query}`,
      method: 'GET',
      headers: { accept: 'application/json' },
      signal: from.signal,
    });
    let version = from.version;
    if (response.statusCode !== 200) {
      await response.body.dump();
      throw new Error(`watch ${path}: ${response.statusCode}`);
    }
    for await (const line of createInterface({ input: response.body })) {
      const event = parseJson(line);
      const type = stringAt(event, 'type');
      const object = objectAt(event, 'object');
      if (type === undefined || type === 'ERROR') return '';
      version = stringAt(object, 'metadata', 'resourceVersion') ?? version;
      if (type !== 'BOOKMARK') from.see({ object, isGone: type === 'DELETED' });
    }
    return version;
  }

  /** Closes every connection. */
  async close(): Promise<void> {
    await this.#agent.destroy();
  }
}

interface Watching {
  readonly version: string;
  readonly signal: AbortSignal;
  readonly see: (sight: Sight) => void;
}

/** Waits until the API server says that it is ready; `give` up by throwing from it. */
export async function untilReady(api: Api, signal: AbortSignal, give: () => Promise<void>): Promise<void> {
  for (;;) {
    signal.throwIfAborted();
    await give();
    const answer = await api.call('GET', '/readyz').catch(() => undefined);
    if (answer?.status === 200) return;
    await sleep(50, undefined, { signal });
  }
}

/** The minor that the API server serves, e.g. `1.35`. */
export async function servedVersion(api: Api): Promise<string> {
  const version = await api.ask('GET', '/version');
  const minor = stringAt(version, 'emulationMinor') ?? stringAt(version, 'minor') ?? '';
  return `${stringAt(version, 'major') ?? numberAt(version, 'major') ?? 1}.${minor}`;
}
