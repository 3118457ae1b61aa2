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

  it('names what comes as a whole with one namespace more, and every way that opens', async () => {
    await bench.write({ 'shop.yaml': tenantYaml('shop', ['shop-web', 'shop-cart']) });
    expect((await bench.run('lock', bench.root)).code).toBe(0);
    const lines = (await bench.toryo('plan')).out.split('\n').filter((line) => line.includes('access'));
    expect(lines.filter((line) => !line.includes('access !'))).toEqual([
      '  access + group shop:dev gains all of ClusterRole/toryo:edit in shop-cart',
      '  access + user toryo:tenant:shop gains all of ClusterRole/toryo:deploy in shop-cart',
      '  access: -o wide lists what whole roles allow',
    ]);
    const ways = lines.filter((line) => line.includes('access !')).join('\n');
    expect(ways).toContain(
      'group shop:dev can start pods as any service account, and read Secrets through them in shop-cart',
    );
    expect(ways).toContain('user toryo:tenant:shop can read secrets in shop-cart');
    const wide = (await bench.toryo('plan', '-o', 'wide')).out;
    expect(wide).toContain('access + group shop:dev gains create on pods/eviction in shop-cart (');
    expect(wide).not.toContain('gains all of');
  });
});
