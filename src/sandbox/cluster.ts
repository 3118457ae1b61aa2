import { setTimeout as sleep } from 'node:timers/promises';
import type { Environment } from '../assets/index.ts';
import { failure, isDnsLabel, isFailure, reasonOf, tell, type Run } from '../lib/index.ts';
import { ControlPlane } from './control-plane.ts';
import { Egress } from './egress.ts';
import { folderAt, makeFolder, type ClusterFolder } from './folder.ts';
import { syncNodes } from './nodes.ts';
import type { SandboxSpec } from './shape.ts';
import { StandIns } from './stand-ins.ts';
import type { ComponentState } from './watchdog.ts';

/** A cluster whose programs are children of this one. */
export interface RunningCluster {
  readonly name: string;
  /** `https://127.0.0.1:<port>`. */
  readonly server: string;
  /** Path of the admin's kubeconfig. */
  readonly kubeconfig: string;
  readonly components: readonly ComponentState[];
  /** Makes the running cluster what the spec says: nodes, images, version (the control plane restarts on the same etcd). */
  change(spec: SandboxSpec): Promise<void>;
  /** Ends every program; resolves when all are gone. The folder stays. */
  stop(): Promise<void>;
}

/** What starting a cluster may be given besides. */
export interface StartOptions {
  readonly env?: Environment;
  /** 1 to 254: nodes and load balancers of this cluster have addresses in 127.<subnet>/16. */
  readonly subnet?: number;
  /** Called when a component has started or ended. */
  readonly onChange?: () => Promise<void>;
}

/**
 * Starts a cluster in that folder as children of this program and waits until it is usable: /readyz, nodes, and the
 * service account that pods need. Throws TORYO_SANDBOX with the last log lines of what died; then nothing is left running.
 */
export async function startCluster(
  spec: SandboxSpec,
  folder: string,
  run: Run,
  options: StartOptions = {},
): Promise<RunningCluster> {
  if (!isDnsLabel(spec.name))
    throw failure('TORYO_SANDBOX', { name: spec.name, why: 'the name is no DNS label' });
  const cluster = new Cluster(spec, folderAt(folder), run, options);
  const about = { cluster: spec.name, subject: `sandbox/${spec.name}`, verb: 'start' };
  tell(run, { ...about, state: 'started' });
  try {
    await cluster.start();
  } catch (error) {
    await cluster.stop();
    tell(run, { ...about, state: 'failed', why: reasonOf(error) });
    if (run.signal.aborted)
      throw failure('TORYO_INTERRUPTED', { what: `starting sandbox cluster ${spec.name}` });
    if (isFailure(error)) throw error;
    throw failure('TORYO_SANDBOX', { name: spec.name, why: reasonOf(error) }, { cause: error });
  }
  tell(run, { ...about, state: 'done' });
  return cluster;
}

class Cluster implements RunningCluster {
  readonly name: string;
  readonly #folder: ClusterFolder;
  readonly #run: Run;
  readonly #subnet: number;
  readonly #plane: ControlPlane;
  #spec: SandboxSpec;
  #egress: Egress | undefined;
  #standIns: StandIns | undefined;

  constructor(spec: SandboxSpec, folder: ClusterFolder, run: Run, options: StartOptions) {
    this.name = spec.name;
    this.#spec = spec;
    this.#folder = folder;
    this.#run = run;
    this.#subnet = options.subnet ?? 1;
    const onChange = options.onChange ?? (() => Promise.resolve());
    this.#plane = new ControlPlane(spec, { folder, run, env: options.env ?? process.env, onChange });
  }

  get server(): string {
    return this.#plane.server;
  }

  get kubeconfig(): string {
    return this.#folder.kubeconfig;
  }

  get components(): readonly ComponentState[] {
    return this.#plane.states;
  }

  async start(): Promise<void> {
    await makeFolder(this.#folder);
    this.#egress = await Egress.open(this.#folder, (host) => this.#standIns?.answer(host));
    await this.#plane.start();
    if (this.#spec.components === 'server') return;
    const { api } = this.#plane;
    this.#standIns = await StandIns.start({ api, folder: this.#folder, subnet: this.#subnet });
    await syncNodes(api, this.#spec, this.#subnet);
    await this.#untilPodsCanBe();
  }

  async change(spec: SandboxSpec): Promise<void> {
    this.#spec = spec;
    await this.#plane.change(spec);
    if (spec.components === 'server') return;
    await syncNodes(this.#plane.api, spec, this.#subnet);
  }

  async stop(): Promise<void> {
    try {
      await this.#standIns?.stop();
    } finally {
      await this.#plane.stop();
      await this.#egress?.close();
      this.#egress = undefined;
    }
  }

  /** A pod is refused until its namespace's service account is there. */
  async #untilPodsCanBe(): Promise<void> {
    const path = '/api/v1/namespaces/default/serviceaccounts/default';
    for (let tries = 0; tries < 600; tries += 1) {
      const answer = await this.#plane.api.call('GET', path);
      if (answer.status === 200) return;
      await sleep(50, undefined, { signal: this.#run.signal });
    }
    throw new Error('the controllers did not make the default service account within 30 s');
  }
}
