import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { stringAt } from '../../src/lib/index.ts';
import type { KubeObject } from '../../src/objects/index.ts';
import { Bench, core, someNodes, until } from './bench.ts';
import { appYaml, configMapYaml, deploymentYaml, shopFiles, together } from './fleet-files.ts';
import { inventoriesOf } from './marked.ts';

let bench: Bench;
const manifests = 'apps/shop/web/manifests/web.yaml';
const secretText = `apiVersion: v1\nkind: Secret\nmetadata: { name: key }\nstringData: { password: "s3cr3t-and-long" }\n`;

const waiver = `apiVersion: toryo.dev/v1alpha1
kind: Waiver
metadata: { name: secrets }
spec: { rule: TRY-OBJ-005, target: { app: shop/web }, reason: a test, owner: shop-dev, expires: 2099-01-31 }
`;

const apply = async (...words: readonly string[]): Promise<string> => {
  const answer = await bench.toryo('apply', '--yes', ...words);
  expect(answer.code, answer.all).toBe(0);
  return answer.all;
};
const undo = (...words: readonly string[]) => bench.toryo('undo', ...words);
const read = (kind: string, name: string): Promise<KubeObject | undefined> =>
  bench.client().get(core(kind, name, 'shop-web'));
const tombstones = async (): Promise<readonly KubeObject[]> => {
  const labelSelector = 'toryo.dev/component=tombstone';
  const kind = { group: '', kind: 'Secret' };
  return (await bench.client().list(kind, { namespace: 'toryo-system', labelSelector })).items;
};
const all = together(configMapYaml('a'), configMapYaml('b'), secretText, deploymentYaml('web'));

beforeAll(async () => {
  bench = await Bench.start({ name: 'lab', nodes: someNodes });
});
afterAll(() => bench.stop());

beforeEach(async () => {
  await bench.clearFleet();
  await bench.write({
    ...shopFiles(),
    'waiver.yaml': waiver,
    [manifests]: all,
  });
  const lock = await bench.toryo('lock');
  expect(lock.code, lock.all).toBe(0);
  await apply('--allow-prune', 'App/shop/web', '--allow-delete', 'PersistentVolumeClaim/data');
  await Promise.all(
    (await tombstones()).map(({ metadata }) =>
      bench.client().remove(core('Secret', metadata.name, 'toryo-system')),
    ),
  );
});

describe('what was deleted', () => {
  it('comes back as it was, and stays until its owner changes', async () => {
    await bench.kubectl('lab', ['annotate', 'configmap', '-n', 'shop-web', 'b', 'note=by-hand']);
    const before = (await read('ConfigMap', 'b'))!;
    await bench.write({ [manifests]: together(configMapYaml('a'), deploymentYaml('web')) });
    await apply();
    expect(await read('ConfigMap', 'b')).toBeUndefined();
    const [tombstone] = await tombstones();
    expect(tombstone?.['type']).toBe('toryo.dev/tombstone');
    expect(tombstone?.metadata.annotations?.['toryo.dev/deleted-by']).toMatch(/@.*process \d+/);
    expect(tombstone?.metadata.annotations?.['toryo.dev/plan']).toMatch(/^sha256:/);

    const list = await undo('--list');
    expect(list.code, list.all).toBe(0);
    expect(list.out).toMatch(/lab +ConfigMap\/shop-web\/b +App\/shop\/web/);
    expect(list.out).not.toContain('s3cr3t');

    const done = await undo('--owner', 'App/shop/web', '--yes');
    expect(done.code, done.all).toBe(0);
    const after = (await read('ConfigMap', 'b'))!;
    expect(after.metadata['uid']).not.toBe(before.metadata['uid']);
    expect(after['data']).toEqual(before['data']);
    expect(after.metadata.labels).toEqual(before.metadata.labels);
    expect(after.metadata.annotations).toEqual(before.metadata.annotations);
    const managers = (object: KubeObject) =>
      (object.metadata['managedFields'] as { manager: string; fieldsV1: unknown }[]).map((one) => [
        one.manager,
        one.fieldsV1,
      ]);
    expect(managers(after)).toEqual(managers(before));
    expect(Buffer.from(stringAt(await read('Secret', 'key'), 'data', 'password')!, 'base64').toString()).toBe(
      's3cr3t-and-long',
    );

    const plan = await bench.toryo('plan');
    expect(plan.code, plan.all).toBe(0);
    expect(plan.out).toContain('? ConfigMap/shop-web/b App/shop/web: undone by hand');
    expect(plan.out).not.toContain('delete');
    const again = await bench.toryo('apply', '--yes');
    expect(again.code, again.all).toBe(8);
    expect(again.all).toContain('App/shop/web: undone by hand');
    expect(await read('ConfigMap', 'b')).toBeDefined();
    const narrow = await bench.toryo('apply', '--yes', '-c', 'lab');
    expect(narrow.code, narrow.all).toBe(8);
    expect(await read('ConfigMap', 'b')).toBeDefined();

    await bench.write({ [manifests]: all });
    await apply();
    expect((await bench.toryo('plan')).out).toMatch(/^lab +wave all +\d+ unchanged\n$/);
    await bench.write({ [manifests]: together(configMapYaml('a'), secretText, deploymentYaml('web')) });
    await apply();
    expect(await read('ConfigMap', 'b')).toBeUndefined();
  });

  it('comes back by name, once, and is listed in its inventory', async () => {
    await bench.write({ [manifests]: together(configMapYaml('a'), deploymentYaml('web')) });
    await apply();
    expect((await undo('.', 'ConfigMap/b', '--yes')).code).toBe(2);
    const wrong = await undo('ConfigMap/b', 'ConfigMap/zzz', '--yes');
    expect(wrong.code, wrong.all).toBe(2);
    expect(wrong.err).toContain('ConfigMap/zzz: nothing of that name was deleted here');
    expect(await read('ConfigMap', 'b')).toBeUndefined();
    expect((await undo('ConfigMap/nope')).err).toContain('ConfigMap/nope: nothing of that name');
    expect((await undo('ConfigMap/b')).err).toContain('nobody is there to ask: give --yes');
    const done = await undo('ConfigMap/b', '--yes');
    expect(done.code, done.all).toBe(0);
    expect(await read('Secret', 'key')).toBeUndefined();
    const inventory = (await inventoriesOf(bench.client())).get('inventory.app.shop.web');
    const listed = inventory?.items.find((item) => item.ref.name === 'b');
    expect(listed?.uid).toBe((await read('ConfigMap', 'b'))?.metadata['uid']);
    const twice = await undo('ConfigMap/b', '--yes');
    expect(twice.code, twice.all).toBe(3);
    expect(twice.all).toContain('ConfigMap/shop-web/b: something of that name is there');
  });

  it('comes back when its whole App went, and nothing deletes it again', async () => {
    await bench.write({
      'apps/shop/web/app.yaml': undefined,
      [manifests]: undefined,
      'waiver.yaml': undefined,
    });
    await apply();
    await until(
      () => read('Deployment', 'web').catch(() => undefined),
      (found) => found === undefined,
    );
    const done = await undo('--owner', 'App/shop/web', '--yes');
    expect(done.code, done.all).toBe(0);
    const deployment = await bench
      .client()
      .get({ group: 'apps', kind: 'Deployment', namespace: 'shop-web', name: 'web' });
    expect(deployment).toBeDefined();
    await apply();
    expect(await read('ConfigMap', 'a')).toBeDefined();
    const check = await bench.run('inventory', 'check', bench.root);
    expect(check.code, check.all).toBe(0);
    await bench.write({
      'apps/shop/web/app.yaml': appYaml('web', 'shop', 'shop-web'),
      [manifests]: all,
      'waiver.yaml': waiver,
    });
    await apply();
    expect((await bench.toryo('plan')).out).toMatch(/^lab +wave all +\d+ unchanged\n$/);
  });

  it('is said to lose its data where it held some', async () => {
    const claim = {
      apiVersion: 'v1',
      kind: 'PersistentVolumeClaim',
      metadata: { name: 'data' },
      spec: { accessModes: ['ReadWriteOnce'], resources: { requests: { storage: '1Gi' } } },
    };
    await bench.write({ [manifests]: together(all, `${JSON.stringify(claim)}\n`) });
    await apply();
    await bench.write({ [manifests]: all });
    await apply('--allow-delete', 'PersistentVolumeClaim/data');
    await until(
      () => read('PersistentVolumeClaim', 'data'),
      (found) => found === undefined,
    );
    const done = await undo('PersistentVolumeClaim/data', '--yes');
    expect(done.code, done.all).toBe(0);
    expect(done.out).toContain('comes back empty');
    expect(await read('PersistentVolumeClaim', 'data')).toBeDefined();
    await bench.write({ [manifests]: together(all, `${JSON.stringify(claim)}\n`) });
    await apply();
  });
});

describe('a tombstone', () => {
  it('in many pieces is read whole, and goes after its time', async () => {
    const noise = Array.from({ length: 6 }, (_, part) =>
      configMapYaml(`large-${part}`, {
        // Not to be compressed away.
        noise: Array.from({ length: 18_000 }, (_unused, index) =>
          Math.abs(Math.sin(index + part * 18_000))
            .toString(36)
            .slice(2),
        ).join(''),
      }),
    );
    const files = Object.fromEntries(
      noise.map((text, index) => [`apps/shop/web/manifests/large-${index}.yaml`, text]),
    );
    await bench.write(files);
    await apply();
    await bench.write(Object.fromEntries(Object.keys(files).map((file) => [file, undefined])));
    await apply();
    const sizes = (await tombstones()).map((one) => JSON.stringify(one).length);
    expect(sizes.length).toBeGreaterThan(1);
    for (const size of sizes) expect(size).toBeLessThan(1_000_000);
    const done = await undo('ConfigMap/large-2', '--yes');
    expect(done.code, done.all).toBe(0);
    expect(await read('ConfigMap', 'large-2')).toBeDefined();
    const [old] = await tombstones();
    await bench.kubectl('lab', [
      'annotate',
      '--overwrite',
      'secret',
      '-n',
      'toryo-system',
      old!.metadata.name,
      'toryo.dev/deleted-at=2020-01-01T00:00:00.000Z',
    ]);
    await bench.write({ [manifests]: together(all, configMapYaml('new')) });
    await apply();
    expect((await tombstones()).map(({ metadata }) => metadata.name)).not.toContain(old!.metadata.name);
  });
});
