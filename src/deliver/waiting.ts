import { setTimeout as sleep } from 'node:timers/promises';
import { labels, tell, type Run } from '../lib/index.ts';
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
} from '../objects/index.ts';
import type { KubeClient } from '../kube/index.ts';

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

/** Waits until nothing progresses any more or patience ends; tells how many are done on the way. */
export async function waitForHealth(
  objects: readonly KubeObject[],
  waiter: Waiter,
  run: Run,
): Promise<readonly Judged[]> {
  const { client, patience } = waiter;
  const judged = new Map(objects.map((object) => [keyOf(refOf(object)), judge(object)]));
  const kinds = new Map(objects.map((object) => [`${object.apiVersion} ${object.kind}`, object]));
  const begun = performance.now();
  for (let pause = firstPause; ; pause = Math.min(pause * 1.5, longestPause)) {
    const waited = performance.now() - begun;
    const pending = [...judged.values()].filter((one) =>
      isPending(one, waited < patience.quiet, waiter.settled),
    );
    report(client.cluster, judged, pending, run);
    if (pending.length === 0 || waited > patience.timeout || waiter.isOver()) return [...judged.values()];
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

function isPending(one: Judged, isEarly: boolean, settled: ReadonlySet<RefKey>): boolean {
  if (one.health.state === 'progressing') return true;
  if (one.health.state === 'unknown' && settled.has(keyOf(one.ref))) return false;
  // A failure may be a moment's, and a status may still be written: both get a little time.
  return isEarly && one.health.state !== 'healthy';
}

async function refresh(
  object: KubeObject,
  one: { client: KubeClient; fleet: string; judged: Map<string, Judged> },
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
    one.judged.set(key, item === undefined ? { ...before, health: absentHealth(before) } : judge(item));
  }
}

// A Job that removes itself when it is done was a success.
function absentHealth(before: Judged): Health {
  if (before.ref.kind === 'Job') return { state: 'healthy', why: 'done and removed' };
  return { state: 'failed', why: 'was deleted meanwhile' };
}

function report(
  cluster: string,
  judged: ReadonlyMap<string, Judged>,
  pending: readonly Judged[],
  run: Run,
): void {
  const [first] = pending;
  const counted = { done: judged.size - pending.length, of: judged.size };
  const base = { cluster, subject: 'health', verb: 'wait', ...counted };
  if (first === undefined) tell(run, { ...base, state: 'done' });
  else tell(run, { ...base, state: 'waiting', why: `${titleOf(first.ref)}: ${first.health.why}` });
}
