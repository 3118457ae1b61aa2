import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { accessOf, openClient, readKubeconfig, type KubeClient } from '../../src/kube/index.ts';
import { readCause } from '../../src/world/index.ts';
import { Bench, core, testRun, until } from './bench.ts';
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
const manifests = 'apps/shop/web/manifests/web.yaml';

async function clientOfLab(): Promise<KubeClient> {
  const path = await bench.run('sandbox', 'kubeconfig', 'acme-lab', '--path');
  expect(path.code, path.all).toBe(0);
  return openClient(accessOf(await readKubeconfig([path.out.trim()])), testRun());
}

const json = (object: unknown): string => `${JSON.stringify(object)}\n`;

// A sandbox that the command line starts itself.
beforeAll(async () => {
  bench = await Bench.start();
  await bench.write({
    'fleet.yaml': fleetYaml('acme', [{ name: 'lab', provider: 'sandbox' }]),
    'shop.yaml': tenantYaml('shop', ['shop-web'], 'quota: { pods: 2 }'),
    'apps/shop/web/app.yaml': appYaml('web', 'shop', 'shop-web'),
    [manifests]: configMapYaml('web'),
  });
});
afterAll(() => bench.stop());

describe('on a sandbox', () => {
  it('plan says that the cluster does not exist yet, and apply starts it', async () => {
    const plan = await bench.toryo('plan');
    expect(plan.code, plan.all).toBe(0);
    expect(plan.out).toContain('does not exist yet');
    const answer = await bench.toryo('apply', '--yes');
    expect(answer.code, answer.all).toBe(0);
    const status = await bench.toryo('status');
    expect(status.out).toMatch(/all +lab +1\.35 \(v1\.36\.\d+\) /);
  });
});

describe('apply waits and', () => {
  it('says that the quota is full', async () => {
    const client = await clientOfLab();
    // Not the fleet's: what the fleet brings fits.
    const other = { apiVersion: 'v1', kind: 'Pod', metadata: { name: 'other', namespace: 'shop-web' } };
    await client.create({ ...other, spec: restrictedPod() });
    await bench.write({ [manifests]: deploymentYaml('web', { replicas: 2 }) });
    const answer = await bench.toryo('apply', '--yes', '--timeout', '5s');
    await client.remove(core('Pod', 'other', 'shop-web'));
    await client.close();
    expect(answer.code, answer.all).toBe(8);
    expect(answer.out).toMatch(
      /Deployment\/web: 1 of 2 pods is missing: quota toryo is full \(requested: pods=1, used: pods=2, limited: pods=2\)/,
    );
    expect(answer.err).toContain('1 of 1 clusters are not done');
  });

  it('names the pod and why it does not run', async () => {
    await bench.edit('shop.yaml', 'pods: 2', 'pods: 9');
    await bench.write({ [manifests]: deploymentYaml('web', { replicas: 2, fail: 'ImagePullBackOff' }) });
    const pull = await bench.toryo('apply', '--yes', '--timeout', '8s');
    expect(pull.code, pull.all).toBe(8);
    expect(pull.out).toMatch(/Deployment\/web: \d of \d pods (is|are) not ready: web-\S+ cannot pull \S+/);
    expect(pull.err, 'while it waits').toMatch(
      /Deployment\/shop-web\/web: \d of \d pods (is|are) not ready: web-\S+ /,
    );
    await bench.write({ [manifests]: deploymentYaml('web', { replicas: 2, fail: 'CrashLoopBackOff' }) });
    const crash = await bench.toryo('apply', '--yes', '--timeout', '8s');
    expect(crash.code, crash.all).toBe(8);
    expect(crash.out).toMatch(/pods (is|are) not ready: web-\S+ crashes.*: exit code \d+/);
  });

  it('says that no node is right', async () => {
    await bench.write({ [manifests]: deploymentYaml('web', { pod: { nodeSelector: { disk: 'none' } } }) });
    const answer = await bench.toryo('apply', '--yes', '--timeout', '6s');
    expect(answer.code, answer.all).toBe(8);
    expect(answer.out).toMatch(/not ready: web-\S+ has no node: of \d+ nodes, .*affinity\/selector/);
  });

  it('says why a Job failed', async () => {
    const job = {
      apiVersion: 'batch/v1',
      kind: 'Job',
      metadata: { name: 'migrate' },
      spec: {
        backoffLimit: 0,
        template: {
          metadata: { annotations: { 'sandbox.toryo.dev/fail': 'Error' } },
          spec: restrictedPod({ pod: { restartPolicy: 'Never' } }),
        },
      },
    };
    await bench.write({ [manifests]: json(job) });
    const answer = await bench.toryo('apply', '--yes', '--timeout', '60s');
    expect(answer.code, answer.all).toBe(8);
    expect(answer.out).toMatch(
      /lab +unhealthy .*Job\/migrate: Job has reached the specified backoff limit: migrate-\S+ failed: exit code \d+/,
    );
  });

  it('lists what nobody writes a status of, and is done', async () => {
    const definition = boatDefinition({ scope: 'Cluster' });
    const boat = { apiVersion: 'example.com/v1', kind: 'Boat', metadata: { name: 'boat' } };
    await bench.write({
      [manifests]: configMapYaml('web'),
      'apps/platform/boats/app.yaml': appYaml('boats', 'platform', 'harbour'),
      'apps/platform/boats/manifests/all.yaml': together(json(definition), json(boat)),
    });
    const answer = await bench.toryo('apply', '--yes');
    expect(answer.code, answer.all).toBe(0);
    expect(answer.err).toContain('Boat/boat unknown: nothing has written its status');
    expect(answer.err).toMatch(/✓ \d+ healthy, 1 unknown \(listed\)/);
  });

  it('can be interrupted: it says how to go on, and the next apply does', async () => {
    await bench.write({ [manifests]: deploymentYaml('web', { fail: 'NotReady' }) });
    const run = bench.launch('apply', '--yes');
    await until(
      () => Promise.resolve(run.said()),
      (text) => text.includes('Deployment/shop-web/web'),
    );
    await until(
      () => Promise.resolve(run.said()),
      (text) => text.includes('wait health'),
    );
    run.kill('SIGINT');
    const answer = await run.ended;
    expect(answer.code, answer.all).toBe(130);
    expect(answer.err).toContain('Run the same command again: it goes on where it stopped.');
    await bench.write({ [manifests]: deploymentYaml('web') });
    const again = await bench.toryo('apply', '--yes');
    expect(again.code, again.all).toBe(0);
  });

  it('names the claim that no pod can do without, to those who may look', async () => {
    const fail = { 'sandbox.toryo.dev/fail': 'ProvisioningFailed' };
    const mounts = { volumes: [{ name: 'data', persistentVolumeClaim: { claimName: 'data' } }] };
    const claim = {
      apiVersion: 'v1',
      kind: 'PersistentVolumeClaim',
      metadata: { name: 'data', annotations: fail },
      spec: { accessModes: ['ReadWriteOnce'], resources: { requests: { storage: '1Gi' } } },
    };
    await bench.write({ [manifests]: together(deploymentYaml('web', { pod: mounts }), json(claim)) });
    const answer = await bench.toryo('apply', '--yes', '--timeout', '9s', '--no-rollback');
    expect(answer.code, answer.all).toBe(7);
    expect(answer.out).toMatch(/PersistentVolumeClaim\/data: not bound \(class standard\): \S+/);
    const client = await clientOfLab();
    const web = await client.get({ group: 'apps', kind: 'Deployment', namespace: 'shop-web', name: 'web' });
    expect(await readCause(client, web!)).toMatch(
      /not ready: web-\S+ waits for its volume: claim data is not bound \(class standard\): \S+/,
    );
    expect(await readCause(client.as({ user: 'nobody' }), web!)).toBeUndefined();
    await client.close();
  });
});
