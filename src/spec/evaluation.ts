import { spawn } from 'node:child_process';
import { realpathSync } from 'node:fs';
import path from 'node:path';
import type { Readable } from 'node:stream';
import { fileURLToPath } from 'node:url';
import {
  at,
  isObject,
  listAt,
  numberAt,
  parseJson,
  pathText,
  problem,
  stringAt,
  type Diagnostic,
  type Origin,
  type PathStep,
  type Run,
} from '../lib/index.ts';
import type { SourceDocument } from './document.ts';
import { fileOrigin } from './folder.ts';
import { kinds } from './schema/index.ts';

/** The file at the root of a repository that makes it a fleet written in TypeScript. */
export const fleetCode = 'fleet.ts';

/** How long a fleet's code may run, and how much it may say. */
export interface EvaluationLimits {
  readonly milliseconds: number;
  readonly bytes: number;
}

const usual: EvaluationLimits = { milliseconds: 10_000, bytes: 64 * 1024 * 1024 };

/** The documents that a fleet's code defines, or why there are none. */
export interface Evaluation {
  readonly documents: readonly SourceDocument[];
  readonly diagnostics: readonly Diagnostic[];
}

/** Evaluates `fleet.ts` in a program of its own that may read the repository and nothing else. */
export async function evaluate(
  root: string,
  run: Run,
  limits: EvaluationLimits = usual,
): Promise<Evaluation> {
  const top = realpathSync(root);
  const ended = await evaluated(top, run, limits);
  if ('why' in ended) return failed(ended.why);
  const answer = parseJson(ended.text);
  const failure = at(answer, 'failed');
  if (isObject(failure)) return { documents: [], diagnostics: [failureOf(failure, top)] };
  if (!isObject(answer)) return failed(problem('TRY-CODE-001', fileOrigin(fleetCode), { why: ended.reason }));
  return { documents: listAt(answer, 'definitions').flatMap((one) => documentOf(one, top)), diagnostics: [] };
}

function failed(why: Diagnostic): Evaluation {
  return { documents: [], diagnostics: [why] };
}

type Ended = { readonly text: string; readonly reason: string } | { readonly why: Diagnostic };

async function evaluated(root: string, run: Run, limits: EvaluationLimits): Promise<Ended> {
  const own = fileURLToPath(new URL('../..', import.meta.url));
  const program = fileURLToPath(new URL(`evaluation-child${path.extname(import.meta.url)}`, import.meta.url));
  const rights = ['--permission', `--allow-fs-read=${root}`, `--allow-fs-read=${own}`];
  const settings = ['--no-warnings', '--max-old-space-size=512', ...rights];
  const signal = AbortSignal.any([run.signal, AbortSignal.timeout(limits.milliseconds)]);
  const child = spawn(process.execPath, [...settings, program, path.join(root, fleetCode)], {
    cwd: root,
    env: {},
    stdio: ['ignore', 'ignore', 'pipe', 'pipe'],
    signal,
    killSignal: 'SIGKILL',
  });
  const [said, complaint] = [gathered(child.stdio[3], limits.bytes), gathered(child.stderr, 65_536)];
  const code = await new Promise<number | null>((resolve) => {
    child.once('error', () => resolve(null));
    child.once('close', resolve);
    said.whenFull(() => child.kill('SIGKILL'));
  });
  const here = fileOrigin(fleetCode);
  run.signal.throwIfAborted();
  if (signal.aborted) return { why: problem('TRY-CODE-003', here, { seconds: limits.milliseconds / 1000 }) };
  if (said.isFull()) return { why: problem('TRY-CODE-004', here, { limit: `${limits.bytes} bytes` }) };
  return { text: said.text(), reason: lastLine(complaint.text()) ?? endOf(code) };
}

function endOf(code: number | null): string {
  return code === 13 ? 'a top-level await never ends' : `it ended with code ${code ?? 'none'} and no answer`;
}

function lastLine(text: string): string | undefined {
  return text
    .split('\n')
    .findLast((line) => /error/i.test(line))
    ?.trim();
}

interface Gathered {
  text(): string;
  isFull(): boolean;
  whenFull(call: () => void): void;
}

function gathered(stream: unknown, limit: number): Gathered {
  const chunks: Buffer[] = [];
  let size = 0;
  let full = (): void => undefined;
  if (isReadable(stream))
    stream.on('data', (chunk: Buffer) => {
      size += chunk.length;
      if (size <= limit) chunks.push(chunk);
      else full();
    });
  return {
    text: () => Buffer.concat(chunks).toString('utf8'),
    isFull: () => size > limit,
    whenFull: (call) => {
      full = call;
    },
  };
}

function isReadable(stream: unknown): stream is Readable {
  return typeof stream === 'object' && stream !== null && 'on' in stream;
}

/** What the code threw, at the first of its own lines. */
function failureOf(failure: unknown, root: string): Diagnostic {
  const stack = stringAt(failure, 'stack') ?? '';
  const message = stringAt(failure, 'message') ?? '';
  const origin = placeIn(`${stack}\n${message}`, root) ?? fileOrigin(fleetCode);
  const isDenied = stringAt(failure, 'code') === 'ERR_ACCESS_DENIED';
  const resource = stringAt(failure, 'resource') ?? '';
  const why = isDenied
    ? `${resource === '' ? 'this' : `access to ${resource}`} is refused: a fleet's code reads its own repository and nothing else`
    : message;
  return problem('TRY-CODE-001', origin, { why });
}

function placeIn(stack: string, root: string): Origin | undefined {
  for (const found of stack.matchAll(/(file:\/\/\/[^\s):]+|\/[^\s):]+):(\d+)(?::(\d+))?/g)) {
    const [, name = '', line = '1', column = '1'] = found;
    const file = fileIn(name, root);
    if (file !== undefined) return { file, line: Number(line), column: Number(column), path: '' };
  }
  return undefined;
}

/** The path from the root; undefined for a file that stands elsewhere. */
function fileIn(name: string, root: string): string | undefined {
  const absolute = name.startsWith('file:') ? fileURLToPath(name) : name;
  const relative = path.relative(root, absolute);
  return relative.startsWith('..') || path.isAbsolute(relative)
    ? undefined
    : relative.split(path.sep).join('/');
}

function documentOf(definition: unknown, root: string): readonly SourceDocument[] {
  const value = at(definition, 'document');
  const kind = kinds.find((one) => one === at(value, 'kind'));
  if (!isObject(value) || kind === undefined) return [];
  const file = fileIn(stringAt(definition, 'at', 'file') ?? '', root) ?? fleetCode;
  const [line, column] = [numberAt(definition, 'at', 'line') ?? 1, numberAt(definition, 'at', 'column') ?? 1];
  const locate = (steps: readonly PathStep[]): Origin => ({ file, line, column, path: pathText(steps) });
  return [
    {
      kind,
      name: stringAt(value, 'metadata', 'name') ?? '',
      value,
      file,
      locate,
      plainText: () => undefined,
    },
  ];
}
