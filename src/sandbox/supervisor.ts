import { appendFileSync } from 'node:fs';
import { ownLife } from '../assets/index.ts';
import { digestOf, isFailure, reasonOf, type Event, type Run } from '../lib/index.ts';
import { startCluster, type RunningCluster } from './cluster.ts';
import { folderAt, makeFolder } from './folder.ts';
import { readOrder, writeState, type Order, type SandboxPhase, type SandboxState } from './registry.ts';

/**
 * The program that watches over one cluster: `node supervisor.ts <folder>`. It starts what spec.json in the folder says,
 * follows it at SIGHUP, and ends everything at SIGTERM or SIGINT. It writes state.json and its log, and prints nothing.
 */
class Supervisor {
  readonly #root: string;
  readonly #stopping = new AbortController();
  readonly #run: Run;
  #cluster: RunningCluster | undefined;
  #state: SandboxState | undefined;
  #turn: Promise<void> = Promise.resolve();

  constructor(root: string) {
    this.#root = root;
    this.#run = {
      signal: this.#stopping.signal,
      now: () => new Date().toISOString(),
      emit: (event) => this.log(event),
    };
  }

  /** Starts the cluster, then stays until it is asked to end. */
  async start(): Promise<void> {
    await makeFolder(folderAt(this.#root));
    const order = await this.#order();
    for (const name of ['SIGTERM', 'SIGINT'] as const) process.on(name, () => this.#stopping.abort());
    process.on('SIGHUP', () => this.#next(() => this.#change()));
    this.#stopping.signal.addEventListener('abort', () => this.#next(() => this.#stop()));
    this.#next(() => this.#begin(order));
    await this.#turn;
  }

  /** Appends what happened to the log. */
  log(event: Event | { readonly at: string; readonly why: string }): void {
    appendFileSync(folderAt(this.#root).log('supervisor'), `${JSON.stringify(event)}\n`);
  }

  #next(step: () => Promise<void>): void {
    this.#turn = this.#turn.then(step).catch((error: unknown) => {
      this.log({ at: this.#run.now(), why: reasonOf(error) });
    });
  }

  async #begin(order: Order): Promise<void> {
    if (this.#run.signal.aborted) return;
    await this.#write('starting', order);
    try {
      this.#cluster = await startCluster(order.spec, this.#root, this.#run, {
        env: process.env,
        subnet: order.subnet,
        onChange: () => this.#refresh(),
      });
      await this.#write('ready', order);
    } catch (error) {
      await this.#write('failed', order, whyOf(error));
    }
  }

  async #change(): Promise<void> {
    if (this.#cluster === undefined || this.#run.signal.aborted) return;
    const order = await this.#order();
    await this.#write('changing', order);
    try {
      await this.#cluster.change(order.spec);
      await this.#write('ready', order);
    } catch (error) {
      await this.#write('failed', order, whyOf(error));
    }
  }

  async #stop(): Promise<void> {
    if (this.#state !== undefined) await this.#put({ ...this.#state, phase: 'stopping' });
    await this.#cluster?.stop();
    this.#cluster = undefined;
  }

  async #order(): Promise<Order> {
    const order = await readOrder(this.#root);
    if (order === undefined) throw new Error(`${this.#root}/spec.json cannot be read`);
    return order;
  }

  async #write(phase: SandboxPhase, { spec }: Order, why?: string): Promise<void> {
    await this.#put({
      name: spec.name,
      phase,
      since: this.#run.now(),
      spec,
      applied: digestOf(spec),
      server: this.#cluster?.server ?? '',
      kubeconfig: folderAt(this.#root).kubeconfig,
      supervisor: await ownLife(),
      components: this.#cluster?.components ?? [],
      ...(why === undefined ? {} : { why }),
    });
  }

  async #refresh(): Promise<void> {
    if (this.#state === undefined || this.#cluster === undefined) return;
    await this.#put({ ...this.#state, components: this.#cluster.components });
  }

  async #put(state: SandboxState): Promise<void> {
    this.#state = state;
    await writeState(this.#root, state);
  }
}

/** Why the cluster is not what was wanted; its reader names the cluster itself. */
function whyOf(error: unknown): string {
  return isFailure(error, 'TORYO_SANDBOX') ? String(error.details['why']) : reasonOf(error);
}

const root = process.argv[2];
if (root !== undefined) {
  const supervisor = new Supervisor(root);
  const note = (error: unknown): void => {
    supervisor.log({ at: new Date().toISOString(), why: `unexpected: ${reasonOf(error)}` });
  };
  process.on('uncaughtException', note);
  process.on('unhandledRejection', note);
  await supervisor.start();
}
