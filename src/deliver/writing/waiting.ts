import { setTimeout as sleep } from 'node:timers/promises';
import { labels, tell, type Run } from '../../lib/index.ts';
import {
  healthOf,
  keyOf,
  refOf,
  titleOf,
  versionOf,
  type Health,
  type KubeObject,
  type Ref,
  type RefKey,
} from '../../objects/index.ts';
import type { KubeClient } from '../../kube/index.ts';
import { readCause } from '../../world/index.ts';

/** An object and what its health is. */
export interface Judged {
  readonly ref: Ref;
  readonly health: Health;
}

/** How long to wait, in milliseconds. */
export interface Patience {
  /** Until everything is healthy. */
  readonly timeout: number;
  /** Until a status that nobody has written counts as one that nobody will write. */
  readonly quiet: number;
}

/** Who waits, where, and how long. */
export interface Waiter {
  readonly client: KubeClient;
  readonly fleet: string;
  readonly patience: Patience;
  /** Objects that get no time for a status to appear: nothing was written, or it was waited for before. */
  readonly settled: ReadonlySet<RefKey>;
  /** True when somebody else has better work for this cluster: waiting ends. */
  isOver(): boolean;
}

const firstPause = 250;
const longestPause = 2000;
/** The cause of the first pending object is asked for no more often than this, in milliseconds. */
const causePause = 5000;
/** Of so many objects the end result names the cause. */
const explainedMost = 20;

/** An object as it was seen last, and what its health was. */
interface Watched extends Judged {
  readonly object: KubeObject | undefined;
}

/** Waits until nothing progresses any more or patience ends; tells how many are done on the way. */
export async function waitForHealth(
  objects: readonly KubeObject[],
  waiter: Waiter,
  run: Run,
): Promise<readonly Judged[]> {
  const { client, patience } = waiter;
  const judged = new Map(objects.map((object) => [keyOf(refOf(object)), watched(object)]));
  const kinds = new Map(objects.map((object) => [`${object.apiVersion} ${object.kind}`, object]));
  const begun = performance.now();
  const causeOfFirst = causeTeller(client);
  for (let pause = firstPause; ; pause = Math.min(pause * 1.5, longestPause)) {
    const waited = performance.now() - begun;
    const pending = [...judged.values()].filter((one) =>
      isPending(one, waited < patience.quiet, waiter.settled),
    );
    const why = await causeOfFirst(pending[0]);
    report({ cluster: client.cluster, of: judged.size, why }, pending, run);
    if (waiter.isOver()) return [...judged.values()].map(shown);
    if (pending.length === 0 || waited > patience.timeout)
      return await explained(client, [...judged.values()]);
    await sleep(pause, undefined, { signal: run.signal });
    const unsettled = [...judged.values()].filter((one) => one.health.state !== 'healthy');
    const wanted = new Set(unsettled.map((one) => `${one.ref.group} ${one.ref.kind}`));
    const asked = [...kinds.values()].filter((object) => wanted.has(`${refOf(object).group} ${object.kind}`));
    await Promise.all(asked.map((object) => refresh(object, { client, fleet: waiter.fleet, judged })));
  }
}

/** The health of one object. */
export function judge(object: KubeObject): Judged {
  return { ref: refOf(object), health: healthOf(object) };
}

const watched = (object: KubeObject): Watched => ({ ...judge(object), object });

/** Why the first pending object is not ready: asked of the cluster now and then, of its own status in between. */
function causeTeller(client: KubeClient): (first: Watched | undefined) => Promise<string> {
  let last = { time: performance.now(), key: '', why: '' };
  return async (first) => {
    if (first === undefined) return '';
    const key = keyOf(first.ref);
    const time = performance.now();
    if (time - last.time > causePause) last = { time, key, why: (await explain(client, first)).health.why };
    return key === last.key ? last.why : first.health.why;
  };
}

async function explained(client: KubeClient, all: readonly Watched[]): Promise<readonly Judged[]> {
  const isOff = (one: Judged): boolean => ['failed', 'progressing'].includes(one.health.state);
  const named = new Set(all.filter(isOff).slice(0, explainedMost));
  return await Promise.all(
    all.map(async (one) => (named.has(one) ? await explain(client, one) : shown(one))),
  );
}

const shown = ({ ref, health }: Watched): Judged => ({ ref, health });

// What counts say is in the cause too; what a controller gave up for is not.
async function explain(client: KubeClient, one: Watched): Promise<Judged> {
  const cause = one.object === undefined ? undefined : await readCause(client, one.object);
  if (cause === undefined) return shown(one);
  const { state, why } = one.health;
  const isMore = state === 'failed' && why !== '' && !cause.includes(why);
  return { ref: one.ref, health: { state, why: isMore ? `${why.replace(/\.$/, '')}: ${cause}` : cause } };
}

function isPending(one: Judged, isEarly: boolean, settled: ReadonlySet<RefKey>): boolean {
  if (one.health.state === 'progressing') return true;
  if (one.health.state === 'unknown' && settled.has(keyOf(one.ref))) return false;
  // A failure may be a moment's, and a status may still be written: both get a little time.
  return isEarly && one.health.state !== 'healthy';
}

async function refresh(
  object: KubeObject,
  one: { client: KubeClient; fleet: string; judged: Map<string, Watched> },
): Promise<void> {
  const { group, kind } = refOf(object);
  const labelSelector = `${labels.fleet}=${one.fleet}`;
  const { items } = await one.client.list(
    { group, kind, version: versionOf(object.apiVersion) },
    { labelSelector },
  );
  const found = new Map(items.map((item) => [keyOf(refOf(item)), item]));
  for (const [key, before] of one.judged) {
    if (before.ref.group !== group || before.ref.kind !== kind) continue;
    const item = found.get(key);
    one.judged.set(
      key,
      item === undefined ? { ...before, object: undefined, health: absentHealth(before) } : watched(item),
    );
  }
}

// A Job that removes itself when it is done was a success.
function absentHealth(before: Judged): Health {
  if (before.ref.kind === 'Job') return { state: 'healthy', why: 'done and removed' };
  return { state: 'failed', why: 'was deleted meanwhile' };
}

function report(
  about: { cluster: string; of: number; why: string },
  pending: readonly Judged[],
  run: Run,
): void {
  const { cluster, of, why } = about;
  const [first] = pending;
  const base = { cluster, subject: 'health', verb: 'wait', done: of - pending.length, of };
  if (first === undefined) tell(run, { ...base, state: 'done' });
  else tell(run, { ...base, state: 'waiting', why: `${titleOf(first.ref)}: ${why}` });
}
