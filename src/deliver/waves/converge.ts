import { setTimeout as sleep } from 'node:timers/promises';
import { failure, isFailure, tell, type Instant, type Run } from '../../lib/index.ts';
import type { Campaign } from './campaign.ts';
import type { Delivered } from '../writing/delivered.ts';
import { Field } from './field.ts';
import { moveBack, moveForward } from './moving.ts';
import { decideWaves, type GateCall, type Judgement, type WaveDecision } from './waves-decide.ts';
import { resultsOf } from './results.ts';
import { askGates, listen, watchSoak } from './watching.ts';

/** How often to look whether somebody said something, or a cluster came back, in milliseconds. */
const longestPause = 5000;

/** Delivers wave by wave until nothing is left to do: the one loop of apply. */
export async function converge(campaign: Campaign, run: Run): Promise<readonly Delivered[]> {
  const field = new Field(campaign, run);
  try {
    await field.begin();
    return await new Loop(field, campaign, run).turn();
  } finally {
    await field.end();
  }
}

class Loop {
  readonly #field: Field;
  readonly #campaign: Campaign;
  readonly #run: Run;
  readonly #busy = new Map<string, Promise<void>>();
  readonly #told = new Set<string>();
  /** Clusters that are being asked what people said. */
  readonly #heard = new Set<string>();
  readonly #watchPause: number;
  #watched = performance.now();
  #failed: { readonly error: unknown } | undefined;

  constructor(field: Field, campaign: Campaign, run: Run) {
    [this.#field, this.#campaign, this.#run] = [field, campaign, run];
    const soaks = campaign.waves.map((wave) => wave.soak).filter((soak) => soak > 0);
    this.#watchPause = Math.min(longestPause, Math.max(200, Math.min(...soaks) / 4));
  }

  async turn(): Promise<readonly Delivered[]> {
    for (;;) {
      const decision = await this.#decide();
      this.#tell(decision);
      this.#start(decision);
      const isWaiting = this.#campaign.isPatient && (decision.wake !== undefined || this.#field.mayComeBack);
      if (this.#busy.size === 0 && (!isWaiting || this.#field.isWanted)) return this.#results(decision);
      await this.#pause(decision.wake);
      if (this.#failed !== undefined) throw this.#failed.error;
      await this.#watch(decision);
      for (const asked of this.#field.retry()) asked.catch((error: unknown) => (this.#failed ??= { error }));
    }
  }

  #results(decision: WaveDecision): readonly Delivered[] {
    return resultsOf(this.#campaign.bundles, decision, this.#field);
  }

  /** A soak is looked at several times, however short it is, and people are listened to while clusters move. */
  async #watch(decision: WaveDecision): Promise<void> {
    if (performance.now() - this.#watched < this.#watchPause) return;
    this.#watched = performance.now();
    for (const cluster of this.#busy.keys()) void this.#listen(cluster);
    if (decision.soaking.size > 0) await watchSoak(this.#field, decision.soaking);
  }

  /** Nobody waits for an answer, which may take minutes. */
  async #listen(cluster: string): Promise<void> {
    if (this.#heard.has(cluster)) return;
    this.#heard.add(cluster);
    try {
      await listen(this.#field, cluster);
    } catch (error) {
      this.#failed ??= { error };
    } finally {
      this.#heard.delete(cluster);
    }
  }

  async #decide(): Promise<WaveDecision> {
    const at = this.#run.now();
    const { elsewhere } = this.#campaign;
    const others = elsewhere?.standings ?? [];
    return decideWaves({
      at,
      waves: this.#campaign.waves,
      standings: [...this.#field.standings.all, ...others],
      elsewhere: new Set(others.map((one) => one.cluster)),
      needs: this.#campaign.needs,
      silent: new Map([...(elsewhere?.silent ?? []), ...this.#field.silences]),
      holds: await this.#field.holdsAt(at),
      mayReturn: this.#campaign.mayReturn,
      busy: new Set(this.#busy.keys()),
    });
  }

  #start(decision: WaveDecision): void {
    // Somebody with a newer commit waits: nothing is begun that they would have to wait for.
    if (this.#field.isWanted) return;
    for (const [cluster, owners] of decision.back)
      this.#work(cluster, () => moveBack(this.#field, cluster, owners, decision));
    if (this.#campaign.isOnlyBack === true) return;
    for (const [cluster, owners] of decision.open)
      if (!this.#busy.has(cluster)) this.#work(cluster, () => moveForward(this.#field, cluster, owners));
    for (const call of decision.gates) if (!this.#field.unanswered.has(call.wave)) this.#ask(call);
  }

  #work(cluster: string, work: () => Promise<void>): void {
    const done = work()
      .catch((error: unknown) => {
        if (this.#run.signal.aborted || !isFailure(error)) this.#failed ??= { error };
        else this.#field.giveUp(cluster, error);
      })
      .finally(() => this.#busy.delete(cluster));
    this.#busy.set(cluster, done);
  }

  #ask(call: GateCall): void {
    if (call.clusters.some((cluster) => this.#busy.has(cluster))) return;
    const asked = askGates(this.#field, call);
    for (const cluster of call.clusters) this.#work(cluster, () => asked);
  }

  async #pause(wake: Instant | undefined): Promise<void> {
    const left = wake === undefined ? Infinity : Date.parse(wake) - Date.parse(this.#run.now());
    const length = Math.max(50, Math.min(this.#watchPause, left));
    const pause = new AbortController();
    const timer = sleep(length, undefined, { signal: AbortSignal.any([this.#run.signal, pause.signal]) });
    try {
      await Promise.race([...this.#busy.values(), timer]);
    } catch (error) {
      if (!this.#run.signal.aborted) throw error;
      await Promise.allSettled(this.#busy.values());
      throw failure('TORYO_INTERRUPTED', { what: 'delivering' });
    } finally {
      pause.abort();
      await timer.catch(() => undefined);
    }
  }

  /** Says once what each wave is doing, and what it waits for. */
  #tell(decision: WaveDecision): void {
    for (const [wave, judgements] of Map.groupBy(decision.judgements, (one) => one.wave)) {
      const soaking = judgements.find((one) => one.state === 'soaking' || one.state === 'gate');
      const isDone = judgements.every((one) => one.state === 'done');
      const state = soaking === undefined ? (isDone ? 'done' : undefined) : 'waiting';
      if (state === undefined) continue;
      const why = soaking?.why;
      const line = `${wave} ${state} ${causeOf(soaking)}`;
      if (this.#told.has(line)) continue;
      this.#told.add(line);
      tell(this.#run, {
        subject: `wave/${wave}`,
        verb: 'deliver',
        state,
        ...(why === undefined ? {} : { why }),
      });
    }
  }
}

// How long it is until then changes while it is the same that is waited for.
function causeOf(waiting: Judgement | undefined): string {
  return waiting?.until ?? waiting?.why ?? '';
}
