import { randomUUID } from 'node:crypto';
import { link, mkdir, readFile, rm, stat, writeFile } from 'node:fs/promises';
import { dirname } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { numberAt, parseJson, stringAt } from '../lib/index.ts';
import { isAlive, ownLife, type Life } from './life.ts';

/** What to know while somebody else has the lock. */
export interface Waiting {
  readonly signal: AbortSignal;
  /** Called once, with the holder's pid, when the lock has to be waited for. */
  onWait(pid: number): void;
}

/** Does the work while this program alone holds the lock file; a lock whose holder has died is taken over. */
export async function withLock<T>(file: string, waiting: Waiting, work: () => Promise<T>): Promise<T> {
  await mkdir(dirname(file), { recursive: true });
  const mine = JSON.stringify({ ...(await ownLife()), id: randomUUID() });
  let isTold = false;
  while (!(await take(file, mine))) {
    const held = await contentOf(file);
    const holder = holderIn(held);
    if (held !== undefined && (holder === undefined || !(await isAlive(holder)))) {
      await removeStale(file, held);
      await sleep(1, undefined, { signal: waiting.signal });
      continue;
    }
    if (holder !== undefined && !isTold) waiting.onWait(holder.pid);
    isTold = isTold || holder !== undefined;
    await sleep(100, undefined, { signal: waiting.signal });
  }
  try {
    return await work();
  } finally {
    if ((await contentOf(file)) === mine) await rm(file, { force: true });
  }
}

/** A link appears whole or not at all, so that nobody ever reads half a lock. */
async function take(file: string, mine: string): Promise<boolean> {
  const draft = `${file}.${randomUUID()}`;
  await writeFile(draft, mine);
  try {
    await link(draft, file);
    return true;
  } catch (error) {
    if (error instanceof Error && 'code' in error && error.code === 'EEXIST') return false;
    throw error;
  } finally {
    await rm(draft, { force: true });
  }
}

/** A guard that is older was left by somebody who died inside, in milliseconds. */
const oldestGuard = 10_000;

/** One at a time removes a stale lock, and only while it is still that one: of many that see it, a late one must not take the next holder's away. */
async function removeStale(file: string, stale: string): Promise<void> {
  const guard = `${file}.stale`;
  try {
    await mkdir(guard);
  } catch {
    const age = await stat(guard)
      .then(({ mtimeMs }) => Date.now() - mtimeMs)
      .catch(() => 0);
    if (age > oldestGuard) await rm(guard, { recursive: true, force: true });
    return;
  }
  try {
    if ((await contentOf(file)) === stale) await rm(file, { force: true });
  } finally {
    await rm(guard, { recursive: true, force: true });
  }
}

async function contentOf(file: string): Promise<string | undefined> {
  try {
    return await readFile(file, 'utf8');
  } catch {
    return undefined;
  }
}

function holderIn(text: string | undefined): Life | undefined {
  const content = text === undefined ? undefined : parseJson(text);
  const pid = numberAt(content, 'pid');
  const start = stringAt(content, 'start');
  return pid === undefined || start === undefined ? undefined : { pid, start };
}
