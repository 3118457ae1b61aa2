import { setTimeout as sleep } from 'node:timers/promises';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { Bench, configMap, core, someNodes } from './bench.ts';
import { appYaml, configMapYaml, deploymentYaml, fleetYaml, tenantYaml, together } from './fleet-files.ts';
import { listedKeys, markedObjects } from './marked.ts';

const kills = 20;
const apps = ['one', 'two', 'three'] as const;
let bench: Bench;
const deleted = new Set<string>();
const watching = new AbortController();

/** One of two fleets: the second has half of each App's objects, and other ones. */
function manifestsOf(app: string, turn: number): string {
  const numbers = Array.from({ length: 12 }, (_, index) => index);
  const kept =
    turn % 2 === 0
      ? numbers
      : numbers.filter((number) => number < 6).map((number) => (number < 4 ? number : number + 20));
  const maps = kept.map((number) => configMapYaml(`${app}-${number}`, { turn: String(turn) }));
  return together(deploymentYaml(app, { image: `registry.example.com/${app}:${turn % 2}` }), ...maps);
}

const writeTurn = async (turn: number): Promise<void> => {
  // The third App comes and goes as a whole.
  const isThere = turn % 2 === 0;
  await bench.write({
    ...Object.fromEntries(
      apps.map((app) => [
        `apps/shop/${app}/app.yaml`,
        app === 'three' && !isThere ? undefined : appYaml(app, 'shop', 'shop-web'),
      ]),
    ),
    ...Object.fromEntries(
      apps.map((app) => [
        `apps/shop/${app}/manifests/all.yaml`,
        app === 'three' && !isThere ? undefined : manifestsOf(app, turn),
      ]),
    ),
  });
};

const words = ['--yes', '--allow-prune', 'App/shop/three'];

beforeAll(async () => {
  bench = await Bench.start({ name: 'lab', nodes: someNodes });
  await bench.write({
    'fleet.yaml': fleetYaml('acme', [{ name: 'lab' }]),
    'shop.yaml': tenantYaml('shop', ['shop-web'], 'quota: { pods: 100 }'),
  });
  await writeTurn(0);
  expect((await bench.toryo('lock')).code).toBe(0);
});
afterAll(async () => {
  watching.abort();
  await bench.stop();
});

const follow = async (): Promise<void> => {
  for await (const event of bench.client().watch(core('ConfigMap', ''), { signal: watching.signal })) {
    if (event.type === 'deleted')
      deleted.add(`${event.object.metadata.namespace}/${event.object.metadata.name}`);
  }
};

async function wantedNames(turn: number): Promise<readonly string[]> {
  const text = (await bench.toryo('build', '-o', 'json')).out;
  const [cluster] = JSON.parse(text) as {
    objects: { kind: string; metadata: { name: string; namespace?: string } }[];
  }[];
  const names = cluster!.objects
    .map((one) => `${one.kind}/${one.metadata.namespace ?? ''}/${one.metadata.name}`)
    .sort();
  expect(names.length, `turn ${turn}`).toBeGreaterThan(30);
  return names;
}

/** Numbers between 0 and 1 that are the same in every run. */
function random(seed: number): () => number {
  let state = seed;
  return () => {
    state = (state * 1_103_515_245 + 12_345) % 2_147_483_648;
    return state / 2_147_483_648;
  };
}

it(`killed at ${kills} moments, the next apply completes, nothing is orphaned and nothing foreign is touched`, async () => {
  const client = bench.client();
  const full: number[] = [];
  for (const turn of [0, 1, 2]) {
    await writeTurn(turn);
    const begun = performance.now();
    const first = await bench.toryo('apply', ...words);
    full.push(performance.now() - begun);
    expect(first.code, first.all).toBe(0);
  }
  void follow();
  const foreign = await client.create(configMap('one-100', 'shop-web'));
  const labels = (await client.get(core('ConfigMap', 'one-1', 'shop-web')))!.metadata.labels!;
  const unlisted = await client.create({
    ...configMap('one-101', 'shop-web'),
    metadata: { name: 'one-101', namespace: 'shop-web', labels },
  });
  const next = random(20);
  let killed = 0;
  for (let turn = 3; turn < 3 + kills; turn += 1) {
    await writeTurn(turn);
    const run = bench.launch('apply', ...words);
    await sleep(next() * Math.max(...full.slice(1)));
    run.kill('SIGKILL');
    if ((await run.ended).code === null) killed += 1;
    await expectListed(turn, unlisted.metadata.name);
    const again = await bench.toryo('apply', ...words);
    expect(again.code, `turn ${turn}: ${again.all}`).toBe(0);
    await expectListed(turn, unlisted.metadata.name);
    const marked = [...(await markedObjects(client)).values()].filter(
      (one) => one.metadata.name !== unlisted.metadata.name,
    );
    const names = marked
      .map((one) => `${one.kind}/${one.metadata.namespace ?? ''}/${one.metadata.name}`)
      .filter((name) => !name.startsWith('ConfigMap/toryo-system/inventory.'));
    expect(names.sort(), `turn ${turn}`).toEqual(await wantedNames(turn));
  }
  expect(killed).toBeGreaterThan(kills / 2);
  for (const object of [foreign, unlisted]) {
    const now = await client.get(core('ConfigMap', object.metadata.name, 'shop-web'));
    expect(now?.metadata['uid']).toBe(object.metadata['uid']);
  }
  expect(
    [...deleted].filter(
      (name) =>
        !/^shop-web\/(one|two|three)-\d{1,2}$/.test(name) &&
        !/^toryo-system\/(inventory\.app\.shop\.three$|revision\.)/.test(name),
    ),
  ).toEqual([]);
}, 600_000);

async function expectListed(turn: number, unlisted: string): Promise<void> {
  const client = bench.client();
  const listed = new Set(await listedKeys(client));
  const orphans = [...(await markedObjects(client)).keys()].filter((key) => !listed.has(key));
  expect(orphans, `turn ${turn}`).toEqual([`/ConfigMap/shop-web/${unlisted}`]);
}
