import { spawnSync } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { fileURLToPath } from 'node:url';
import { yamlText } from '../src/lib/index.ts';
import { accessOf, openClient, readKubeconfig, type KubeClient } from '../src/kube/index.ts';
import type { KubeObject } from '../src/objects/index.ts';
import { startCluster } from '../src/sandbox/index.ts';
import { mixedObjects } from './mixed-objects.ts';
import { Repository, silent } from './repository.ts';
import { requestsBetween, requestsOf } from './requests.ts';

/** What one round on one server gave: times in seconds, requests counted by the server. */
export interface Round {
  readonly kubectl: number;
  readonly kubectlSecond: number;
  /** With --validate=false, without its own look at each object: its fastest. */
  readonly kubectlUnchecked: number;
  readonly bareLoop: number;
  readonly planAndApply: number;
  readonly writing: number;
  readonly second: number;
  readonly secondRequests: number;
  readonly secondWrites: number;
  readonly kinds: number;
  readonly changed: number;
  readonly changedWrites: number;
}

/** How many objects a round delivers. */
export const count = 1200;
const lanes = 16;

/** All contenders in turn on one server of their own, each in an empty namespace. */
export async function measureRound(round: string): Promise<Round> {
  return await onServer(round, async (folder, kubeconfig, client) => {
    const kubectl = (namespace: string, flags: readonly string[] = []): number =>
      runKubectl(namespace, folder, kubeconfig, flags);
    await makeNamespaces(client, ['kubectl', 'unchecked', 'loop']);
    const cold = kubectl('kubectl');
    const kubectlSecond = kubectl('kubectl');
    const kubectlUnchecked = kubectl('unchecked', ['--validate=false']);
    const bareLoop = await runLoop(mixedObjects(count, 'loop'), client);
    const toryo = await runToryo(folder, kubeconfig, client);
    return { kubectl: cold, kubectlSecond, kubectlUnchecked, bareLoop, ...toryo };
  });
}

/** A cluster with all its parts, a folder, and a client with all rights, as long as the work takes. */
async function onServer<T>(
  name: string,
  work: (folder: string, kubeconfig: string, client: KubeClient) => Promise<T>,
): Promise<T> {
  const folder = mkdtempSync(path.join(tmpdir(), 'toryo-bench-'));
  const spec = { name: 'bench', components: 'all' as const };
  const cluster = await startCluster(spec, path.join(folder, name), silent, { env: process.env });
  try {
    const client = openClient(accessOf(await readKubeconfig([cluster.kubeconfig])), silent);
    const result = await work(folder, cluster.kubeconfig, client);
    await client.close();
    return result;
  } finally {
    await cluster.stop();
    rmSync(folder, { recursive: true, force: true });
  }
}

/** Makes empty namespaces. */
export async function makeNamespaces(client: KubeClient, names: readonly string[]): Promise<void> {
  for (const name of names)
    await client.apply(
      { apiVersion: 'v1', kind: 'Namespace', metadata: { name } },
      { fieldManager: 'bench' },
    );
}

function runKubectl(namespace: string, folder: string, kubeconfig: string, flags: readonly string[]): number {
  const file = path.join(folder, `${namespace}.yaml`);
  writeFileSync(file, mixedObjects(count, namespace).map(yamlText).join('---\n'));
  const begun = performance.now();
  const words = ['--kubeconfig', kubeconfig, 'apply', '--server-side', ...flags, '-f', file];
  const done = spawnSync('kubectl', words, { encoding: 'utf8' });
  if (done.status !== 0) throw new Error(done.stderr);
  return (performance.now() - begun) / 1000;
}

/** Applies objects, 16 at a time and nothing else; seconds. */
export async function runLoop(objects: readonly KubeObject[], client: KubeClient): Promise<number> {
  const waiting = [...objects];
  const begun = performance.now();
  const lane = async (): Promise<void> => {
    for (let one = waiting.shift(); one !== undefined; one = waiting.shift())
      await client.apply(one, { fieldManager: 'bench' });
  };
  await Promise.all(Array.from({ length: lanes }, lane));
  return (performance.now() - begun) / 1000;
}

type ToryoPart = Omit<Round, 'kubectl' | 'kubectlSecond' | 'kubectlUnchecked' | 'bareLoop'>;

async function runToryo(folder: string, kubeconfig: string, client: KubeClient): Promise<ToryoPart> {
  const repository = new Repository(path.join(folder, 'fleet'), 'toryo', [{ name: 'lab', kubeconfig }]);
  const objects = mixedObjects(count, 'toryo');
  repository.write(objects);
  await repository.lock();
  const { seconds: planAndApply, writing } = await repository.deliver();
  const second = await counted(repository, client);
  // Every tenth, of every kind in turn.
  const isChanged = (index: number): boolean => index % 10 === Math.floor(index / 10) % 10;
  repository.write(objects.map((object, index) => (isChanged(index) ? changedObject(object) : object)));
  const changes = await counted(repository, client);
  return {
    planAndApply,
    writing,
    second: second.seconds,
    secondRequests: second.requests,
    secondWrites: second.writes,
    // The App's, its namespace's and what every cluster has.
    kinds: new Set(objects.map((object) => object.kind)).size + 1,
    changed: objects.filter((_, index) => isChanged(index)).length,
    changedWrites: changes.writes,
  };
}

function changedObject(object: KubeObject): KubeObject {
  return { ...object, metadata: { ...object.metadata, annotations: { changed: 'yes' } } };
}

async function counted(
  repository: Repository,
  client: KubeClient,
): Promise<{ readonly seconds: number; readonly requests: number; readonly writes: number }> {
  const before = await requestsOf(client);
  const { seconds } = await repository.deliver();
  const verbs = requestsBetween(before, await requestsOf(client));
  process.stderr.write(`bench: requests ${JSON.stringify(Object.fromEntries(verbs))}\n`);
  const sum = (names: readonly string[]): number =>
    names.reduce((total, name) => total + (verbs.get(name) ?? 0), 0);
  const writes = sum(['APPLY', 'PATCH', 'PUT', 'POST', 'DELETE']);
  return { seconds, requests: writes + sum(['GET', 'LIST', 'dry-run']), writes };
}

/** KiB that each managed object costs when nothing changes, from two sizes: at the peak, and what a plan holds. */
export async function measureMemory(): Promise<{
  readonly built: number;
  readonly peak: number;
  readonly held: number;
}> {
  return await onServer('memory', async (folder, kubeconfig) => {
    const repository = new Repository(path.join(folder, 'fleet'), 'toryo', [{ name: 'lab', kubeconfig }]);
    const sizes = [];
    for (const size of [count, count * 5]) {
      repository.write(mixedObjects(size, 'toryo'));
      await repository.lock();
      await repository.deliver();
      sizes.push(plannedOnce(repository));
    }
    const [small, large] = sizes;
    if (small === undefined || large === undefined) throw new Error('nothing was measured');
    const more = large.objects - small.objects;
    const slope = (key: 'builtKiB' | 'peakKiB' | 'heldKiB'): number => (large[key] - small[key]) / more;
    return { built: slope('builtKiB'), peak: slope('peakKiB'), held: slope('heldKiB') };
  });
}

interface PlanMemory {
  readonly builtKiB: number;
  readonly peakKiB: number;
  readonly heldKiB: number;
  readonly objects: number;
  readonly unchanged: number;
}

function plannedOnce(repository: Repository): PlanMemory {
  const program = fileURLToPath(new URL('plan-once.ts', import.meta.url));
  const done = spawnSync(process.execPath, ['--expose-gc', program, repository.root], {
    encoding: 'utf8',
    env: repository.env,
  });
  if (done.status !== 0) throw new Error(done.stderr);
  const one: PlanMemory = JSON.parse(done.stdout);
  if (one.unchanged !== one.objects) throw new Error(`${one.objects - one.unchanged} objects would change`);
  return one;
}
