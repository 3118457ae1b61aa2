import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import type { KubeObject } from '../../src/objects/index.ts';
import { Bench, configMap, core, someNodes, until } from './bench.ts';
import { appYaml, configMapYaml, fleetYaml, restrictedPod, tenantYaml, together } from './fleet-files.ts';
import { inventoriesOf } from './marked.ts';

let bench: Bench;
const fleet = (more = '') => fleetYaml('acme', [{ name: 'lab' }]).replace('\n---', `\n${more}---`);
const removed = (...entries: readonly string[]) => fleet(`  removed: [${entries.join(', ')}]\n`);
const apply = async (...words: readonly string[]): Promise<string> => {
  const answer = await bench.toryo('apply', '--yes', ...words);
  expect(answer.code, answer.all).toBe(0);
  return answer.all;
};
const status = async (): Promise<string> => (await bench.toryo('status')).out;
const read = (kind: string, name: string, namespace?: string): Promise<KubeObject | undefined> =>
  bench.client().get(core(kind, name, namespace));
const claim = (name: string) =>
  `${JSON.stringify({ apiVersion: 'v1', kind: 'PersistentVolumeClaim', metadata: { name }, spec: { accessModes: ['ReadWriteOnce'], resources: { requests: { storage: '1Gi' } } } })}\n`;
const database = (policy?: object) =>
  `${JSON.stringify({
    apiVersion: 'apps/v1',
    kind: 'StatefulSet',
    metadata: { name: 'db' },
    spec: {
      replicas: 1,
      serviceName: 'db',
      ...(policy === undefined ? {} : { persistentVolumeClaimRetentionPolicy: policy }),
      selector: { matchLabels: { app: 'db' } },
      template: { metadata: { labels: { app: 'db' } }, spec: restrictedPod() },
      volumeClaimTemplates: [
        {
          metadata: { name: 'files' },
          spec: { accessModes: ['ReadWriteOnce'], resources: { requests: { storage: '1Gi' } } },
        },
      ],
    },
  })}\n`;
const legacy = (manifests: string | undefined) => ({
  'legacy.yaml': manifests === undefined ? undefined : tenantYaml('legacy', ['legacy-db', 'legacy-web']),
  'apps/legacy/db/app.yaml': manifests === undefined ? undefined : appYaml('db', 'legacy', 'legacy-db'),
  'apps/legacy/db/manifests/all.yaml': manifests,
});
const whole = together(configMapYaml('settings'), claim('data'), database());

const small = together(configMapYaml('settings'), database());

const begin = async (manifests = small): Promise<void> => {
  await bench.write({ 'fleet.yaml': fleet(), ...legacy(manifests) });
  const lock = await bench.toryo('lock');
  expect(lock.code, lock.all).toBe(0);
  await apply();
};
const absent = (kind: string, name: string, namespace?: string) =>
  until(
    () => read(kind, name, namespace),
    (found) => found === undefined,
  );

beforeAll(async () => {
  bench = await Bench.start({ name: 'lab', nodes: someNodes });
});
afterAll(async () => {
  await bench.run('sandbox', 'down', '--all');
  await bench.stop();
});
beforeEach(async () => {
  await bench.clearFleet();
  await bench.write({ 'shop.yaml': tenantYaml('shop', ['shop-web']) });
});

describe('a tenant that is removed', () => {
  it('is an error without an entry, and with one loses everything but its data', async () => {
    await begin(whole);
    await until(
      () => read('PersistentVolumeClaim', 'files-db-0', 'legacy-db'),
      (found) => found !== undefined,
    );
    await bench.write(legacy(undefined));
    const vanished = await bench.toryo('plan');
    expect(vanished.code).toBe(2);
    expect(vanished.all).toContain('TRY-LOCK-001');
    await bench.write({ 'fleet.yaml': removed('{ what: Tenant/legacy }') });
    expect((await bench.toryo('plan')).all).toContain('says neither what becomes of its data');

    await bench.write({ 'fleet.yaml': removed('{ what: Tenant/legacy, data: keep }') });
    expect(await status()).toMatch(/Tenant\/legacy +not gone/);
    await apply();
    for (const name of ['data', 'files-db-0']) {
      const kept = await read('PersistentVolumeClaim', name, 'legacy-db');
      expect(kept?.metadata.labels?.['toryo.dev/kept'], name).toMatch(/^20\d\d-\d\d-\d\d$/);
      expect(JSON.stringify(kept?.metadata.labels)).not.toMatch(/toryo.dev\/(managed|owner|fleet)/);
    }
    const space = await read('Namespace', 'legacy-db');
    expect(space?.metadata.labels).toMatchObject({
      'toryo.dev/kept': expect.any(String) as string,
      'pod-security.kubernetes.io/enforce': 'restricted',
    });
    expect(JSON.stringify(space?.metadata['managedFields'] ?? [])).not.toContain('"toryo-acme"');
    expect(await read('ConfigMap', 'settings', 'legacy-db')).toBeUndefined();
    expect(await read('Namespace', 'legacy-web')).toBeUndefined();
    expect(
      [...(await inventoriesOf(bench.client())).keys()].filter((name) => name.includes('legacy')),
    ).toEqual([]);
    expect(await status()).toMatch(
      /Tenant\/legacy +gone everywhere: the entry may be deleted from the Fleet/,
    );
    const lock = await bench.toryo('lock');
    expect(lock.code, lock.all).toBe(0);
    await bench.write({ 'fleet.yaml': fleet() });
    expect((await bench.toryo('plan')).out).toMatch(/^lab +wave all +\d+ unchanged\n$/);
    const check = await bench.run('inventory', 'check', bench.root);
    expect(check.code, check.all).toBe(0);
    await bench.client().remove(core('Namespace', 'legacy-db'));
    await absent('Namespace', 'legacy-db');
  });

  it('keeps no claim that would go with its StatefulSet: that stops the plan', async () => {
    await begin(
      together(configMapYaml('settings'), database({ whenDeleted: 'Delete', whenScaled: 'Retain' })),
    );
    await until(
      () => read('PersistentVolumeClaim', 'files-db-0', 'legacy-db'),
      (found) => found?.metadata['ownerReferences'] !== undefined,
    );
    await bench.write({ ...legacy(undefined), 'fleet.yaml': removed('{ what: Tenant/legacy, data: keep }') });
    const plan = await bench.toryo('plan');
    expect(plan.code, plan.all).toBe(3);
    expect(plan.out).toContain('it would be deleted together with StatefulSet/db');
    // Named is permitted: no flag, and everything is gone when apply ends.
    await bench.write({ 'fleet.yaml': removed('{ what: Tenant/legacy, data: delete }') });
    await apply();
    expect(await read('Namespace', 'legacy-db')).toBeUndefined();
    expect(await read('Namespace', 'legacy-web')).toBeUndefined();
    expect(await status()).toMatch(/Tenant\/legacy +gone everywhere/);
  });

  it('says what holds a namespace that does not go', async () => {
    await begin();
    const held = configMap('held', 'legacy-db');
    await bench.client().create({
      ...held,
      metadata: { ...held.metadata, finalizers: ['example.com/hold'] },
    });
    await bench.write({
      ...legacy(undefined),
      'fleet.yaml': removed('{ what: Tenant/legacy, data: delete }'),
    });
    const late = await bench.toryo('apply', '--yes', '--timeout', '8s');
    expect(late.code, late.all).toBe(7);
    expect(late.all).toMatch(
      /Namespace\/legacy-db is not gone yet: .*example.com\/hold in 1 resource instances/,
    );
    expect(await status()).toMatch(/Tenant\/legacy +not gone +lab has .*example.com\/hold/);
    expect((await bench.toryo('plan')).out).toContain(
      '? Namespace/legacy-db Tenant/legacy: is being deleted: ',
    );
    await bench
      .client()
      .patch(core('ConfigMap', 'held', 'legacy-db'), { metadata: { finalizers: null } }, { type: 'merge' });
    await absent('Namespace', 'legacy-db');
    await apply();
    expect(await status()).toMatch(/Tenant\/legacy +gone everywhere/);
    expect(
      [...(await inventoriesOf(bench.client())).keys()].filter((name) => name.includes('legacy')),
    ).toEqual([]);
  });

  it('is forgotten without a change to anything but our marks', async () => {
    await begin();
    const before = await read('ConfigMap', 'settings', 'legacy-db');
    await bench.write({
      ...legacy(undefined),
      'fleet.yaml': removed('{ what: Tenant/legacy, forget: true }'),
    });
    await apply();
    const after = await read('ConfigMap', 'settings', 'legacy-db');
    expect(after?.metadata['uid']).toBe(before?.metadata['uid']);
    expect(after?.['data']).toEqual(before?.['data']);
    expect(after?.metadata.labels ?? {}).toEqual({});
    expect(JSON.stringify(after?.metadata['managedFields'] ?? [])).not.toContain('"toryo-acme"');
    expect(
      [...(await inventoriesOf(bench.client())).keys()].filter((name) => name.includes('legacy')),
    ).toEqual([]);
    expect(await status()).toMatch(/Tenant\/legacy +gone everywhere/);
    for (const name of ['legacy-db', 'legacy-web']) {
      await bench.client().remove(core('Namespace', name));
      await absent('Namespace', name);
    }
  });
});

describe('a namespace that is removed', () => {
  it('goes with its data when that is said, and its tenant stays', async () => {
    await begin();
    await bench.write({
      'legacy.yaml': tenantYaml('legacy', ['legacy-web']),
      'apps/legacy/db/app.yaml': undefined,
      'apps/legacy/db/manifests/all.yaml': undefined,
      'fleet.yaml': removed('{ what: Namespace/legacy/legacy-db, data: delete }'),
    });
    await apply();
    expect(await read('Namespace', 'legacy-db')).toBeUndefined();
    expect(await read('Namespace', 'legacy-web')).toBeDefined();
    expect(await status()).toMatch(/Namespace\/legacy\/legacy-db +gone everywhere/);
    await bench.write({
      ...legacy(undefined),
      'fleet.yaml': removed('{ what: Tenant/legacy, data: delete }'),
    });
    await apply();
  });
});

describe('a cluster that is removed', () => {
  const both = (more = '') =>
    fleetYaml('acme', [{ name: 'lab' }, { name: 'old', provider: 'sandbox' }]).replace(
      '\n---',
      `\n${more}---`,
    );
  const app = (...more: readonly string[]) => ({
    'apps/shop/web/app.yaml': appYaml('web', 'shop', 'shop-web', more),
    'apps/shop/web/manifests/all.yaml': configMapYaml('web'),
  });

  it('is deleted with its data when it is a sandbox, and not while a pinned App is on it', async () => {
    await bench.write({ 'fleet.yaml': both(), ...app('state: pinned') });
    const lock = await bench.toryo('lock');
    expect(lock.code, lock.all).toBe(0);
    await apply();
    const exists = async () => (await bench.run('sandbox', 'list')).out.includes('acme-old');
    expect(await exists()).toBe(true);

    await bench.write({ 'fleet.yaml': fleet() });
    expect((await bench.toryo('plan')).all).toContain('TRY-LOCK-001');
    await bench.write({ 'fleet.yaml': removed('{ what: Cluster/old, data: keep }') });
    expect((await bench.toryo('plan')).all).toContain('cannot keep the data of a cluster');
    await bench.write({ 'fleet.yaml': removed('{ what: Cluster/old, data: delete }') });
    const refused = await bench.toryo('apply', '--yes');
    expect(refused.code, refused.all).toBe(3);
    expect(refused.all).toContain('App/shop/web is on it, and its state is pinned: move it away first');
    expect(await status()).toMatch(/Cluster\/old +not gone/);

    await bench.write(app());
    const plan = await bench.toryo('plan');
    expect(plan.code, plan.all).toBe(0);
    expect(plan.out).toContain('~ cluster: delete the sandbox, with all data in it');
    expect(await exists()).toBe(true);
    await apply('-c', 'lab');
    expect(await exists()).toBe(true);
    await apply();
    expect(await exists()).toBe(false);
    expect(await status()).toMatch(/Cluster\/old +gone everywhere/);
  });

  it('that is no sandbox is only forgotten', async () => {
    const two = fleetYaml('acme', [{ name: 'lab' }, { name: 'other', context: 'lab' }]);
    await bench.write({ 'fleet.yaml': two });
    await bench.write({
      'toryo.lock/cluster-other.yaml': 'kind: Cluster\nname: other\nidentity: some-uid\n',
      'toryo.lock/cluster-lab.yaml': 'kind: Cluster\nname: lab\n',
    });
    await bench.write({ 'fleet.yaml': removed('{ what: Cluster/other, data: delete }') });
    const lock = await bench.toryo('lock');
    expect(lock.code, lock.all).toBe(0);
    const plan = await bench.toryo('plan');
    expect(plan.code, plan.all).toBe(3);
    expect(plan.out).toContain(
      'Cluster/other is no sandbox, and this version deletes no other: delete it where it was made, then say `forget: true`',
    );
    await bench.write({ 'fleet.yaml': removed('{ what: Cluster/other, forget: true }') });
    expect((await bench.toryo('plan')).code).toBe(0);
    expect(await status()).toMatch(/Cluster\/other +gone everywhere.*forgotten: nothing was changed there/);
  });
});
