/**
 * Before the first test: the programs that tests start are there (found, downloaded or built, which takes minutes once),
 * and the run has a temporary folder and a state folder of its own. After the last: nothing of the run is still running.
 */
import { mkdtempSync, readdirSync, readFileSync, realpathSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import type { TestProject } from 'vitest/node';
import { ensureAsset, type AssetName } from '../src/assets/index.ts';
import type { Event, Run } from '../src/lib/index.ts';

/** What each project of vitest.config.ts needs. */
const needed: Readonly<Record<string, readonly AssetName[]>> = {
  unit: ['helm', 'kustomize'],
  real: ['etcd', 'kube-apiserver', 'kube-controller-manager', 'kube-scheduler', 'kwok', 'helm', 'kustomize'],
};

const mark = 'TORYO_TEST_RUN';

/** Makes ready what the project needs; gives what is to be done after its last test. */
export async function setup(project: TestProject): Promise<(() => Promise<void>) | undefined> {
  const run: Run = {
    signal: new AbortController().signal,
    now: () => new Date().toISOString(),
    emit: teller(),
  };
  for (const name of needed[project.name] ?? []) await ensureAsset(name, run, process.env);
  // The folder belongs to the run: the project that is set up first makes it for all.
  if (process.env[mark] !== undefined) return undefined;
  const folder = mkdtempSync(path.join(realpathSync(tmpdir()), 'toryo-'));
  const before = { TMPDIR: process.env['TMPDIR'], TORYO_STATE: process.env['TORYO_STATE'] };
  Object.assign(process.env, { [mark]: folder, TMPDIR: folder, TORYO_STATE: path.join(folder, 'state') });
  return async () => {
    delete process.env[mark];
    for (const [name, value] of Object.entries(before))
      if (value === undefined) delete process.env[name];
      else process.env[name] = value;
    await endRun(folder);
  };
}

/** Progress on stderr: begin, end, and a sign of life every ten seconds. */
function teller(): (event: Event) => void {
  const last = new Map<string, number>();
  return (event) => {
    const key = `${event.verb} ${event.subject}`;
    const now = Date.parse(event.at);
    const isChatter = event.state === 'progress' || event.state === 'waiting';
    if (isChatter && now - (last.get(key) ?? 0) < 10_000) return;
    last.set(key, now);
    const count = event.of === undefined ? '' : ` ${event.done ?? 0}/${event.of}`;
    process.stderr.write(
      `setup: ${key}${count} ${event.state}${event.why === undefined ? '' : `: ${event.why}`}\n`,
    );
  };
}

/** Fails the run, and ends what is left, when a program that a test started outlived it. */
async function endRun(folder: string): Promise<void> {
  const late = Date.now() + 5_000;
  let left = leftIn(folder);
  while (left.length > 0 && Date.now() < late) {
    await sleep(100);
    left = leftIn(folder);
  }
  for (const { pid } of left) process.kill(pid, 'SIGKILL');
  rmSync(folder, { recursive: true, force: true, maxRetries: 5 });
  if (left.length === 0) return;
  process.exitCode = 1;
  const lines = left.map(({ pid, command }) => `  ${pid} ${command}`);
  throw new Error(`tests left programs behind; end them in the test that starts them:\n${lines.join('\n')}`);
}

interface Left {
  readonly pid: number;
  readonly command: string;
}

/** Programs that were started with the run's folder in their environment, without vitest's own (Linux only). */
function leftIn(folder: string): readonly Left[] {
  const pids = readdirSync('/', { encoding: 'utf8' }).includes('proc') ? readdirSync('/proc') : [];
  return pids
    .filter((name) => /^\d+$/.test(name))
    .flatMap((name) => {
      const command = textOf(`/proc/${name}/cmdline`).replaceAll('\0', ' ').trim();
      const isOfRun = textOf(`/proc/${name}/environ`).includes(folder) && !command.includes('vitest');
      return isOfRun && command !== '' ? [{ pid: Number(name), command: command.slice(0, 200) }] : [];
    });
}

function textOf(file: string): string {
  try {
    return readFileSync(file, 'utf8');
  } catch {
    return '';
  }
}
