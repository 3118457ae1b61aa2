import { setTimeout as sleep } from 'node:timers/promises';
import { failure, isFailure, tell, type Run, ToryoError } from '../../lib/index.ts';
import {
  healthOf,
  keyOf,
  ownerName,
  refFrom,
  refOf,
  titleOf,
  withoutManagedFields,
  withoutSecrets,
  type Health,
  type KubeObject,
  type Manifest,
  type RefKey,
} from '../../objects/index.ts';
import type { KubeClient } from '../../kube/index.ts';
import { readCause, writerOf, type Prediction } from '../../world/index.ts';
import { activeGate } from '../order/graph-guards.ts';
import type { Graph } from '../order/graph.ts';
import { isRefusal } from '../trouble.ts';
import { send } from './sending.ts';
import type { Patience } from './waiting.ts';
import { Queue, type Held } from './writing-queue.ts';
import { Readiness } from './writing-readiness.ts';

/** A write that did not happen, and why. */
export interface FailedWrite {
  readonly subject: string;
  /** Name of the owner of the object. */
  readonly owner: string;
  /** What became of the owner by that: it was refused or needs what was, or what it waits for did not become healthy. */
  readonly outcome: 'failed' | 'unhealthy' | 'timed-out';
  readonly error: ToryoError;
}

/** What was written: stored objects by key, and what was not. */
export interface Written {
  readonly stored: ReadonlyMap<RefKey, KubeObject>;
  /** What the server refused, then what was held because of that or for want of something healthy (TORYO_NOT_WRITTEN). */
  readonly failures: readonly FailedWrite[];
  /** Objects of which nobody wrote a status in the time for it. */
  readonly unsure: ReadonlySet<RefKey>;
  /** Milliseconds in which nothing could be done but wait. */
  readonly waited: number;
}

/** A cluster that is being written to. */
export interface Desk {
  readonly client: KubeClient;
  readonly fleet: string;
  /** What was predicted, by key: that is what is written. */
  readonly predicted: ReadonlyMap<RefKey, Prediction>;
  readonly run: Run;
  readonly patience: Patience;
  /** Whether policies are active, which pods and Services wait for. */
  readonly guards: { health(): Promise<Health> };
  /** An object that is not to be written, as it is there. */
  readonly live: (key: RefKey) => KubeObject | undefined;
  /** True when somebody else has better work for this cluster: waiting ends. */
  readonly isOver: () => boolean;
  /** Throws when the right to write was lost. */
  readonly check: () => void;
  /** Told after each write: how many are done. */
  readonly progress: () => void;
}

/** New rights reach the API server's authorizer a moment after they are stored, and all rights a moment after it was started. */
const rightsPause = 100;
const rightsTries = 50;
/** Twice what the client's gate lets through: it never runs dry, and what comes free goes before what waits here. */
const lanes = 64;
/** While nothing happens, whether to go on waiting is asked this often, in milliseconds. */
const lookPause = 1000;
/** Of so many objects that did not become healthy the cause is asked for. */
const explainedMost = 20;

/** Writes manifests, each as soon as all that it waits for is there; what is not among them is there already. */
export function write(manifests: readonly Manifest[], graph: Graph, desk: Desk): Promise<Written> {
  return new Writer(manifests, graph, desk).run();
}

class Writer {
  readonly #desk: Desk;
  readonly #graph: Graph;
  readonly #manifests: ReadonlyMap<RefKey, Manifest>;
  readonly #queue: Queue;
  readonly #readiness: Readiness;
  readonly #stored = new Map<RefKey, KubeObject>();
  readonly #failures: FailedWrite[] = [];
  readonly #unsure = new Set<RefKey>();
  #waited = 0;
  #writing = 0;
  #asking = 0;
  #broken: { readonly error: unknown } | undefined;
  #explained = 0;
  #ring: () => void = () => {};

  constructor(manifests: readonly Manifest[], graph: Graph, desk: Desk) {
    this.#desk = desk;
    this.#graph = graph;
    this.#manifests = new Map(manifests.map((manifest) => [keyOf(refOf(manifest.object)), manifest]));
    this.#queue = new Queue(graph, new Set(this.#manifests.keys()));
    this.#readiness = new Readiness({ ...desk, quiet: desk.patience.quiet }, graph.objects);
  }

  async run(): Promise<Written> {
    for (;;) {
      if (this.#broken === undefined) this.#begin();
      else this.#readiness.giveUp();
      if (this.#writing + this.#asking === 0) break;
      await this.#turn();
    }
    if (this.#broken !== undefined) throw this.#broken.error;
    const failures = [...this.#failures, ...this.#heldFailures()];
    return { stored: this.#stored, failures, unsure: this.#unsure, waited: this.#waited };
  }

  #begin(): void {
    for (const key of this.#queue.takeAwaited()) this.#ask(key);
    while (this.#writing < lanes) {
      const manifest = this.#manifests.get(this.#queue.take() ?? '');
      if (manifest === undefined) return;
      this.#writing += 1;
      void this.#write(manifest).finally(() => {
        this.#writing -= 1;
        this.#ring();
      });
    }
  }

  /** Until something has happened. The time counts when nothing is being written, and when patience ends it is over. */
  async #turn(): Promise<void> {
    const begun = performance.now();
    const isIdle = this.#writing === 0;
    const left = this.#desk.patience.timeout - this.#waited;
    if (isIdle) this.#tell();
    if (isIdle && (left <= 0 || this.#desk.isOver())) this.#readiness.giveUp();
    const pause = left > 0 ? Math.min(left, lookPause) : lookPause;
    await new Promise<void>((ring) => {
      const timer = setTimeout(ring, pause);
      this.#ring = () => {
        clearTimeout(timer);
        ring();
      };
    });
    if (isIdle) this.#waited += performance.now() - begun;
  }

  #tell(): void {
    const { first } = this.#readiness;
    const waiter = first === undefined ? undefined : this.#queue.waiterFor(keyOf(refOf(first)));
    if (first === undefined || waiter === undefined) return;
    const why = `${this.#graph.why(waiter) ?? ''}; ${titleOf(refOf(first))}: ${healthOf(first).why}`;
    // Told again and again: whoever shows it may have left this out between two lines.
    tell(this.#desk.run, {
      cluster: this.#desk.client.cluster,
      subject: titleOfKey(waiter),
      verb: 'apply',
      state: 'waiting',
      why,
    });
  }

  #ask(key: RefKey): void {
    if (key === activeGate) return this.#await(this.#askGuards());
    const stored = this.#stored.get(key);
    const object = stored ?? this.#desk.live(key);
    // It was there, has done its work and removed itself.
    if (object === undefined) return this.#queue.ready(key);
    this.#await(
      this.#readiness.of(object, stored !== undefined).then((health) => this.#judge(object, health)),
    );
  }

  async #askGuards(): Promise<void> {
    const health = await this.#desk.guards.health();
    if (health.state === 'healthy') this.#queue.ready(activeGate);
    else this.#queue.unready(activeGate, health);
  }

  #await(answer: Promise<void>): void {
    this.#asking += 1;
    void answer
      .catch((error: unknown) => this.#break(error))
      .finally(() => {
        this.#asking -= 1;
        this.#ring();
      });
  }

  async #judge(object: KubeObject, health: Health): Promise<void> {
    const key = keyOf(refOf(object));
    if (health.state === 'unknown') this.#unsure.add(key);
    if (health.state === 'healthy' || health.state === 'unknown') return this.#queue.ready(key);
    this.#explained += 1;
    const isAsked = this.#explained <= explainedMost && this.#broken === undefined && !this.#desk.isOver();
    const cause = isAsked ? await readCause(this.#desk.client, object) : undefined;
    this.#queue.unready(key, { ...health, why: cause ?? health.why });
  }

  async #write(manifest: Manifest): Promise<void> {
    const { check, client, fleet, predicted, run } = this.#desk;
    const key = keyOf(refOf(manifest.object));
    const user = writerOf(manifest);
    const writer = user === undefined ? client : client.as({ user });
    try {
      const applied = await withRights(() => {
        check();
        return send(manifest, predicted.get(key), { writer, fleet });
      }, run);
      this.#stored.set(key, withoutManagedFields(applied.object));
      this.#queue.stored(key);
      this.#desk.progress();
    } catch (error) {
      if (!isRefusal(error)) return this.#break(error);
      this.#failures.push({
        subject: titleOfKey(key),
        owner: ownerName(manifest.owner),
        outcome: 'failed',
        error: concealed(error, manifest.object),
      });
      this.#queue.failed(key);
    }
  }

  /** One failure for all objects of an owner that wait for the same. */
  #heldFailures(): readonly FailedWrite[] {
    const { cluster } = this.#desk.client;
    const ownerOf = ({ key }: Held): string => {
      const manifest = this.#manifests.get(key);
      return manifest === undefined ? '' : ownerName(manifest.owner);
    };
    const groups = Map.groupBy(this.#queue.held, (held) => `${ownerOf(held)} ${held.why}`);
    return [...groups.values()].flatMap(([first, ...more]) => {
      if (first === undefined) return [];
      const { key, outcome, why } = first;
      const subject = `${titleOfKey(key)}${more.length === 0 ? '' : ` and ${more.length} more`}`;
      const error = failure('TORYO_NOT_WRITTEN', { why }, { subject, cluster });
      return [{ subject, owner: ownerOf(first), outcome, error }];
    });
  }

  #break(error: unknown): void {
    this.#broken ??= { error };
  }
}

function titleOfKey(key: RefKey): string {
  const ref = refFrom(key);
  return ref === undefined ? key : titleOf(ref);
}

// What the server refuses it quotes, values of Secrets too.
function concealed(error: ToryoError, object: KubeObject): ToryoError {
  const message = withoutSecrets(error.message, object);
  if (message === error.message) return error;
  const { subject, cluster } = error;
  return new ToryoError(
    error.code,
    message,
    {},
    { ...(subject === undefined ? {} : { subject }), ...(cluster === undefined ? {} : { cluster }) },
  );
}

// The dry-run has shown that there are rights, or that they are being given here.
async function withRights<T>(call: () => Promise<T>, run: Run): Promise<T> {
  for (let tries = 0; ; tries += 1) {
    try {
      return await call();
    } catch (error) {
      const isLackingRights =
        isFailure(error, 'TORYO_KUBE_FORBIDDEN') && error.message.includes('cannot patch resource');
      if (!isLackingRights || tries >= rightsTries) throw error;
      await sleep(rightsPause, undefined, { signal: run.signal });
    }
  }
}
