import { spawn, type ChildProcess } from 'node:child_process';
import { closeSync, openSync } from 'node:fs';
import { open, readdir, readFile, rename, stat } from 'node:fs/promises';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { isAlive, lifeOf, type Life } from '../assets/index.ts';
import { listAt, numberAt, parseJson, stringAt } from '../lib/index.ts';

/** Environment variable of every program of a cluster: the cluster's folder. */
export const folderMark = 'TORYO_SANDBOX_FOLDER';

/** What to start. */
export interface Call {
  readonly path: string;
  readonly args: readonly string[];
  readonly cwd: string;
  readonly log: string;
  /** Done before each start. */
  readonly prepare?: () => Promise<void>;
}

/** One run of a program of ours: begun, and later ended. */
export class Program {
  readonly life: Life;
  /** Resolves when it has ended, with how. */
  readonly ended: Promise<string>;
  readonly #child: ChildProcess;

  private constructor(child: ChildProcess, life: Life, ended: Promise<string>) {
    this.#child = child;
    this.life = life;
    this.ended = ended;
  }

  /** Starts it in a group of its own (so that a Ctrl-C in the terminal does not reach it) with its output in its log. */
  static async start(call: Call): Promise<Program> {
    await makeRoom(call.log);
    await call.prepare?.();
    const output = openSync(call.log, 'a', 0o600);
    const child = spawn(call.path, call.args, {
      cwd: call.cwd,
      env: { HOME: call.cwd, PATH: process.env['PATH'] ?? '', [folderMark]: call.cwd },
      stdio: ['ignore', output, output],
      detached: true,
    });
    closeSync(output);
    const ended = new Promise<string>((resolve) => {
      child.once('error', (error) => resolve(error.message));
      child.once('exit', (code, signal) => resolve(signal ?? `exit code ${code}`));
    });
    const life = child.pid === undefined ? undefined : await lifeOf(child.pid);
    return new Program(child, life ?? { pid: child.pid ?? 0, start: 'ended' }, ended);
  }

  get isRunning(): boolean {
    return this.#child.pid !== undefined && this.#child.exitCode === null && this.#child.signalCode === null;
  }

  /** Asks it to end, and after the grace period makes it; resolves when it is gone. */
  async stop(grace = 3_000): Promise<void> {
    if (!this.isRunning) return;
    this.#child.kill('SIGTERM');
    const timer = setTimeout(() => this.#child.kill('SIGKILL'), grace);
    await this.ended;
    clearTimeout(timer);
  }
}

/** Ends lives that somebody else started (recorded ones); never a later owner of the pid. Resolves when they are gone. */
export async function endLives(lives: readonly Life[], grace = 3_000): Promise<void> {
  const deadline = Date.now() + grace;
  for (const life of lives) await signal(life, 'SIGTERM');
  for (;;) {
    const alive: Life[] = [];
    for (const life of lives) if (await isAlive(life)) alive.push(life);
    if (alive.length === 0) return;
    if (Date.now() > deadline) for (const life of alive) await signal(life, 'SIGKILL');
    await sleep(30);
  }
}

/** Sends a signal to that very life; false when it is gone. */
export async function signal(life: Life, name: NodeJS.Signals): Promise<boolean> {
  if (!(await isAlive(life))) return false;
  try {
    return process.kill(life.pid, name);
  } catch {
    return false;
  }
}

/** What a program said last in its log, without the stacks of Go and as text where it wrote JSON. */
export async function lastWords(log: string, count: number): Promise<readonly string[]> {
  const lines = await tailOf(log).catch(() => []);
  const stack = lines.findLastIndex((line) => /^goroutine \d+ .*\[/.test(line));
  const words = (stack === -1 ? lines : lines.slice(0, stack)).filter((line) => line.trim() !== '');
  return words.slice(-count).map((line) => sentenceOf(line));
}

async function tailOf(log: string): Promise<readonly string[]> {
  const file = await open(log, 'r');
  try {
    const { size } = await file.stat();
    const length = Math.min(size, 16_384);
    const { buffer } = await file.read(Buffer.alloc(length), 0, length, size - length);
    return buffer.toString('utf8').trimEnd().split('\n');
  } finally {
    await file.close();
  }
}

/** etcd's log is JSON, ours too. */
function sentenceOf(line: string): string {
  const entry = parseJson(line);
  const parts = ['msg', 'why', 'error'].map((field) => stringAt(entry, field));
  const said = parts.filter((part) => part !== undefined).join(': ');
  return said === '' ? line : said;
}

/** A log that has grown large is set aside once, so that a sandbox never fills the disk. */
async function makeRoom(log: string): Promise<void> {
  const size = await stat(log).then(
    (found) => found.size,
    () => 0,
  );
  if (size > 20_000_000) await rename(log, `${log}.1`);
}

/** The lives that an earlier owner of the folder recorded in that file. */
export async function recordedLives(root: string, file: string): Promise<readonly Life[]> {
  const text = await readFile(join(root, file), 'utf8').catch(() => '[]');
  return listAt(parseJson(text)).flatMap((item) => {
    const pid = numberAt(item, 'pid');
    const start = stringAt(item, 'start');
    return pid === undefined || start === undefined ? [] : [{ pid, start }];
  });
}

/** What carries the folder's mark in its environment: also what died too early to be recorded (Linux only). */
export async function markedLives(root: string): Promise<readonly Life[]> {
  const pids = (await readdir('/proc').catch(() => [])).filter((name) => /^\d+$/.test(name));
  const mark = `${folderMark}=${root}`;
  const lives: Life[] = [];
  for (const pid of pids) {
    const environment = await readFile(`/proc/${pid}/environ`, 'utf8').catch(() => '');
    const life = environment.split('\0').includes(mark) ? await lifeOf(Number(pid)) : undefined;
    if (life !== undefined && life.pid !== process.pid) lives.push(life);
  }
  return lives;
}
