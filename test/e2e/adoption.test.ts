import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { Bench, configMap, core, someNodes } from './bench.ts';
import { appYaml, configMapYaml, deploymentYaml, shopFiles, together } from './fleet-files.ts';

let bench: Bench;
const manifests = 'apps/shop/web/manifests/web.yaml';
const web = { group: 'apps', kind: 'Deployment', namespace: 'shop-web', name: 'web' };

const refused = async (): Promise<string> => {
  const before = await bench.writes();
  const answer = await bench.toryo('apply', '--yes');
  expect(answer.code, answer.all).toBe(3);
  expect(await bench.writes('lab', before)).toEqual(new Map());
  return answer.all;
};
const apply = async (): Promise<void> => {
  const answer = await bench.toryo('apply', '--yes');
  expect(answer.code, answer.all).toBe(0);
};

beforeAll(async () => {
  bench = await Bench.start({ name: 'lab', nodes: someNodes });
  await bench.write({
    ...shopFiles(),
    [manifests]: together(configMapYaml('web'), deploymentYaml('web', { replicas: 1 })),
  });
  expect((await bench.toryo('lock')).code).toBe(0);
  await apply();
});
afterAll(() => bench.stop());

describe('an object that is there without our mark', () => {
  it.each([
    ['kubectl create', ['create', '-f', '-'], 'kubectl-create'],
    ['kubectl apply', ['apply', '-f', '-'], 'kubectl-client-side-apply'],
    ['kubectl apply --server-side', ['apply', '--server-side', '--field-manager=alice', '-f', '-'], 'alice'],
  ])('and was made by %s is blocked, also when it does not conflict', async (_how, words, manager) => {
    const made = await bench.kubectl(
      'lab',
      words,
      JSON.stringify(configMap('theirs', 'shop-web', { theirs: 'yes' })),
    );
    expect(made.code, made.all).toBe(0);
    await bench.write({
      [manifests]: together(
        configMapYaml('web'),
        configMapYaml('theirs', { ours: 'yes' }),
        deploymentYaml('web'),
      ),
    });
    expect(await refused()).toMatch(
      new RegExp(
        `! ConfigMap/shop-web/theirs App/shop/web: it exists and is not ours \\(last written by ${manager}, 20\\d\\d-.*Z\\)`,
      ),
    );
    await bench.client().remove(core('ConfigMap', 'theirs', 'shop-web'));
    await bench.write({ [manifests]: together(configMapYaml('web'), deploymentYaml('web')) });
  });

  it('and is of another fleet is blocked', async () => {
    await bench.client().create({
      ...configMap('theirs', 'shop-web'),
      metadata: {
        name: 'theirs',
        namespace: 'shop-web',
        labels: { 'toryo.dev/managed': 'true', 'toryo.dev/fleet': 'other' },
      },
    });
    await bench.write({
      [manifests]: together(configMapYaml('web'), configMapYaml('theirs'), deploymentYaml('web')),
    });
    expect(await refused()).toContain('it exists and is not ours');
    await bench.client().remove(core('ConfigMap', 'theirs', 'shop-web'));
    await bench.write({ [manifests]: together(configMapYaml('web'), deploymentYaml('web')) });
  });
});

describe('an object of another owner of this fleet', () => {
  it('is blocked, naming the owner', async () => {
    await bench.write({
      'apps/shop/api/app.yaml': appYaml('api', 'shop', 'shop-web'),
      'apps/shop/api/manifests/all.yaml': configMapYaml('web'),
      [manifests]: deploymentYaml('web'),
    });
    const said = await refused();
    expect(said).toContain('! ConfigMap/shop-web/web App/shop/api: it belongs to app.shop.web');
    await bench.write({
      'apps/shop/api/app.yaml': undefined,
      'apps/shop/api/manifests/all.yaml': undefined,
      [manifests]: together(configMapYaml('web'), deploymentYaml('web')),
    });
    await apply();
  });
});

describe('a field that somebody else applied', () => {
  it('is blocked, naming the manager and the field', async () => {
    const theirs = {
      apiVersion: 'apps/v1',
      kind: 'Deployment',
      metadata: { name: 'web', namespace: 'shop-web' },
      spec: { replicas: 3 },
    };
    const forced = await bench.kubectl(
      'lab',
      ['apply', '--server-side', '--force-conflicts', '--field-manager=scaler', '-f', '-'],
      JSON.stringify(theirs),
    );
    expect(forced.code, forced.all).toBe(0);
    expect(await refused()).toMatch(
      /! Deployment\/shop-web\/web App\/shop\/web: spec\.replicas belongs to scaler \(3, 20\S+Z\) and is wanted to be 1: say in spec\.ownership of the Fleet who decides, leave it out of the manifest, or have scaler give it up/,
    );
    expect((await bench.client().get(web))?.['spec']).toMatchObject({ replicas: 3 });
    await bench.kubectl(
      'lab',
      ['apply', '--server-side', '--field-manager=scaler', '-f', '-'],
      JSON.stringify({ ...theirs, spec: undefined }),
    );
    await apply();
    expect((await bench.client().get(web))?.['spec']).toMatchObject({ replicas: 1 });
  });
});

describe('two fleets on one cluster', () => {
  it('do not share a field silently', async () => {
    const { data: _, ...without } = configMap('web', 'shop-web');
    const theirs = { ...without, data: { a: 'theirs' } };
    await bench.client().apply(theirs, { fieldManager: 'toryo-rival', force: true });
    expect(await refused()).toMatch(
      /! ConfigMap\/shop-web\/web App\/shop\/web: data\.a belongs to toryo-rival \("theirs", 20\S+Z\) and is wanted to be "b"/,
    );
    await bench.client().apply(without, { fieldManager: 'toryo-rival' });
    await apply();
    expect((await bench.client().get(core('ConfigMap', 'web', 'shop-web')))?.['data']).toEqual({ a: 'b' });
  });

  it('have field managers of their own, and the second one writes nothing', async () => {
    const { metadata } = (await bench.client().get(core('ConfigMap', 'web', 'shop-web')))!;
    expect(JSON.stringify(metadata['managedFields'])).toContain('"manager":"toryo-acme"');
    await bench.edit('fleet.yaml', 'name: acme', 'name: rival');
    const said = await refused();
    expect(said).toContain('it says that it is cluster lab of fleet acme, not lab of rival');
    await bench.client().remove(core('ConfigMap', 'identity', 'toryo-system'));
    const without = await refused();
    expect(without).toContain(
      '! Namespace/toryo-system Tenant/platform: it exists and is not ours (last written by toryo-acme',
    );
    await bench.edit('fleet.yaml', 'name: rival', 'name: acme');
    await apply();
  });
});
