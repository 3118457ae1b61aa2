import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { refOf, type KubeObject } from '../../src/objects/index.ts';
import { Bench, until } from './bench.ts';
import { appYaml, deploymentYaml, fleetYaml, tenantYaml } from './fleet-files.ts';

let bench: Bench;

const stricter =
  'apiVersion: toryo.dev/v1alpha1\nkind: SecurityProfile\nmetadata: { name: stricter }\nspec: { images: { registries: [registry.example.com/], digest: required } }\n';

const own = `apiVersion: toryo.dev/v1alpha1
kind: SecurityProfile
metadata: { name: own }
spec:
  fill: [seccomp, allowPrivilegeEscalation, dropCapabilities]
  waivable: { rules: [TRY-SEC-012], atMost: 3650d }
---
apiVersion: toryo.dev/v1alpha1
kind: Waiver
metadata: { name: root }
spec: { rule: TRY-SEC-012, target: { app: lab/root }, reason: rebuilt soon, owner: lab-dev, expires: 2030-01-01 }
`;

/** A program that runs as root and says nothing else. */
const root = `apiVersion: apps/v1
kind: Deployment
metadata: { name: root }
spec:
  replicas: 0
  selector: { matchLabels: { app: root } }
  template:
    metadata: { labels: { app: root } }
    spec:
      serviceAccountName: root
      containers: [{ name: main, image: registry.example.com/main:1, securityContext: { readOnlyRootFilesystem: true } }]
---
apiVersion: v1
kind: ServiceAccount
metadata: { name: root }
`;

const spec = {
  securityContext: { runAsNonRoot: true, seccompProfile: { type: 'RuntimeDefault' } },
  containers: [
    {
      name: 'job',
      image: 'registry.example.com/job:1',
      securityContext: { allowPrivilegeEscalation: false, capabilities: { drop: ['ALL'] } },
    },
  ],
};

/** A CronJob that nobody runs. */
const asleep: KubeObject = {
  apiVersion: 'batch/v1',
  kind: 'CronJob',
  metadata: { name: 'asleep', namespace: 'shop-web' },
  spec: {
    suspend: true,
    schedule: '0 0 * * *',
    jobTemplate: { spec: { template: { spec: { ...spec, restartPolicy: 'Never' } } } },
  },
};

/** A Pod that an operator made: nobody else is to be asked. */
const operated: KubeObject = {
  apiVersion: 'v1',
  kind: 'Pod',
  metadata: {
    name: 'operated',
    namespace: 'shop-web',
    ownerReferences: [
      { apiVersion: 'example.com/v1', kind: 'Database', name: 'db', uid: '0b2c', controller: true },
    ],
  },
  spec,
};

/** A Job that its controller completes at once. */
const completed: KubeObject = {
  apiVersion: 'batch/v1',
  kind: 'Job',
  metadata: { name: 'migrated', namespace: 'shop-web' },
  spec: { completions: 0, template: { spec: { ...spec, restartPolicy: 'Never' } } },
};
/** A Pod that nobody starts again. */
const ended: KubeObject = {
  apiVersion: 'v1',
  kind: 'Pod',
  metadata: { name: 'debugged', namespace: 'shop-web' },
  spec,
};

beforeAll(async () => {
  bench = await Bench.start({ name: 'lab' });
  await bench.write({
    'fleet.yaml': fleetYaml('acme', [{ name: 'lab' }]),
    'profiles/stricter.yaml': stricter,
    'shop.yaml': tenantYaml('shop', ['shop-web']),
    'apps/shop/web/app.yaml': appYaml('web', 'shop', 'shop-web'),
    'apps/shop/web/manifests/web.yaml': deploymentYaml('web', { replicas: 0 }),
  });
  await bench.write({
    'profiles/own.yaml': own,
    'lab.yaml': tenantYaml('lab', ['lab']).replace('profile: restricted', 'profile: own'),
    'apps/lab/root/app.yaml': appYaml('root', 'lab', 'lab'),
    'apps/lab/root/manifests/root.yaml': root,
  });
  const lock = await bench.toryo('lock');
  expect(lock.code, lock.all).toBe(0);
  const applied = await bench.toryo('apply', '--yes');
  expect(applied.code, applied.all).toBe(0);
  await bench.client().create(asleep);
  await bench.client().create(operated);
  await bench.client().create(completed);
  await bench.client().create(ended);
  const words = ['patch', 'pod', 'debugged', '-n', 'shop-web', '--subresource=status', '--type=merge'];
  const said = await bench.kubectl('lab', [...words, '-p', '{"status":{"phase":"Succeeded"}}']);
  expect(said.code, said.all).toBe(0);
  await until(
    () => bench.client().get(refOf(completed)),
    (job) => JSON.stringify(job?.['status'] ?? {}).includes('"Complete"'),
  );
});
afterAll(() => bench.stop());

describe('guard simulate', () => {
  it('tells what would not start again, asleep or scaled to zero as well, and writes nothing', async () => {
    const before = await bench.writes();
    const answer = await bench.run('guard', 'simulate', 'stricter', '-n', 'shop-web', bench.root);
    expect(answer.code, answer.all).toBe(3);
    expect(answer.out).toContain('✗ lab  3 of 3 would not start again under profile stricter');
    expect(answer.out).toContain('Deployment/shop-web/web  scaled to zero');
    expect(answer.out).toContain('CronJob/shop-web/asleep  suspended');
    expect(answer.out).toContain('Pod/shop-web/operated');
    expect(answer.out).toContain(
      'TRY-SEC-029 must name images by digest: container job (registry.example.com/job:1) (profile stricter)',
    );
    expect(await bench.writes('lab', before)).toEqual(new Map());
  });

  it('goes on with neither the fill nor the Waivers of today, as the fleet would with that profile', async () => {
    const answer = await bench.run('guard', 'simulate', 'restricted', '-n', 'lab', bench.root);
    expect(answer.code, answer.all).toBe(3);
    for (const rule of ['011', '012', '016', '022']) expect(answer.out).toContain(`TRY-SEC-${rule} `);
    const today = await bench.run('guard', 'simulate', 'own', '-n', 'lab', bench.root);
    expect(today.code, today.all).toBe(0);
  });

  it('is content with what would start again', async () => {
    const answer = await bench.run('guard', 'simulate', 'restricted', '-n', 'shop-web', bench.root);
    expect(answer.code, answer.all).toBe(0);
    expect(answer.out).toContain('✓ lab  all of 3 would start again under profile restricted');
  });

  it('knows no profile that is not the fleet’s', async () => {
    const answer = await bench.run('guard', 'simulate', 'srticter', bench.root);
    expect(answer.code, answer.all).toBe(2);
    expect(answer.err).toContain('there is no SecurityProfile srticter; there are restricted, own, stricter');
  });
});

describe('a refused pod', () => {
  it('is told in one sentence by guard check and by the API server', async () => {
    const bad = {
      ...operated,
      metadata: { name: 'bad', namespace: 'shop-web' },
      spec: {
        ...spec,
        runtimeClassName: undefined,
        hostname: 'bad',
        volumes: [{ name: 'nfs', csi: { driver: 'x.example.com' } }],
      },
    };
    const file = JSON.stringify(bad);
    await bench.write({ '../bad.json': file });
    const here = await bench.run('guard', 'check', '--fleet', bench.root, `${bench.folder}/bad.json`);
    expect(here.code, here.all).toBe(3);
    const there = await bench.kubectl('lab', ['apply', '--dry-run=server', '-f', '-'], file);
    const sentence = /TRY-SEC-\d{3} .*\(profile restricted\)/.exec(there.err)?.[0] ?? there.all;
    expect(sentence).toMatch(/^TRY-SEC-0(18|30) /);
    expect(here.out).toContain(sentence);
  });
});
