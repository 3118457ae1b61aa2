import { spawnSync } from 'node:child_process';
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { yamlText, type Run } from '../src/lib/index.ts';
import { accessOf, openClient, readKubeconfig, type KubeClient } from '../src/kube/index.ts';
import { startCluster } from '../src/sandbox/index.ts';
import { apply, build, closeAll, lockFiles, plan } from '../src/toryo.ts';
import { mixedObjects } from './mixed-objects.ts';
import { median } from './median.ts';

/** Objects per second of one round, by contender. */
interface Round {
  readonly kubectl: number;
  /** The same with --validate=false, without its own look at each object: its fastest. */
  readonly kubectlUnchecked: number;
  readonly bareLoop: number;
  readonly planAndApply: number;
  readonly writes: number;
}

const count = 1200;

const lanes = 16;
const silent: Run = {
  signal: new AbortController().signal,
  now: () => new Date().toISOString(),
  emit: () => {},
};

/** Delivers 1,200 mixed objects to an empty namespace in four ways, in turn, on one server. */
export async function benchDeliver(
  rounds: number,
): Promise<{ readonly rounds: readonly Round[]; readonly median: Round }> {
  const folder = mkdtempSync(path.join(tmpdir(), 'toryo-bench-'));
  const done: Round[] = [];
  try {
    for (let round = 0; round < rounds; round += 1) done.push(await measureOn(`r${round}`, folder));
    const mid = (key: keyof Round): number => median(done.map((one) => one[key]));
    return {
      rounds: done,
      median: {
        kubectl: mid('kubectl'),
        kubectlUnchecked: mid('kubectlUnchecked'),
        bareLoop: mid('bareLoop'),
        planAndApply: mid('planAndApply'),
        writes: mid('writes'),
      },
    };
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

/** One round on a cluster of its own: every contender finds the same empty server. */
async function measureOn(round: string, folder: string): Promise<Round> {
  const cluster = await startCluster(
    { name: 'bench', components: 'all' },
    path.join(folder, `${round}-cluster`),
    silent,
    { env: process.env },
  );
  try {
    const client = openClient(accessOf(await readKubeconfig([cluster.kubeconfig])), silent);
    const measured = await measure(round, folder, cluster.kubeconfig, client);
    await client.close();
    return measured;
  } finally {
    await cluster.stop();
  }
}

async function measure(
  round: string,
  folder: string,
  kubeconfig: string,
  client: KubeClient,
): Promise<Round> {
  const kubectl = await inNamespace(client, `${round}-kubectl`, (namespace) =>
    Promise.resolve(runKubectl(namespace, folder, kubeconfig, [])),
  );
  const kubectlUnchecked = await inNamespace(client, `${round}-unchecked`, (namespace) =>
    Promise.resolve(runKubectl(namespace, folder, kubeconfig, ['--validate=false'])),
  );
  const bareLoop = await inNamespace(client, `${round}-loop`, (namespace) => runLoop(namespace, client));
  const toryo = await runToryo(round, folder, kubeconfig);
  return { kubectl, kubectlUnchecked, bareLoop, ...toryo };
}

async function inNamespace(
  client: KubeClient,
  name: string,
  work: (namespace: string) => Promise<number>,
): Promise<number> {
  await client.apply({ apiVersion: 'v1', kind: 'Namespace', metadata: { name } }, { fieldManager: 'bench' });
  const seconds = await work(name);
  await client.remove({ group: '', kind: 'Namespace', name });
  return count / seconds;
}

function runKubectl(namespace: string, folder: string, kubeconfig: string, flags: readonly string[]): number {
  const file = path.join(folder, `${namespace}.yaml`);
  writeFileSync(file, mixedObjects(count, namespace).map(yamlText).join('---\n'));
  const begun = performance.now();
  const done = spawnSync(
    'kubectl',
    ['--kubeconfig', kubeconfig, 'apply', '--server-side', ...flags, '-f', file],
    {
      encoding: 'utf8',
    },
  );
  if (done.status !== 0) throw new Error(done.stderr);
  return (performance.now() - begun) / 1000;
}

async function runLoop(namespace: string, client: KubeClient): Promise<number> {
  const waiting = [...mixedObjects(count, namespace)];
  const begun = performance.now();
  const lane = async (): Promise<void> => {
    for (let one = waiting.shift(); one !== undefined; one = waiting.shift())
      await client.apply(one, { fieldManager: 'bench' });
  };
  await Promise.all(Array.from({ length: lanes }, lane));
  return (performance.now() - begun) / 1000;
}

async function runToryo(
  round: string,
  folder: string,
  kubeconfig: string,
): Promise<Pick<Round, 'planAndApply' | 'writes'>> {
  const root = path.join(folder, round);
  writeRepository(root, round, kubeconfig);
  const env = { ...process.env, KUBECONFIG: kubeconfig };
  await writeLock(root, env);
  const built = await build(root, { env }, silent);
  if (built.value === undefined) throw new Error(JSON.stringify(built.diagnostics));
  let [first, last] = [0, 0];
  const run: Run = {
    ...silent,
    emit: (event) => {
      if (event.verb === 'deliver' && event.subject === 'cluster' && event.state === 'started')
        first = performance.now();
      if (event.verb === 'apply') last = performance.now();
    },
  };
  const begun = performance.now();
  const planned = await plan(
    built.value,
    { clusters: [], permissions: { deletions: new Set(), prunes: new Set() } },
    env,
    run,
  );
  const manner = { patience: { timeout: 60_000, quiet: 1000 }, silence: 0, isBinding: true, isPatient: true };
  const [delivered] = await apply(built.value, planned, manner, run);
  const seconds = (performance.now() - begun) / 1000;
  await closeAll(planned.clients);
  if (delivered?.outcome !== 'done')
    throw new Error(
      JSON.stringify([
        planned.plan.waves.flatMap((wave) => wave.clusters.flatMap((one) => one.blockers)),
        delivered,
      ]),
    );
  return { planAndApply: count / seconds, writes: (count * 1000) / (last - first) };
}

function writeRepository(root: string, fleet: string, kubeconfig: string): void {
  const header = 'apiVersion: toryo.dev/v1alpha1\n';
  mkdirSync(path.join(root, 'app/manifests'), { recursive: true });
  writeFileSync(
    path.join(root, 'fleet.yaml'),
    `${header}kind: Fleet\nmetadata: { name: bench }\nspec: { environments: [{ name: lab }], waves: [{ name: all, select: all }] }\n---\n${header}kind: Cluster\nmetadata: { name: lab }\nspec: { environment: lab, provider: kubeconfig, kubeconfig: { context: ${contextOf(kubeconfig)} } }\n`,
  );
  writeFileSync(
    path.join(root, 'app/app.yaml'),
    `${header}kind: App\nmetadata: { name: ${fleet} }\nspec: { tenant: platform, namespace: ${fleet}-toryo, clusters: all, source: { path: manifests } }\n`,
  );
  writeFileSync(
    path.join(root, 'app/manifests/all.yaml'),
    mixedObjects(count, `${fleet}-toryo`).map(yamlText).join('---\n'),
  );
}

function contextOf(kubeconfig: string): string {
  return spawnSync('kubectl', ['--kubeconfig', kubeconfig, 'config', 'current-context'], {
    encoding: 'utf8',
  }).stdout.trim();
}

async function writeLock(root: string, env: NodeJS.ProcessEnv): Promise<void> {
  const built = await build(root, { env }, silent);
  if (built.value === undefined) throw new Error(JSON.stringify(built.diagnostics));
  mkdirSync(path.join(root, 'toryo.lock'), { recursive: true });
  for (const [file, { text }] of await lockFiles(built.value, env, silent))
    writeFileSync(path.join(root, 'toryo.lock', file), text);
}
