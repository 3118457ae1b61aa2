import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { KubeClient } from '../../../src/kube/index.ts';
import { annotations, labels } from '../../../src/lib/index.ts';
import type { KubeObject } from '../../../src/objects/index.ts';
import { Bench, core, someNodes } from '../../e2e/bench.ts';
import { object, uidOf } from '../kube/server.ts';
import {
  answerOf,
  editing,
  markedNamespace,
  strictSpec,
  twoGuards,
  userWith,
  workload,
} from './guarded-cluster.ts';
import { eventually, install } from './parity-server.ts';

const merge = { type: 'merge' } as const;
const protectedAs = (name: string) =>
  `TRY-SEC-045 it is protected; to delete it, annotate it first: ${annotations.delete}=${name}`;
const namespaceRef = (name: string) => core('Namespace', name);
const letGo = (name: string) => ({ metadata: { annotations: { [annotations.delete]: name } } });

describe.each(['1.33', '1.36'] as const)('protection on a whole cluster of %s', (version) => {
  const guards = twoGuards(version);
  let bench: Bench;
  let admin: KubeClient;
  let editor: KubeClient;
  beforeAll(async () => {
    bench = await Bench.start({ name: 'lab', version, nodes: someNodes });
    admin = bench.client();
    await install(admin, guards.all);
    await markedNamespace(admin, 'shop', { tenant: 'shop', guard: guards.shop.name });
    editor = await userWith(admin, 'editor', editing);
  });
  afterAll(() => bench?.stop());

  const claim = (name: string, namespace: string, more = {}): KubeObject => ({
    apiVersion: 'v1',
    kind: 'PersistentVolumeClaim',
    metadata: { name, namespace, ...more },
    spec: { accessModes: ['ReadWriteOnce'], resources: { requests: { storage: '1Gi' } } },
  });
  const isGone = (ref: Parameters<KubeClient['get']>[0]) => async () => (await admin.get(ref)) === undefined;
  const claimRef = (name: string, namespace = 'shop') => core('PersistentVolumeClaim', name, namespace);

  it('044: labels that guard a namespace are changed by who may guard it', async () => {
    const rules = [
      { apiGroups: [''], resources: ['namespaces', 'namespaces/status', 'namespaces/finalize'] },
    ];
    const verbs = ['get', 'create', 'update', 'patch'];
    const writer = await userWith(
      admin,
      'writer',
      rules.map((rule) => ({ ...rule, verbs })),
    );
    const warden = await userWith(
      admin,
      'warden',
      rules.map((rule) => ({ ...rule, verbs: [...verbs, 'guard'] })),
    );
    const refused = (keys: string) =>
      `TRY-SEC-044 labels that guard a namespace are Toryo's to change: ${keys}`;
    const change = (who: KubeClient, marks: Record<string, string | null>, subresource?: string) =>
      answerOf(
        who.patch(
          namespaceRef('shop'),
          { metadata: { labels: marks } },
          {
            ...merge,
            dryRun: true,
            ...(subresource && { subresource }),
          },
        ),
      );
    const enforce = 'pod-security.kubernetes.io/enforce';
    for (const subresource of [undefined, 'status']) {
      expect(await change(writer, { [enforce]: 'privileged' }, subresource)).toBe(refused(enforce));
      expect(await change(writer, { [labels.guard]: 'other' }, subresource)).toBe(refused(labels.guard));
      expect(await change(writer, { [labels.guard]: null }, subresource)).toBe(refused(labels.guard));
      expect(await change(writer, { [labels.managed]: null }, subresource)).toBe(refused(labels.managed));
      expect(await change(writer, { team: 'web' }, subresource)).toBe('allowed');
      expect(await change(warden, { [labels.guard]: null, [labels.managed]: null }, subresource)).toBe(
        'allowed',
      );
      expect(await change(admin, { [enforce]: 'privileged' }, subresource)).toBe('allowed');
    }
    const finalized = async (who: KubeClient, marks: Record<string, string>) => {
      const now = await admin.get(namespaceRef('shop'));
      const body = { ...now, metadata: { ...now?.metadata, labels: marks } };
      return (await who.raw('PUT', '/api/v1/namespaces/shop/finalize?dryRun=All', { body })).text;
    };
    expect(await finalized(writer, {})).toContain('TRY-SEC-044');
    const marked = { name: 'new', labels: { [labels.managed]: 'true', [labels.tenant]: 'platform' } };
    const created = { ...object('v1', 'Namespace', 'new'), metadata: marked };
    expect(await answerOf(writer.create(created, { dryRun: true }))).toBe(
      refused(`${labels.managed}, ${labels.tenant}`),
    );
    expect(await answerOf(warden.create(created, { dryRun: true }))).toBe('allowed');
    const loose = { name: 'loose', labels: { [enforce]: 'privileged' } };
    const unmanaged = { ...object('v1', 'Namespace', 'loose'), metadata: loose };
    expect(await answerOf(writer.create(unmanaged))).toBe('allowed');
    const joined = { metadata: { labels: { [labels.managed]: 'true' } } };
    expect(await answerOf(writer.patch(namespaceRef('loose'), joined, merge))).toBe(refused(labels.managed));
  });

  it('045: claims are deleted once they say so', async () => {
    for (const name of ['data', 'logs']) await admin.create(claim(name, 'shop'));
    for (const who of [editor, admin])
      expect(await answerOf(who.remove(claimRef('data')))).toBe(protectedAs('data'));
    const path = '/api/v1/namespaces/shop/persistentvolumeclaims';
    expect((await editor.raw('DELETE', path)).text).toContain('TRY-SEC-045');
    expect(await isGone(claimRef('data'))()).toBe(false);
    await editor.patch(claimRef('data'), letGo('data'), merge);
    await editor.patch(claimRef('logs'), letGo('data'), merge);
    expect(await answerOf(editor.remove(claimRef('logs')))).toBe(protectedAs('logs'));
    await editor.remove(claimRef('data'));
    await eventually(isGone(claimRef('data')));
    await admin.create(claim('free', 'default'));
    expect(await answerOf(admin.remove(claimRef('free', 'default')))).toBe('allowed');
  });

  it('045: controllers delete claims that go with their owner', { timeout: 180_000 }, async () => {
    const owner = await admin.create(object('v1', 'ConfigMap', 'owner', 'shop'));
    const reference = { apiVersion: 'v1', kind: 'ConfigMap', name: 'owner', uid: uidOf(owner) };
    await admin.create(claim('owned', 'shop', { ownerReferences: [reference] }));
    await admin.remove(core('ConfigMap', 'owner', 'shop'));
    await eventually(isGone(claimRef('owned')));
    const set = workload('StatefulSet', 'db', 'shop', strictSpec());
    const { spec } = claim('data', 'shop');
    const template = { metadata: { name: 'data' }, spec };
    const retention = { whenDeleted: 'Delete', whenScaled: 'Delete' };
    const more = {
      serviceName: 'db',
      volumeClaimTemplates: [template],
      persistentVolumeClaimRetentionPolicy: retention,
    };
    await editor.create({ ...set, spec: { ...(set['spec'] as object), replicas: 2, ...more } });
    await eventually(async () => !(await isGone(claimRef('data-db-1'))()));
    const ref = { group: 'apps', kind: 'StatefulSet', namespace: 'shop', name: 'db' };
    await editor.patch(ref, { spec: { replicas: 1 } }, merge);
    await eventually(isGone(claimRef('data-db-1')));
    expect(await isGone(claimRef('data-db-0'))()).toBe(false);
    await editor.remove(ref);
    await eventually(isGone(claimRef('data-db-0')));
  });

  it('045: CustomResourceDefinitions of Toryo stay', async () => {
    const definition = (group: string, managed: boolean): KubeObject => ({
      ...object('apiextensions.k8s.io/v1', 'CustomResourceDefinition', `things.${group}`),
      metadata: { name: `things.${group}`, labels: managed ? { [labels.managed]: 'true' } : {} },
      spec: {
        group,
        scope: 'Cluster',
        names: { kind: 'Thing', plural: 'things' },
        versions: [
          { name: 'v1', served: true, storage: true, schema: { openAPIV3Schema: { type: 'object' } } },
        ],
      },
    });
    const ref = (group: string) => ({
      group: 'apiextensions.k8s.io',
      kind: 'CustomResourceDefinition',
      name: `things.${group}`,
    });
    await admin.create(definition('ours.example.com', true));
    await admin.create(definition('theirs.example.com', false));
    expect(await answerOf(admin.remove(ref('theirs.example.com')))).toBe('allowed');
    expect(await answerOf(admin.remove(ref('ours.example.com')))).toBe(
      protectedAs('things.ours.example.com'),
    );
    await admin.patch(ref('ours.example.com'), letGo('things.ours.example.com'), merge);
    expect(await answerOf(admin.remove(ref('ours.example.com')))).toBe('allowed');
  });

  it('045: a namespace goes with everything in it once it says so', { timeout: 180_000 }, async () => {
    await markedNamespace(admin, 'old', { tenant: 'shop', guard: guards.shop.name });
    await admin.create(claim('data', 'old'));
    await editor.create(workload('Deployment', 'web', 'old', strictSpec()));
    const template = { spec: { ...strictSpec(), restartPolicy: 'Never' } };
    await editor.create({ ...object('batch/v1', 'Job', 'once', 'old'), spec: { template } });
    const pods = async () =>
      (await admin.list({ group: '', kind: 'Pod' }, { namespace: 'old' })).items.length;
    await eventually(async () => (await pods()) >= 2);
    expect((await bench.kubectl('lab', ['delete', 'namespace', 'old', '--wait=false'])).err).toContain(
      protectedAs('old'),
    );
    await bench.kubectl('lab', ['annotate', 'namespace', 'old', `${annotations.delete}=old`]);
    expect((await bench.kubectl('lab', ['delete', 'namespace', 'old', '--wait=false'])).code).toBe(0);
    await eventually(isGone(namespaceRef('old')));
    await admin.create(object('v1', 'Namespace', 'free'));
    expect(await answerOf(admin.remove(namespaceRef('free')))).toBe('allowed');
  });
});
