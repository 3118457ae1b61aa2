import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { KubeObject, Ref } from '../../src/objects/index.ts';
import { Bench, core, someNodes, until, type Answer } from './bench.ts';
import { appYaml, configMapYaml, deploymentYaml, fleetYaml, tenantYaml, together } from './fleet-files.ts';

let bench: Bench;
const manifests = 'apps/shop/web/manifests/web.yaml';
const legacy = 'apps/legacy/db/manifests/db.yaml';
const waiting = 'waiting for the policies to be active';
const fleet = (more = ''): string =>
  fleetYaml('acme', [{ name: 'lab' }])
    .replace('\n---', `\n${more}---`)
    .replace('Filesystem: false', 'Filesystem: false, images: { registries: [registry.example.com/] }');
const apply = async (...words: readonly string[]): Promise<Answer> => {
  const answer = await bench.toryo('apply', '--yes', '-o', 'jsonl', ...words);
  expect(answer.code, answer.all.slice(-3000)).toBe(0);
  return answer;
};
const admission = (kind: string, name: string): Ref => ({
  group: 'admissionregistration.k8s.io',
  kind: `ValidatingAdmissionPolicy${kind}`,
  name,
});
const ofPods = (all: readonly string[]): string => all.find((name) => name.startsWith('toryo-pod-')) ?? '';
const names = async (kind: Ref): Promise<readonly string[]> => {
  const { items } = await bench.client().list(kind);
  return items.map((one) => one.metadata.name).filter((name) => name.startsWith('toryo'));
};
const claim = (name: string): string =>
  `${JSON.stringify({
    apiVersion: 'v1',
    kind: 'PersistentVolumeClaim',
    metadata: { name },
    spec: { accessModes: ['ReadWriteOnce'], resources: { requests: { storage: '1Gi' } } },
  })}\n`;
const strangePod = (name: string): string =>
  JSON.stringify({
    apiVersion: 'v1',
    kind: 'Pod',
    metadata: { name, namespace: 'shop-web' },
    spec: {
      securityContext: { runAsNonRoot: true, seccompProfile: { type: 'RuntimeDefault' } },
      containers: [
        {
          name: 'main',
          image: 'elsewhere.example.com/main:1',
          securityContext: { allowPrivilegeEscalation: false, capabilities: { drop: ['ALL'] } },
        },
      ],
    },
  });
const tryPod = (name: string): Promise<Answer> =>
  bench.kubectl('lab', ['create', '-f', '-'], strangePod(name));

beforeAll(async () => {
  bench = await Bench.start({ name: 'lab', nodes: someNodes });
  await bench.write({
    'fleet.yaml': fleet(),
    'shop.yaml': tenantYaml('shop', ['shop-web']),
    'apps/shop/web/app.yaml': appYaml('web', 'shop', 'shop-web'),
    [manifests]: together(configMapYaml('web'), deploymentYaml('web')),
    'legacy.yaml': tenantYaml('legacy', ['legacy-db']),
    'apps/legacy/db/app.yaml': appYaml('db', 'legacy', 'legacy-db'),
    [legacy]: together(configMapYaml('db'), claim('data')),
  });
  const lock = await bench.toryo('lock');
  expect(lock.code, lock.all).toBe(0);
});
afterAll(() => bench.stop());

describe('policies', () => {
  it('are waited for before the first workload, by a run that goes on where another was killed', async () => {
    const killed = bench.launch('apply', '--yes', '-o', 'jsonl');
    await until(
      () => Promise.resolve(killed.said()),
      (said) => said.includes(waiting),
      90,
    );
    killed.kill('SIGKILL');
    await killed.ended;
    expect(
      await bench.client().get({ group: 'apps', kind: 'Deployment', namespace: 'shop-web', name: 'web' }),
    ).toBeUndefined();
    const applied = await apply();
    // Nothing of the guards was left to write, and nobody had seen them active.
    expect(applied.all).toContain(waiting);
    const refused = await tryPod('first');
    expect(refused.code).toBe(1);
    expect(refused.all).toMatch(/TRY-SEC-\d{3} .*elsewhere/);
  });

  it('are not asked for when nothing of them is written', async () => {
    const before = await bench.writes();
    const same = await apply();
    expect(same.all).not.toContain(waiting);
    expect(await bench.writes('lab', before)).toEqual(new Map());
    await bench.edit(manifests, '"replicas":1', '"replicas":2');
    expect((await apply()).all).not.toContain(waiting);
  });

  it('that somebody deleted are shown, and put back', async () => {
    const first = ofPods(await names(admission('', '')));
    const policy = admission('', first);
    await bench.client().remove(policy);
    const plan = await bench.toryo('plan');
    expect(plan.all).toContain(
      `guards are weakened on cluster lab: ValidatingAdmissionPolicy/${first} was deleted`,
    );
    expect((await apply()).all).toContain(waiting);
    expect(await bench.client().get(policy)).toBeDefined();
    expect((await tryPod('second')).all).toMatch(/TRY-SEC-\d{3} .*elsewhere/);
    expect((await bench.toryo('plan')).all).not.toContain('weakened');
  });

  it('that somebody edited are shown, and put back', async () => {
    const first = ofPods(await names(admission('Binding', '')));
    const binding = admission('Binding', first);
    await bench.client().patch(binding, { spec: { validationActions: ['Audit'] } }, { type: 'merge' });
    const plan = await bench.toryo('plan');
    expect(plan.all).toContain(
      `guards are weakened on cluster lab: ValidatingAdmissionPolicyBinding/${first} was changed`,
    );
    await bench.client().remove(binding);
    await apply();
    expect(await bench.client().get(binding)).toMatchObject({ spec: { validationActions: ['Deny'] } });
  });

  it('let in what a profile allows, before the workload that needs it is written', async () => {
    await bench.edit('fleet.yaml', 'Filesystem: false', 'Filesystem: false, hostNetwork: true');
    await bench.write({
      [manifests]: together(configMapYaml('web'), deploymentYaml('web', { pod: { hostNetwork: true } })),
    });
    const plan = await bench.toryo('plan');
    expect(plan.code, plan.all).toBe(0);
    expect(plan.all).not.toContain('weakened');
    expect((await apply()).all).toContain(waiting);
    const { items } = await bench.client().list(core('Pod', ''), { namespace: 'shop-web' });
    expect(items.some((one) => (one['spec'] as { hostNetwork?: boolean }).hostNetwork === true)).toBe(true);
  });
});

describe('protection from deletion', () => {
  const deleted = (kind: string, name: string): Promise<Answer> =>
    bench.kubectl('lab', ['delete', kind, name, '-n', 'legacy-db', '--wait=false']);

  it('holds for people, and not for what is to go', async () => {
    for (const [kind, name] of [
      ['namespace', 'legacy-db'],
      ['pvc', 'data'],
      ['crd', 'guards.toryo.dev'],
    ] as const) {
      const refused = await deleted(kind, name);
      expect(refused.code, refused.all).toBe(1);
      expect(refused.all).toContain(`toryo.dev/delete=${name}`);
    }
    await bench.write({ [legacy]: configMapYaml('db') });
    await apply('--allow-delete', 'PersistentVolumeClaim/data');
    expect(await bench.client().get(core('PersistentVolumeClaim', 'data', 'legacy-db'))).toBeUndefined();
  });

  it('lets a person delete who says so on the object', async () => {
    const made = await bench.kubectl('lab', ['create', '-n', 'legacy-db', '-f', '-'], claim('other'));
    expect(made.code, made.all).toBe(0);
    expect((await deleted('pvc', 'other')).code).toBe(1);
    const words = ['annotate', 'pvc', 'other', '-n', 'legacy-db', 'toryo.dev/delete=other'];
    expect((await bench.kubectl('lab', words)).code).toBe(0);
    const gone = await deleted('pvc', 'other');
    expect(gone.code, gone.all).toBe(0);
  });

  it('lets `removed` take a namespace', async () => {
    await bench.write({
      'fleet.yaml': fleet('  removed: [{ what: Tenant/legacy, data: delete }]\n'),
      'legacy.yaml': undefined,
      'apps/legacy/db/app.yaml': undefined,
      [legacy]: undefined,
      [manifests]: together(configMapYaml('web'), deploymentYaml('web')),
    });
    await apply();
    expect(await bench.client().get(core('Namespace', 'legacy-db'))).toBeUndefined();
  });
});

describe('guards of a cluster that has nothing to guard any more', () => {
  it('go after what they held, bindings first, and refuse nothing', async () => {
    await bench.write({
      'fleet.yaml': fleet(
        '  removed: [{ what: Tenant/legacy, data: delete }, { what: Tenant/shop, data: delete }]\n',
      ),
      'shop.yaml': undefined,
      'apps/shop/web/app.yaml': undefined,
      [manifests]: undefined,
    });
    await apply();
    expect(await names(admission('Binding', ''))).toEqual([]);
    expect(await names(admission('', ''))).toEqual([]);
    const definition: KubeObject | undefined = await bench.client().get({
      group: 'apiextensions.k8s.io',
      kind: 'CustomResourceDefinition',
      name: 'guards.toryo.dev',
    });
    expect(definition?.metadata['deletionTimestamp'] ?? 'gone').not.toBe('');
    expect((await bench.toryo('plan')).out).toMatch(/^lab +wave all +\d+ unchanged\n$/);
  });
});
