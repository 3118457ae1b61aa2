import {
  errorKinds,
  failure,
  hintOf,
  isFailure,
  reasonOf,
  stringAt,
  type Diagnostic,
  type Event,
  type Run,
} from '../lib/index.ts';
import type { Environment } from '../toryo.ts';
import { diagnosticsText, jsonDiagnostics } from './diagnostics-text.ts';
import { progressFor, type Progress } from './progress.ts';
import { styleFor, type Style } from './style.ts';
import { wrapped } from './wrap.ts';

/** How results are written to stdout. */
export const outputFormats = ['table', 'wide', 'json', 'yaml', 'name', 'jsonl'] as const;

/** markdown: of a few commands, for comments on pull requests. */
export type OutputFormat = (typeof outputFormats)[number] | 'markdown';

/** Options that every command has. */
export interface CommonOptions {
  readonly output?: OutputFormat;
  readonly color?: boolean;
}

/** One run of the command line: where its words go, and what stops it. */
export interface Session {
  readonly run: Run;
  readonly env: Environment;
  readonly format: OutputFormat;
  readonly style: Style;
  /** Writes data to stdout, as it is. */
  print(text: string): void;
  /** Writes words for people to stdout; they wrap where a terminal ends. */
  show(text: string): void;
  /** The same to stderr, without breaking the live view. */
  say(text: string): void;
  /** Shows mistakes: sentences on stderr, or data on stdout with -o json. True when one is an error. */
  tell(diagnostics: readonly Diagnostic[]): boolean;
}

/** Runs a command and sets the exit code; whatever is thrown becomes one clear message. */
export async function inSession(
  options: CommonOptions,
  command: (session: Session) => Promise<number>,
): Promise<void> {
  const { env } = process;
  const format = options.output ?? 'table';
  const style = styleFor(process.stderr, env, options.color !== false);
  const progress = progressFor({ stream: process.stderr, style, isQuiet: format === 'jsonl' });
  const abort = new AbortController();
  const session = makeSession({ env, format, progress, abort, color: options.color !== false });
  const interrupt = (): void =>
    abort.signal.aborted ? process.exit(errorKinds.TORYO_INTERRUPTED.exit) : abort.abort();
  process.on('SIGINT', interrupt).on('SIGTERM', interrupt);
  try {
    process.exitCode = await command(session);
  } catch (error) {
    process.exitCode = abort.signal.aborted ? interrupted(session) : explain(error, session);
  } finally {
    progress.end();
    process.off('SIGINT', interrupt).off('SIGTERM', interrupt);
  }
}

interface Parts {
  readonly env: Environment;
  readonly format: OutputFormat;
  readonly progress: Progress;
  readonly abort: AbortController;
  readonly color: boolean;
}

function makeSession(parts: Parts): Session {
  const { env, format, progress, abort } = parts;
  const style = styleFor(process.stdout, env, parts.color);
  const errorStyle = styleFor(process.stderr, env, parts.color);
  const print = (text: string): void => progress.aside(() => process.stdout.write(text));
  const emit = (event: Event): void =>
    format === 'jsonl' ? print(`${JSON.stringify(event)}\n`) : progress.show(event);
  const say = (text: string): void => progress.say(wrapped(text, errorStyle.columns()));
  return {
    run: { signal: abort.signal, now: () => new Date().toISOString(), emit },
    env,
    format,
    style,
    print,
    show: (text) => print(wrapped(text, style.columns())),
    say,
    tell: (diagnostics) => {
      const hasErrors = diagnostics.some((one) => one.severity === 'error');
      if (format === 'json' || format === 'yaml') {
        if (hasErrors) print(`${JSON.stringify({ diagnostics: jsonDiagnostics(diagnostics) }, null, 2)}\n`);
      } else if (diagnostics.length > 0) say(diagnosticsText(diagnostics, errorStyle));
      return hasErrors;
    },
  };
}

function interrupted(session: Session): number {
  session.say('interrupted. Run the same command again: it goes on where it stopped.\n');
  return errorKinds.TORYO_INTERRUPTED.exit;
}

/** What the machine's disk refused is no defect: full, over a quota, read-only, or another's. */
function diskFailure(error: unknown): unknown {
  const code = stringAt(error, 'code') ?? '';
  const isOfDisk = ['ENOSPC', 'EDQUOT', 'EROFS', 'EACCES', 'EPERM'].includes(code);
  return isOfDisk && !isFailure(error) ? failure('TORYO_DISK', { why: reasonOf(error) }) : error;
}

function explain(thrown: unknown, session: Session): number {
  const error = diskFailure(thrown);
  if (!isFailure(error)) {
    const details =
      error instanceof Error && session.env['TORYO_DEBUG'] !== undefined ? `\n${error.stack ?? ''}` : '';
    session.say(`error TORYO_INTERNAL: ${reasonOf(error)}${details}\n  ${hintOf('TORYO_INTERNAL')}\n`);
    return 1;
  }
  if (session.format === 'json')
    session.print(
      `${JSON.stringify({ error: { code: error.code, message: error.message, details: error.details, cluster: error.cluster, subject: error.subject } }, null, 2)}\n`,
    );
  else session.say(failureText(error));
  return error.exitCode;
}

/** A failed operation in two lines: what happened, and what to do. */
export function failureText(error: unknown): string {
  if (!isFailure(error)) return `error: ${reasonOf(error)}\n`;
  const where = error.cluster === undefined ? '' : `cluster ${error.cluster}: `;
  return `error ${error.code}: ${where}${error.message}\n  ${hintOf(error.code)}\n`;
}
