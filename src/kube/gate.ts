/** Decides how many requests are under way at once: additive increase, multiplicative decrease, as TCP does it. */

const floor = 2;
const start = 8;
const ceiling = 32;
/** Answers that make one judgement: enough for a median that one slow object does not move. */
const windowSize = 16;
/** A local server's answers jitter by milliseconds; doubling means something only above that. */
const noise = 20;

interface Waiter {
  readonly enter: () => void;
  readonly refuse: (reason: Error) => void;
}

/**
 * Lets a limited number of callers in. Those who wait cost one small entry each: a body is made only when its turn comes.
 */
export class Gate {
  #limit = start;
  #inside = 0;
  #waiting: Waiter[] = [];
  #head = 0;
  #window: number[] = [];
  #baseline: number | undefined;
  #closed: Error | undefined;

  /** How many may be inside now. */
  get limit(): number {
    return this.#limit;
  }

  /** How many wait outside. */
  get waiting(): number {
    return this.#waiting.length - this.#head;
  }

  /** Resolves when there is room; undefined when there is room now. */
  enter(): Promise<void> | undefined {
    if (this.#closed !== undefined) return Promise.reject(this.#closed);
    if (this.#inside < this.#limit) {
      this.#inside += 1;
      return undefined;
    }
    return new Promise((enter, refuse) => {
      this.#waiting.push({ enter, refuse });
    });
  }

  /** One is done. Its time in milliseconds counts towards the limit; without a time it does not. */
  leave(milliseconds?: number): void {
    this.#inside -= 1;
    if (milliseconds !== undefined) this.#learn(milliseconds);
    this.#admit();
  }

  /** The server said that it is too much. */
  slowDown(): void {
    this.#limit = Math.max(floor, Math.floor(this.#limit / 2));
    this.#window = [];
  }

  /** Refuses everybody, now and later. */
  close(reason: Error): void {
    this.#closed = reason;
    const refused = this.#waiting.slice(this.#head);
    [this.#waiting, this.#head] = [[], 0];
    for (const waiter of refused) waiter.refuse(reason);
  }

  #admit(): void {
    while (this.#inside < this.#limit && this.#head < this.#waiting.length) {
      const waiter = this.#waiting[this.#head];
      this.#head += 1;
      this.#inside += 1;
      waiter?.enter();
    }
    if (this.#head > 1024 && this.#head * 2 > this.#waiting.length) {
      this.#waiting = this.#waiting.slice(this.#head);
      this.#head = 0;
    }
  }

  #learn(milliseconds: number): void {
    this.#window.push(milliseconds);
    if (this.#window.length < Math.max(windowSize, this.#limit)) return;
    const median = this.#window.sort((left, right) => left - right)[this.#window.length >> 1] ?? 0;
    this.#window = [];
    const usual = this.#baseline ?? median;
    if (median > usual * 2 && median > noise) {
      this.slowDown();
      // What is normal may have changed: without this a server that became slower for good would never get a second guess.
      this.#baseline = median;
      return;
    }
    // It falls at once and rises slowly, so that a slow creep of the queue is still seen as one.
    this.#baseline = median < usual ? median : usual * 0.9 + median * 0.1;
    // Raised only when the room is used: idle time says nothing about the server.
    if (this.waiting > 0) this.#limit = Math.min(ceiling, this.#limit + 2);
  }
}
