import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { numberAt, stringAt } from '../../src/lib/index.ts';
import { titleOf, refOf, type KubeObject } from '../../src/objects/index.ts';
import { Bench, core, someNodes } from './bench.ts';
import {
  appYaml,
  configMapYaml,
  deploymentYaml,
  fleetYaml,
  tenantYaml,
  together,
  boatDefinition,
} from './fleet-files.ts';

let bench: Bench;
const watching = new AbortController();
/** Object -> the revision of the cluster at which it was created, and at which it was first available. */
const created = new Map<string, number>();
const available = new Map<string, number>();

const kinds = [
  core('Namespace', ''),
  core('ConfigMap', ''),
  core('Service', ''),
  core('ServiceAccount', ''),
  { group: 'apps', kind: 'Deployment' },
  { group: 'apiextensions.k8s.io', kind: 'CustomResourceDefinition' },
  { group: 'admissionregistration.k8s.io', kind: 'ValidatingWebhookConfiguration' },
];

async function follow(kind: { readonly group: string; readonly kind: string }): Promise<void> {
  for await (const event of bench
    .client()
    .watch({ group: kind.group, kind: kind.kind }, { signal: watching.signal })) {
    if (event.type === 'added' || event.type === 'modified') note(event.object);
  }
}

function note(object: KubeObject): void {
  const title = titleOf(refOf(object));
  const revision = Number(stringAt(object, 'metadata', 'resourceVersion'));
  if (!created.has(title)) created.set(title, revision);
  if ((numberAt(object, 'status', 'availableReplicas') ?? 0) > 0 && !available.has(title))
    available.set(title, revision);
}

const when = (title: string): number => created.get(title) ?? Number.NaN;
const json = (object: unknown): string => `${JSON.stringify(object)}\n`;

const definition = json(
  boatDefinition({
    properties: {
      spec: { type: 'object', properties: { sails: { type: 'integer' } } },
      status: { type: 'object' },
    },
  }),
);
const boat = json({
  apiVersion: 'example.com/v1',
  kind: 'Boat',
  metadata: { name: 'boat' },
  spec: { sails: 3 },
});
const account = json({ apiVersion: 'v1', kind: 'ServiceAccount', metadata: { name: 'crew' } });
const service = json({
  apiVersion: 'v1',
  kind: 'Service',
  metadata: { name: 'crew' },
  spec: { selector: { app: 'crew' }, ports: [{ port: 80 }] },
});
const webhook = json({
  apiVersion: 'admissionregistration.k8s.io/v1',
  kind: 'ValidatingWebhookConfiguration',
  metadata: { name: 'crew' },
  webhooks: [
    {
      name: 'crew.example.com',
      failurePolicy: 'Ignore',
      sideEffects: 'None',
      admissionReviewVersions: ['v1'],
      clientConfig: { service: { namespace: 'harbour', name: 'crew' } },
      rules: [
        { apiGroups: ['example.org'], apiVersions: ['v1'], operations: ['CREATE'], resources: ['none'] },
      ],
    },
  ],
});

beforeAll(async () => {
  bench = await Bench.start({ name: 'lab', nodes: someNodes });
  for (const kind of kinds) void follow(kind);
  await bench.write({
    'fleet.yaml': fleetYaml('acme', [{ name: 'lab' }]),
    'shop.yaml': tenantYaml('shop', ['shop-web']),
    'apps/platform/boats/app.yaml': appYaml('boats', 'platform', 'harbour'),
    // Written down in the wrong order on purpose.
    'apps/platform/boats/manifests/all.yaml': together(
      webhook,
      boat,
      deploymentYaml('crew', { pod: { serviceAccountName: 'crew' } }),
      service,
      configMapYaml('crew'),
      account,
      definition,
    ),
    'apps/shop/first/app.yaml': appYaml('first', 'shop', 'shop-web'),
    'apps/shop/first/manifests/all.yaml': deploymentYaml('first', { fail: 'NotReady' }),
    'apps/shop/second/app.yaml': appYaml('second', 'shop', 'shop-web', ['needs: [App/shop/first]']),
    'apps/shop/second/manifests/all.yaml': configMapYaml('second'),
  });
  expect((await bench.toryo('lock')).code).toBe(0);
});
afterAll(async () => {
  watching.abort();
  await bench.stop();
});

describe('one apply', () => {
  it('does not start what needs an App that is not healthy', async () => {
    const answer = await bench.toryo('apply', '--yes', '--timeout', '6s');
    expect(answer.code, answer.all).toBe(7);
    expect(answer.out).toMatch(
      /lab +timed out .*Deployment\/first: its only pod is not ready: first-\S+ runs and is not ready/,
    );
    expect(await bench.client().get(core('ConfigMap', 'second', 'shop-web'))).toBeUndefined();
  });

  it('starts it when that App has become healthy', async () => {
    await bench.write({ 'apps/shop/first/manifests/all.yaml': deploymentYaml('first') });
    const answer = await bench.toryo('apply', '--yes');
    expect(answer.code, answer.all).toBe(0);
    expect(available.get('Deployment/shop-web/first')).toBeGreaterThan(0);
    expect(when('ConfigMap/shop-web/second')).toBeGreaterThan(available.get('Deployment/shop-web/first')!);
  });

  it('brought definitions before instances, and listed an instance without status as unknown', async () => {
    bench.client().forgetDiscovery();
    const stored = await bench
      .client()
      .get({ group: 'example.com', kind: 'Boat', namespace: 'harbour', name: 'boat' });
    expect(Number(stored?.metadata['resourceVersion'])).toBeGreaterThan(
      when('CustomResourceDefinition/boats.example.com'),
    );
  });

  it.each([
    ['Namespace/harbour', 'ConfigMap/harbour/crew'],
    ['Namespace/harbour', 'ServiceAccount/harbour/crew'],
    ['ServiceAccount/harbour/crew', 'Deployment/harbour/crew'],
    ['ConfigMap/harbour/crew', 'Deployment/harbour/crew'],
    ['Service/harbour/crew', 'Deployment/harbour/crew'],
    ['Deployment/harbour/crew', 'ValidatingWebhookConfiguration/crew'],
    ['Namespace/toryo-system', 'ConfigMap/toryo-system/inventory.tenant.platform'],
    ['ConfigMap/toryo-system/inventory.app.platform.boats', 'Namespace/harbour'],
    ['ConfigMap/toryo-system/inventory.app.shop.first', 'Deployment/shop-web/first'],
  ])('wrote %s before %s', (first, second) => {
    expect(when(first)).toBeGreaterThan(0);
    expect(when(second)).toBeGreaterThan(when(first));
  });
});
