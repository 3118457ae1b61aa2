/** RFC 3339, UTC. A pure room gets it from World.at, never from a clock. */
export type Instant = string;

/** One thing that happened, in one closed shape: the live view, `-o jsonl` and log lines are renderings of it. */
export interface Event {
  readonly at: Instant;
  readonly cluster?: string;
  /** What it is about: `Deployment/shop-web/web`, `App/shop/web`, `assets/kube-apiserver`. */
  readonly subject: string;
  /** What is being done: `apply`, `wait`, `build`, `start`. */
  readonly verb: string;
  readonly state: 'started' | 'progress' | 'waiting' | 'done' | 'failed';
  readonly why?: string;
  readonly done?: number;
  readonly of?: number;
}

/** All that an impure function gets from outside besides its ports. */
export interface Run {
  readonly signal: AbortSignal;
  now(): Instant;
  emit(event: Event): void;
}

/** An event without its time, which emitting fills in. */
export type Happening = Omit<Event, 'at'>;

/** Emits what happened, stamped with the run's clock. */
export function tell(run: Run, happening: Happening): void {
  run.emit({ at: run.now(), ...happening });
}
