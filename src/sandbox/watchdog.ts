import { setTimeout as sleep } from 'node:timers/promises';
import { reasonOf, tell, type Instant, type Run } from '../lib/index.ts';
import type { Life } from '../assets/index.ts';
import type { ComponentName } from './component.ts';
import { lastWords, Program, type Call } from './program.ts';

/** How one component is doing. */
export interface ComponentState {
  readonly name: ComponentName;
  readonly life: Life;
  readonly since: Instant;
  readonly restarts: number;
  readonly isRunning: boolean;
  /** How it ended the last time. */
  readonly ended?: string;
}

/** Whom a watchdog tells. */
export interface Watch {
  readonly cluster: string;
  readonly run: Run;
  /** Called after every change of state. */
  readonly onChange: () => Promise<void>;
}

/** Keeps one component running: what ends without being asked to is started again, later each time, and reported. */
export class Watchdog {
  readonly name: ComponentName;
  #call: Call;
  #program: Program;
  #state: ComponentState;
  readonly #watch: Watch;
  readonly #stopping = new AbortController();
  #guarding: Promise<void> = Promise.resolve();

  private constructor(name: ComponentName, call: Call, program: Program, watch: Watch) {
    this.name = name;
    this.#call = call;
    this.#program = program;
    this.#watch = watch;
    this.#state = { name, life: program.life, since: watch.run.now(), restarts: 0, isRunning: true };
  }

  /** Starts the component; it is not restarted before `guard`. */
  static async start(name: ComponentName, call: Call, watch: Watch): Promise<Watchdog> {
    return new Watchdog(name, call, await Program.start(call), watch);
  }

  get state(): ComponentState {
    return { ...this.#state, isRunning: this.#program.isRunning };
  }

  /** Throws when it has ended, with its last words. */
  async assertRunning(): Promise<void> {
    if (!this.#program.isRunning) throw new Error(await this.epitaph());
  }

  /** Why it ended: its last words. */
  async epitaph(): Promise<string> {
    const ended = await this.#program.ended;
    const words = await lastWords(this.#call.log, 4);
    return `${this.name} ended (${ended}); its last words, of ${this.#call.log}:\n${words.join('\n')}`;
  }

  /** From now on an end that was not asked for is followed by a new start. */
  guard(): void {
    this.#guarding = this.#keepRunning();
  }

  /** Ends it, for good. */
  async stop(grace?: number): Promise<void> {
    this.#stopping.abort();
    await this.#program.stop(grace);
    await this.#guarding;
    await this.#program.stop(grace);
  }

  async #keepRunning(): Promise<void> {
    const { signal } = this.#stopping;
    let wait = 200;
    for (;;) {
      const began = Date.now();
      const ended = await this.#program.ended;
      if (signal.aborted) return;
      if (Date.now() - began > 60_000) wait = 200;
      const [line = ''] = await lastWords(this.#call.log, 1);
      await this.#report('failed', `ended (${ended}): ${line}`);
      await sleep(wait, undefined, { signal }).catch(() => undefined);
      if (signal.aborted) return;
      wait = Math.min(wait * 2, 10_000);
      await this.#startAgain(ended);
    }
  }

  async #startAgain(ended: string): Promise<void> {
    const { run } = this.#watch;
    this.#program = await Program.start(this.#call);
    const { restarts } = this.#state;
    this.#state = {
      ...this.#state,
      life: this.#program.life,
      since: run.now(),
      restarts: restarts + 1,
      ended,
    };
    await this.#report('done', `started again (${restarts + 1})`);
  }

  async #report(state: 'failed' | 'done', why: string): Promise<void> {
    const { run, cluster, onChange } = this.#watch;
    tell(run, { cluster, subject: `sandbox/${this.name}`, verb: 'restart', state, why });
    await onChange().catch((error: unknown) => {
      const why = reasonOf(error);
      tell(run, { cluster, subject: `sandbox/${this.name}`, verb: 'record', state: 'failed', why });
    });
  }
}
