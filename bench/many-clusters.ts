import { mkdtempSync, rmSync } from 'node:fs';
import { freemem, tmpdir } from 'node:os';
import path from 'node:path';
import { accessOf, openClient, readKubeconfig } from '../src/kube/index.ts';
import { startCluster, type RunningCluster } from '../src/sandbox/index.ts';
import { makeNamespaces, runLoop } from './deliver.ts';
import { mixedObjects } from './mixed-objects.ts';
import { Repository, silent } from './repository.ts';

/** Seconds that many clusters took side by side. */
export interface ManyClusters {
  readonly clusters: number;
  readonly objects: number;
  readonly bareLoop: number;
  readonly planAndApply: number;
  readonly writing: number;
  readonly second: number;
}

const perCluster = 300;
const bytesPerServer = 600e6;
/** Starting one keeps a processor busy: more at once only wait for each other. */
const startedAtOnce = 4;

/** Delivers 300 objects to each of 20 clusters in one run, after a bare loop did on the same ones; to 10 where memory is short. */
export async function measureMany(): Promise<ManyClusters> {
  const clusters = freemem() > 20 * bytesPerServer ? 20 : 10;
  const folder = mkdtempSync(path.join(tmpdir(), 'toryo-bench-'));
  const running: { readonly name: string; readonly cluster: RunningCluster }[] = [];
  try {
    const names = Array.from({ length: clusters }, (_, index) => `c${index}`);
    const start = async (): Promise<void> => {
      for (let name = names.shift(); name !== undefined; name = names.shift()) {
        const spec = { name, components: 'server' as const };
        const cluster = await startCluster(spec, path.join(folder, name), silent, { env: process.env });
        running.push({ name, cluster });
      }
    };
    await Promise.all(Array.from({ length: startedAtOnce }, start));
    return await measureOn(running, folder);
  } finally {
    await Promise.all(running.map(({ cluster }) => cluster.stop()));
    rmSync(folder, { recursive: true, force: true });
  }
}

// Without controllers no Deployment becomes healthy.
const objectsIn = (namespace: string): ReturnType<typeof mixedObjects> =>
  mixedObjects(perCluster * 2, namespace)
    .filter((object) => object.kind !== 'Deployment')
    .slice(0, perCluster);

async function measureOn(
  running: readonly { readonly name: string; readonly cluster: RunningCluster }[],
  folder: string,
): Promise<ManyClusters> {
  const clients = await Promise.all(
    running.map(async ({ cluster }) =>
      openClient(accessOf(await readKubeconfig([cluster.kubeconfig])), silent),
    ),
  );
  await Promise.all(clients.map((client) => makeNamespaces(client, ['loop'])));
  const begun = performance.now();
  await Promise.all(clients.map((client) => runLoop(objectsIn('loop'), client)));
  const bareLoop = (performance.now() - begun) / 1000;
  await Promise.all(clients.map((client) => client.close()));
  const fleet = running.map(({ name, cluster }) => ({ name, kubeconfig: cluster.kubeconfig }));
  const repository = new Repository(path.join(folder, 'fleet'), 'toryo', fleet);
  repository.write(objectsIn('toryo'));
  await repository.lock();
  const { seconds: planAndApply, writing } = await repository.deliver();
  const { seconds: second } = await repository.deliver();
  return { clusters: running.length, objects: perCluster, bareLoop, planAndApply, writing, second };
}
