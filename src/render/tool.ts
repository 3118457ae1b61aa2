import { spawn } from 'node:child_process';
import { mkdtemp, realpath, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { failure } from '../lib/index.ts';
import type { Environment } from './order.ts';

/** How long a tool may run, and how much it may print. */
export interface ToolLimits {
  readonly milliseconds: number;
  readonly bytes: number;
}

/** A program to run in its temporary home. */
export interface ToolCall {
  readonly program: string;
  readonly args: readonly string[];
  readonly home: string;
  readonly signal: AbortSignal;
  readonly limits?: ToolLimits;
}

/** What the tool printed, or what it said about why not. */
export type ToolAnswer = { readonly output: string } | { readonly said: string };

const usual: ToolLimits = { milliseconds: 60_000, bytes: 67_108_864 };
const longestComplaint = 65_536;

// Nothing listens on port 1: what would go to the network fails at once instead of waiting for it.
const nowhere = 'http://127.0.0.1:1';

/** All that a tool sees of the person's environment: nothing. Its homes are the temporary folder, its proxy a closed port. */
export function toolEnvironment(home: string): Record<string, string> {
  return {
    HOME: home,
    XDG_CACHE_HOME: path.join(home, 'cache'),
    XDG_CONFIG_HOME: path.join(home, 'config'),
    XDG_DATA_HOME: path.join(home, 'data'),
    HELM_CACHE_HOME: path.join(home, 'cache', 'helm'),
    HELM_CONFIG_HOME: path.join(home, 'config', 'helm'),
    HELM_DATA_HOME: path.join(home, 'data', 'helm'),
    TMPDIR: home,
    HTTP_PROXY: nowhere,
    HTTPS_PROXY: nowhere,
    http_proxy: nowhere,
    https_proxy: nowhere,
  };
}

/** Does the work with a temporary home, which is gone afterwards whatever happens. */
export async function withHome<T>(env: Environment, work: (home: string) => Promise<T>): Promise<T> {
  const base = env['TMPDIR'] ?? '';
  const home = await realpath(await mkdtemp(path.join(base === '' ? tmpdir() : base, 'toryo-render-')));
  try {
    return await work(home);
  } finally {
    await rm(home, { recursive: true, force: true });
  }
}

/** Runs a tool to its end, its time limit or the run's. Throws TORYO_INTERRUPTED when the run was stopped. */
export async function runTool(call: ToolCall): Promise<ToolAnswer> {
  const { signal, home } = call;
  const { milliseconds, bytes } = call.limits ?? usual;
  const what = `running ${path.basename(call.program)}`;
  if (signal.aborted) throw failure('TORYO_INTERRUPTED', { what });
  const answer = await new Promise<ToolAnswer>((resolve) => {
    const child = spawn(call.program, [...call.args], {
      cwd: home,
      env: toolEnvironment(home),
      stdio: ['ignore', 'pipe', 'pipe'],
    });
    let stopped: string | undefined;
    const stop = (why: string): void => {
      stopped ??= why;
      child.kill('SIGKILL');
    };
    const timer = setTimeout(() => stop(`stopped after ${milliseconds / 1000} s`), milliseconds);
    const onAbort = (): void => stop('interrupted');
    signal.addEventListener('abort', onAbort, { once: true });
    const output = collect(child.stdout, bytes, () => stop(`printed more than ${bytes} bytes`));
    const said = collect(child.stderr, longestComplaint, () => {});
    const end = (found: ToolAnswer): void => {
      clearTimeout(timer);
      signal.removeEventListener('abort', onAbort);
      resolve(stopped === undefined ? found : { said: stopped });
    };
    child.once('error', (error) => end({ said: error.message }));
    child.once('close', (code) =>
      end(code === 0 ? { output: output() } : { said: said() || `exit code ${String(code)}` }),
    );
  });
  if (signal.aborted) throw failure('TORYO_INTERRUPTED', { what });
  return answer;
}

function collect(stream: NodeJS.ReadableStream, limit: number, onTooMuch: () => void): () => string {
  const chunks: Buffer[] = [];
  let size = 0;
  stream.on('data', (chunk: Buffer) => {
    size += chunk.length;
    if (size <= limit) chunks.push(chunk);
    else onTooMuch();
  });
  return () => Buffer.concat(chunks).toString('utf8');
}
