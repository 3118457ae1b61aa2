import { tierCount, type Health, type RefKey } from '../../objects/index.ts';
import type { Graph } from '../order/graph.ts';
import type { Edge, NodeKey } from '../order/graph-node.ts';

/** An object that is not written, and the sentence that says what it waits for. */
export interface Held {
  readonly key: RefKey;
  readonly why: string;
  /** How what it waits for ended. */
  readonly outcome: Outcome;
}

type Outcome = 'failed' | 'unhealthy' | 'timed-out';

/** Something that will not be there, and what became of it in words: `failed`. */
interface Loss {
  readonly key: NodeKey;
  readonly what: string;
  readonly outcome: Outcome;
}

interface Place {
  /** How many edges are not satisfied yet. */
  left: number;
  state: 'waiting' | 'stored' | 'ready' | 'lost';
}

/**
 * Which objects may be written now: those of which all that they wait for is there. Told what became of each, it says what is next;
 * it does nothing itself.
 */
export class Queue {
  /** What will not be written. */
  readonly held: Held[] = [];
  readonly #graph: Graph;
  readonly #wanted: ReadonlySet<RefKey>;
  readonly #places = new Map<NodeKey, Place>();
  readonly #waiters = new Map<NodeKey, { readonly from: NodeKey; readonly edge: Edge }[]>();
  /** What may be written, by tier. */
  readonly #next: readonly RefKey[][] = Array.from({ length: tierCount }, () => []);
  #awaited: RefKey[] = [];

  /** What is not wanted is there already. */
  constructor(graph: Graph, wanted: ReadonlySet<RefKey>) {
    this.#graph = graph;
    this.#wanted = wanted;
    for (const key of graph.nodes.keys()) if (wanted.has(key)) this.#places.set(key, waiting());
    for (const key of this.#places.keys()) this.#enter(key);
    const free = [...this.#places].filter(([, place]) => place.left === 0).map(([key]) => key);
    for (const key of free) {
      if (this.#isThere(key)) this.stored(key);
      else this.#free(key);
    }
  }

  // The map grows while it is walked: what somebody waits for is entered after him.
  #enter(key: NodeKey): void {
    if (this.#isThere(key)) return;
    for (const edge of this.#graph.nodes.get(key)?.edges ?? []) {
      const waiters = this.#waiters.get(edge.to) ?? [];
      this.#waiters.set(edge.to, waiters);
      waiters.push({ from: key, edge });
      const place = this.#places.get(key);
      if (place !== undefined) place.left += 1;
      if (!this.#places.has(edge.to)) this.#places.set(edge.to, waiting());
    }
  }

  #isThere(key: NodeKey): boolean {
    return !this.#wanted.has(key) && !this.#isGate(key);
  }

  #isGate(key: NodeKey): boolean {
    return this.#graph.nodes.get(key)?.tier === undefined;
  }

  /** The object to write next, the lowest tier first; undefined when nothing may be written now. */
  take(): RefKey | undefined {
    return this.#next.find((keys) => keys.length > 0)?.shift();
  }

  /** Objects that are stored and that somebody waits to see healthy; each is given once. */
  takeAwaited(): readonly RefKey[] {
    const awaited = this.#awaited;
    this.#awaited = [];
    return awaited;
  }

  /** The first object that waits for this one. */
  waiterFor(key: NodeKey): RefKey | undefined {
    for (const { from } of this.#waiters.get(key) ?? []) {
      if (this.#places.get(from)?.state !== 'waiting') continue;
      const found = this.#isGate(from) ? this.waiterFor(from) : from;
      if (found !== undefined) return found;
    }
    return undefined;
  }

  stored(key: NodeKey): void {
    const place = this.#places.get(key);
    if (place === undefined) return;
    place.state = 'stored';
    const waiters = this.#waiters.get(key) ?? [];
    if (waiters.some(({ edge }) => edge.tie === 'ready')) this.#awaited.push(key);
    for (const { from, edge } of waiters) if (edge.tie === 'exists') this.#satisfy(from);
  }

  ready(key: NodeKey): void {
    const place = this.#places.get(key);
    if (place?.state !== 'stored') return;
    place.state = 'ready';
    for (const { from, edge } of this.#waiters.get(key) ?? []) if (edge.tie === 'ready') this.#satisfy(from);
  }

  /** It was not stored (`failed`): whatever needs it is held, and what needs that. */
  failed(key: NodeKey): void {
    this.#lose({ key, what: 'failed', outcome: 'failed' }, () => true);
  }

  /** It is stored and not healthy: what waits for that is held. */
  unready(key: NodeKey, { state, why }: Health): void {
    const outcome = state === 'failed' ? 'unhealthy' : 'timed-out';
    const what = `is not ready${why === '' ? '' : ` (${why})`}`;
    this.#lose({ key, what, outcome }, (edge) => edge.tie === 'ready');
  }

  #lose(loss: Loss, concerns: (edge: Edge) => boolean): void {
    const place = this.#places.get(loss.key);
    if (place !== undefined) place.state = 'lost';
    for (const { from, edge } of this.#waiters.get(loss.key) ?? []) {
      if (!concerns(edge) || this.#places.get(from)?.state !== 'waiting') continue;
      if (edge.isOptional) this.#satisfy(from);
      else this.#hold(from, edge, loss);
    }
  }

  #hold(key: NodeKey, edge: Edge, { what, outcome }: Loss): void {
    if (this.#isGate(key)) {
      const title = this.#graph.nodes.get(edge.to)?.title ?? edge.to;
      return this.#lose({ key, what: `: ${title} ${what}`, outcome }, () => true);
    }
    const link = what.startsWith(':') ? what : `, which ${what}`;
    this.held.push({ key, why: `waits for ${this.#graph.titleOf(edge)}${link}`, outcome });
    this.#lose({ key, what: 'was not written', outcome }, () => true);
  }

  #satisfy(key: NodeKey): void {
    const place = this.#places.get(key);
    if (place === undefined || place.state !== 'waiting') return;
    place.left -= 1;
    if (place.left === 0) this.#free(key);
  }

  #free(key: NodeKey): void {
    const tier = this.#graph.nodes.get(key)?.tier;
    if (tier === undefined) return this.stored(key);
    this.#next[tier]?.push(key);
  }
}

function waiting(): Place {
  return { left: 0, state: 'waiting' };
}
