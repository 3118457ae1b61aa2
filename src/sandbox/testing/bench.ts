import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { stringAt, type Event, type Run } from '../../lib/index.ts';
import { Api } from '../api.ts';
import { folderAt } from '../folder.ts';
import { markedLives } from '../program.ts';

/** A run that remembers what it was told. */
export interface Bench extends Run {
  readonly events: readonly Event[];
  readonly folder: string;
  /** Removes the folder. */
  clear(): Promise<void>;
}

/** A temporary folder and a run for one test file. */
export async function newBench(): Promise<Bench> {
  const folder = await mkdtemp(join(tmpdir(), 'toryo-sandbox-'));
  const events: Event[] = [];
  return {
    signal: new AbortController().signal,
    now: () => new Date().toISOString(),
    emit: (event) => events.push(event),
    events,
    folder,
    clear: () => rm(folder, { recursive: true, force: true, maxRetries: 5 }),
  };
}

/** The pids of everything that runs for the cluster in that folder. */
export async function pidsOf(root: string): Promise<readonly number[]> {
  return (await markedLives(root)).map((life) => life.pid);
}

/** An admin's client of the cluster in that folder. */
export function adminOf(root: string, server: string): Promise<Api> {
  const run = { signal: new AbortController().signal, now: () => '', emit: () => undefined };
  return Api.open(folderAt(root), 'admin', server, run);
}

/** Asks again until the answer is the wanted one; fails with the last answer. */
export async function until<T>(
  ask: () => Promise<T>,
  wanted: (answer: T) => boolean,
  seconds = 30,
): Promise<T> {
  const late = Date.now() + seconds * 1000;
  for (;;) {
    const answer = await ask();
    if (wanted(answer)) return answer;
    if (Date.now() > late) throw new Error(`not within ${seconds} s: ${JSON.stringify(answer)}`);
    await sleep(100);
  }
}

/** Creates a namespaced core object in `default`, as soon as the API server takes it. */
export async function create(
  api: Api,
  object: { readonly kind: string; readonly [field: string]: unknown },
): Promise<void> {
  const plural = `${object.kind.toLowerCase()}s`;
  await api.ask('POST', `/api/v1/namespaces/default/${plural}`, { apiVersion: 'v1', ...object });
}

/** A pod of one container. */
export function podNamed(
  name: string,
  more: { annotations?: Record<string, string>; spec?: object; image?: string } = {},
) {
  return {
    kind: 'Pod',
    metadata: { name, labels: { app: name }, annotations: more.annotations ?? {} },
    spec: { containers: [{ name: 'main', image: more.image ?? 'known' }], ...more.spec },
  };
}

/** Waits until the field of an object in `default` is the wanted text. */
export async function untilText(
  api: Api,
  path: string,
  field: (body: unknown) => unknown,
  wanted: unknown,
): Promise<unknown> {
  const ask = async (): Promise<unknown> =>
    (await api.call('GET', `/api/v1/namespaces/default/${path}`)).body;
  return until(ask, (body) => field(body) === wanted);
}

/** Why the first container of a pod waits. */
export function waitingReason(body: unknown): string | undefined {
  return stringAt(body, 'status', 'containerStatuses', 0, 'state', 'waiting', 'reason');
}

/** The status of a condition. */
export function conditionOf(body: unknown, type: string): string | undefined {
  for (let index = 0; index < 20; index += 1)
    if (stringAt(body, 'status', 'conditions', index, 'type') === type)
      return stringAt(body, 'status', 'conditions', index, 'status');
  return undefined;
}

/** The minor that the API server serves, e.g. `1.35`. */
export async function servedVersion(api: Api): Promise<string> {
  const version = await api.ask('GET', '/version');
  return `1.${stringAt(version, 'emulationMinor') ?? stringAt(version, 'minor') ?? ''}`;
}
