import { setTimeout as sleep } from 'node:timers/promises';
import { Agent, request } from 'undici';
import { openClient, type KubeClient } from '../kube/index.ts';
import { objectAt, parseJson, stringAt, type JsonObject, type Run } from '../lib/index.ts';
import type { KubeObject } from '../objects/index.ts';
import type { ClusterFolder } from './folder.ts';
import { pairOf } from './pki.ts';

/** An answer of the API server: its status and its JSON (or its text, when it is none). */
export interface Answer {
  readonly status: number;
  readonly body: unknown;
}

/** One object as it is now; `isGone` when it was deleted. */
export interface Sight {
  readonly object: JsonObject;
  readonly isGone: boolean;
}

/** Which kind to look at. */
export interface Watched {
  readonly group: string;
  readonly kind: string;
}

/** The sandbox's client of its own API server. */
export class Api {
  readonly #client: KubeClient;

  private constructor(client: KubeClient) {
    this.#client = client;
  }

  /**
   * A client that calls with the certificate of that name in the cluster's folder. It lives until it is closed, also when
   * the run is interrupted: stopping a cluster in order needs it.
   */
  static async open(folder: ClusterFolder, client: string, server: string, run: Run): Promise<Api> {
    const [pair, ca] = await Promise.all([pairOf(folder, client), pairOf(folder, 'ca')]);
    const name = `sandbox ${new URL(server).host}`;
    const own: Run = {
      signal: new AbortController().signal,
      now: () => run.now(),
      emit: (event) => run.emit(event),
    };
    return new Api(openClient({ name, server, ca: ca.certificate, ...pair }, own));
  }

  /** Calls the API server; throws only when there is no answer. */
  async call(method: string, path: string, body?: unknown, type?: string): Promise<Answer> {
    const sent = body === undefined ? {} : { body };
    const contentType = type === undefined ? {} : { contentType: type };
    const answer = await this.#client.raw(method, path, { ...sent, ...contentType });
    return { status: answer.status, body: parseJson(answer.text) ?? answer.text };
  }

  /** Calls and expects a 2xx. */
  async ask(method: string, path: string, body?: unknown, type?: string): Promise<JsonObject> {
    const answer = await this.call(method, path, body, type);
    if (answer.status >= 200 && answer.status < 300) return objectAt(answer.body);
    const why = stringAt(answer.body, 'message') ?? JSON.stringify(answer.body);
    throw new Error(`${method} ${path}: ${answer.status} ${why}`);
  }

  /** Merges into an object or its subresource. */
  patch(path: string, body: unknown): Promise<JsonObject> {
    return this.ask('PATCH', path, body, 'application/merge-patch+json');
  }

  /** Tells of every object of a kind, then of every change, until the signal. */
  async follow(kind: Watched, signal: AbortSignal, see: (sight: Sight) => void): Promise<void> {
    const seen = new Map<string, KubeObject>();
    for await (const event of this.#client.watch(kind, { signal })) {
      if (event.type === 'bookmark') continue;
      if (event.type === 'restarted') replace(seen, event.items, see);
      else {
        const isGone = event.type === 'deleted';
        if (isGone) seen.delete(keyOf(event.object));
        else seen.set(keyOf(event.object), event.object);
        see({ object: event.object, isGone });
      }
    }
  }

  /** Closes every connection. */
  async close(): Promise<void> {
    await this.#client.close();
  }
}

/** What was seen before and is not among all objects now has gone meanwhile. */
function replace(
  seen: Map<string, KubeObject>,
  items: readonly KubeObject[],
  see: (sight: Sight) => void,
): void {
  const now = new Map(items.map((item) => [keyOf(item), item] as const));
  for (const [key, object] of seen) if (!now.has(key)) see({ object, isGone: true });
  seen.clear();
  for (const [key, object] of now) {
    seen.set(key, object);
    see({ object, isGone: false });
  }
}

function keyOf({ metadata }: KubeObject): string {
  return `${metadata.namespace ?? ''}/${metadata.name}`;
}

/** Waits until the API server says that it is ready; `give` up by throwing from it. */
export async function untilReady(
  folder: ClusterFolder,
  server: string,
  signal: AbortSignal,
  give: () => Promise<void>,
): Promise<void> {
  const { certificate: ca } = await pairOf(folder, 'ca');
  const dispatcher = new Agent({ connect: { ca, timeout: 2_000 } });
  const isReady = async (): Promise<boolean> => {
    const response = await request(`${server}/readyz`, { dispatcher, signal });
    await response.body.dump();
    return response.statusCode === 200;
  };
  try {
    for (;;) {
      signal.throwIfAborted();
      await give();
      if (await isReady().catch(() => false)) return;
      await sleep(50, undefined, { signal });
    }
  } finally {
    await dispatcher.close();
  }
}
