import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { ClusterAccess, KubeClient } from '../../../src/kube/index.ts';
import { reasonOf } from '../../../src/lib/index.ts';
import type { FaultProxy } from '../../fault-proxy.ts';
import { configMap, configMapRef, errorOf, testRun, TestServer, uidOf } from './server.ts';

let server: TestServer;
let proxy: FaultProxy;
let access: ClusterAccess;
let client: KubeClient;
beforeAll(async () => {
  server = await TestServer.start();
  ({ proxy, access } = await server.behindProxy());
  client = server.open(access);
  await client.discover();
});
afterAll(() => server.stop());

const count = (method: string, part: string): number =>
  proxy.requests.filter((seen) => seen.method === method && seen.path.includes(part)).length;
const manager = { fieldManager: 'toryo-x' };

describe('an overloaded server', () => {
  it('is given the time it asks for, and no error reaches the caller', async () => {
    proxy.set({ kind: 'status', status: 429, retryAfter: 1 }, { times: 1 });
    const began = performance.now();
    await client.create(configMap('busy'));
    expect(performance.now() - began).toBeGreaterThan(1000);
    expect(count('POST', '/configmaps')).toBe(2);
  });

  it('is an error when it stays overloaded or asks for too much patience', async () => {
    proxy.set({ kind: 'status', status: 429, retryAfter: 3600 });
    expect(await errorOf(client.get(configMapRef('busy')))).toMatchObject({
      code: 'TORYO_KUBE_BUSY',
      isRetryable: true,
      cluster: 'test',
      subject: 'ConfigMap/test/busy',
    });
    proxy.set({ kind: 'none' });
  });

  it('gets all objects in the end when every third answer is 429', async () => {
    proxy.set({ kind: 'status', status: 429 }, { every: 3 });
    const names = Array.from({ length: 60 }, (_, index) => `storm-${index}`);
    const done = await Promise.all(names.map((name) => client.apply(configMap(name), manager)));
    expect(done.every(({ outcome }) => outcome === 'created')).toBe(true);
    expect(proxy.hits).toBeGreaterThan(20);
    proxy.set({ kind: 'none' });
  });
});

describe('a failing server', () => {
  it('is asked again for what may be sent twice', async () => {
    proxy.set({ kind: 'status', status: 503 }, { times: 2 });
    expect(await client.get(configMapRef('nothing'))).toBeUndefined();
    proxy.set({ kind: 'status', status: 500 }, { times: 2 });
    expect((await client.apply(configMap('after-500'), manager)).outcome).toBe('created');
    proxy.set({ kind: 'status', status: 500 }, { times: 1 });
    await client.create(configMap('dry'), { dryRun: true });
  });

  it('is never asked to create twice', async () => {
    proxy.set({ kind: 'status', status: 500 }, { times: 1 });
    const before = count('POST', '/configmaps');
    expect(await errorOf(client.create(configMap('unlucky')))).toMatchObject({ code: 'TORYO_KUBE_SERVER' });
    expect(count('POST', '/configmaps') - before).toBe(1);
  });

  it('is given up after a bounded number of tries', async () => {
    proxy.set({ kind: 'status', status: 503 });
    expect(await errorOf(client.get(configMapRef('x')))).toMatchObject({ code: 'TORYO_KUBE_SERVER' });
    expect(proxy.hits).toBe(6);
    proxy.set({ kind: 'none' });
  });

  it('that is no API server is named as that', async () => {
    const page = { kind: 'status', contentType: 'text/html', body: '<html>Log in</html>' } as const;
    proxy.set({ ...page, status: 200 });
    const error = await errorOf(client.get(configMapRef('x')));
    expect(error).toMatchObject({ code: 'TORYO_KUBE_ANSWER' });
    // A page that says 404 is no proof that the object is absent.
    proxy.set({ ...page, status: 404 });
    expect(await errorOf(client.get(configMapRef('x')))).toMatchObject({ code: 'TORYO_KUBE_ANSWER' });
    expect(await errorOf(client.remove(configMapRef('x')))).toMatchObject({ code: 'TORYO_KUBE_ANSWER' });
    proxy.set({ ...page, status: 403 });
    expect(await errorOf(client.list({ group: '', kind: 'Pod' }))).toMatchObject({
      code: 'TORYO_KUBE_ANSWER',
    });
    proxy.set({ kind: 'none' });
  });
});

describe('a breaking connection', () => {
  it('is made again for what may be sent twice', async () => {
    proxy.set({ kind: 'reset' }, { times: 1 });
    expect(await client.get(configMapRef('busy'))).toBeDefined();
    proxy.set({ kind: 'truncate', bytes: 100 }, { times: 1 });
    expect(
      (await client.list({ group: '', kind: 'ConfigMap' }, { namespace: 'test' })).items.length,
    ).toBeGreaterThan(60);
    proxy.set({ kind: 'lost-answer' }, { times: 1 });
    // It was written by the try whose answer got lost.
    expect((await client.apply(configMap('lost'), manager)).outcome).toBe('configured');
  });

  it('leaves it to the caller whether a create happened', async () => {
    proxy.set({ kind: 'lost-answer' }, { times: 1 });
    const error = await errorOf(client.create(configMap('perhaps')));
    expect(error).toMatchObject({ code: 'TORYO_KUBE_UNREACHABLE', exitCode: 6 });
    expect(await client.get(configMapRef('perhaps'))).toBeDefined();
  });

  it('does not delete the next incarnation when the answer to a delete is lost', async () => {
    const { object } = await client.apply(configMap('incarnation'), manager);
    const uid = uidOf(object);
    proxy.set({ kind: 'lost-answer' }, { times: 1 });
    expect(await client.remove(configMapRef('incarnation'), { uid })).toBe('absent');
    const again = await client.apply(configMap('incarnation'), manager);
    proxy.set({ kind: 'lost-answer' }, { times: 1 });
    const blind = await errorOf(client.remove(configMapRef('incarnation')));
    expect(blind).toMatchObject({ code: 'TORYO_KUBE_UNREACHABLE' });
    expect(again.outcome).toBe('created');
  });

  it('is survived by TLS too', async () => {
    const tcp = await server.behindTcpProxy();
    const through = server.open(tcp.access);
    expect((await through.version()).major).toBe(1);
    tcp.proxy.set({ kind: 'reset' }, { times: 1 });
    expect((await through.version()).major).toBe(1);
    tcp.proxy.set({ kind: 'truncate', bytes: 20 }, { times: 1 });
    expect((await through.version()).major).toBe(1);
    tcp.proxy.set({ kind: 'latency', milliseconds: 100 });
    expect((await through.version()).major).toBe(1);
  });

  it('says which server does not answer', async () => {
    const gone = await server.behindTcpProxy();
    await gone.proxy.close();
    const error = await errorOf(
      server.open({ ...gone.access, name: 'prod-1' }).list({ group: '', kind: 'Pod' }),
    );
    expect(error).toMatchObject({ code: 'TORYO_KUBE_UNREACHABLE', cluster: 'prod-1', exitCode: 6 });
    expect(reasonOf(error)).toContain(gone.access.server);
    expect(reasonOf(error)).toContain('connection refused');
  });

  it('does not wait for ever for a silent server', async () => {
    const silent = await server.behindTcpProxy();
    silent.proxy.set({ kind: 'silence' });
    const patience = { connect: 300, answer: 300 };
    const error = await errorOf(server.open(silent.access, testRun(), { patience }).version());
    expect(error).toMatchObject({ code: 'TORYO_KUBE_UNREACHABLE' });
    expect(reasonOf(error)).toContain('timed out');
  });
});

describe('a run that is stopped', () => {
  it('ends what is under way, what waits and what comes later', async () => {
    const run = testRun();
    const own = server.open(access, run);
    await own.discover();
    proxy.set({ kind: 'silence' });
    const calls = Array.from({ length: 40 }, (_, index) => errorOf(own.get(configMapRef(`stop-${index}`))));
    await expect.poll(() => proxy.hits).toBeGreaterThan(4);
    run.stop();
    for (const error of await Promise.all(calls)) expect(error).toMatchObject({ code: 'TORYO_INTERRUPTED' });
    proxy.set({ kind: 'none' });
    expect(await errorOf(own.version())).toMatchObject({ code: 'TORYO_INTERRUPTED', exitCode: 130 });
  });

  it('does not sit out a pause', async () => {
    const run = testRun();
    const own = server.open(access, run);
    await own.discover();
    proxy.set({ kind: 'status', status: 429, retryAfter: 30 });
    const began = performance.now();
    const call = errorOf(own.get(configMapRef('x')));
    await expect.poll(() => proxy.hits).toBe(1);
    run.stop();
    expect(await call).toMatchObject({ code: 'TORYO_INTERRUPTED' });
    expect(performance.now() - began).toBeLessThan(15_000);
    proxy.set({ kind: 'none' });
  });
});
