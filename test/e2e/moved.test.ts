import { setTimeout as sleep } from 'node:timers/promises';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import type { KubeObject } from '../../src/objects/index.ts';
import { Bench, core, someNodes, until } from './bench.ts';
import { appYaml, configMapYaml, deploymentYaml, fleetYaml, tenantYaml, together } from './fleet-files.ts';
import { inventoriesOf, listedKeys, markedObjects } from './marked.ts';

let bench: Bench;
const moved = '  moved: [{ from: App/shop/web, to: App/shop/storefront }]\n';
const fleet = (more = '') => fleetYaml('acme', [{ name: 'lab' }]).replace('\n---', `\n${more}---`);
const apply = async (...words: readonly string[]): Promise<string> => {
  const answer = await bench.toryo('apply', '--yes', ...words);
  expect(answer.code, answer.all).toBe(0);
  return answer.all;
};
const read = (name: string): Promise<KubeObject | undefined> =>
  bench.client().get(core('ConfigMap', name, 'shop-web'));
const uidOf = async (name: string) => (await read(name))?.metadata['uid'];
const app = (name: string, text: string | undefined) => ({
  [`apps/shop/${name}/app.yaml`]: text === undefined ? undefined : appYaml(name, 'shop', 'shop-web'),
  [`apps/shop/${name}/manifests/all.yaml`]: text,
});
const maps = (count: number) => Array.from({ length: count }, (_, index) => configMapYaml(`m-${index}`));
const old = together(...maps(8), configMapYaml('left'), deploymentYaml('web'));
const now = together(...maps(8), deploymentYaml('web'), configMapYaml('new'));

beforeAll(async () => {
  bench = await Bench.start({ name: 'lab', nodes: someNodes });
});
afterAll(() => bench.stop());
beforeEach(async () => {
  await bench.clearFleet();
  await bench.write({
    'fleet.yaml': fleet('  moved: [{ from: App/shop/storefront, to: App/shop/web }]\n'),
    'shop.yaml': tenantYaml('shop', ['shop-web']),
    ...app('web', old),
  });
  const lock = await bench.toryo('lock');
  expect(lock.code, lock.all).toBe(0);
  await apply();
  await bench.write({ 'fleet.yaml': fleet() });
});

describe('objects of a renamed owner', () => {
  it('change hands: nothing is deleted or made anew, and what is not wanted any more goes', async () => {
    const before = await Promise.all(['m-0', 'm-7'].map(uidOf));
    await bench.write({ ...app('web', undefined), ...app('storefront', now) });
    const refused = await bench.toryo('apply', '--yes');
    expect(refused.code, refused.all).toBe(3);
    expect(refused.all).toContain('an owner that was renamed is named in `moved` of the Fleet');

    await bench.write({ 'fleet.yaml': fleet(moved) });
    const plan = await bench.toryo('plan');
    expect(plan.code, plan.all).toBe(0);
    expect(plan.out).toContain('- ConfigMap/shop-web/left App/shop/web');
    expect(plan.out).toContain('1 create, 9 configure, 1 delete');
    await apply();
    expect(await Promise.all(['m-0', 'm-7'].map(uidOf))).toEqual(before);
    expect(await read('left')).toBeUndefined();
    expect((await read('m-0'))?.metadata.labels).toMatchObject({ 'toryo.dev/owner': 'app.shop.storefront' });
    const managers = (await read('m-0'))?.metadata['managedFields'] as { manager: string }[];
    expect(managers.map((one) => one.manager)).toEqual(['toryo-acme']);
    const inventories = await inventoriesOf(bench.client());
    expect(inventories.has('inventory.app.shop.web')).toBe(false);
    expect(inventories.get('inventory.app.shop.storefront')?.items).toHaveLength(10);
    expect((await bench.toryo('plan')).out).toMatch(/^lab +wave all +\d+ unchanged\n$/);
    const check = await bench.run('inventory', 'check', bench.root);
    expect(check.code, check.all).toBe(0);
  });

  it('are listed at every moment, wherever an apply is killed', async () => {
    const before = await Promise.all(['m-0', 'm-7'].map(uidOf));
    let [from, to] = ['web', 'storefront'];
    let killed = 0;
    for (let turn = 0; turn < 6; turn += 1) {
      const entry = `  moved: [{ from: App/shop/${from}, to: App/shop/${to} }]\n`;
      await bench.write({ 'fleet.yaml': fleet(entry), ...app(from, undefined), ...app(to, now) });
      const run = bench.launch('apply', '--yes');
      await until(
        () => Promise.resolve(run.said()),
        (said) => said.includes('cluster deliver') || said.includes('deliver cluster'),
      );
      // From the first write on, a little later each turn.
      await sleep(turn * 15);
      run.kill('SIGKILL');
      if ((await run.ended).code === null) killed += 1;
      const listed = new Set(await listedKeys(bench.client()));
      const orphans = [...(await markedObjects(bench.client())).keys()].filter((key) => !listed.has(key));
      expect(orphans, `turn ${turn}`).toEqual([]);
      await apply();
      expect(await Promise.all(['m-0', 'm-7'].map(uidOf)), `turn ${turn}`).toEqual(before);
      expect((await inventoriesOf(bench.client())).has(`inventory.app.shop.${from}`)).toBe(false);
      [from, to] = [to, from];
    }
    expect(killed).toBeGreaterThan(0);
    await bench.write({ ...app('web', undefined), ...app('storefront', undefined), ...app(from, now) });
  });
});
