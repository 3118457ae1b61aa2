import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { Bench, core } from './bench.ts';
import { appYaml, configMapYaml, deploymentYaml, fleetYaml, tenantYaml, together } from './fleet-files.ts';

let bench: Bench;
const manifests = 'apps/shop/web/manifests/web.yaml';
const maps = (count: number): string[] =>
  Array.from({ length: count }, (_, index) => configMapYaml(`web-${index}`));
const fleet = (more: string): string => fleetYaml('acme', [{ name: 'lab' }]).replace('\n---', `\n${more}---`);
const apply = async (...words: readonly string[]): Promise<void> => {
  const answer = await bench.toryo('apply', '--yes', ...words);
  expect(answer.code, answer.all).toBe(0);
};
const refused = async (code = 3): Promise<string> => {
  const before = await bench.writes();
  const answer = await bench.toryo('apply', '--yes');
  expect(answer.code, answer.all).toBe(code);
  expect(await bench.writes('lab', before)).toEqual(new Map());
  expect(await bench.client().get(core('ConfigMap', 'web-0', 'shop-web'))).toBeDefined();
  return answer.all;
};

beforeAll(async () => {
  bench = await Bench.start({ name: 'lab' });
});
afterAll(() => bench.stop());
beforeEach(async () => {
  await bench.clearFleet();
  await bench.write({
    'fleet.yaml': fleet('  prune: { atMost: 25%, atMostObjects: 3 }\n'),
    'shop.yaml': tenantYaml('shop', ['shop-web']),
    'apps/shop/web/app.yaml': appYaml('web', 'shop', 'shop-web'),
    [manifests]: together(...maps(20)),
  });
  const lock = await bench.toryo('lock');
  expect(lock.code, lock.all).toBe(0);
  await apply('--allow-prune', 'App/shop/web');
});

describe('one change', () => {
  it('deletes no more than the Fleet lets it', async () => {
    await bench.write({ [manifests]: together(...maps(16)) });
    expect(await refused()).toContain(
      'App/shop/web loses 4 of 20 objects, and Fleet.spec.prune lets 3 go at once (atMost: 25%, atMostObjects: 3) (--allow-prune App/shop/web)',
    );
    await bench.write({ [manifests]: together(...maps(17)) });
    await apply();
    await bench.write({ [manifests]: together(...maps(10)) });
    await apply('--allow-prune', 'App/shop/web');
  });

  it('deletes nothing when a source renders to nothing, or cannot be rendered', async () => {
    await bench.write({ 'fleet.yaml': fleet('  prune: { atMost: 100%, atMostObjects: 100 }\n') });
    const nothing = `without: [${maps(20)
      .map((_text, index) => `ConfigMap/web-${index}`)
      .join(', ')}]`;
    await bench.write({ 'apps/shop/web/app.yaml': appYaml('web', 'shop', 'shop-web', [nothing]) });
    expect(await refused()).toContain(
      'App/shop/web still has a document that selects this cluster, and it renders to nothing: all of its 20 objects would go',
    );
    await bench.write({ 'apps/shop/web/app.yaml': appYaml('web', 'shop', 'shop-web') });
    await bench.write({ [manifests]: '# all of it is gone\n' });
    expect(await refused(2)).toContain('App/shop/web renders no object');
    await bench.write({ [manifests]: configMapYaml('another') });
    expect(await refused()).toContain('to none of the 20 that it has here');
    await bench.write({ [manifests]: 'kind: [' });
    await refused(2);
    await bench.write({ [manifests]: undefined });
    await refused(2);
  });
});

describe('a renamed owner', () => {
  it('loses nothing of the old one before the new one is well', async () => {
    await bench.write({
      'fleet.yaml': fleet('  moved: [{ from: App/shop/web, to: App/shop/front }]\n'),
      'apps/shop/web/app.yaml': undefined,
      [manifests]: undefined,
      'apps/shop/front/app.yaml': appYaml('front', 'shop', 'shop-web'),
      'apps/shop/front/manifests/all.yaml': together(
        ...maps(19).slice(1),
        deploymentYaml('front', { fail: 'NotReady' }),
      ),
    });
    const sick = await bench.toryo('apply', '--yes', '--timeout', '3s');
    expect(sick.code, sick.all).not.toBe(0);
    expect(await bench.client().get(core('ConfigMap', 'web-0', 'shop-web'))).toBeDefined();
    await bench.write({ 'apps/shop/front/manifests/all.yaml': together(...maps(19).slice(1)) });
    await apply('--allow-prune', 'App/shop/front');
    expect(await bench.client().get(core('ConfigMap', 'web-0', 'shop-web'))).toBeUndefined();
    expect(await bench.client().get(core('ConfigMap', 'web-1', 'shop-web'))).toBeDefined();
    await bench.write({
      'apps/shop/front/app.yaml': undefined,
      'apps/shop/front/manifests/all.yaml': undefined,
    });
    await bench.write({ 'fleet.yaml': fleet('') });
    await apply('--allow-prune', 'App/shop/front');
  });
});
