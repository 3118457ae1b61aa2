import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { Bench, core, someNodes } from './bench.ts';
import { appYaml, configMapYaml, deploymentYaml, fleetYaml, tenantYaml, together } from './fleet-files.ts';

let bench: Bench;
const manifests = 'apps/shop/web/manifests/web.yaml';

beforeAll(async () => {
  bench = await Bench.start({ name: 'lab', nodes: someNodes });
  await bench.write({
    'fleet.yaml': fleetYaml('acme', [{ name: 'lab' }]),
    'shop.yaml': tenantYaml('shop', ['shop-web']),
    'apps/shop/web/app.yaml': appYaml('web', 'shop', 'shop-web'),
    [manifests]: together(
      configMapYaml('web', { greeting: 'hello' }),
      deploymentYaml('web', { replicas: 2 }),
    ),
  });
  const lock = await bench.toryo('lock');
  expect(lock.code, lock.all).toBe(0);
});
afterAll(() => bench.stop());

describe('apply', () => {
  it('makes an empty cluster healthy, and a second one finds nothing to write', async () => {
    const plan = await bench.toryo('plan', '--exit-code');
    expect(plan.code, plan.all).toBe(5);
    expect(plan.out).toMatch(/^lab +wave all +\d+ create/);
    const applied = await bench.toryo('apply', '--yes');
    expect(applied.code, applied.all).toBe(0);
    expect(applied.out).toMatch(/all +lab +done/);
    expect(applied.err).toMatch(/✓ \d+ healthy/);
    const before = await bench.writes();
    const again = await bench.toryo('apply', '--yes');
    expect(again.code, again.all).toBe(0);
    expect(await bench.writes('lab', before)).toEqual(new Map());
    const unchanged = await bench.toryo('plan', '--exit-code');
    expect(unchanged.code, unchanged.all).toBe(0);
    expect(unchanged.out).toMatch(/^lab +wave all +\d+ unchanged\n$/);
  });

  it('shows a changed field with what it was and what it will be', async () => {
    await bench.edit(manifests, 'hello', 'good day');
    const plan = await bench.toryo('plan', '--exit-code');
    expect(plan.code, plan.all).toBe(5);
    expect(plan.out).toMatch(/1 configure, \d+ unchanged/);
    expect(plan.out).toContain(
      '~ ConfigMap/shop-web/web App/shop/web\n      data.greeting: hello -> good day\n',
    );
    const applied = await bench.toryo('apply', '--yes');
    expect(applied.code, applied.all).toBe(0);
    const stored = await bench.client().get(core('ConfigMap', 'web', 'shop-web'));
    expect(stored?.['data']).toEqual({ greeting: 'good day' });
  });
});
