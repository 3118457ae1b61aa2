import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { guardOf } from '../../../src/guard/index.ts';
import type { KubeClient } from '../../../src/kube/index.ts';
import { annotations, guardKind, labels } from '../../../src/lib/index.ts';
import { Bench, core, someNodes } from '../../e2e/bench.ts';
import { object } from '../kube/server.ts';
import { answerOf, markedNamespace, strict, strictSpec, twoGuards, workload } from './guarded-cluster.ts';
import { eventually, install } from './parity-server.ts';

const dry = { dryRun: true } as const;
const merge = { type: 'merge' } as const;
const noParameter = /no params found for policy binding with `Deny` parameterNotFoundAction/;
const definition = {
  group: 'apiextensions.k8s.io',
  kind: 'CustomResourceDefinition',
  name: 'guards.toryo.dev',
};

describe.each([
  ['1.33', '1.34'],
  ['1.35', '1.36'],
] as const)('lost Guards on %s, then %s', (version, next) => {
  const guards = twoGuards(version);
  const spec = { name: 'lab', nodes: someNodes };
  let bench: Bench;
  let admin: KubeClient;
  beforeAll(async () => {
    bench = await Bench.start({ ...spec, version });
    admin = bench.client();
    const none = { serviceAccounts: {}, waivers: [], serviceTypes: [] };
    const { spec: rules } = guardOf({ name: 'tried', profile: strict, ...none }, version);
    const tried = [{ guard: { name: 'warn.tried', spec: rules }, as: 'warn' as const }];
    await install(admin, { ...guards.all, tried });
    await markedNamespace(admin, 'shop', { tenant: 'shop', guard: guards.shop.name });
    await markedNamespace(admin, 'drifted', { tenant: 'shop', guard: 'namespace.other' });
    await markedNamespace(admin, 'bare', { tenant: 'shop' });
    await markedNamespace(admin, 'ours', { tenant: 'platform' });
    await admin.create(object('v1', 'Namespace', 'free'));
    await admin.apply(object('v1', 'ServiceAccount', 'default', 'free'), { fieldManager: 'test' });
  });
  afterAll(() => bench?.stop());

  const loose = { containers: [{ name: 'web', image: 'registry.example.com/web' }] };
  const create = (namespace: string, podSpec: Readonly<Record<string, unknown>>) =>
    answerOf(admin.create({ ...object('v1', 'Pod', 'web', namespace), spec: podSpec }, dry));
  const isGone = (name: string) => async () => (await admin.get(core('Namespace', name))) === undefined;

  /** Something that runs, and a Job whose pods wear the finalizer of its controller. */
  async function busyNamespace(name: string): Promise<void> {
    await markedNamespace(admin, name, { tenant: 'shop', guard: guards.shop.name });
    await admin.create(workload('Deployment', 'web', name, strictSpec()));
    const template = { spec: { ...strictSpec(), restartPolicy: 'Never' } };
    await admin.create({ ...object('batch/v1', 'Job', 'once', name), spec: { template } });
    const pods = async () => (await admin.list({ group: '', kind: 'Pod' }, { namespace: name })).items;
    await eventually(async () => (await pods()).length >= 2);
  }

  async function removed(name: string): Promise<void> {
    await admin.patch(
      core('Namespace', name),
      { metadata: { annotations: { [annotations.delete]: name } } },
      merge,
    );
    await admin.remove(core('Namespace', name));
    await eventually(isGone(name));
  }

  /** What is not Toryo's goes on. */
  async function othersAreFree(): Promise<void> {
    for (const namespace of ['free', 'default', 'kube-system'])
      expect([namespace, await create(namespace, loose)]).toEqual([namespace, 'allowed']);
  }

  it('a namespace without a Guard that is known is held against the strictest', async () => {
    for (const namespace of ['drifted', 'bare']) {
      expect(await create(namespace, loose)).toMatch(/^TRY-SEC-0\d\d .* \(profile strict\)$/);
      expect(await create(namespace, strictSpec())).toBe('allowed');
    }
    expect(await create('ours', loose)).toBe('allowed');
    await othersAreFree();
  });

  it('a Guard that is only tried and lost refuses nothing', async () => {
    const marks = { [labels.trial]: 'warn.tried' };
    await admin.patch(core('Namespace', 'ours'), { metadata: { labels: marks } }, merge);
    const { group } = { group: 'toryo.dev' };
    await admin.remove({ group, kind: guardKind.kind, name: 'warn.tried' });
    expect(await create('ours', loose)).toBe('allowed');
    await eventually(
      async () => (await admin.get({ group, kind: guardKind.kind, name: 'warn.tried' })) === undefined,
    );
    expect(await create('ours', loose)).toBe('allowed');
  });

  it('a lost Guard lets nothing new in, and lets what is there go', { timeout: 180_000 }, async () => {
    await busyNamespace('doomed');
    await busyNamespace('later');
    await busyNamespace('last');
    await admin.remove({ group: 'toryo.dev', kind: guardKind.kind, name: guards.shop.name });
    await eventually(async () => noParameter.test(await create('shop', strictSpec())));
    const deployment = { group: 'apps', kind: 'Deployment', namespace: 'later', name: 'web' };
    expect(await answerOf(admin.patch(deployment, { metadata: { labels: { a: 'b' } } }, merge))).toBe(
      'allowed',
    );
    expect(
      await answerOf(admin.patch(deployment, { spec: { replicas: 2 } }, { ...merge, dryRun: true })),
    ).toBe('allowed');
    await removed('doomed');
    await othersAreFree();
  });

  it('the same without the kind of Guards', { timeout: 180_000 }, async () => {
    await admin.remove(definition);
    await eventually(async () => (await admin.get(definition)) === undefined);
    await eventually(async () => (await create('drifted', strictSpec())) !== 'allowed');
    await othersAreFree();
    await removed('later');
  });

  it('also after the API server began anew', { timeout: 180_000 }, async () => {
    await bench.cluster('lab').running.change({ ...spec, version: next });
    await eventually(async () => /paramKind|no params/.test(await create('shop', strictSpec())));
    const deployment = { group: 'apps', kind: 'Deployment', namespace: 'last', name: 'web' };
    const label = admin.patch(deployment, { metadata: { labels: { a: 'b' } } }, { ...merge, dryRun: true });
    expect(await answerOf(label)).toMatch(/failed to find resource referenced by paramKind/);
    await othersAreFree();
    await admin.create(workload('Deployment', 'web', 'free', loose));
    const pods = async () =>
      (await admin.list({ group: '', kind: 'Pod' }, { namespace: 'free' })).items.length;
    await eventually(async () => (await pods()) === 1);
    await install(admin, guards.all);
    expect(await create('shop', strictSpec())).toBe('allowed');
    await removed('last');
  });
});
