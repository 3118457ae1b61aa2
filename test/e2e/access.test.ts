import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { Bench } from './bench.ts';
import { fleetYaml, tenantYaml } from './fleet-files.ts';

let bench: Bench;

beforeAll(async () => {
  bench = await Bench.start({ name: 'lab', components: 'server' });
});
afterAll(() => bench.stop());

describe('what a plan says of access', () => {
  it('is what the change of a team does on the cluster, in words and as data', async () => {
    await bench.write({
      'fleet.yaml': fleetYaml('acme', [{ name: 'lab' }]),
      'shop.yaml': tenantYaml('shop', ['shop-web']),
    });
    expect((await bench.run('lock', bench.root)).code).toBe(0);
    const first = await bench.toryo('plan');
    expect(first.out).toMatch(/access \+ \d+ subjects get their first rights here/);
    const applied = await bench.toryo('apply', '--yes');
    expect(applied.code, applied.all).toBe(0);

    await bench.edit('shop.yaml', 'can: [edit]', 'can: [edit, exec]');
    const by = String.raw`RoleBinding/shop-web/toryo:team:shop-dev:exec -> ClusterRole/toryo:exec`;
    const gained = `group shop:dev gains create, get, patch, update on pods/attach, pods/ephemeralcontainers, pods/exec, pods/portforward in shop-web (${by})`;
    const text = await bench.toryo('plan');
    expect(text.out).toContain('  access ! group shop:dev can run commands in pods, ');
    expect(text.out).toContain(`  access + ${gained}\n`);
    const data = JSON.parse((await bench.toryo('plan', '-o', 'json')).out) as {
      waves: { clusters: { access: { what: string; text: string }[] }[] }[];
    };
    expect(data.waves[0]?.clusters[0]?.access.map(({ what }) => what)).toEqual(['escalation', 'gained']);
    expect(data.waves[0]?.clusters[0]?.access[1]?.text).toBe(gained);
  });
});
