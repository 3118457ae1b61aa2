import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { Bench, configMap, core, someNodes, until } from './bench.ts';
import {
  appYaml,
  boatDefinition,
  configMapYaml,
  deploymentYaml,
  shopFiles,
  together,
} from './fleet-files.ts';

let bench: Bench;
const manifests = 'apps/shop/web/manifests/web.yaml';
const inventory = core('ConfigMap', 'inventory.app.shop.web', 'toryo-system');
const service = `apiVersion: v1\nkind: Service\nmetadata: { name: web }\nspec: { selector: { app: web }, ports: [{ port: 80 }] }\n`;
const all = together(configMapYaml('a'), configMapYaml('b'), service, deploymentYaml('web'));

const apply = async (...words: readonly string[]): Promise<string> => {
  const answer = await bench.toryo('apply', '--yes', ...words);
  expect(answer.code, answer.all).toBe(0);
  return answer.all;
};
const check = (...words: readonly string[]) => bench.run('inventory', 'check', bench.root, ...words);
const repaired = async (): Promise<string> => {
  const answer = await check('--repair');
  expect(answer.code, answer.all).toBe(0);
  const clean = await check();
  expect(clean.code, clean.all).toBe(0);
  return answer.all;
};

beforeAll(async () => {
  bench = await Bench.start({ name: 'lab', nodes: someNodes });
});
afterAll(() => bench.stop());
beforeEach(async () => {
  await bench.clearFleet();
  await bench.write({
    ...shopFiles(),
    [manifests]: all,
  });
  const lock = await bench.toryo('lock');
  expect(lock.code, lock.all).toBe(0);
  await apply('--allow-prune', 'App/shop/web');
});

describe('inventory check', () => {
  it('finds nothing after an apply, whatever controllers copied', async () => {
    const slices = { group: 'discovery.k8s.io', kind: 'EndpointSlice' };
    const found = await until(
      async () => (await bench.client().list(slices, { namespace: 'shop-web' })).items,
      (items) => items.length > 0,
    );
    expect(found[0]?.metadata.labels).toMatchObject({ 'toryo.dev/owner': 'app.shop.web' });
    const answer = await check('-o', 'json');
    expect(answer.code, answer.all).toBe(0);
    const [lab] = JSON.parse(answer.out) as { findings: unknown[]; controlled: number; unread: unknown[] }[];
    expect(lab?.findings).toEqual([]);
    expect(lab?.unread).toEqual([]);
    expect(lab?.controlled).toBeGreaterThan(0);
  });

  it('finds what was deleted, made anew or robbed of its marks by hand', async () => {
    const client = bench.client();
    await client.remove(core('ConfigMap', 'a', 'shop-web'));
    const b = (await client.get(core('ConfigMap', 'b', 'shop-web')))!;
    await client.remove(core('ConfigMap', 'b', 'shop-web'));
    await client.create({
      ...configMap('b', 'shop-web'),
      metadata: { name: 'b', namespace: 'shop-web', labels: b.metadata.labels! },
    });
    await bench.kubectl('lab', ['label', 'service', '-n', 'shop-web', 'web', 'toryo.dev/managed-']);
    const answer = await check();
    expect(answer.code, answer.all).toBe(3);
    expect(answer.err).toContain('`toryo apply` restores what is gone');
    expect(answer.out).toMatch(/ConfigMap\/shop-web\/a +gone +is listed, and is not there/);
    expect(answer.out).toMatch(/ConfigMap\/shop-web\/b +replaced +is listed, and another object/);
    expect(answer.out).toMatch(/ConfigMap\/shop-web\/b +copied +carries our labels and was never applied/);
    expect(answer.out).toMatch(/Service\/shop-web\/web +unmarked +mark missing: apply restores it/);
    const repair = await check('--repair');
    expect(repair.code, repair.all).toBe(3);
    expect(repair.err).toContain('what is unmarked is left listed: `toryo apply` restores it');
    const left = await check();
    expect(left.code, left.all).toBe(3);
    expect(left.out.match(/unmarked/g)).toHaveLength(1);
    expect(left.out).not.toMatch(/gone|replaced/);
    expect(left.err).not.toContain('--repair');
    await client.remove(core('ConfigMap', 'b', 'shop-web'));
    await apply();
    const clean = await check();
    expect(clean.code, clean.all).toBe(0);
    const marked = await client.get(core('Service', 'web', 'shop-web'));
    expect(marked?.metadata.labels).toMatchObject({ 'toryo.dev/managed': 'true' });
  });

  it('keeps what lost its mark listed when the repository does not want it any more, until it has it back', async () => {
    const words = ['label', 'service', '-n', 'shop-web', 'web'];
    await bench.kubectl('lab', [...words, 'toryo.dev/managed-']);
    await bench.write({
      [manifests]: together(configMapYaml('a'), configMapYaml('b'), deploymentYaml('web')),
    });
    expect(await apply()).toContain('Service/shop-web/web App/shop/web: its mark was taken away: it stays');
    expect(JSON.stringify((await bench.client().get(inventory))?.['data'])).toContain('Service');
    expect((await check()).out).toMatch(/unmarked +mark missing, and the repository does not want it/);
    await bench.kubectl('lab', [...words, 'toryo.dev/managed=true']);
    await apply();
    expect(await bench.client().get(core('Service', 'web', 'shop-web'))).toBeUndefined();
  });

  it('finds a damaged inventory and writes it anew, with what nobody wants any more', async () => {
    const client = bench.client();
    await bench.write({ [manifests]: together(configMapYaml('a'), service, deploymentYaml('web')) });
    await client.patch(inventory, { data: { objects: 'nonsense' } }, { type: 'merge' });
    expect((await check()).out).toMatch(
      /App\/shop\/web +ConfigMap\/toryo-system\/inventory.app.shop.web +damaged/,
    );
    await repaired();
    const plan = await bench.toryo('plan');
    expect(plan.out).toContain('- ConfigMap/shop-web/b App/shop/web');
    await apply();
    expect(await client.get(core('ConfigMap', 'b', 'shop-web'))).toBeUndefined();
  });

  it('finds lost inventories, of custom kinds too, and what nobody wants any more', async () => {
    const client = bench.client();
    const boat = { apiVersion: 'example.com/v1', kind: 'Boat', metadata: { name: 'sloop' } };
    const files = {
      'apps/platform/boats/app.yaml': appYaml('boats', 'platform', 'kube-public'),
      'apps/platform/boats/manifests/all.yaml': together(
        `${JSON.stringify(boatDefinition())}\n`,
        `${JSON.stringify(boat)}\n`,
      ),
    };
    await bench.write(files);
    await apply();
    const lists = (await client.list({ group: '', kind: 'ConfigMap' }, { namespace: 'toryo-system' })).items;
    for (const { metadata } of lists.filter((one) => one.metadata.name.startsWith('inventory.')))
      await client.remove(core('ConfigMap', metadata.name, 'toryo-system'));
    await bench.write({ 'apps/platform/boats/manifests/all.yaml': `${JSON.stringify(boatDefinition())}\n` });
    const plan = await bench.toryo('plan');
    expect(plan.out).toContain('`toryo inventory check` finds it');
    const answer = await check();
    expect(answer.code, answer.all).toBe(3);
    expect(answer.out).toMatch(
      /App\/platform\/boats +ConfigMap\/toryo-system\/inventory.app.platform.boats +lost +is not there, and App\/platform\/boats has 2 objects here, 1 of which the repository does not want/,
    );
    await repaired();
    const after = await bench.toryo('plan');
    expect(after.out).toContain('- Boat/kube-public/sloop App/platform/boats');
    await apply();
    await bench.write(Object.fromEntries(Object.keys(files).map((file) => [file, undefined])));
    await apply('--allow-delete', 'CustomResourceDefinition/boats.example.com');
  });

  it('finds an object that fell out of its inventory', async () => {
    const client = bench.client();
    const text = ((await client.get(inventory))!['data'] as { objects: string }).objects;
    const objects = text.split('\n').filter((line) => !line.includes('shop-web/b'));
    await client.patch(inventory, { data: { objects: objects.join('\n') } }, { type: 'merge' });
    await bench.write({ [manifests]: together(configMapYaml('a'), service, deploymentYaml('web')) });
    expect((await check()).out).toMatch(/ConfigMap\/shop-web\/b +unlisted +has our marks/);
    await repaired();
    await apply();
    expect(await client.get(core('ConfigMap', 'b', 'shop-web'))).toBeUndefined();
  });
});

describe('what somebody deleted', () => {
  it('is told of in the plan: a namespace, and all that went with it', async () => {
    const client = bench.client();
    await bench.kubectl('lab', ['annotate', 'namespace', 'shop-web', 'toryo.dev/delete=shop-web']);
    await bench.kubectl('lab', ['delete', 'namespace', 'shop-web']);
    await until(
      () => client.get(core('Namespace', 'shop-web')),
      (found) => found === undefined,
    );
    const plan = await bench.toryo('plan');
    expect(plan.code, plan.all).toBe(0);
    const gone = ': deleted by somebody';
    expect(plan.out).toContain(`+ Namespace/shop-web Tenant/shop${gone}`);
    expect(plan.out).toContain(`+ ConfigMap/shop-web/a App/shop/web${gone} since revision `);
    await apply();
    expect((await bench.toryo('plan')).out).not.toContain(gone);
  });
});

describe('an inventory is an ApplySet', () => {
  it('whose members kubectl lists by its id, and which kubectl does not prune', async () => {
    const parent = (await bench.client().get(inventory))!;
    const id = parent.metadata.labels!['applyset.kubernetes.io/id']!;
    const listed = await bench.kubectl('lab', [
      'get',
      'configmaps,services,deployments.apps',
      '-A',
      '-l',
      `applyset.kubernetes.io/part-of=${id}`,
      '-o',
      'name',
    ]);
    expect(listed.out.split('\n').filter(Boolean).sort()).toEqual([
      'configmap/a',
      'configmap/b',
      'deployment.apps/web',
      'service/web',
    ]);
    const before = await bench.writes();
    const refused = await bench.kubectl(
      'lab',
      ['apply', '--prune', `--applyset=configmaps/${inventory.name}`, '-n', 'toryo-system', '-f', '-'],
      configMapYaml('other'),
      { KUBECTL_APPLYSET: 'true' },
    );
    expect(refused.code).not.toBe(0);
    expect(refused.err).toMatch(/managed by tooling "toryo"|tooling/);
    expect(await bench.writes('lab', before)).toEqual(new Map());
    expect(await bench.client().get(core('ConfigMap', 'a', 'shop-web'))).toBeDefined();
  });
});
