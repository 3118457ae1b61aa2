import { tell, type Run } from '../lib/index.ts';
import type { Place } from './failures.ts';

/** After so long without an answer to anything people are told, in milliseconds. */
const quietTime = 5000;

/** A request under way: when it is given up at the latest, in milliseconds since 1970. */
export interface Waiting {
  until: number;
}

/** Tells once that a server does not answer while requests are under way, and again when it does. */
export class Quiet {
  readonly #place: Place;
  readonly #run: Run;
  readonly #waiting = new Set<Waiting>();
  #timer: NodeJS.Timeout | undefined;
  #isTold = false;

  constructor(place: Place, run: Run) {
    [this.#place, this.#run] = [place, run];
  }

  /** A request is sent. */
  begin(until: number): Waiting {
    const waiting = { until };
    this.#waiting.add(waiting);
    this.#timer ??= setTimeout(() => this.#tell(), quietTime).unref();
    return waiting;
  }

  /** It was answered, or is given up. */
  end(waiting: Waiting, isAnswered: boolean): void {
    this.#waiting.delete(waiting);
    if (this.#waiting.size === 0) {
      clearTimeout(this.#timer);
      this.#timer = undefined;
    } else if (isAnswered) this.#timer?.refresh();
    if (!isAnswered || !this.#isTold) return;
    this.#isTold = false;
    this.#emit({ state: 'done' });
  }

  #tell(): void {
    if (this.#isTold) return;
    this.#isTold = true;
    const latest = Math.max(...[...this.#waiting].map(({ until }) => until));
    const end = new Date(latest).toISOString().slice(11, 19);
    this.#emit({
      state: 'waiting',
      // When it ends comes first: a terminal may be narrow.
      why: `until ${end} UTC at the latest; no answer from ${this.#place.server} for ${quietTime / 1000} s`,
    });
  }

  #emit(happening: { readonly state: 'waiting' | 'done'; readonly why?: string }): void {
    tell(this.#run, { cluster: this.#place.cluster, subject: 'API server', verb: 'wait', ...happening });
  }
}
