import { describe, expect, it } from 'vitest';
import type { Run } from '../../lib/index.ts';
import type { KubeObject } from '../../objects/index.ts';
import type { KindRef, KubeClient, WatchEvent } from '../../kube/index.ts';
import { Readiness } from './writing-readiness.ts';

/** An API server whose watches say what a test says, when it says it: the real one shows no races on demand. */
class Server {
  readonly watched: string[] = [];
  ended = 0;
  #waiting: ((event: WatchEvent | undefined) => void) | undefined;
  readonly #events: WatchEvent[] = [];

  say(event: WatchEvent): void {
    const waiting = this.#waiting;
    this.#waiting = undefined;
    if (waiting === undefined) this.#events.push(event);
    else waiting(event);
  }

  async *watch(kind: KindRef, options: { readonly signal: AbortSignal }): AsyncGenerator<WatchEvent> {
    this.watched.push(kind.kind);
    options.signal.addEventListener('abort', () => this.#waiting?.(undefined));
    while (!options.signal.aborted) {
      const event =
        this.#events.shift() ??
        (await new Promise<WatchEvent | undefined>((resolve) => (this.#waiting = resolve)));
      if (event === undefined || options.signal.aborted) break;
      yield event;
    }
    this.ended += 1;
  }
}

const run: Run = { signal: new AbortController().signal, now: () => '', emit: () => {} };
const open = (quiet = 60_000): { readonly server: Server; readonly readiness: Readiness } => {
  const server = new Server();
  const client = server as unknown as KubeClient;
  return { server, readiness: new Readiness({ client, fleet: 'acme', run, quiet }, []) };
};

function deployment(name: string, revision: number, available: number | undefined): KubeObject {
  return {
    apiVersion: 'apps/v1',
    kind: 'Deployment',
    metadata: { name, namespace: 'shop', uid: name, resourceVersion: String(revision), generation: 1 },
    spec: { replicas: 1 },
    ...(available === undefined
      ? {}
      : { status: { observedGeneration: 1, updatedReplicas: 1, replicas: 1, availableReplicas: available } }),
  };
}
const job = (revision: number): KubeObject => ({
  apiVersion: 'batch/v1',
  kind: 'Job',
  metadata: { name: 'j', namespace: 'shop', uid: 'j', resourceVersion: String(revision) },
});
const told = (type: 'modified' | 'deleted', object: KubeObject): WatchEvent => ({
  type,
  object,
  resourceVersion: String(object.metadata['resourceVersion']),
});
const restarted = (revision: number, ...items: readonly KubeObject[]): WatchEvent => ({
  type: 'restarted',
  items,
  resourceVersion: String(revision),
});
const soon = (): Promise<void> => new Promise((resolve) => setTimeout(resolve, 5));

describe('what is waited for', () => {
  it('is answered by one watch of its kind, which ends with the last answer', async () => {
    const { server, readiness } = open();
    const answers = ['a', 'b'].map((name) => readiness.of(deployment(name, 5, 0), true));
    server.say(restarted(6, deployment('a', 5, 0), deployment('b', 5, 0)));
    server.say(told('modified', deployment('b', 7, 1)));
    expect((await answers[1])?.state).toBe('healthy');
    server.say(told('modified', deployment('a', 8, 1)));
    expect((await answers[0])?.state).toBe('healthy');
    await soon();
    expect([server.watched, server.ended]).toEqual([['Deployment'], 1]);
  });

  it('is not asked about when it is healthy, or when nothing was written and nobody writes its status', async () => {
    const { server, readiness } = open();
    const boat = { apiVersion: 'example.com/v1', kind: 'Boat', metadata: { name: 'b' } };
    expect((await readiness.of(deployment('a', 5, 1), true)).state).toBe('healthy');
    expect((await readiness.of(boat, false)).state).toBe('unknown');
    expect(server.watched).toEqual([]);
  });

  it('counts as it was told before it was asked for, when that is newer', async () => {
    const { server, readiness } = open();
    const first = readiness.of(deployment('a', 5, 0), true);
    server.say(restarted(6, deployment('a', 5, 0)));
    server.say(told('modified', deployment('b', 9, 1)));
    await soon();
    expect((await readiness.of(deployment('b', 8, 0), true)).state).toBe('healthy');
    readiness.giveUp();
    expect((await first).state).toBe('progressing');
  });

  it('is not taken for healthy by what was told before it was written', async () => {
    const { server, readiness } = open();
    const answer = readiness.of(deployment('a', 9, undefined), true);
    server.say(restarted(8, deployment('a', 8, 1)));
    await soon();
    readiness.giveUp();
    expect(await answer).toEqual({ state: 'progressing', why: 'its controller has not seen it yet' });
  });

  it('is missed only in a list that is not older than it', async () => {
    const { server, readiness } = open();
    const answer = readiness.of(deployment('a', 9, 0), true);
    server.say(restarted(8));
    await soon();
    server.say(restarted(9));
    expect(await answer).toEqual({ state: 'failed', why: 'was deleted meanwhile' });
  });

  it('is a success when it is a Job that removed itself', async () => {
    const { server, readiness } = open();
    const answer = readiness.of(job(5), true);
    server.say(restarted(5, job(5)));
    server.say(told('deleted', job(6)));
    expect((await answer).state).toBe('healthy');
  });

  it('counts as failed only after a while', async () => {
    const { server, readiness } = open(20);
    const failed = { ...job(5), status: { conditions: [{ type: 'Failed', status: 'True', message: 'no' }] } };
    const begun = performance.now();
    expect(await readiness.of(failed, true)).toEqual({ state: 'failed', why: 'no' });
    expect(performance.now() - begun).toBeGreaterThan(15);
    expect(server.watched).toEqual(['Job']);
  });
});
