import { spawn } from 'node:child_process';
import { mkdir, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import { accessOf, openClient, readKubeconfig, type KubeClient } from '../../src/kube/index.ts';
import type { Event, Run } from '../../src/lib/index.ts';
import type { KubeObject, Ref } from '../../src/objects/index.ts';
import { nodesFor, startCluster, type RunningCluster, type SandboxSpec } from '../../src/sandbox/index.ts';

const program = fileURLToPath(new URL('../../bin/toryo', import.meta.url));

/** What a program said and how it ended. */
export interface Answer {
  /** Exit code; null after a signal. */
  readonly code: number | null;
  readonly out: string;
  readonly err: string;
  /** Both, in that order. */
  readonly all: string;
}

/** A program that was started. */
export interface Running {
  readonly pid: number;
  readonly ended: Promise<Answer>;
  /** What it has written so far. */
  said(): string;
  kill(signal: NodeJS.Signals): void;
}

/** A run that keeps its events. */
export function testRun(): Run & { readonly events: readonly Event[] } {
  const events: Event[] = [];
  return {
    signal: new AbortController().signal,
    now: () => new Date().toISOString(),
    emit: (event) => void events.push(event),
    events,
  };
}

/** One real cluster, and a client with all rights. */
export interface TestCluster {
  readonly running: RunningCluster;
  readonly client: KubeClient;
}

/** Real clusters, a fleet repository and a kubeconfig in one folder that goes with them. */
export class Bench {
  readonly folder: string;
  readonly #clusters = new Map<string, TestCluster>();
  #env: NodeJS.ProcessEnv;

  private constructor(folder: string) {
    this.folder = folder;
    this.#env = {
      ...process.env,
      KUBECONFIG: join(folder, 'kubeconfig'),
      TORYO_STATE: join(folder, 'state'),
    };
  }

  /** Starts clusters side by side; each is a context of its name in the kubeconfig. */
  static async start(...specs: readonly SandboxSpec[]): Promise<Bench> {
    const bench = new Bench(await mkdtemp(join(tmpdir(), 'toryo-e2e-')));
    try {
      await Promise.all(specs.map((spec, index) => bench.#startOne(spec, index)));
      await bench.useContexts(Object.fromEntries(specs.map(({ name }) => [name, name])));
    } catch (error) {
      await bench.stop();
      throw error;
    }
    return bench;
  }

  async #startOne(spec: SandboxSpec, index: number): Promise<void> {
    const subnet = 100 + ((process.pid + index) % 150);
    const running = await startCluster(spec, join(this.folder, `cluster-${spec.name}`), testRun(), {
      subnet,
    });
    const access = accessOf(await readKubeconfig([running.kubeconfig]));
    this.#clusters.set(spec.name, { running, client: openClient({ ...access, name: spec.name }, testRun()) });
  }

  get root(): string {
    return join(this.folder, 'fleet');
  }

  get env(): NodeJS.ProcessEnv {
    return this.#env;
  }

  cluster(name: string): TestCluster {
    const found = this.#clusters.get(name);
    if (found === undefined) throw new Error(`no cluster ${name}`);
    return found;
  }

  client(name = 'lab'): KubeClient {
    return this.cluster(name).client;
  }

  /** Writes the kubeconfig: context -> cluster that it points at; `change` alters cluster and user of each. */
  async useContexts(
    contexts: Readonly<Record<string, string>>,
    change: (
      context: string,
      cluster: Record<string, unknown>,
      user: Record<string, unknown>,
    ) => void = () => {},
  ): Promise<void> {
    const parts = await Promise.all(
      Object.entries(contexts).map(async ([context, name]) => {
        const access = accessOf(await readKubeconfig([this.cluster(name).running.kubeconfig]));
        const base64 = (text: unknown): string => Buffer.from(String(text)).toString('base64');
        const cluster = { server: access.server, 'certificate-authority-data': base64(access.ca) };
        const user = {
          'client-certificate-data': base64(access.certificate),
          'client-key-data': base64(access.key),
        };
        change(context, cluster, user);
        return { name: context, cluster, user };
      }),
    );
    const config = {
      apiVersion: 'v1',
      kind: 'Config',
      clusters: parts.map(({ name, cluster }) => ({ name, cluster })),
      users: parts.map(({ name, user }) => ({ name, user })),
      contexts: parts.map(({ name }) => ({ name, context: { cluster: name, user: name } })),
    };
    await writeFile(join(this.folder, 'kubeconfig'), JSON.stringify(config));
  }

  /** Writes files of the fleet repository; undefined removes one. */
  async write(files: Readonly<Record<string, string | undefined>>): Promise<void> {
    for (const [file, text] of Object.entries(files)) {
      const path = join(this.root, file);
      await mkdir(dirname(path), { recursive: true });
      if (text === undefined) await rm(path, { force: true });
      else await writeFile(path, text);
    }
  }

  /** Begins with an empty fleet repository. */
  async clearFleet(): Promise<void> {
    await rm(this.root, { recursive: true, force: true });
  }

  /** Replaces text in a file of the fleet repository. */
  async edit(file: string, from: string, to: string): Promise<void> {
    const text = await readFile(join(this.root, file), 'utf8');
    if (!text.includes(from)) throw new Error(`${file} has no ${from}`);
    await this.write({ [file]: text.replace(from, to) });
  }

  /** Starts `toryo` as users do. */
  launch(verb: string, ...words: readonly string[]): Running {
    return launch(program, [verb, this.root, ...words], this.#env);
  }

  /** Runs `toryo` with just these words. */
  run(...words: readonly string[]): Promise<Answer> {
    return launch(program, words, this.#env).ended;
  }

  /** Runs `toryo` on the fleet repository as users do. */
  toryo(verb: string, ...words: readonly string[]): Promise<Answer> {
    return this.launch(verb, ...words).ended;
  }

  /** Runs kubectl as an admin of that cluster. */
  kubectl(
    cluster: string,
    words: readonly string[],
    input?: string,
    env: NodeJS.ProcessEnv = {},
  ): Promise<Answer> {
    const { kubeconfig } = this.cluster(cluster).running;
    return launch('kubectl', ['--kubeconfig', kubeconfig, ...words], { ...this.#env, ...env }, input).ended;
  }

  /** Requests that wrote something since `before` was asked, as `APPLY configmaps`; what the cluster's own parts write is left out. */
  async writes(
    cluster = 'lab',
    before: ReadonlyMap<string, number> = new Map(),
  ): Promise<ReadonlyMap<string, number>> {
    const { text } = await this.client(cluster).raw('GET', '/metrics', { accept: 'text/plain' });
    return new Map(
      [...countWrites(text)]
        .map(([what, count]) => [what, count - (before.get(what) ?? 0)] as const)
        .filter(([, count]) => count > 0),
    );
  }

  async stop(): Promise<void> {
    if (this.#clusters.size === 0) await this.run('sandbox', 'down', '--all');
    await Promise.allSettled([...this.#clusters.values()].map(({ client }) => client.close()));
    await Promise.allSettled([...this.#clusters.values()].map(({ running }) => running.stop()));
    await rm(this.folder, { recursive: true, force: true, maxRetries: 5 });
  }
}

function launch(command: string, words: readonly string[], env: NodeJS.ProcessEnv, input?: string): Running {
  const child = spawn(command, words, { env: { ...env, NO_COLOR: '1' }, stdio: ['pipe', 'pipe', 'pipe'] });
  let out = '';
  let err = '';
  child.stdout.setEncoding('utf8').on('data', (text: string) => (out += text));
  child.stderr.setEncoding('utf8').on('data', (text: string) => (err += text));
  child.stdin.on('error', () => {}).end(input ?? '');
  const ended = new Promise<Answer>((resolve, reject) => {
    child.on('error', reject);
    child.on('close', (code) => resolve({ code, out, err, all: out + err }));
  });
  return { pid: child.pid ?? 0, ended, said: () => out + err, kill: (signal) => void child.kill(signal) };
}

const ownWork =
  /^(leases|nodes|events|endpoints|endpointslices|replicasets|pods|subjectaccessreviews|tokenreviews|serviceaccounts)$/;

function countWrites(metrics: string): ReadonlyMap<string, number> {
  const counts = new Map<string, number>();
  for (const line of metrics.split('\n')) {
    if (!line.startsWith('apiserver_request_total{')) continue;
    const label = (name: string): string => new RegExp(`[{,]${name}="([^"]*)"`).exec(line)?.[1] ?? '';
    const [verb, resource] = [label('verb'), label('resource')];
    const isWrite =
      /^(APPLY|PATCH|PUT|POST|DELETE|DELETECOLLECTION)$/.test(verb) && label('code').startsWith('2');
    if (!isWrite || label('dry_run') !== '' || label('subresource') !== '' || ownWork.test(resource))
      continue;
    const what = `${verb} ${resource}`;
    counts.set(what, (counts.get(what) ?? 0) + Number(line.slice(line.lastIndexOf(' ') + 1)));
  }
  return counts;
}

/** Nodes on which some hundred small pods find room. */
export const someNodes = nodesFor(
  [{ name: 'general', count: 2, instanceType: 'm6i.4xlarge', cpu: '16', memory: '64Gi', pods: 200 }],
  { zones: ['a'] },
);

/** Asks again until the answer is the wanted one. */
export async function until<T>(
  ask: () => Promise<T>,
  wanted: (answer: T) => boolean,
  seconds = 30,
): Promise<T> {
  const late = Date.now() + seconds * 1000;
  for (;;) {
    const answer = await ask();
    if (wanted(answer)) return answer;
    if (Date.now() > late) throw new Error(`not within ${seconds} s: ${JSON.stringify(answer)}`);
    await sleep(100);
  }
}

/** A ref of a core kind in a namespace. */
export function core(kind: string, name: string, namespace?: string): Ref {
  return namespace === undefined ? { group: '', kind, name } : { group: '', kind, namespace, name };
}

/** A ConfigMap as an object. */
export function configMap(name: string, namespace: string, data: Record<string, string> = {}): KubeObject {
  return { apiVersion: 'v1', kind: 'ConfigMap', metadata: { name, namespace }, data };
}
