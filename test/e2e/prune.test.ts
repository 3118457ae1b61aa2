import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import type { KubeObject } from '../../src/objects/index.ts';
import { Bench, configMap, core, someNodes, until } from './bench.ts';
import {
  appYaml,
  boatDefinition,
  configMapYaml,
  deploymentYaml,
  restrictedPod,
  shopFiles,
  together,
} from './fleet-files.ts';
import { inventoriesOf, listedKeys } from './marked.ts';

let bench: Bench;
const manifests = 'apps/shop/web/manifests/web.yaml';
const inventory = core('ConfigMap', 'inventory.app.shop.web', 'toryo-system');
const maps = (count: number, prefix = 'web'): string[] =>
  Array.from({ length: count }, (_, index) => configMapYaml(`${prefix}-${index}`));

const apply = async (...words: readonly string[]): Promise<string> => {
  const answer = await bench.toryo('apply', '--yes', ...words);
  expect(answer.code, answer.all).toBe(0);
  return answer.all;
};
const refused = async (...words: readonly string[]): Promise<string> => {
  const before = await bench.writes();
  const answer = await bench.toryo('apply', '--yes', ...words);
  expect(answer.code, answer.all).toBe(3);
  expect(await bench.writes('lab', before)).toEqual(new Map());
  return answer.all;
};
const read = (name: string): Promise<KubeObject | undefined> =>
  bench.client().get(core('ConfigMap', name, 'shop-web'));
const listsOf = async (): Promise<string> => JSON.stringify((await bench.client().get(inventory))?.['data']);

beforeAll(async () => {
  bench = await Bench.start({ name: 'lab', nodes: someNodes });
});
afterAll(() => bench.stop());

beforeEach(async () => {
  await bench.clearFleet();
  await bench.write({
    ...shopFiles(),
    [manifests]: together(...maps(3)),
  });
  expect((await bench.toryo('lock')).code).toBe(0);
  await apply('--allow-prune', 'App/shop/web');
});

describe('what left the source', () => {
  it('is deleted, and what nobody listed stays', async () => {
    await bench.client().create(configMap('web-9', 'shop-web'));
    await bench.write({ [manifests]: together(...maps(2)) });
    const plan = await bench.toryo('plan');
    expect(plan.out).toContain('- ConfigMap/shop-web/web-2 App/shop/web\n');
    await apply();
    expect(await read('web-2')).toBeUndefined();
    expect(await read('web-1')).toBeDefined();
    expect(await read('web-9')).toBeDefined();
    expect(await listsOf()).not.toContain('web-2');
    await bench.client().remove(core('ConfigMap', 'web-9', 'shop-web'));
  });

  it('is left alone when somebody else has made it anew, and the reason is said once', async () => {
    const { metadata } = (await read('web-2'))!;
    await bench.client().remove(core('ConfigMap', 'web-2', 'shop-web'));
    const labels = metadata.labels!;
    await bench.kubectl(
      'lab',
      ['create', '-f', '-'],
      JSON.stringify({
        ...configMap('web-2', 'shop-web'),
        metadata: { name: 'web-2', namespace: 'shop-web', labels },
      }),
    );
    await bench.write({ [manifests]: together(...maps(2)) });
    const plan = await bench.toryo('plan');
    expect(plan.out).toMatch(
      /\? ConfigMap\/shop-web\/web-2 App\/shop\/web: another object has taken its name since \(last written by kubectl.*, 20.*Z\)/,
    );
    await apply();
    expect(await read('web-2')).toBeDefined();
    expect((await bench.toryo('plan')).out).toMatch(/^lab +wave all +\d+ unchanged\n$/);
    await bench.client().remove(core('ConfigMap', 'web-2', 'shop-web'));
  });

  it('is left alone when somebody took our mark off', async () => {
    await bench.kubectl('lab', ['label', 'configmap', '-n', 'shop-web', 'web-2', 'toryo.dev/managed-']);
    await bench.write({ [manifests]: together(...maps(2)) });
    expect((await bench.toryo('plan')).out).toMatch(
      /\? ConfigMap\/shop-web\/web-2 App\/shop\/web: its mark was taken away: it stays, and stays listed/,
    );
    await apply();
    expect(await read('web-2')).toBeDefined();
    await bench.client().remove(core('ConfigMap', 'web-2', 'shop-web'));
  });

  it('stays listed as long as a finalizer holds it', async () => {
    const ref = core('ConfigMap', 'web-2', 'shop-web');
    await bench.client().patch(ref, { metadata: { finalizers: ['example.com/hold'] } }, { type: 'merge' });
    await bench.write({ [manifests]: together(...maps(2)) });
    await apply();
    expect((await read('web-2'))?.metadata['deletionTimestamp']).toBeDefined();
    expect(await listsOf()).toContain('web-2');
    await bench.write({ [manifests]: together(...maps(3)) });
    expect(await refused()).toMatch(
      /! ConfigMap\/shop-web\/web-2 App\/shop\/web: it is being deleted; apply again when it is gone/,
    );
    await bench.client().patch(ref, { metadata: { finalizers: null } }, { type: 'merge' });
    await apply();
    expect(await read('web-2')).toBeDefined();
  });

  it('is deleted when it was made anew by an apply that came to no good end', async () => {
    await bench.client().remove(core('ConfigMap', 'web-2', 'shop-web'));
    await bench.write({ [manifests]: together(...maps(3), deploymentYaml('web', { fail: 'NotReady' })) });
    const late = await bench.toryo('apply', '--yes', '--timeout', '1s', '--no-rollback');
    expect(late.code, late.all).toBe(7);
    expect(await read('web-2')).toBeDefined();
    await bench.write({ [manifests]: together(...maps(2)) });
    await apply();
    expect(await read('web-2')).toBeUndefined();
  });

  it('goes with its App and the inventory', async () => {
    await bench.write({ 'apps/shop/web/app.yaml': undefined, [manifests]: undefined });
    const plan = await bench.toryo('plan');
    expect(plan.out).toContain('3 delete');
    await apply();
    expect(await read('web-0')).toBeUndefined();
    expect(await bench.client().get(inventory)).toBeUndefined();
  });
});

describe('a brake', () => {
  it('holds an owner that loses more than ten objects and half of them', async () => {
    await bench.write({ [manifests]: together(...maps(22)) });
    await apply();
    await bench.write({ [manifests]: together(...maps(11)) });
    expect(await refused()).toContain('App/shop/web loses 11 of 22 objects (--allow-prune App/shop/web)');
    await bench.write({ [manifests]: together(...maps(12)) });
    await apply();
    await bench.write({ [manifests]: together(configMapYaml('other')) });
    await refused('--allow-prune', 'App/shop/other');
    await apply('--allow-prune', 'App/shop/web');
    expect(await read('web-0')).toBeUndefined();
  });

  it('holds an owner that an edited label takes off a cluster', async () => {
    await bench.edit('apps/shop/web/app.yaml', 'clusters: all', 'clusters: { wave: all }');
    await apply();
    await bench.edit('fleet.yaml', 'labels: { wave: all }', 'labels: { wave: all, product: shop }');
    await bench.edit(
      'fleet.yaml',
      'kind: SecurityProfile',
      'kind: Cluster\nmetadata: { name: other, labels: { wave: other } }\nspec:\n  environment: lab\n  provider: kubeconfig\n  kubeconfig: { context: lab }\n---\napiVersion: toryo.dev/v1alpha1\nkind: SecurityProfile',
    );
    await bench.edit('fleet.yaml', 'waves: [', 'waves: [{ name: other, select: { wave: other } }, ');
    await bench.edit('apps/shop/web/app.yaml', 'clusters: { wave: all }', 'clusters: { wave: other }');
    expect(await refused('-c', 'lab')).toContain(
      'App/shop/web leaves this cluster and loses all of its 3 objects (--allow-prune App/shop/web)',
    );
    await apply('-c', 'lab', '--allow-prune', 'App/shop/web');
    expect(await read('web-0')).toBeUndefined();
  });

  it('holds what no apply brings back until it is named', async () => {
    const claim = {
      apiVersion: 'v1',
      kind: 'PersistentVolumeClaim',
      metadata: { name: 'data' },
      spec: { accessModes: ['ReadWriteOnce'], resources: { requests: { storage: '1Gi' } } },
    };
    const set = {
      apiVersion: 'apps/v1',
      kind: 'StatefulSet',
      metadata: { name: 'db' },
      spec: {
        replicas: 1,
        serviceName: 'db',
        selector: { matchLabels: { app: 'db' } },
        template: {
          metadata: { labels: { app: 'db' } },
          spec: restrictedPod({
            pod: { volumes: [{ name: 'data', persistentVolumeClaim: { claimName: 'data' } }] },
          }),
        },
      },
    };
    await bench.write({
      [manifests]: together(...maps(3), `${JSON.stringify(claim)}\n`, `${JSON.stringify(set)}\n`),
    });
    await apply();
    await bench.write({ [manifests]: together(...maps(3)) });
    const said = await refused('--allow-delete', 'PersistentVolumeClaim/other');
    expect(said).toContain(
      'StatefulSet/shop-web/db: a StatefulSet is never deleted without being named (--allow-delete StatefulSet/db)',
    );
    expect(said).toContain('--allow-delete PersistentVolumeClaim/data');
    await apply('--allow-delete', 'PersistentVolumeClaim/data', '--allow-delete', 'StatefulSet/db');
    const gone = () =>
      bench.client().get({ group: '', kind: 'PersistentVolumeClaim', namespace: 'shop-web', name: 'data' });
    await until(gone, (claim) => claim === undefined);
  });

  it('holds namespaces and definitions too', async () => {
    const definition = boatDefinition();
    const space = { apiVersion: 'v1', kind: 'Namespace', metadata: { name: 'harbour' } };
    const files = {
      'apps/platform/boats/app.yaml': appYaml('boats', 'platform', 'kube-system'),
      'apps/platform/boats/manifests/all.yaml': together(
        `${JSON.stringify(definition)}\n`,
        `${JSON.stringify(space)}\n`,
        configMapYaml('boats'),
      ),
    };
    await bench.write(files);
    await apply();
    await bench.write({ 'apps/platform/boats/manifests/all.yaml': configMapYaml('boats') });
    const said = await refused();
    expect(said).toContain('--allow-delete CustomResourceDefinition/boats.example.com');
    expect(said).toContain('--allow-delete Namespace/harbour');
    await apply(
      '--allow-delete',
      'CustomResourceDefinition/boats.example.com',
      '--allow-delete',
      'Namespace/harbour',
    );
    await until(
      () => bench.client().get(core('Namespace', 'harbour')),
      (space) => space === undefined,
    );
    await bench.write({
      'apps/platform/boats/app.yaml': undefined,
      'apps/platform/boats/manifests/all.yaml': undefined,
    });
    await apply();
  });
});

describe('an inventory', () => {
  it('that was damaged by hand stops everything, with a word on what to do', async () => {
    const before = (await bench.client().get(inventory))!;
    await bench.client().patch(inventory, { data: { objects: 'nonsense' } }, { type: 'merge' });
    await bench.write({ [manifests]: together(...maps(1)) });
    expect(await refused()).toContain(
      'inventory ConfigMap/toryo-system/inventory.app.shop.web was changed by hand and cannot be read',
    );
    await bench.client().patch(inventory, { data: before['data'] }, { type: 'merge' });
    await apply();
    expect(await read('web-2')).toBeUndefined();
  });

  it('that lost its labels counts as damaged, not as empty', async () => {
    await bench.kubectl('lab', [
      'label',
      'configmap',
      '-n',
      'toryo-system',
      inventory.name,
      'toryo.dev/fleet-',
    ]);
    await bench.write({ [manifests]: together(...maps(1)) });
    expect(await refused()).toContain('was changed by hand');
    await bench.kubectl('lab', [
      'label',
      'configmap',
      '-n',
      'toryo-system',
      inventory.name,
      'toryo.dev/fleet=acme',
    ]);
    await apply();
  });

  it('that was emptied by hand deletes nothing, and what is wanted is listed again', async () => {
    await bench.client().patch(inventory, { data: { objects: '' } }, { type: 'merge' });
    await bench.write({ [manifests]: together(...maps(2)) });
    await apply();
    expect(await read('web-2')).toBeDefined();
    expect((await listedKeys(bench.client())).filter((key) => key.includes('web-')).sort()).toEqual(
      expect.arrayContaining(['/ConfigMap/shop-web/web-0', '/ConfigMap/shop-web/web-1']),
    );
    await bench.client().remove(core('ConfigMap', 'web-2', 'shop-web'));
  });

  it('of every owner can be read as an ApplySet', async () => {
    const inventories = await inventoriesOf(bench.client());
    expect([...inventories.keys()].sort()).toEqual([
      'inventory.app.shop.web',
      'inventory.tenant.platform',
      'inventory.tenant.shop',
    ]);
    const { metadata } = (await bench.client().get(inventory))!;
    expect(metadata.annotations).toMatchObject({
      'applyset.kubernetes.io/tooling': 'toryo/v1',
      'applyset.kubernetes.io/contains-group-kinds': 'ConfigMap',
    });
    const id = metadata.labels!['applyset.kubernetes.io/id'];
    expect((await read('web-0'))?.metadata.labels).toMatchObject({ 'applyset.kubernetes.io/part-of': id });
  });
});
