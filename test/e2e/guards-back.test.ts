import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { Bench, core, someNodes, type Answer } from './bench.ts';
import { fleetYaml, restrictedPod, tenantYaml } from './fleet-files.ts';

let bench: Bench;
const platform = 'Tenant/platform';
const shop = 'Tenant/shop';
const relaxed = `---
apiVersion: toryo.dev/v1alpha1
kind: SecurityProfile
metadata: { name: relaxed }
spec: { readOnlyRootFilesystem: false, images: { registries: [registry.example.com/] } }
`;
const withProfile = {
  'fleet.yaml': `${fleetYaml('acme', [{ name: 'lab' }])}${relaxed}`,
  'shop.yaml': tenantYaml('shop', ['shop-web']).replace('profile: restricted', 'profile: relaxed'),
};
const withoutProfile = {
  'fleet.yaml': fleetYaml('acme', [{ name: 'lab' }]),
  'shop.yaml': tenantYaml('shop', ['shop-web']),
};
const kinds = [
  { group: 'toryo.dev', kind: 'Guard' },
  { group: 'admissionregistration.k8s.io', kind: 'ValidatingAdmissionPolicy' },
  { group: 'admissionregistration.k8s.io', kind: 'ValidatingAdmissionPolicyBinding' },
];

/** Specs of all that guards, by kind and name. */
const guards = async (): Promise<Readonly<Record<string, unknown>>> => {
  const lists = await Promise.all(
    kinds.map(async (kind) =>
      (await bench.client().list(kind)).items
        .filter(({ metadata }) => kind.kind === 'Guard' || metadata.name.startsWith('toryo'))
        .map((one) => [`${kind.kind}/${one.metadata.name}`, one['spec']] as const),
    ),
  );
  return Object.fromEntries(lists.flat());
};
const guardOf = async (namespace: string): Promise<string | undefined> =>
  (await bench.client().get(core('Namespace', namespace)))?.metadata.labels?.['toryo.dev/guard'];
const apply = async (code = 0): Promise<Answer> => {
  const answer = await bench.toryo('apply', '--yes');
  expect(answer.code, answer.all.slice(-3000)).toBe(code);
  return answer;
};
const takeBack = async (owner: string): Promise<Answer> => {
  const answer = await bench.run('wave', 'rollback', owner, '--repository', bench.root);
  expect(answer.code, answer.all.slice(-3000)).toBe(0);
  return answer;
};
const tryPod = (image: string): Promise<Answer> =>
  bench.kubectl(
    'lab',
    ['create', '--dry-run=server', '-f', '-'],
    JSON.stringify({
      apiVersion: 'v1',
      kind: 'Pod',
      metadata: { name: 'tried', namespace: 'shop-web' },
      spec: restrictedPod({ image }),
    }),
  );
const elsewhere = 'elsewhere.example.com/main:1';
const refused = /TRY-SEC-028 .*elsewhere/;

beforeAll(async () => {
  bench = await Bench.start({ name: 'lab', nodes: someNodes });
  await bench.write(withProfile);
  const lock = await bench.toryo('lock');
  expect(lock.code, lock.all).toBe(0);
  await apply();
});
afterAll(() => bench.stop());

describe('a profile that a revision took away', () => {
  it('comes back with the platform, and holds again when the tenant is back too', async () => {
    const before = await guards();
    const named = await guardOf('shop-web');
    expect(before).toHaveProperty(`Guard/${named}`);
    expect((await tryPod(elsewhere)).all).toMatch(refused);
    await bench.write(withoutProfile);
    const plan = await bench.toryo('plan');
    expect(plan.out).toContain(`- Guard/${named} ${platform}`);
    expect(plan.all).not.toContain('no way back');
    await apply();
    const between = await guards();
    expect(Object.keys(between).filter((name) => name.includes('relaxed'))).toEqual([]);
    expect((await tryPod(elsewhere)).code).toBe(0);

    const back = await takeBack(platform);
    expect(back.out).toMatch(/Tenant\/platform +all +lab +returned/);
    // The Guard that the tenant names now stays beside the one that came back.
    expect(Object.keys(await guards()).sort()).toEqual(
      [...new Set([...Object.keys(before), ...Object.keys(between)])].sort(),
    );
    expect(await guardOf('shop-web')).not.toBe(named);
    expect((await tryPod(elsewhere)).code).toBe(0);

    await takeBack(shop);
    expect(await guardOf('shop-web')).toBe(named);
    expect((await tryPod(elsewhere)).all).toMatch(refused);
  });

  it('stays until somebody lets the revision be tried again, and then goes', async () => {
    const held = await bench.toryo('apply', '--yes');
    expect(held.code, held.all).toBe(8);
    expect((await tryPod(elsewhere)).all).toMatch(refused);
    for (const owner of [platform, shop]) {
      const said = await bench.run('wave', 'promote', owner, '--repository', bench.root);
      expect(said.code, said.all).toBe(0);
    }
    await apply();
    expect(Object.keys(await guards()).filter((name) => name.includes('relaxed'))).toEqual([]);
    expect((await tryPod(elsewhere)).code).toBe(0);
  });

  it('does not come back with a tenant alone, which says what still holds it, and comes back with the platform', async () => {
    await bench.write(withProfile);
    await apply();
    const before = await guardOf('shop-web');
    await bench.write(withoutProfile);
    await apply();
    const named = await guardOf('shop-web');
    const alone = await takeBack(shop);
    const held =
      /profile restricted still holds Namespace\/shop-web, .*: `toryo wave rollback Tenant\/platform`/;
    expect(alone.err).toMatch(new RegExp(`goes back to the revision before; but ${held.source}`));
    expect(alone.err.search(held)).toBeLessThan(alone.err.indexOf('written down'));
    expect(alone.out).toMatch(/Tenant\/shop +all +lab +returned +rolled back by hand; profile restricted/);
    const status = await bench.toryo('status');
    expect(status.out).toMatch(new RegExp(`note Tenant/shop is back on cluster lab, but ${held.source}`));
    expect(await guardOf('shop-web')).toBe(named);
    expect((await tryPod(elsewhere)).code).toBe(0);
    await takeBack(platform);
    expect(await guardOf('shop-web')).toBe(before);
    expect((await tryPod(elsewhere)).all).toMatch(refused);
    expect((await bench.toryo('status')).out).not.toContain('still holds');
  });
});
