import { setTimeout as sleep } from 'node:timers/promises';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { stringAt } from '../../src/lib/index.ts';
import type { KubeObject } from '../../src/objects/index.ts';
import { Bench, configMap, core } from './bench.ts';
import { appYaml, configMapYaml, fleetYaml, together } from './fleet-files.ts';
import { inventoriesOf, listedKeys, markedObjects } from './marked.ts';

const kills = 50;
/** So many are killed in a row before one is let through. */
const row = 5;
const apps = ['one', 'two', 'three'] as const;
const clusters = ['first', 'later'] as const;
const words = ['--yes', '--allow-prune', 'App/platform/three', '--timeout', '1s'];
// Nobody gives it an address: it is never healthy.
const sick =
  'apiVersion: v1\nkind: Service\nmetadata: { name: sick }\nspec: { type: LoadBalancer, ports: [{ port: 80 }] }\n';

let bench: Bench;
const deleted = new Set<string>();
const watching = new AbortController();

/** One of two fleets: the second has half of each App's objects, and other ones; a bad one cannot become healthy. */
function manifestsOf(app: string, turn: number, isBad: boolean): string {
  const numbers = Array.from({ length: 12 }, (_, index) => index);
  const half = numbers.slice(0, 6).map((number) => (number < 4 ? number : number + 20));
  const maps = (turn % 2 === 0 ? numbers : half).map((number) =>
    configMapYaml(`${app}-${number}`, { turn: String(turn) }),
  );
  return together(...maps, ...(isBad && app === 'two' ? [sick] : []));
}

async function writeTurn(turn: number, isBad = false): Promise<void> {
  // The third App comes and goes as a whole.
  const files = apps.flatMap((app): [string, string | undefined][] => {
    const isThere = app !== 'three' || turn % 2 === 0;
    return [
      [`apps/platform/${app}/app.yaml`, isThere ? appYaml(app, 'platform', 'shop-web') : undefined],
      [`apps/platform/${app}/manifests/all.yaml`, isThere ? manifestsOf(app, turn, isBad) : undefined],
    ];
  });
  await bench.write(Object.fromEntries(files));
}

beforeAll(async () => {
  bench = await Bench.start(...clusters.map((name) => ({ name, components: 'server' as const })));
  await bench.write({
    'fleet.yaml': fleetYaml('acme', [
      { name: 'first', wave: 'canary' },
      { name: 'later', wave: 'rest' },
    ]),
  });
  await writeTurn(0);
  expect((await bench.toryo('lock')).code).toBe(0);
});
afterAll(async () => {
  watching.abort();
  await bench.stop();
});

async function follow(cluster: string): Promise<void> {
  const events = bench.client(cluster).watch(core('ConfigMap', ''), { signal: watching.signal });
  for await (const event of events)
    if (event.type === 'deleted')
      deleted.add(`${event.object.metadata.namespace}/${event.object.metadata.name}`);
}

/** Numbers between 0 and 1 that are the same in every run. */
function random(seed: number): () => number {
  let state = seed;
  return () => {
    state = (state * 1_103_515_245 + 12_345) % 2_147_483_648;
    return state / 2_147_483_648;
  };
}

const nameOf = (one: KubeObject): string =>
  `${one.kind}/${one.metadata.namespace ?? ''}/${one.metadata.name}`;

async function wantedNames(): Promise<ReadonlyMap<string, readonly string[]>> {
  const text = (await bench.toryo('build', '-o', 'json')).out;
  const built = JSON.parse(text) as { cluster: string; objects: KubeObject[] }[];
  return new Map(built.map((one) => [one.cluster, one.objects.map(nameOf).sort()]));
}

/** Everything with our mark is listed, whatever was killed. */
async function expectListed(when: string): Promise<void> {
  for (const cluster of clusters) {
    const client = bench.client(cluster);
    const listed = new Set(await listedKeys(client));
    const orphans = [...(await markedObjects(client)).keys()].filter((key) => !listed.has(key));
    expect(orphans, `${when} on ${cluster}`).toEqual([`/ConfigMap/shop-web/unlisted`]);
  }
}

/** What is there is what is wanted; records say so, and what is kept is what they speak of. */
async function expectSettled(when: string): Promise<void> {
  const wanted = await wantedNames();
  for (const cluster of clusters) {
    const client = bench.client(cluster);
    const marked = [...(await markedObjects(client)).values()].map(nameOf);
    const own = marked.filter(
      (name) => !/^ConfigMap\/(toryo-system\/inventory\.|shop-web\/unlisted$)/.test(name),
    );
    expect(own.sort(), `${when} on ${cluster}`).toEqual(wanted.get(cluster));
    const useful = new Set<string | undefined>();
    for (const [name, inventory] of await inventoriesOf(client)) {
      const record = inventory?.record;
      expect(record, `${when}: ${name} on ${cluster}`).toMatchObject({
        phase: 'healthy',
        digest: inventory?.digest,
      });
      useful.add(record?.digest);
      useful.add(record?.previous);
    }
    const { items } = await client.list(core('ConfigMap', ''), { namespace: 'toryo-system' });
    const kept = items.filter((one) => one.metadata.name.startsWith('revision.'));
    const useless = kept.filter((one) => !useful.has(stringAt(one, 'data', 'digest')));
    expect(
      useless.map((one) => one.metadata.name),
      `${when} on ${cluster}`,
    ).toEqual([]);
    expect(await listedKeys(client)).toEqual([...new Set(await listedKeys(client))]);
  }
}

/** Delivers three revisions in peace; gives how long a change took at most, in milliseconds. */
async function beginInPeace(): Promise<number> {
  const full: number[] = [];
  for (const turn of [0, 1, 2]) {
    await writeTurn(turn);
    const begun = performance.now();
    const first = await bench.toryo('apply', ...words);
    full.push(performance.now() - begun);
    expect(first.code, first.all).toBe(0);
  }
  return Math.max(...full.slice(1));
}

const foreign = ['one-100', 'unlisted'].map((name) => core('ConfigMap', name, 'shop-web'));

/** Objects among ours that are not: one without marks, one with ours that no inventory lists. */
async function addForeign(cluster: string): Promise<void> {
  const client = bench.client(cluster);
  const labels = (await client.get(core('ConfigMap', 'one-1', 'shop-web')))!.metadata.labels!;
  const metadata = { name: 'unlisted', namespace: 'shop-web', labels };
  await client.create(configMap('one-100', 'shop-web'));
  await client.create({ ...configMap('unlisted', 'shop-web'), metadata });
}

const foreignUids = (): Promise<readonly unknown[]> =>
  Promise.all(
    clusters.flatMap((cluster) =>
      foreign.map(async (ref) => (await bench.client(cluster).get(ref))?.metadata['uid']),
    ),
  );

async function letThrough(turn: number): Promise<void> {
  await writeTurn(turn);
  const again = await bench.toryo('apply', ...words);
  expect(again.code, `turn ${turn}: ${again.all}`).toBe(0);
  // The lease of a dead process of this machine is free at once.
  expect(again.err).not.toContain('is it alive?');
  await expectListed(`after turn ${turn}`);
  await expectSettled(`after turn ${turn}`);
}

/**
 * Kills an apply at a moment of its life; says whether it was still alive. How long it lives is what the last ones of its
 * kind showed: moments after the end kill nothing, and the last steps want to be met too.
 */
function killer(full: number): (kind: 'good' | 'bad') => Promise<boolean> {
  const next = random(20);
  // A bad one takes longer: it is waited for, and goes back.
  const lives = { good: full, bad: full + 2000 };
  return async (kind) => {
    const begun = performance.now();
    const run = bench.launch('apply', ...words);
    await Promise.race([run.ended, sleep(300 + next() * lives[kind])]);
    run.kill('SIGKILL');
    const hasLanded = (await run.ended).code === null;
    lives[kind] = hasLanded ? lives[kind] * 1.05 : performance.now() - begun - 300;
    return hasLanded;
  };
}

it(`killed at ${kills} moments of two waves and of ways back, the next apply goes on, nothing is orphaned and nothing foreign is touched`, async () => {
  const full = await beginInPeace();
  for (const cluster of clusters) {
    void follow(cluster);
    await addForeign(cluster);
  }
  const uids = await foreignUids();
  const kill = killer(full);
  const landed: boolean[] = [];
  const phases = new Set<unknown>();
  for (let turn = 3; turn < 3 + kills; turn += 1) {
    const kind = turn % 4 === 0 ? 'bad' : 'good';
    await writeTurn(turn, kind === 'bad');
    landed.push(await kill(kind));
    await expectListed(`turn ${turn}`);
    for (const one of (await inventoriesOf(bench.client('first'))).values()) phases.add(one?.record?.phase);
    if (turn % row === 0 || turn === 2 + kills) await letThrough(turn);
  }
  expect(landed.filter(Boolean).length).toBeGreaterThan(kills / 2);
  expect([...phases]).toContain('moving');
  expect(phases.has('returning') || phases.has('returned')).toBe(true);
  expect(await foreignUids()).toEqual(uids);
  const ours =
    /^(shop-web\/(one|two|three)-\d{1,2}|toryo-system\/(inventory\.app\.platform\.three|revision\..*))$/;
  expect([...deleted].filter((name) => !ours.test(name))).toEqual([]);
}, 900_000);
