import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { core, someNodes, until } from './bench.ts';
import { boatDefinition, configMapYaml, deploymentYaml } from './fleet-files.ts';
import { FaultBench } from './faults.ts';
import { listedKeys } from './marked.ts';

let faults: FaultBench;
const json = (object: unknown): string => `${JSON.stringify(object)}\n`;
const deployment = { group: 'apps', kind: 'Deployment', namespace: 'web', name: 'web' };

beforeAll(async () => {
  faults = await FaultBench.start([{ name: 'lab', nodes: someNodes }]);
});
afterAll(() => faults.stop());
beforeEach(async () => {
  await faults.turn('good', deploymentYaml('web'));
  await faults.apply(0);
});

describe('a webhook of somebody else whose backend is gone', () => {
  it('is named with the object that it keeps from being written', async () => {
    const rule = {
      apiGroups: [''],
      apiVersions: ['v1'],
      resources: ['configmaps'],
      operations: ['CREATE', 'UPDATE'],
    };
    const webhook = {
      name: 'lost.example.com',
      clientConfig: { url: 'https://127.0.0.1:1/' },
      rules: [rule],
      namespaceSelector: { matchLabels: { 'kubernetes.io/metadata.name': 'web' } },
      failurePolicy: 'Fail',
      sideEffects: 'None',
      admissionReviewVersions: ['v1'],
    };
    const kind = 'ValidatingWebhookConfiguration';
    await faults.put('lab', {
      apiVersion: 'admissionregistration.k8s.io/v1',
      kind,
      metadata: { name: 'lost' },
      webhooks: [webhook],
    });
    const words = ['annotate', 'configmap', 'web', '-n', 'web', 'a=b', '--overwrite'];
    await until(
      () => faults.bench.kubectl('lab', words),
      (one) => one.code !== 0,
    );
    await faults.turn('webhook', deploymentYaml('web'));
    const answer = await faults.apply(3);
    expect(answer.out).toMatch(/ConfigMap\/web\/web/);
    expect(answer.out).toMatch(/failed calling webhook "lost\.example\.com"/);
    expect(await faults.turnIn('lab')).toBe('good');
    await faults.kubectl('lab', 'delete', kind, 'lost');
    await until(
      () => faults.bench.kubectl('lab', words),
      (one) => one.code === 0,
    );
    await faults.apply(0);
    expect(await faults.turnIn('lab')).toBe('webhook');
  });
});

describe('a quota that is full', () => {
  it('is named, and the way back works all the same', async () => {
    await faults.put('lab', {
      apiVersion: 'v1',
      kind: 'ResourceQuota',
      metadata: { name: 'tight', namespace: 'web' },
      spec: { hard: { pods: '2' } },
    });
    await until(
      () => faults.bench.client('lab').get(core('ResourceQuota', 'tight', 'web')),
      (found) => JSON.stringify(found?.['status']).includes('"used":{"pods":"1"}'),
    );
    const maps = Array.from({ length: 20 }, (_, index) => configMapYaml(`more-${index}`));
    await faults.turn(
      'many',
      deploymentYaml('web', { replicas: 5, image: 'registry.example.com/main:2' }),
      ...maps,
    );
    const answer = await faults.apply(8, '--timeout', '6s');
    expect(answer.out).toMatch(
      /lab +rolled back .*Deployment\/web: .*quota tight is full \(requested: pods=1, used: pods=2, limited: pods=2\)/,
    );
    expect(await faults.turnIn('lab')).toBe('good');
    const live = await faults.bench.client('lab').get(deployment);
    expect(live).toMatchObject({ spec: { replicas: 1 }, status: { readyReplicas: 1 } });
    // What came with it goes with it, however much it is.
    expect(await faults.bench.client('lab').get(core('ConfigMap', 'more-1', 'web'))).toBe(undefined);
    await faults.kubectl('lab', 'delete', 'quota', 'tight', '-n', 'web');
  });
});

describe('a namespace that is being deleted', () => {
  it('is named, and written to again when it is gone', async () => {
    await faults.put('lab', {
      apiVersion: 'v1',
      kind: 'ConfigMap',
      metadata: { name: 'held', namespace: 'web', finalizers: ['example.com/held'] },
    });
    await faults.kubectl('lab', 'delete', 'namespace', 'web', '--wait=false');
    await faults.turn('gone');
    const answer = await faults.apply(3);
    expect(answer.out).toMatch(/Namespace\/web.*\n? *.*it is being deleted; apply again when it is gone/);
    await faults.kubectl(
      'lab',
      'patch',
      'configmap',
      'held',
      '-n',
      'web',
      '--type=merge',
      '-p',
      '{"metadata":{"finalizers":null}}',
    );
    await until(
      () => faults.bench.client('lab').get(core('Namespace', 'web')),
      (found) => found === undefined,
    );
    await faults.want(configMapYaml('web', { turn: 'again' }));
    await faults.apply(0);
    expect(await faults.turnIn('lab')).toBe('again');
  });
});

describe('a definition whose names are taken', () => {
  it('is named with its condition, and what needs it says that it waits', async () => {
    const named = (plural: string, kind: string): object => {
      const definition = boatDefinition();
      const spec = { ...(definition['spec'] as object), names: { plural, kind, shortNames: ['bo'] } };
      return { ...definition, metadata: { name: `${plural}.example.com` }, spec };
    };
    await faults.put('lab', named('boats', 'Boat'));
    await faults.kubectl('lab', 'wait', 'crd/boats.example.com', '--for=condition=Established');
    const ship = { apiVersion: 'example.com/v1', kind: 'Ship', metadata: { name: 'ship' } };
    await faults.turn('ships', json(named('ships', 'Ship')), json(ship));
    const begun = Date.now();
    const answer = await faults.launch('--timeout', '4s').ended;
    expect(Date.now() - begun).toBeLessThan(60_000);
    expect(answer.code, answer.all).toBe(8);
    expect(answer.out).toMatch(
      /lab +rolled back .*CustomResourceDefinition\/ships\.example\.com: its names are taken \(condition NamesAccepted is False\): "bo" is already in use/,
    );
    expect(answer.err).toMatch(/Ship\/web\/ship: .*waits for CustomResourceDefinition\/ships\.example\.com/);
    // A definition is never deleted without being named: it stays, and stays listed.
    expect(await faults.turnIn('lab')).toBe('good');
    const listed = await listedKeys(faults.bench.client('lab'));
    expect(listed).toContain('apiextensions.k8s.io/CustomResourceDefinition//ships.example.com');
  });
});
