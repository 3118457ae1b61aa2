import { createServer, type Server } from 'node:http';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { portOf } from '../fault-proxy.ts';
import { Bench, core } from './bench.ts';
import { appYaml, configMapYaml, fleetYaml } from './fleet-files.ts';

let bench: Bench;
let server: Server;
let answer = 200;
const manifests = 'apps/platform/web/manifests/web.yaml';
const clusters = [
  { name: 'first', wave: 'canary' },
  { name: 'later', wave: 'rest' },
];
const plain = fleetYaml('acme', clusters);

beforeAll(async () => {
  server = createServer((_request, response) => response.writeHead(answer).end('ok'));
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  bench = await Bench.start({ name: 'first', components: 'server' }, { name: 'later', components: 'server' });
  await bench.write({
    'fleet.yaml': plain,
    'apps/platform/web/app.yaml': appYaml('web', 'platform', 'web'),
    [manifests]: configMapYaml('web', { turn: '0' }),
  });
  expect((await bench.toryo('lock')).code).toBe(0);
  await apply(0);
});
afterAll(async () => {
  server.closeAllConnections();
  await new Promise((resolve) => server.close(resolve));
  await bench.stop();
});

const apply = async (code: number, ...words: readonly string[]): Promise<{ out: string; err: string }> => {
  const done = await bench.toryo('apply', '--yes', ...words);
  expect(done.code, done.all).toBe(code);
  return done;
};
const canary = (more: string): Promise<void> =>
  bench.write({
    'fleet.yaml': plain.replace('select: { wave: canary } }', `select: { wave: canary }, ${more} }`),
  });
const spec = (more: string): Promise<void> =>
  bench.write({ 'fleet.yaml': plain.replace('  waves:', `  ${more}\n  waves:`) });
const turn = (text: string): Promise<void> =>
  bench.write({ [manifests]: configMapYaml('web', { turn: text }) });
const turnOn = async (cluster: string): Promise<unknown> =>
  (await bench.client(cluster).get(core('ConfigMap', 'web', 'web')))?.['data'];

describe('a wave that soaks', () => {
  it('holds the next one back for as long, and says until when', async () => {
    await canary('soak: 4s');
    await turn('1');
    const begun = performance.now();
    const { err } = await apply(0);
    expect(performance.now() - begun).toBeGreaterThan(4000);
    expect(err).toMatch(/wave\/canary.*soaks until 20\d\d-/);
    expect(await turnOn('later')).toEqual({ turn: '1' });
  });

  it('goes on in another run', async () => {
    await canary('soak: 3s');
    await turn('2');
    const { out, err } = await apply(0, '--no-wait');
    expect(out).toMatch(/rest +later +waiting .*wave canary soaks until/);
    expect(err).toContain('waves go on when you run');
    expect([await turnOn('first'), await turnOn('later')]).toEqual([{ turn: '2' }, { turn: '1' }]);
    await apply(0);
    expect(await turnOn('later')).toEqual({ turn: '2' });
  });

  it('a change of another owner neither restarts it nor waits for it', async () => {
    await canary('soak: 1h');
    await turn('3');
    await apply(0, '--no-wait');
    await bench.write({
      'apps/platform/api/app.yaml': appYaml('api', 'platform', 'web'),
      'apps/platform/api/manifests/api.yaml': configMapYaml('api'),
    });
    const before = await recordOf('web');
    const { out } = await apply(0, '--no-wait');
    expect(out).toMatch(/rest +later +waiting/);
    expect(await recordOf('web')).toBe(before);
    await bench.write({
      'apps/platform/api/app.yaml': undefined,
      'apps/platform/api/manifests/api.yaml': undefined,
    });
  });
});

const recordOf = async (app: string): Promise<unknown> => {
  const name = `inventory.app.platform.${app}`;
  const found = await bench.client('first').get(core('ConfigMap', name, 'toryo-system'));
  return (found?.['data'] as Record<string, unknown> | undefined)?.['record'];
};

describe('a wave with a gate', () => {
  const gate = (): string =>
    `gates: [{ name: shop, every: 1s, timeout: 2s, http: { url: "http://127.0.0.1:${portOf(server)}/" } }]`;

  it('that does not let it through goes back', async () => {
    answer = 500;
    await canary(gate());
    await turn('4');
    const { out } = await apply(8);
    expect(out).toMatch(/canary +first +rolled back .*gate shop on first/);
    expect([await turnOn('first'), await turnOn('later')]).toEqual([{ turn: '3' }, { turn: '2' }]);
  });

  it('that lets it through moves on', async () => {
    answer = 200;
    await turn('5');
    await apply(0);
    expect(await turnOn('later')).toEqual({ turn: '5' });
  });
});

describe('a gate that nobody answers', () => {
  it('holds the next wave, and takes nobody back', async () => {
    await canary('gates: [{ name: shop, every: 1s, timeout: 1s, http: { url: "http://127.0.0.1:9/" } }]');
    await turn('5b');
    const { out } = await apply(3);
    expect(out).toMatch(/canary +first +done/);
    expect(out).toMatch(/rest +later +held .*gate shop on first: .*127\.0\.0\.1:9/);
    await canary('soak: 0s');
    await apply(0);
    expect(await turnOn('later')).toEqual({ turn: '5b' });
  });
});

describe('a freeze', () => {
  const day = (offset: number): string =>
    new Date(Date.now() + offset * 86_400_000).toISOString().slice(0, 10);

  it('keeps a cluster as it is, says until when, and ends', async () => {
    await spec(`freezes: [{ name: fair, from: ${day(-1)}, to: ${day(2)}, select: { wave: rest } }]`);
    await turn('6');
    const { out } = await apply(3);
    expect(out).toMatch(/canary +first +done/);
    expect(out).toMatch(/rest +later +held .*frozen: fair, until 20\d\d-.* UTC \(in /);
    expect([await turnOn('first'), await turnOn('later')]).toEqual([{ turn: '6' }, { turn: '5b' }]);
    await spec(`freezes: [{ name: fair, from: ${day(-3)}, to: ${day(-2)}, select: { wave: rest } }]`);
    await apply(0);
    expect(await turnOn('later')).toEqual({ turn: '6' });
  });
});
