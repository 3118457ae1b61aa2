import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { Bench, core, someNodes, type Answer } from './bench.ts';
import { appYaml, configMapYaml, deploymentYaml, fleetYaml, shopFiles, together } from './fleet-files.ts';
import { inventoriesOf } from './marked.ts';

let bench: Bench;
const manifests = 'apps/shop/web/manifests/web.yaml';
const policy = { group: 'admissionregistration.k8s.io', kind: 'ValidatingAdmissionPolicy' };
const podUsers = { ...policy, name: 'toryo-pod-users' };
const gaveUp = deploymentYaml('web', { fail: 'NotReady' }).replace(
  '"replicas":1',
  '"replicas":1,"progressDeadlineSeconds":1',
);

const apply = async (code: number, ...words: readonly string[]): Promise<Answer> => {
  const answer = await bench.toryo('apply', '--yes', ...words);
  expect(answer.code, answer.all.slice(-3000)).toBe(code);
  return answer;
};
const web = (turn: string, deployment = deploymentYaml('web')): Promise<void> =>
  bench.write({ [manifests]: together(configMapYaml('web', { turn }), deployment) });
const recordOf = async (name: string): Promise<unknown> =>
  (await inventoriesOf(bench.client())).get(name)?.record;
const recordsOfGround = (): Promise<readonly unknown[]> =>
  Promise.all(['inventory.tenant.platform', 'inventory.tenant.shop'].map(recordOf));
const turnThere = async (): Promise<unknown> =>
  (await bench.client().get(core('ConfigMap', 'web', 'shop-web')))?.['data'];

beforeAll(async () => {
  bench = await Bench.start({ name: 'lab', nodes: someNodes });
  // The platform has a revision that knows of no tenant: that is what it must not go back to.
  await bench.write({ 'fleet.yaml': fleetYaml('acme', [{ name: 'lab' }]) });
  const lock = await bench.toryo('lock');
  expect(lock.code, lock.all).toBe(0);
  await apply(0);
  await bench.write(shopFiles());
  await web('0');
  await apply(0);
  await web('1');
  await apply(0);
});
afterAll(() => bench.stop());

describe('an App that fails while the platform only has drift repaired', () => {
  it('goes back alone, and the platform stays at its revision', async () => {
    const before = await recordsOfGround();
    await bench.client().remove(podUsers);
    await web('2', gaveUp);
    const answer = await apply(8, '--timeout', '20s');
    expect(answer.out).toMatch(/all +lab +rolled back .*App\/shop\/web: Deployment\/web/);
    expect(answer.all).not.toContain('take back Tenant');
    expect(answer.all).not.toContain('Tenant/platform failed');
    expect(await bench.client().get(podUsers)).toBeDefined();
    expect(await recordsOfGround()).toEqual(before);
    expect(await turnThere()).toEqual({ turn: '1' });
  });

  it('is shown by plan as what is not written, each change in its place', async () => {
    const { out } = await bench.toryo('plan');
    expect(out).toMatch(
      /\? ConfigMap\/shop-web\/web App\/shop\/web: not written: this revision went back here/,
    );
    expect(out).toMatch(/lab +wave all +\d+ skip, \d+ unchanged/);
    expect(out).not.toContain('~ ');
  });

  it('does not hold others up, and is delivered again as soon as it is corrected', async () => {
    await bench.write({
      'apps/shop/api/app.yaml': appYaml('api', 'shop', 'shop-web'),
      'apps/shop/api/manifests/api.yaml': configMapYaml('api'),
    });
    const held = await apply(8);
    expect(held.err).toContain(
      'correct it and apply, or let it be tried again with `toryo wave promote App/shop/web`',
    );
    expect(await bench.client().get(core('ConfigMap', 'api', 'shop-web'))).toBeDefined();
    await web('3');
    await apply(0);
    expect(await turnThere()).toEqual({ turn: '3' });
  });
});

describe('a first delivery that fails', () => {
  it('is named itself where there is no way back, not its tenant', async () => {
    await bench.client().remove(podUsers);
    await bench.kubectl('lab', ['delete', 'rolebinding', '-n', 'shop-web', '--all']);
    await bench.write({
      'apps/shop/new/app.yaml': appYaml('new', 'shop', 'shop-web'),
      'apps/shop/new/manifests/new.yaml': gaveUp.replaceAll('"web"', '"new"'),
    });
    const { out } = await apply(8, '--timeout', '20s');
    expect(out).toMatch(/no way back for App\/shop\/new on lab/);
    expect(out.slice(out.indexOf('OUTCOME'))).not.toContain('Tenant/');
    await bench.write({ 'apps/shop/new/app.yaml': undefined, 'apps/shop/new/manifests/new.yaml': undefined });
    await apply(0);
  });
});

describe('drift that cannot be repaired', () => {
  it('is said, and takes nobody back to an older revision', async () => {
    const before = await recordOf('inventory.app.shop.web');
    await bench.kubectl('lab', ['create', 'quota', 'none', '--hard=pods=0', '-n', 'shop-web']);
    await bench.kubectl('lab', ['delete', 'deployment', 'web', '-n', 'shop-web', '--wait']);
    const { all } = await bench.toryo('apply', '--yes', '--timeout', '10s');
    expect(all).toMatch(/all +lab +(timed out|unhealthy) .*App\/shop\/web: Deployment\/web: /);
    expect(all).not.toContain('take back');
    expect(await recordOf('inventory.app.shop.web')).toEqual(before);
    await bench.kubectl('lab', ['delete', 'quota', 'none', '-n', 'shop-web']);
    await bench.kubectl('lab', ['delete', 'deployment', 'web', '-n', 'shop-web', '--wait']);
    await apply(0);
    expect(await turnThere()).toEqual({ turn: '3' });
  });
});
