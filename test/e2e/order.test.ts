import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { numberAt, stringAt } from '../../src/lib/index.ts';
import { titleOf, refOf, type KubeObject } from '../../src/objects/index.ts';
import { Bench, core, someNodes, until } from './bench.ts';
import { WebhookServer } from './webhook-server.ts';
import {
  appYaml,
  configMapYaml,
  deploymentYaml,
  fleetYaml,
  restrictedPod,
  tenantYaml,
  together,
  boatDefinition,
} from './fleet-files.ts';

let bench: Bench;
let server: WebhookServer;
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
const boat = (sails: number): string =>
  json({ apiVersion: 'example.com/v1', kind: 'Boat', metadata: { name: 'boat' }, spec: { sails } });
const account = json({ apiVersion: 'v1', kind: 'ServiceAccount', metadata: { name: 'crew' } });
// Nothing runs in a sandbox's pods: its name leads to a server of this test.
const service = (): string =>
  json({
    apiVersion: 'v1',
    kind: 'Service',
    metadata: { name: 'crew' },
    spec: {
      type: 'ExternalName',
      externalName: 'localhost',
      selector: { app: 'crew' },
      ports: [{ port: server.port }],
    },
  });
const webhook = (): string =>
  json({
    apiVersion: 'admissionregistration.k8s.io/v1',
    kind: 'ValidatingWebhookConfiguration',
    metadata: { name: 'crew' },
    webhooks: [
      {
        name: 'crew.example.com',
        failurePolicy: 'Fail',
        sideEffects: 'None',
        admissionReviewVersions: ['v1'],
        clientConfig: {
          caBundle: server.caBundle,
          service: { namespace: 'harbour', name: 'crew', port: server.port },
        },
        rules: [
          {
            apiGroups: ['example.com'],
            apiVersions: ['v1'],
            operations: ['CREATE', 'UPDATE'],
            resources: ['boats'],
          },
        ],
      },
    ],
  });
const fleetOfBoats = (sails: number): string =>
  together(
    // Written down in the wrong order on purpose.
    webhook(),
    boat(sails),
    deploymentYaml('crew', { pod: { serviceAccountName: 'crew' } }),
    service(),
    account,
    definition,
  );

beforeAll(async () => {
  server = await WebhookServer.start('crew.harbour.svc');
  bench = await Bench.start({ name: 'lab', nodes: someNodes });
  for (const kind of kinds) void follow(kind);
  await bench.write({
    'fleet.yaml': fleetYaml('acme', [{ name: 'lab' }]),
    'shop.yaml': tenantYaml('shop', ['shop-web']),
    'apps/platform/boats/app.yaml': appYaml('boats', 'platform', 'harbour'),
    'apps/platform/boats/manifests/all.yaml': fleetOfBoats(3),
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
  await server.stop();
});

describe('one apply', () => {
  it('does not start what needs an App that is not healthy', async () => {
    const answer = await bench.toryo('apply', '--yes', '--timeout', '6s');
    expect(answer.code, answer.all).toBe(7);
    expect(answer.out).toMatch(
      /lab +timed out .*Deployment\/shop-web\/first is not ready \(its only pod is not ready: first-\S+ runs and is not ready/,
    );
    expect(answer.err).toMatch(
      /ConfigMap\/shop-web\/second: error TORYO_NOT_WRITTEN: .* waits for App\/shop\/first \(needs\): Deployment\/shop-web\/first is not ready \(/,
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

  it('brought a definition before its instance', async () => {
    bench.client().forgetDiscovery();
    const stored = await bench
      .client()
      .get({ group: 'example.com', kind: 'Boat', namespace: 'harbour', name: 'boat' });
    created.set('Boat/harbour/boat', Number(stored?.metadata['resourceVersion']));
    expect(when('Boat/harbour/boat')).toBeGreaterThan(when('CustomResourceDefinition/boats.example.com'));
  });

  it('registered a webhook when its pods were ready, and wrote what it judges after that', () => {
    const ready = available.get('Deployment/harbour/crew')!;
    expect(when('ValidatingWebhookConfiguration/crew')).toBeGreaterThan(ready);
    expect(when('Boat/harbour/boat')).toBeGreaterThan(when('ValidatingWebhookConfiguration/crew'));
  });

  it.each([
    ['Namespace/harbour', 'Service/harbour/crew'],
    ['Namespace/harbour', 'ServiceAccount/harbour/crew'],
    ['ServiceAccount/harbour/crew', 'Deployment/harbour/crew'],
    ['Service/harbour/crew', 'ValidatingWebhookConfiguration/crew'],
    ['Namespace/toryo-system', 'ConfigMap/toryo-system/inventory.tenant.platform'],
    ['ConfigMap/toryo-system/inventory.app.platform.boats', 'Namespace/harbour'],
    ['ConfigMap/toryo-system/inventory.app.shop.first', 'Deployment/shop-web/first'],
  ])('wrote %s before %s', (first, second) => {
    expect(when(first)).toBeGreaterThan(0);
    expect(when(second)).toBeGreaterThan(when(first));
  });
});

describe('a later apply', () => {
  it('asks the webhook', async () => {
    await bench.write({ 'apps/platform/boats/manifests/all.yaml': fleetOfBoats(4) });
    const before = server.asked.length;
    const answer = await bench.toryo('apply', '--yes', '--timeout', '3s');
    expect(answer.code, answer.all).toBe(0);
    expect(server.asked.slice(before)).toContain('UPDATE Boat/harbour/boat');
  });

  it('delivers what refers to each other, and says which goes first', async () => {
    const crew = { name: 'pilot', annotations: { 'kubernetes.io/service-account.name': 'pilot' } };
    const token = {
      apiVersion: 'v1',
      kind: 'Secret',
      metadata: crew,
      type: 'kubernetes.io/service-account-token',
    };
    const pilot = {
      apiVersion: 'v1',
      kind: 'ServiceAccount',
      metadata: { name: 'pilot' },
      secrets: [{ name: 'pilot' }],
    };
    await bench.write({
      'apps/platform/pilot/app.yaml': appYaml('pilot', 'platform', 'pilots'),
      'apps/platform/pilot/manifests/all.yaml': together(json(token), json(pilot)),
    });
    const answer = await bench.toryo('apply', '--yes');
    expect(answer.code, answer.all).toBe(0);
    expect(answer.all).toContain(
      'ServiceAccount/pilots/pilot does not wait for Secret/pilots/pilot (secrets): they wait for each other in a circle',
    );
    expect(await bench.client().get(core('Secret', 'pilot', 'pilots'))).toBeDefined();
  });

  it('does not write a Deployment whose Secret was refused, says why, and writes the rest', async () => {
    const secret = (name: string): string => json({ apiVersion: 'v1', kind: 'Secret', metadata: { name } });
    const env = ['a', 'b'].map((name) => ({
      name: name.toUpperCase(),
      valueFrom: { secretKeyRef: { name, key: 'a' } },
    }));
    const containers = restrictedPod()['containers'] as readonly object[];
    const pod = { containers: containers.map((one) => ({ ...one, env })) };
    const file = 'apps/platform/full/manifests/all.yaml';
    const first = configMapYaml('first');
    await bench.write({ 'apps/platform/full/app.yaml': appYaml('full', 'platform', 'full'), [file]: first });
    expect((await bench.toryo('apply', '--yes')).code).toBe(0);
    // Somebody else's: of a quota in the repository check would tell it.
    await bench.client().create({
      apiVersion: 'v1',
      kind: 'ResourceQuota',
      metadata: { name: 'few', namespace: 'full' },
      spec: { hard: { secrets: '1' } },
    });
    await until(
      () => bench.client().get(core('ResourceQuota', 'few', 'full')),
      (found) => stringAt(found, 'status', 'hard', 'secrets') === '1',
    );
    await bench.write({
      [file]: together(first, secret('a'), secret('b'), deploymentYaml('full', { pod })),
      'apps/platform/calm/app.yaml': appYaml('calm', 'platform', 'calm'),
      'apps/platform/calm/manifests/all.yaml': configMapYaml('rest'),
    });
    const answer = await bench.toryo('apply', '--yes');
    // The owner of what was refused goes back to what it was.
    expect(answer.code, answer.all).toBe(8);
    expect(answer.err).toMatch(
      /Deployment\/full\/full: error TORYO_NOT_WRITTEN: cluster lab: not written: waits for Secret\/full\/[ab] \(env [AB]\), which failed/,
    );
    expect(answer.out).toMatch(/lab +rolled back .*exceeded quota/);
    expect(
      await bench.client().get({ group: 'apps', kind: 'Deployment', namespace: 'full', name: 'full' }),
    ).toBe(undefined);
    expect(await bench.client().get(core('ConfigMap', 'rest', 'calm')), answer.all).toBeDefined();
  });
});
