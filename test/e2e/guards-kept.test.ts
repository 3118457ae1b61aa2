import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { KubeObject, Ref } from '../../src/objects/index.ts';
import { readMarked } from '../../src/world/index.ts';
import { Bench, core, someNodes, until, type Answer } from './bench.ts';
import { fleetYaml, tenantYaml } from './fleet-files.ts';

let bench: Bench;
const profiles = ['relaxed', 'stricter']
  .map((name) => {
    const extra = name === 'relaxed' ? 'hostNetwork: true, hostPID: true, hostIPC: true, ' : '';
    return `---\napiVersion: toryo.dev/v1alpha1\nkind: SecurityProfile\nmetadata: { name: ${name} }\nspec: { ${extra}readOnlyRootFilesystem: ${String(name === 'stricter')} }\n`;
  })
  .join('');
const fleet = (more = ''): string =>
  `${fleetYaml('acme', [{ name: 'lab' }]).replace('\n---', `\n${more}---`)}${profiles}`;
const apply = async (): Promise<Answer> => {
  const answer = await bench.toryo('apply', '--yes');
  expect(answer.code, answer.all.slice(-3000)).toBe(0);
  return answer;
};
const plan = async (): Promise<string> => (await bench.toryo('plan')).all;
const label = async (...words: readonly string[]): Promise<void> => {
  const said = await bench.kubectl('lab', ['label', ...words, 'toryo.dev/managed-']);
  expect(said.code, said.all).toBe(0);
};
const marksOf = async (ref: Ref): Promise<Readonly<Record<string, string>>> =>
  (await bench.client().get(ref))?.metadata.labels ?? {};
const definition: Ref = {
  group: 'apiextensions.k8s.io',
  kind: 'CustomResourceDefinition',
  name: 'guards.toryo.dev',
};
const claim: KubeObject = {
  apiVersion: 'v1',
  kind: 'PersistentVolumeClaim',
  metadata: { name: 'data', namespace: 'shop-agent' },
  spec: { accessModes: ['ReadWriteOnce'], resources: { requests: { storage: '1Gi' } } },
};
const agents = 'serviceAccounts: { speaker: relaxed }, trial: { profile: stricter, as: warn }';
const tenant = (name: string, spaces: readonly string[], extra = ''): string =>
  tenantYaml(name, spaces, extra).replace('can: [edit]', 'can: [view]');
const small = /^lab +wave all +\d+ unchanged\n$/;

beforeAll(async () => {
  bench = await Bench.start({ name: 'lab', nodes: someNodes });
  await bench.write({
    'fleet.yaml': fleet(),
    'shop.yaml': tenant('shop', ['shop-agent', 'shop-web'], agents),
  });
  const lock = await bench.toryo('lock');
  expect(lock.code, lock.all).toBe(0);
  await apply();
});
afterAll(() => bench.stop());

describe('the mark', () => {
  it.each<[string, Ref, readonly string[]]>([
    ['Namespace/shop-web', core('Namespace', 'shop-web'), ['namespace', 'shop-web']],
    ['CustomResourceDefinition/guards.toryo.dev', definition, ['crd', 'guards.toryo.dev']],
    ['Guard/unknown', { group: 'toryo.dev', kind: 'Guard', name: 'unknown' }, ['guard', 'unknown']],
  ])('that was taken from %s is told of by plan and status, and put back', async (title, ref, words) => {
    await label(...words);
    const note = `guards are weakened on cluster lab: the mark of ${title} was taken away`;
    const seen = await plan();
    expect(seen).toContain(note);
    expect(seen).not.toContain('adopt');
    const status = await bench.toryo('status');
    expect(status.code, status.all).toBe(0);
    expect(status.out).toContain(note);
    await apply();
    expect(await marksOf(ref)).toMatchObject({ 'toryo.dev/managed': 'true' });
    expect((await bench.toryo('plan')).out).toMatch(small);
    expect((await bench.toryo('status')).out).not.toContain('weakened');
  });

  it('of what another wrote is not missed', async () => {
    const before = await marksOf(core('Namespace', 'shop-web'));
    await label('namespace', 'shop-web');
    const words = ['label', 'namespace', 'shop-web', 'toryo.dev/fleet=other', '--overwrite'];
    expect((await bench.kubectl('lab', words)).code).toBe(0);
    expect(await plan()).toContain('it exists and is not ours');
    const back = ['label', 'namespace', 'shop-web', `toryo.dev/fleet=${before['toryo.dev/fleet'] ?? ''}`];
    expect((await bench.kubectl('lab', [...back, '--overwrite'])).code).toBe(0);
    await apply();
    expect(await marksOf(core('Namespace', 'shop-web'))).toEqual(before);
  });
});

describe('a namespace that is let go', () => {
  it('is held by Pod Security at its strictest, and nobody is suspected', async () => {
    await bench.client().create(claim);
    expect(await marksOf(core('Namespace', 'shop-agent'))).toMatchObject({
      'pod-security.kubernetes.io/enforce': 'privileged',
    });
    await bench.write({
      'fleet.yaml': fleet('  removed: [{ what: Namespace/shop/shop-agent, data: keep }]\n'),
      'shop.yaml': tenant('shop', ['shop-web']),
    });
    expect(await plan()).not.toContain('weakened');
    await apply();
    const marks = await marksOf(core('Namespace', 'shop-agent'));
    for (const mode of ['enforce', 'warn', 'audit'])
      expect(marks[`pod-security.kubernetes.io/${mode}`], mode).toBe('restricted');
    expect(Object.keys(marks).filter((one) => one.startsWith('toryo.dev/'))).toEqual(['toryo.dev/kept']);
    expect(await plan()).not.toContain('weakened');
    await apply();
    expect((await bench.toryo('plan')).out).toMatch(small);
  });
});

describe('a kind that went away after it was discovered', () => {
  it('has no objects, whether it is listed or asked for by name', async () => {
    const client = bench.client();
    const boats: Ref = { group: 'apiextensions.k8s.io', kind: definition.kind, name: 'boats.example.com' };
    await client.create({
      apiVersion: 'apiextensions.k8s.io/v1',
      kind: boats.kind,
      metadata: { name: boats.name },
      spec: {
        group: 'example.com',
        scope: 'Cluster',
        names: { plural: 'boats', kind: 'Boat' },
        versions: [
          { name: 'v1', served: true, storage: true, schema: { openAPIV3Schema: { type: 'object' } } },
        ],
      },
    });
    const kind = { group: 'example.com', kind: 'Boat' };
    const wanted = ['a', 'b', 'c', 'd'].map((name) => ({ ref: { ...kind, name }, version: undefined }));
    const isServed = async (): Promise<boolean> => {
      client.forgetDiscovery();
      return (await client.discover()).resourceOf(kind) !== undefined;
    };
    await until(isServed, (answer) => answer);
    await client.remove(boats);
    await until(
      async () => (await client.raw('GET', '/apis/example.com/v1/boats')).status,
      (code) => code === 404,
    );
    const where = { fleet: 'acme', namespaces: new Set<string>(), judge: (one: KubeObject) => one };
    const found = await readMarked(client, wanted, where);
    expect([...found.values()]).toEqual(wanted.map(() => ({ is: 'known', value: undefined })));
  });
});

describe('the last tenant', () => {
  it('goes together with the kind of Guards, and all is well', async () => {
    await bench.write({
      'shop.yaml': tenant('shop', ['shop-web', 'shop-last'], 'trial: { profile: stricter, as: warn }'),
    });
    await apply();
    await bench.write({
      'fleet.yaml': fleet('  removed: [{ what: Tenant/shop, data: delete }]\n'),
      'shop.yaml': undefined,
    });
    await apply();
    expect((await bench.toryo('plan')).out).toMatch(small);
  });
});
