import { setTimeout as sleep } from 'node:timers/promises';
import { labels, type Run } from '../../lib/index.ts';
import {
  healthOf,
  keyOf,
  ObjectIndex,
  refOf,
  versionOf,
  type Health,
  type KubeObject,
  type RefKey,
} from '../../objects/index.ts';
import type { KindRef, KubeClient, WatchEvent } from '../../kube/index.ts';

/** Where and how long it is looked. */
export interface Outlook {
  readonly client: KubeClient;
  readonly fleet: string;
  readonly run: Run;
  /** Milliseconds until a failure counts as one, and a status that nobody has written as one that nobody will write. */
  readonly quiet: number;
}

interface Question {
  object: KubeObject;
  isEarly: boolean;
  readonly timer: NodeJS.Timeout;
  readonly answer: (health: Health) => void;
  readonly fail: (error: unknown) => void;
}

/** Waits for objects to become healthy: one watch for each kind, however many objects of it are waited for. */
export class Readiness {
  readonly #outlook: Outlook;
  readonly #served: ServedKinds;
  readonly #watches = new Map<string, KindWatch>();

  /** The objects are those whose kinds have to be served before their definition is ready. */
  constructor(outlook: Outlook, objects: readonly KubeObject[]) {
    this.#outlook = outlook;
    this.#served = new ServedKinds(outlook, objects);
  }

  /** The health of an object when it is healthy, when it will not be, or when it is given up; at once when nothing was written and nobody writes its status. */
  async of(object: KubeObject, isFresh: boolean): Promise<Health> {
    const now = healthOf(object);
    const isSettled = now.state === 'healthy' || (now.state === 'unknown' && !isFresh);
    const health = isSettled ? now : await this.#watchOf(object).ask(object);
    if (health.state === 'healthy') await this.#served.until(object);
    return health;
  }

  #watchOf(object: KubeObject): KindWatch {
    const { group, kind } = refOf(object);
    const version = versionOf(object.apiVersion);
    const key = `${group}/${kind}`;
    const watch = this.#watches.get(key) ?? new KindWatch({ group, kind, version }, this.#outlook);
    this.#watches.set(key, watch);
    return watch;
  }

  /** The object that is waited for longest. */
  get first(): KubeObject | undefined {
    for (const watch of this.#watches.values()) if (watch.first !== undefined) return watch.first;
    return undefined;
  }

  /** Answers every open question with the health as it is now. */
  giveUp(): void {
    for (const watch of this.#watches.values()) watch.giveUp();
  }
}

class KindWatch {
  readonly #kind: KindRef;
  readonly #outlook: Outlook;
  readonly #questions = new Map<RefKey, Question>();
  readonly #seen = new Map<RefKey, KubeObject>();
  #end: AbortController | undefined;

  constructor(kind: KindRef, outlook: Outlook) {
    this.#kind = kind;
    this.#outlook = outlook;
  }

  get first(): KubeObject | undefined {
    return this.#questions.values().next().value?.object;
  }

  ask(object: KubeObject): Promise<Health> {
    const key = keyOf(refOf(object));
    return new Promise((answer, fail) => {
      const timer = setTimeout(() => this.#age(key), this.#outlook.quiet);
      this.#questions.set(key, { object, isEarly: true, timer, answer, fail });
      // What it was stored as may be older than what the watch has already told.
      const seen = this.#seen.get(key);
      if (seen !== undefined) this.#note(seen);
      if (this.#end === undefined && this.#questions.size > 0) void this.#follow();
    });
  }

  giveUp(): void {
    for (const [key, question] of this.#questions) this.#answer(key, healthOf(question.object));
  }

  #age(key: RefKey): void {
    const question = this.#questions.get(key);
    if (question === undefined) return;
    question.isEarly = false;
    this.#judge(key, question);
  }

  async #follow(): Promise<void> {
    const { client, fleet } = this.#outlook;
    const end = new AbortController();
    this.#end = end;
    try {
      const options = { labelSelector: `${labels.fleet}=${fleet}`, signal: end.signal };
      for await (const event of client.watch(this.#kind, options)) this.#hear(event);
    } catch (error) {
      for (const key of this.#questions.keys()) this.#close(key)?.fail(error);
    }
  }

  #hear(event: WatchEvent): void {
    if (event.type === 'restarted') {
      for (const item of event.items) this.#note(item);
      const there = new Set(event.items.map((item) => keyOf(refOf(item))));
      for (const [key, { object }] of this.#questions)
        if (!there.has(key) && Number(event.resourceVersion) >= revisionOf(object))
          this.#answer(key, gone(object));
    } else if (event.type === 'deleted') {
      const key = keyOf(refOf(event.object));
      this.#seen.delete(key);
      if (this.#questions.get(key)?.object.metadata['uid'] === event.object.metadata['uid'])
        this.#answer(key, gone(event.object));
    } else if (event.type !== 'bookmark') this.#note(event.object);
  }

  #note(object: KubeObject): void {
    const key = keyOf(refOf(object));
    this.#seen.set(key, object);
    const question = this.#questions.get(key);
    if (question === undefined || revisionOf(object) < revisionOf(question.object)) return;
    question.object = object;
    this.#judge(key, question);
  }

  #judge(key: RefKey, question: Question): void {
    const health = healthOf(question.object);
    if (health.state === 'healthy' || (!question.isEarly && health.state !== 'progressing'))
      this.#answer(key, health);
  }

  #answer(key: RefKey, health: Health): void {
    this.#close(key)?.answer(health);
    if (this.#questions.size > 0) return;
    this.#end?.abort();
    this.#end = undefined;
    this.#seen.clear();
  }

  #close(key: RefKey): Question | undefined {
    const question = this.#questions.get(key);
    if (question !== undefined) clearTimeout(question.timer);
    this.#questions.delete(key);
    return question;
  }
}

function revisionOf(object: KubeObject): number {
  return Number(object.metadata['resourceVersion']);
}

// A Job that removes itself when it is done was a success.
function gone(object: KubeObject): Health {
  if (object.kind === 'Job') return { state: 'healthy', why: 'done and removed' };
  return { state: 'failed', why: 'was deleted meanwhile' };
}

const servedPause = 50;
const servedTries = 600;

/** Waits until the API server serves new kinds; those who wait share each question. */
class ServedKinds {
  readonly #outlook: Outlook;
  readonly #kinds: ReadonlyMap<RefKey, readonly KindRef[]>;
  #round: Promise<void> | undefined;

  constructor(outlook: Outlook, objects: readonly KubeObject[]) {
    this.#outlook = outlook;
    this.#kinds = kindsByDefinition(objects);
  }

  /** Resolves when what a definition defines, and these objects need, is served; at once for anything else. */
  async until(definition: KubeObject): Promise<void> {
    const kinds = this.#kinds.get(keyOf(refOf(definition))) ?? [];
    for (let tries = 0; kinds.length > 0 && tries < servedTries; tries += 1) {
      const discovery = await this.#outlook.client.discover();
      if (kinds.every((kind) => discovery.resourceOf(kind) !== undefined)) return;
      this.#round ??= this.#again();
      await this.#round;
    }
  }

  async #again(): Promise<void> {
    await sleep(servedPause, undefined, { signal: this.#outlook.run.signal });
    this.#outlook.client.forgetDiscovery();
    this.#round = undefined;
  }
}

function kindsByDefinition(objects: readonly KubeObject[]): ReadonlyMap<RefKey, readonly KindRef[]> {
  const index = new ObjectIndex(objects);
  const kinds = new Map<string, KindRef>();
  for (const object of objects) {
    const { group, kind } = refOf(object);
    kinds.set(`${object.apiVersion} ${kind}`, { group, kind, version: versionOf(object.apiVersion) });
  }
  const byDefinition = new Map<RefKey, KindRef[]>();
  for (const kind of kinds.values()) {
    const target = {
      is: 'definition',
      group: kind.group,
      version: kind.version ?? '',
      kind: kind.kind,
    } as const;
    for (const definition of index.find(target)) {
      const key = keyOf(refOf(definition));
      byDefinition.set(key, [...(byDefinition.get(key) ?? []), kind]);
    }
  }
  return byDefinition;
}
