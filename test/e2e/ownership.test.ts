import { spawnSync } from 'node:child_process';
import { mkdir, writeFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { requestsBetween, requestsOf } from '../../bench/requests.ts';
import { ensureAsset } from '../../src/assets/index.ts';
import type { Delivered } from '../../src/deliver/index.ts';
import { stringAt } from '../../src/lib/index.ts';
import type { KubeObject } from '../../src/objects/index.ts';
import { apply as applyPlan, build, closeAll, plan } from '../../src/toryo.ts';
import { Bench, configMap, core, someNodes, testRun, until } from './bench.ts';
import { configMapYaml, deploymentYaml, fleetYaml, shopFiles, together } from './fleet-files.ts';

let bench: Bench;
const manifests = 'apps/shop/web/manifests/web.yaml';
const owner = 'App/shop/web';
const web = { group: 'apps', kind: 'Deployment', namespace: 'shop-web', name: 'web' };
const map = (name: string) => core('ConfigMap', name, 'shop-web');

const apply = async (...words: readonly string[]): Promise<string> => {
  const answer = await bench.toryo('apply', '--yes', ...words);
  expect(answer.code, answer.all).toBe(0);
  return answer.all;
};
const adopt = async (): Promise<string> => {
  const answer = await bench.toryo('adopt', '--owner', owner, '--yes');
  expect(answer.code, answer.all).toBe(0);
  return answer.all;
};
const planned = async (): Promise<string> => (await bench.toryo('plan', '-o', 'wide')).all;
const read = async (name: string): Promise<KubeObject> => (await bench.client().get(map(name)))!;
const replicas = async (): Promise<unknown> => (await bench.client().get(web))?.['spec'];
const kubectl = async (words: readonly string[], input?: string): Promise<void> => {
  const answer = await bench.kubectl('lab', words, input);
  expect(answer.code, answer.all).toBe(0);
};
const autoscalerYaml = (min: number): string =>
  `${JSON.stringify({
    apiVersion: 'autoscaling/v2',
    kind: 'HorizontalPodAutoscaler',
    metadata: { name: 'web' },
    spec: {
      scaleTargetRef: { apiVersion: 'apps/v1', kind: 'Deployment', name: 'web' },
      minReplicas: min,
      maxReplicas: 6,
    },
  })}\n`;
const withoutReplicas = deploymentYaml('web').replace(/"replicas":\d+,/, '');

beforeAll(async () => {
  bench = await Bench.start({ name: 'lab', nodes: someNodes });
  await bench.write({
    ...shopFiles(),
    [manifests]: together(configMapYaml('web', { a: 'ours', b: 'ours' }), deploymentYaml('web')),
  });
  expect((await bench.toryo('lock')).code).toBe(0);
  await apply();
});
afterAll(() => bench.stop());

it('what is there as it is wanted is not asked about, and nothing is written', async () => {
  const before = await requestsOf(bench.client());
  expect(await planned()).toMatch(/^lab +wave all +\d+ unchanged\n/);
  await apply();
  const verbs = requestsBetween(before, await requestsOf(bench.client()));
  expect([verbs.get('dry-run'), verbs.get('APPLY')]).toEqual([undefined, undefined]);
});

describe('a field that a person has changed', () => {
  it('is taken back, and the plan says from whom, since when and what it was', async () => {
    await patch('theirs');
    expect(await planned()).toMatch(
      /~ ConfigMap\/shop-web\/web .*\n +takes data\.a from kubectl-patch \(20\d\d-\d\d-\d\d \d\d:\d\d\): theirs -> ours\n +data\.a: theirs -> ours\n/,
    );
    await apply();
    expect((await read('web'))['data']).toEqual({ a: 'ours', b: 'ours' });
    expect(await planned()).not.toContain('takes');
  });

  it('is not written over when it was changed again after the plan', async () => {
    await patch('theirs');
    const delivered = await applyAfter(() => patch('theirs again'));
    expect(delivered).toMatchObject({ outcome: 'failed', failures: [{ error: { code: 'TORYO_CHANGED' } }] });
    expect(delivered?.failures[0]?.error.message).toContain('kubectl-patch has written data.a');
    expect((await read('web'))['data']).toEqual({ a: 'theirs again', b: 'ours' });
    const others = await applyAfter(() =>
      kubectl(['annotate', 'configmap', '-n', 'shop-web', 'web', 'theirs=yes']),
    );
    expect(others).toMatchObject({ outcome: 'done' });
    expect((await read('web'))['data']).toEqual({ a: 'ours', b: 'ours' });
  });

  it('does not hide one that somebody else has applied', async () => {
    await patch('theirs');
    await bench.client().apply(configMapWith({ b: 'scaler’s' }), { fieldManager: 'scaler', force: true });
    const answer = await bench.toryo('apply', '--yes');
    expect(answer.code, answer.all).toBe(3);
    expect(answer.all).toMatch(
      /! ConfigMap\/shop-web\/web App\/shop\/web: data\.b belongs to scaler \("scaler’s", 20\S+Z\) and is wanted to be "ours": say in spec\.ownership/,
    );
    expect((await read('web'))['data']).toEqual({ a: 'theirs', b: 'scaler’s' });
  });
});

const patch = (value: string): Promise<void> =>
  kubectl(['patch', 'configmap', '-n', 'shop-web', 'web', '-p', JSON.stringify({ data: { a: value } })]);

/** Plans, lets something happen, and applies that plan. */
async function applyAfter(happen: () => Promise<void>): Promise<Delivered | undefined> {
  const run = testRun();
  const { value } = await build(bench.root, { env: bench.env }, run);
  const scope = { clusters: [], permissions: { deletions: new Set<string>(), prunes: new Set<string>() } };
  const made = await plan(value!, scope, bench.env, run);
  await happen();
  const manner = { patience: { timeout: 30_000, quiet: 1000 }, silence: 0, isBinding: true, isPatient: true };
  const [delivered] = await applyPlan(value!, made, manner, run);
  await closeAll(made.clients);
  return delivered;
}

const configMapWith = (data: Record<string, string>): KubeObject => configMap('web', 'shop-web', data);
const rule = async (decide: string): Promise<void> => {
  await bench.write({
    'fleet.yaml': fleetYaml('acme', [{ name: 'lab' }]).replace(
      '  waves:',
      `  ownership: [{ managers: [scaler], fields: [data.b], kinds: [ConfigMap], decide: ${decide} }]\n  waves:`,
    ),
  });
};

describe('a rule of the fleet', () => {
  it('leaves a field to who has it, again and again', async () => {
    await rule('leave');
    expect(await planned()).toMatch(/leaves data\.b to scaler \(20.*\): scaler’s\n/);
    await apply();
    expect((await read('web'))['data']).toEqual({ a: 'ours', b: 'scaler’s' });
    expect(await planned()).toMatch(/^lab +wave all +\d+ unchanged\n/);
    await apply();
  });

  it('takes it', async () => {
    await rule('take');
    await apply();
    expect((await read('web'))['data']).toEqual({ a: 'ours', b: 'ours' });
    await bench.client().apply(configMapWith({}), { fieldManager: 'scaler' });
  });
});

describe('the replicas of what an autoscaler scales', () => {
  it('stay when they leave the manifest, although only we own them', async () => {
    await bench.write({
      [manifests]: together(configMapYaml('web'), deploymentYaml('web', { replicas: 3 })),
    });
    await apply();
    await bench.write({ [manifests]: together(configMapYaml('web'), withoutReplicas, autoscalerYaml(2)) });
    expect(await planned()).toContain('leaves spec.replicas to HorizontalPodAutoscaler/web: 3');
    await apply();
    expect(await replicas()).toMatchObject({ replicas: 3 });
  });

  it('are its own when it has changed them', async () => {
    await bench.write({
      [manifests]: together(configMapYaml('web'), deploymentYaml('web', { replicas: 1 }), autoscalerYaml(4)),
    });
    expect(await planned()).toContain('leaves spec.replicas to HorizontalPodAutoscaler/web: 3');
    await apply();
    await until(replicas, (spec) => (spec as { replicas: number }).replicas === 4, 60);
    await apply();
    expect(await replicas()).toMatchObject({ replicas: 4 });
    await bench.write({ [manifests]: together(configMapYaml('web'), withoutReplicas, autoscalerYaml(4)) });
    await apply();
    expect(await replicas()).toMatchObject({ replicas: 4 });
    expect(await planned()).toMatch(/^lab +wave all +\d+ unchanged\n/);
  });
});

describe('an object that is adopted', () => {
  it('after kubectl apply keeps its uid, and a field that leaves the repository goes', async () => {
    const theirs = configMap('old', 'shop-web', { a: 'b', gone: 'later', stray: 'theirs' });
    await kubectl(['apply', '-f', '-'], JSON.stringify(theirs));
    const { uid } = (await read('old')).metadata;
    const both = (data: Record<string, string>) =>
      bench.write({
        [manifests]: together(
          configMapYaml('web'),
          withoutReplicas,
          autoscalerYaml(4),
          configMapYaml('old', data),
        ),
      });
    await both({ a: 'c', gone: 'later' });
    expect(await planned()).toMatch(/! ConfigMap\/shop-web\/old .*toryo adopt --owner App\/shop\/web/);
    const said = await adopt();
    expect(said).toMatch(/adopts \(last written by kubectl-client-side-apply, 20\S+Z\)/);
    expect(said).toMatch(/takes data\.a from kubectl-client-side-apply \(20.*\): b -> c/);
    expect(said).toMatch(/data\.stray: theirs -> \(removed\)/);
    expect((await read('old'))['data']).toEqual({ a: 'c', gone: 'later' });
    await both({ a: 'c' });
    await apply();
    const after = await read('old');
    expect(after['data']).toEqual({ a: 'c' });
    expect(after.metadata['uid']).toBe(uid);
    expect(after.metadata.annotations).toBeUndefined();
    await bench.write({ [manifests]: together(configMapYaml('web'), withoutReplicas, autoscalerYaml(4)) });
    await apply();
    expect(await bench.client().get(map('old'))).toBeUndefined();
  });

  it('after helm install keeps its uid, and Helm owns nothing of it', async () => {
    await installChart();
    const before = await read('charted');
    await bench.write({
      [manifests]: together(
        configMapYaml('web'),
        withoutReplicas,
        autoscalerYaml(4),
        configMapYaml('charted', { a: 'git' }),
      ),
    });
    const said = await adopt();
    expect(said).toMatch(/adopts \(last written by helm, 20\S+Z\)/);
    expect(said).toMatch(/takes data\.a from helm \(20.*\): chart -> git/);
    const after = await read('charted');
    expect(after.metadata['uid']).toBe(before.metadata['uid']);
    expect(after['data']).toEqual({ a: 'git' });
    expect(JSON.stringify(after)).not.toMatch(/helm/i);
    expect(stringAt(after, 'metadata', 'labels', 'toryo.dev/owner')).toBe('app.shop.web');
    expect(await planned()).toMatch(/^lab +wave all +\d+ unchanged\n/);
  });
});

async function installChart(): Promise<void> {
  const chart = join(bench.folder, 'chart');
  const files = {
    'Chart.yaml': 'apiVersion: v2\nname: charted\nversion: 1.0.0\n',
    'templates/all.yaml':
      'apiVersion: v1\nkind: ConfigMap\nmetadata: { name: charted, labels: { app.kubernetes.io/managed-by: Helm } }\ndata: { a: chart, b: chart }\n',
  };
  for (const [file, text] of Object.entries(files)) {
    await mkdir(dirname(join(chart, file)), { recursive: true });
    await writeFile(join(chart, file), text);
  }
  const helm = await ensureAsset('helm', testRun(), process.env);
  const { kubeconfig } = bench.cluster('lab').running;
  const words = ['install', 'charted', chart, '--namespace', 'shop-web', '--kubeconfig', kubeconfig];
  const done = spawnSync(helm, words, { encoding: 'utf8', env: { ...bench.env, HOME: bench.folder } });
  expect(done.status, done.stderr).toBe(0);
}
