import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { KubeClient } from '../../../src/kube/index.ts';
import { at, listAt } from '../../../src/lib/index.ts';
import type { KubeObject } from '../../../src/objects/index.ts';
import { Bench, core, someNodes } from '../../e2e/bench.ts';
import { object } from '../kube/server.ts';
import { podMakers } from './generated-pods.ts';
import {
  answerOf,
  editing,
  markedNamespace,
  strictContainer,
  strictSpec,
  twoGuards,
  userWith,
  workload,
  type Fields,
} from './guarded-cluster.ts';
import { eventually, install, write } from './parity-server.ts';

const dry = { dryRun: true } as const;

describe.each(['1.33', '1.36'] as const)('permits on a whole cluster of %s', (version) => {
  const guards = twoGuards(version);
  let bench: Bench;
  let admin: KubeClient;
  let editor: KubeClient;
  let deployer: KubeClient;
  beforeAll(async () => {
    bench = await Bench.start({ name: 'lab', version, nodes: someNodes });
    admin = bench.client();
    await install(admin, guards.all);
    await markedNamespace(admin, 'shop', { tenant: 'shop', guard: guards.shop.name });
    await markedNamespace(admin, 'addons', { tenant: 'platform', guard: guards.addons.name });
    editor = await userWith(admin, 'editor', editing);
    const use = { apiGroups: ['toryo.dev'], resources: ['guards'], resourceNames: ['namespace.addons'] };
    deployer = await userWith(admin, 'deployer', [...editing, { ...use, verbs: ['use'] }]);
  });
  afterAll(() => bench?.stop());

  const made = (index: number, namespace: string, spec: Fields): KubeObject => {
    const make = podMakers[index];
    if (make === undefined) throw new Error(`no kind ${index}`);
    const { apiVersion, kind, more } = make(spec, {});
    return { ...object(apiVersion, kind, 'web', namespace), ...more };
  };
  const relaxed = strictSpec({ serviceAccountName: 'speaker' });
  const podOf = async (namespace: string, app: string): Promise<KubeObject | undefined> =>
    (await admin.list({ group: '', kind: 'Pod' }, { namespace, labelSelector: `app=${app}` })).items[0];
  const isRunning = (pod: KubeObject | undefined) => at(pod, 'status', 'phase') === 'Running';
  const debug = (namespace: string, pod: string, container: Fields) => ({
    ref: core('Pod', pod, namespace),
    body: { spec: { ephemeralContainers: [container] } },
    options: { type: 'strategic', subresource: 'ephemeralcontainers', dryRun: true } as const,
  });

  it.each(podMakers.map((make, index) => [make({}, {}).kind, index] as const))(
    '040: only who may use the Guard names a relaxed service account in a %s',
    async (_kind, index) => {
      const sentence = `TRY-SEC-040 only Toryo may name a service account with a profile of its own: speaker (guard namespace.addons)`;
      expect(await answerOf(editor.create(made(index, 'addons', relaxed), dry))).toBe(sentence);
      expect(await answerOf(editor.create(made(index, 'addons', strictSpec()), dry))).toBe('allowed');
      expect(await answerOf(deployer.create(made(index, 'addons', relaxed), dry))).toBe('allowed');
      const old = { ...strictSpec(), serviceAccount: 'speaker' };
      expect(await answerOf(editor.create(made(index, 'addons', old), dry))).toBe(sentence);
    },
  );

  it('040: pods of what was let in run, and nobody else gets into them', { timeout: 120_000 }, async () => {
    const privileged = { ...strictContainer(), securityContext: { privileged: true } };
    const spec = { ...relaxed, containers: [privileged] };
    await deployer.create(workload('Deployment', 'speaker', 'addons', spec));
    await eventually(async () => isRunning(await podOf('addons', 'speaker')));
    const { name } = (await podOf('addons', 'speaker'))?.metadata ?? { name: '' };
    const { ref, body, options } = debug('addons', name, { ...privileged, name: 'debug' });
    expect(await answerOf(editor.patch(ref, body, options))).toMatch(
      /^TRY-SEC-040 .* \(guard namespace.addons\)$/,
    );
    expect(await answerOf(deployer.patch(ref, body, options))).toBe('allowed');
    const label = { metadata: { labels: { team: 'web' } } };
    expect(await answerOf(editor.patch(ref, label, { type: 'merge' }))).toBe('allowed');
    const deployment = { group: 'apps', kind: 'Deployment', namespace: 'addons', name: 'speaker' };
    expect(await answerOf(editor.patch(deployment, { spec: { replicas: 2 } }, { type: 'merge' }))).toBe(
      'allowed',
    );
    const image = {
      spec: { template: { spec: { containers: [{ name: 'web', image: 'registry.example.com/other' }] } } },
    };
    expect(await answerOf(editor.patch(deployment, image, { type: 'strategic' }))).toMatch(/^TRY-SEC-040 /);
  });

  it('what runs is not asked again until it changes', { timeout: 120_000 }, async () => {
    await editor.create(workload('Deployment', 'web', 'shop', strictSpec()));
    await eventually(async () => isRunning(await podOf('shop', 'web')));
    const { name } = (await podOf('shop', 'web'))?.metadata ?? { name: '' };
    const closed = guards.shop.spec.profiles.map((one) => ({
      ...one,
      imagePrefixes: ['other.example.com/'],
    }));
    const stricter = { ...guards.shop, spec: { ...guards.shop.spec, profiles: closed } };
    await write(admin, { ...guards.all, enforced: [stricter, guards.addons] });
    const deployment = { group: 'apps', kind: 'Deployment', namespace: 'shop', name: 'web' };
    const pod = core('Pod', name, 'shop');
    const change = (ref: typeof pod, body: unknown, subresource?: string) =>
      answerOf(
        editor.patch(ref, body, { type: 'strategic', dryRun: true, ...(subresource && { subresource }) }),
      );
    const container = (image: string) => ({ containers: [{ name: 'web', image }] });
    const sentence = (image: string) =>
      `TRY-SEC-028 must not run images of other registries: container web (${image}) (profile strict)`;
    expect(await change(pod, { metadata: { labels: { team: 'web' } } })).toBe('allowed');
    expect(await change(deployment, { metadata: { labels: { team: 'web' } } })).toBe('allowed');
    expect(await change(deployment, { spec: { replicas: 3 } })).toBe('allowed');
    expect(await change(deployment, { spec: { replicas: 3 } }, 'scale')).toBe('allowed');
    expect(await change(pod, { spec: container('evil.example.com/web') })).toBe(
      sentence('evil.example.com/web'),
    );
    expect(await change(pod, { spec: container('other.example.com/web') })).toBe('allowed');
    const template = { spec: { template: { spec: container('evil.example.com/web') } } };
    expect(await change(deployment, template)).toBe(sentence('evil.example.com/web'));
    expect(await answerOf(editor.create(made(0, 'shop', strictSpec()), dry))).toBe(
      sentence('registry.example.com/web:1'),
    );
    const { ref, body, options } = debug('shop', name, { ...strictContainer(), name: 'debug' });
    expect(await answerOf(editor.patch(ref, body, options))).toMatch(/^TRY-SEC-028 .*container debug/);
    await write(admin, guards.all);
    expect(await answerOf(editor.patch(ref, body, options))).toBe('allowed');
    const bare = debug('shop', name, { name: 'debug', image: 'registry.example.com/web' });
    expect(await answerOf(editor.patch(bare.ref, bare.body, bare.options))).toMatch(
      /^TRY-SEC-0\d\d .*container debug/,
    );
  });

  it('041: DaemonSets are the platform’s', async () => {
    const daemons = podMakers.findIndex((make) => make({}, {}).kind === 'DaemonSet');
    for (const who of [editor, deployer, admin])
      expect(await answerOf(who.create(made(daemons, 'shop', strictSpec()), dry))).toBe(
        'TRY-SEC-041 only the platform may have DaemonSets: web',
      );
    expect(await answerOf(editor.create(made(daemons, 'addons', strictSpec()), dry))).toBe('allowed');
  });

  it('042, 043: Services open what their namespace may', async () => {
    const service = (namespace: string, spec: Fields): KubeObject => ({
      ...object('v1', 'Service', 'web', namespace),
      spec: { ports: [{ port: 80 }], ...spec },
    });
    const create = (namespace: string, spec: Fields) =>
      answerOf(editor.create(service(namespace, spec), dry));
    const refused = (type: string) => `TRY-SEC-042 its namespace may not have Services of type ${type}: web`;
    expect(await create('shop', { type: 'LoadBalancer' })).toBe(refused('LoadBalancer'));
    expect(await create('shop', { type: 'NodePort' })).toBe(refused('NodePort'));
    expect(await create('shop', { type: 'ExternalName', externalName: 'db.example.com' })).toBe('allowed');
    expect(await create('addons', { type: 'LoadBalancer' })).toBe('allowed');
    expect(await create('addons', { type: 'NodePort' })).toBe(refused('NodePort'));
    const addressed = 'TRY-SEC-043 Services may not have externalIPs: web';
    expect(await create('addons', { externalIPs: ['203.0.113.7'] })).toBe(addressed);
    expect(await answerOf(editor.create(service('shop', {})))).toBe('allowed');
    const change = (spec: Fields) =>
      answerOf(editor.patch(core('Service', 'web', 'shop'), { spec }, { type: 'merge' }));
    expect(await change({ type: 'NodePort' })).toBe(refused('NodePort'));
    expect(await change({ externalIPs: ['203.0.113.7'] })).toBe(addressed);
    expect(await change({ ports: [{ port: 81 }] })).toBe('allowed');
  });

  it('every policy is understood without a warning', async () => {
    const list = async () =>
      (await admin.list({ group: 'admissionregistration.k8s.io', kind: 'ValidatingAdmissionPolicy' })).items;
    await eventually(async () =>
      (await list()).every((one) => at(one, 'status', 'observedGeneration') !== undefined),
    );
    const items = await list();
    expect(items.length).toBeGreaterThan(9);
    for (const one of items)
      expect([one.metadata.name, listAt(one, 'status', 'typeChecking', 'expressionWarnings')]).toEqual([
        one.metadata.name,
        [],
      ]);
  });
});
