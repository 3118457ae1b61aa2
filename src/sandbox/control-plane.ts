import { ensureAsset, type AssetName, type Environment } from '../assets/index.ts';
import { tell, type Run } from '../lib/index.ts';
import { Api, untilReady } from './api.ts';
import {
  componentKubeconfig,
  componentsOf,
  configurationOf,
  type Component,
  type ComponentName,
} from './component.ts';
import { makeFolder, textOf, writeWhole, type ClusterFolder } from './folder.ts';
import { makePki, writeKubeconfig } from './pki.ts';
import { freePort } from './port.ts';
import { endLives, recordedLives } from './program.ts';
import type { SandboxSpec } from './shape.ts';
import { stagesFor } from './stages.ts';
import { Watchdog, type ComponentState } from './watchdog.ts';

/** What a control plane is started with. */
export interface Start {
  readonly folder: ClusterFolder;
  readonly run: Run;
  readonly env: Environment;
  readonly onChange: () => Promise<void>;
}

/** The programs of one cluster: started in order, kept running, stopped in the opposite order. */
export class ControlPlane {
  readonly #start: Start;
  readonly #watchdogs = new Map<ComponentName, Watchdog>();
  #spec: SandboxSpec;
  #programs: ReadonlyMap<AssetName, string> = new Map();
  #port = 0;
  #api: Api | undefined;

  constructor(spec: SandboxSpec, start: Start) {
    this.#spec = spec;
    this.#start = start;
  }

  get server(): string {
    return `https://127.0.0.1:${this.#port}`;
  }

  /** A client with the stand-ins' certificate; there from the start of the API server on. */
  get api(): Api {
    if (this.#api === undefined) throw new Error('the API server was not started');
    return this.#api;
  }

  get states(): readonly ComponentState[] {
    return [...this.#watchdogs.values()].map((watchdog) => watchdog.state);
  }

  /** Writes every file, starts every program and waits until the API server is ready. */
  async start(): Promise<void> {
    const { folder } = this.#start;
    await makeFolder(folder);
    await endLives(await recordedLives(folder.root, 'lives.json'));
    this.#programs = await this.#findPrograms();
    await makePki(folder, this.#spec.name);
    for (const [path, text] of configurationOf(folder)) await writeWhole(path, text);
    await this.#launch('etcd');
    await this.#startServer();
    for (const watchdog of this.#watchdogs.values()) watchdog.guard();
    await this.#startRest();
  }

  /** Restarts what the new spec changes: the server and its controllers for a version, kwok for images. */
  async change(spec: SandboxSpec): Promise<void> {
    const before = this.#spec;
    this.#spec = spec;
    if (before.version !== spec.version) {
      await this.#stopNamed(['scheduler', 'controller-manager']);
      await this.#stopNamed(['apiserver']);
      await this.#launch('apiserver');
      await this.#untilReady();
      this.#watchdogs.get('apiserver')?.guard();
    }
    if (JSON.stringify(before.images) !== JSON.stringify(spec.images)) await this.#stopNamed(['kwok']);
    await this.#startRest();
  }

  /** Ends every program; resolves when all are gone. */
  async stop(): Promise<void> {
    await this.#stopNamed(['kwok', 'scheduler', 'controller-manager']);
    await this.#stopNamed(['apiserver']);
    await this.#stopNamed(['etcd']);
    await this.#api?.close().catch(() => undefined);
  }

  async #findPrograms(): Promise<ReadonlyMap<AssetName, string>> {
    const { run, env, folder } = this.#start;
    const names = componentsOf(this.#spec, folder, 0).map((component) => component.program);
    const paths = await Promise.all(
      names.map(async (name) => [name, await ensureAsset(name, run, env)] as const),
    );
    return new Map(paths);
  }

  /** The port was free when it was chosen; when somebody has taken it since, another is tried. */
  async #startServer(): Promise<void> {
    const { folder } = this.#start;
    const known = Number((await textOf(folder.file('port'))) ?? 0);
    for (let attempt = 1; ; attempt += 1) {
      this.#port = await freePort(attempt === 1 ? known : 0);
      await this.#writeAccess();
      await this.#launch('apiserver');
      try {
        await this.#untilReady();
        await writeWhole(folder.file('port'), String(this.#port));
        return;
      } catch (error) {
        const isTaken = error instanceof Error && error.message.includes('address already in use');
        if (!isTaken || attempt === 5) throw error;
        await this.#stopNamed(['apiserver']);
      }
    }
  }

  async #writeAccess(): Promise<void> {
    const { folder, run } = this.#start;
    const at = { server: this.server, cluster: this.#spec.name };
    for (const client of ['controller-manager', 'scheduler', 'kwok'])
      await writeKubeconfig(folder, client, { ...at, path: componentKubeconfig(folder, client) });
    await writeKubeconfig(folder, 'admin', { ...at, path: folder.kubeconfig });
    await this.#api?.close();
    this.#api = await Api.open(folder, 'stand-ins', this.server, run);
  }

  async #untilReady(): Promise<void> {
    const servers = ['etcd', 'apiserver'] as const;
    const late = Date.now() + 120_000;
    const give = async (): Promise<void> => {
      for (const name of servers) await this.#watchdogs.get(name)?.assertRunning();
      if (Date.now() > late) throw new Error('the API server was not ready within 120 s');
    };
    const { folder, run } = this.#start;
    await untilReady(folder, this.server, run.signal, give);
  }

  async #startRest(): Promise<void> {
    const { folder } = this.#start;
    await writeWhole(folder.file('kwok.yaml'), await stagesFor(this.#spec.images));
    for (const { name } of componentsOf(this.#spec, folder, this.#port)) {
      if (this.#watchdogs.has(name)) continue;
      await this.#launch(name);
      this.#watchdogs.get(name)?.guard();
    }
  }

  async #launch(name: ComponentName): Promise<void> {
    const { folder, run, onChange } = this.#start;
    const component = this.#component(name);
    const path = this.#programs.get(component.program) ?? component.program;
    const call = { path, args: component.args, cwd: folder.root, log: folder.log(name) };
    const prepare = name === 'kwok' ? { prepare: () => this.#freeLeases() } : {};
    const cluster = this.#spec.name;
    const onRecord = async (): Promise<void> => {
      await this.#record();
      await onChange();
    };
    this.#watchdogs.set(
      name,
      await Watchdog.start(name, { ...call, ...prepare }, { cluster, run, onChange: onRecord }),
    );
    await onRecord();
    tell(run, { cluster, subject: `sandbox/${name}`, verb: 'start', state: 'progress' });
  }

  /** A kwok that was killed holds its nodes for 40 s, during which the next one would play nothing. */
  async #freeLeases(): Promise<void> {
    const path = '/apis/coordination.k8s.io/v1/namespaces/kube-node-lease/leases';
    await this.api.call('DELETE', path).catch(() => undefined);
  }

  #component(name: ComponentName): Component {
    const all = componentsOf(this.#spec, this.#start.folder, this.#port);
    const found = all.find((component) => component.name === name);
    if (found === undefined) throw new Error(`this cluster has no ${name}`);
    return found;
  }

  async #stopNamed(names: readonly ComponentName[]): Promise<void> {
    await Promise.all(names.map(async (name) => this.#watchdogs.get(name)?.stop()));
    for (const name of names) this.#watchdogs.delete(name);
  }

  async #record(): Promise<void> {
    const lives = this.states.map((state) => state.life);
    await writeWhole(this.#start.folder.file('lives.json'), JSON.stringify(lives));
  }
}
