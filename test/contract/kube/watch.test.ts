import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import type { ClusterAccess, KubeClient, WatchEvent, WatchOptions } from '../../../src/kube/index.ts';
import { withLabels } from '../../../src/objects/index.ts';
import type { FaultProxy } from '../../fault-proxy.ts';
import { configMap, configMapRef, errorOf, object, testRun, TestServer, type TestRun } from './server.ts';

let server: TestServer;
let proxy: FaultProxy;
let access: ClusterAccess;
let run: TestRun;
let client: KubeClient;
beforeAll(async () => {
  server = await TestServer.start();
  ({ proxy, access } = await server.behindProxy());
  run = testRun();
  client = server.open(access, run);
});
afterEach(() => {
  proxy.set({ kind: 'none' });
  for (const watched of watches.splice(0)) watched.stop.abort();
});
afterAll(() => server.stop());

const gone = { kind: 'Status', status: 'Failure', reason: 'Expired', code: 410, message: 'too old' };
const configMaps = { group: '', kind: 'ConfigMap' };
const watches: Watched[] = [];

/** A watch that somebody reads. */
class Watched {
  readonly events: WatchEvent[] = [];
  readonly stop = new AbortController();
  readonly ended: Promise<void>;
  /** Names as a reader who follows the events would have them. */
  readonly names = new Set<string>();

  constructor(options: WatchOptions = {}, through = client) {
    this.ended = this.#read(
      through.watch(configMaps, { namespace: 'test', signal: this.stop.signal, ...options }),
    );
    this.ended.catch(() => undefined);
    watches.push(this);
  }

  async #read(events: AsyncIterable<WatchEvent>): Promise<void> {
    for await (const event of events) {
      this.events.push(event);
      if (event.type === 'restarted') {
        this.names.clear();
        for (const item of event.items) this.names.add(item.metadata.name);
      } else if (event.type === 'deleted') this.names.delete(event.object.metadata.name);
      else if (event.type !== 'bookmark') this.names.add(event.object.metadata.name);
    }
  }

  count(type: WatchEvent['type']): number {
    return this.events.filter((event) => event.type === type).length;
  }
}

const put = (name: string, data: Record<string, string> = {}) =>
  server.client.apply(configMap(name, data), { fieldManager: 'test' });

describe('a watch', () => {
  it('begins with what is there and tells what happens', async () => {
    await put('early');
    const watched = new Watched();
    await expect.poll(() => watched.count('restarted')).toBe(1);
    expect(watched.names).toContain('early');
    await put('late');
    await put('late', { a: '1' });
    await server.client.remove(configMapRef('late'));
    await expect.poll(() => watched.count('deleted')).toBe(1);
    expect(watched.events.slice(1).map((event) => event.type)).toEqual(['added', 'modified', 'deleted']);
    expect(watched.events[2]).toMatchObject({ object: { kind: 'ConfigMap', data: { a: '1' } } });
  });

  it('ends by its signal, without an error', async () => {
    const watched = new Watched();
    await expect.poll(() => watched.count('restarted')).toBe(1);
    watched.stop.abort();
    await expect(watched.ended).resolves.toBeUndefined();
  });

  it('ends with its client, which need not wait for it', async () => {
    const own = server.open(access);
    const watched = new Watched({}, own);
    await expect.poll(() => watched.count('restarted')).toBe(1);
    await own.close();
    await expect(watched.ended).resolves.toBeUndefined();
    expect(await errorOf(own.version())).toMatchObject({ code: 'TORYO_KUBE_UNREACHABLE' });
  });

  it('goes on from a revision without a list', async () => {
    const { resourceVersion } = await client.list(configMaps, { namespace: 'test' });
    await put('after-list');
    const watched = new Watched({ resourceVersion });
    await expect.poll(() => watched.count('added')).toBe(1);
    expect(watched.count('restarted')).toBe(0);
  });

  it('selects by label', async () => {
    const watched = new Watched({ labelSelector: 'team=shop' });
    await expect.poll(() => watched.count('restarted')).toBe(1);
    await put('unlabelled');
    await server.client.apply(withLabels(configMap('labelled'), { team: 'shop' }), { fieldManager: 'test' });
    await expect.poll(() => watched.count('added')).toBe(1);
    expect([...watched.names]).toEqual(['labelled']);
  });

  it.each([
    ['as an event', 200, `${JSON.stringify({ type: 'ERROR', object: gone })}\n`],
    ['as an answer', 410, JSON.stringify(gone)],
  ])('lists again when the server says %s that the revision is too old', async (_, status, body) => {
    const isWatch = (_method: string, path: string): boolean => path.includes('watch=true');
    proxy.set({ kind: 'status', status, body }, { times: 1, matching: isWatch });
    const watched = new Watched({ resourceVersion: '1' });
    await expect.poll(() => watched.count('restarted'), { timeout: 10_000 }).toBe(1);
    await put(`after-expiry-${status}`);
    await expect.poll(() => watched.names.has(`after-expiry-${status}`)).toBe(true);
  });

  it('misses nothing when its connection breaks again and again', async () => {
    const watched = new Watched();
    await expect.poll(() => watched.count('restarted')).toBe(1);
    const names = Array.from({ length: 30 }, (_, index) => `broken-${index}`);
    for (const [index, name] of names.entries()) {
      await put(name);
      if (index % 5 === 4) proxy.breakAll();
    }
    await expect.poll(() => names.every((name) => watched.names.has(name)), { timeout: 20_000 }).toBe(true);
    expect(watched.count('restarted')).toBe(1);
    expect(watched.count('added')).toBe(30);
  });

  it('says that it waits while the server is away, and is there again after it', async () => {
    const watched = new Watched();
    await expect.poll(() => watched.count('restarted')).toBe(1);
    proxy.set({ kind: 'status', status: 503 });
    proxy.breakAll();
    await expect.poll(() => proxy.hits, { timeout: 10_000 }).toBeGreaterThan(3);
    await put('while-away');
    expect(run.events.at(-1)).toMatchObject({ cluster: 'test', verb: 'watch', state: 'waiting' });
    proxy.set({ kind: 'none' });
    await expect.poll(() => watched.names.has('while-away'), { timeout: 20_000 }).toBe(true);
  });

  it('does not make a storm of connections when the server ends each at once', async () => {
    const watched = new Watched();
    await expect.poll(() => watched.count('restarted')).toBe(1);
    proxy.set({ kind: 'status', status: 200, body: '' });
    proxy.breakAll();
    await new Promise((resolve) => setTimeout(resolve, 1500));
    expect(proxy.hits).toBeLessThan(12);
  });

  it('notices a connection that has silently died', async () => {
    const impatient = server.open(access, testRun(), { patience: { watch: 500 } });
    const watched = new Watched({}, impatient);
    await expect.poll(() => watched.count('restarted')).toBe(1);
    const opened = (): number => proxy.requests.filter(({ path }) => path.includes('watch=true')).length;
    const before = opened();
    await expect.poll(opened, { timeout: 10_000 }).toBeGreaterThan(before);
    await put('after-silence');
    await expect.poll(() => watched.names.has('after-silence'), { timeout: 10_000 }).toBe(true);
  });
});

describe('a watch that cannot heal', () => {
  it('throws: forbidden, not authenticated, an unknown kind, a bad selector', async () => {
    await server.client.apply(object('v1', 'ServiceAccount', 'nobody', 'test'), { fieldManager: 'test' });
    const nobody = server.open({ ...access, token: await server.tokenOf('nobody') });
    expect(await errorOf(new Watched({}, nobody).ended)).toMatchObject({
      code: 'TORYO_KUBE_FORBIDDEN',
      exitCode: 4,
    });
    const stranger = client.as({ user: 'stranger' });
    expect(await errorOf(new Watched({ resourceVersion: '0' }, stranger).ended)).toMatchObject({
      code: 'TORYO_KUBE_FORBIDDEN',
    });
    const selector = new Watched({ labelSelector: '((', resourceVersion: '0' });
    expect(await errorOf(selector.ended)).toMatchObject({ code: 'TORYO_KUBE_INVALID' });
    const unknown = client.watch({ group: 'example.com', kind: 'Nothing' })[Symbol.asyncIterator]().next();
    expect(await errorOf(unknown)).toMatchObject({ code: 'TORYO_KUBE_UNKNOWN_KIND' });
  });

  it('throws when the run is stopped', async () => {
    const stopped = testRun();
    const watched = new Watched({}, server.open(access, stopped));
    await expect.poll(() => watched.count('restarted')).toBe(1);
    stopped.stop();
    expect(await errorOf(watched.ended)).toMatchObject({ code: 'TORYO_INTERRUPTED' });
  });
});

describe('a chunked list', () => {
  it('begins again when the server has forgotten the revision half way', async () => {
    await Promise.all(Array.from({ length: 12 }, (_, index) => put(`page-${index}`)));
    const isNextPage = (_: string, path: string): boolean => path.includes('continue=');
    proxy.set(
      { kind: 'status', status: 410, body: JSON.stringify(gone) },
      { times: 2, matching: isNextPage },
    );
    const { items } = await client.list(configMaps, { namespace: 'test', chunk: 5 });
    const names = items.map((item) => item.metadata.name);
    expect(proxy.hits).toBe(2);
    expect(new Set(names).size).toBe(names.length);
    expect(names.filter((name) => name.startsWith('page-'))).toHaveLength(12);
    proxy.set({ kind: 'status', status: 410, body: JSON.stringify(gone) }, { matching: isNextPage });
    expect((await client.list(configMaps, { namespace: 'test', chunk: 5 })).items).toHaveLength(names.length);
  });
});
