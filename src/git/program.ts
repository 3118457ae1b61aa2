import { spawn } from 'node:child_process';
import { constants } from 'node:fs';
import { access, mkdtemp, realpath, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { failure, type Run } from '../lib/index.ts';

/** The environment's variables. */
export type Environment = Readonly<Record<string, string | undefined>>;

/** All that this room gets from outside: what stops it, and the person's environment (PATH, HOME, SSH_AUTH_SOCK). */
export interface Outside {
  readonly run: Run;
  readonly env: Environment;
}

/** One run of a program. */
export interface Call {
  readonly program: 'git' | 'ssh-keygen';
  readonly args: readonly string[];
  /** Besides the person's own variables. */
  readonly env?: Environment;
  /** What it reads from standard input; nothing when left out. */
  readonly input?: string;
  /** True: it may ask the person at the terminal, for as long as that takes. */
  readonly isInteractive?: boolean;
}

/** What a program printed, and its exit code; undefined when a signal ended it. */
export interface Answer {
  readonly exit: number | undefined;
  readonly output: string;
  readonly said: string;
}

const patience = 60_000;
const mostOutput = 134_217_728;

/** Runs git or ssh-keygen without a shell. Throws TORYO_GIT when it is not there, takes too long or prints too much. */
export async function runProgram(call: Call, { run, env }: Outside): Promise<Answer> {
  const what = `running ${call.program}`;
  if (run.signal.aborted) throw failure('TORYO_INTERRUPTED', { what });
  const file = await programPath(call.program, env);
  const answer = await ended(file, call, { ...env, ...call.env }, run.signal);
  if (run.signal.aborted) throw failure('TORYO_INTERRUPTED', { what });
  if (typeof answer !== 'string') return answer;
  throw failure('TORYO_GIT', { program: call.program, why: answer });
}

/**
 * The absolute path of a program on PATH. Looked up here, because an empty or relative entry of PATH would find a file that
 * somebody put into the repository.
 */
export async function programPath(program: Call['program'], env: Environment): Promise<string> {
  const folders = (env['PATH'] ?? '').split(path.delimiter).filter((folder) => path.isAbsolute(folder));
  for (const folder of folders) {
    const file = path.join(folder, program);
    const isThere = await access(file, constants.X_OK).then(
      () => true,
      () => false,
    );
    if (isThere) return file;
  }
  throw failure('TORYO_GIT', { program, why: 'it is not on PATH: install it' });
}

function ended(file: string, call: Call, env: Environment, signal: AbortSignal): Promise<Answer | string> {
  const isInteractive = call.isInteractive === true;
  return new Promise((resolve) => {
    const child = spawn(file, [...call.args], {
      env,
      // Its own session: no terminal to ask at, and one group to end.
      detached: !isInteractive,
      stdio: [isInteractive ? 'inherit' : 'pipe', 'pipe', isInteractive ? 'inherit' : 'pipe'],
    });
    let stopped: string | undefined;
    const stop = (why: string): void => {
      stopped ??= why;
      end(child.pid, isInteractive);
    };
    const timer = isInteractive ? undefined : setTimeout(() => stop('it took more than 60 s'), patience);
    const onAbort = (): void => stop('interrupted');
    signal.addEventListener('abort', onAbort, { once: true });
    const output = collect(child.stdout, () => stop('it printed too much'));
    const said = collect(child.stderr, () => stop('it complained too much'));
    const finish = (answer: Answer | string): void => {
      clearTimeout(timer);
      signal.removeEventListener('abort', onAbort);
      resolve(stopped ?? answer);
    };
    child.once('error', (error) => finish(error.message));
    child.once('close', (exit) => finish({ exit: exit ?? undefined, output: output(), said: said() }));
    // It may end without reading all: that is its own matter.
    child.stdin?.on('error', () => {});
    child.stdin?.end(call.input ?? '');
  });
}

/** Ends a program, with what it started when it has a group of its own; one that asks must give the terminal back first. */
function end(pid: number | undefined, isInteractive: boolean): void {
  if (pid === undefined) return;
  try {
    process.kill(isInteractive ? pid : -pid, isInteractive ? 'SIGTERM' : 'SIGKILL');
  } catch {
    // It has ended by itself meanwhile.
  }
}

function collect(stream: NodeJS.ReadableStream | null, onTooMuch: () => void): () => string {
  const chunks: Buffer[] = [];
  let size = 0;
  stream?.on('data', (chunk: Buffer) => {
    size += chunk.length;
    if (size <= mostOutput) chunks.push(chunk);
    else onTooMuch();
  });
  return () => Buffer.concat(chunks).toString('utf8');
}

/** Does the work with a temporary folder that only this user may read, and that is gone afterwards whatever happens. */
export async function withFolder<T>(env: Environment, work: (folder: string) => Promise<T>): Promise<T> {
  const base = env['TMPDIR'] ?? '';
  const folder = await realpath(await mkdtemp(path.join(base === '' ? tmpdir() : base, 'toryo-git-')));
  try {
    return await work(folder);
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
}

/** The last lines of what a program said, without its advice, in one line. */
export function lastWords({ said, exit }: Answer): string {
  const all = said.trim().split('\n');
  const lines = all
    .filter((line) => !line.startsWith('hint:'))
    .slice(-3)
    .join(' | ');
  return lines === '' ? `exit code ${exit ?? 'none, it was stopped'}` : lines;
}
