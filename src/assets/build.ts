import { spawn } from 'node:child_process';
import { dirname, join } from 'node:path';
import { createInterface } from 'node:readline';
import { fileURLToPath } from 'node:url';
import { tell, type Run } from '../lib/index.ts';
import type { Asset } from './asset.ts';
import type { Environment } from './cache.ts';

const modules = fileURLToPath(new URL('../../assets', import.meta.url));

/** Builds the asset's pinned module into the draft file; throws with the last lines that the Go toolchain said. */
export async function build(asset: Asset, draft: string, told: Told, env: Environment): Promise<void> {
  const go: Go = { cwd: join(modules, asset.module), env: goEnvironment(env), run: told.run };
  const packages: string[] = [];
  await goTool(go, ['list', '-deps', asset.main], { onLine: (line) => packages.push(line) });
  let done = 0;
  tell(told.run, { ...progress(told), done, of: packages.length });
  await goTool(go, ['build', '-v', ...buildFlags(asset), '-o', draft, asset.main], {
    onSaid: (line) => {
      if (!isPackage(line)) return;
      done += 1;
      tell(told.run, { ...progress(told), done: Math.min(done, packages.length), of: packages.length });
    },
  });
}

/** Whom to tell about which asset. */
export interface Told {
  readonly run: Run;
  readonly subject: string;
}

interface Go {
  readonly cwd: string;
  readonly env: Readonly<Record<string, string>>;
  readonly run: Run;
}

interface Listening {
  readonly onLine?: (line: string) => void;
  readonly onSaid?: (line: string) => void;
}

const progress = ({ subject }: Told): { subject: string; verb: 'build'; state: 'progress' } => ({
  subject,
  verb: 'build',
  state: 'progress',
});

const isPackage = (line: string): boolean => /^[\w.~-]+(\/[\w.~-]+)*$/.test(line);

function buildFlags(asset: Asset): readonly string[] {
  return ['-trimpath', '-buildvcs=false', '-ldflags', `-s -w ${asset.ldflags}`.trim()];
}

/** The person's own environment, but nothing of it that would change what is built. */
function goEnvironment(env: Environment): Record<string, string> {
  const fixed = { CGO_ENABLED: '0', GOFLAGS: '-mod=readonly', GOWORK: 'off' };
  const kept = Object.entries(env).filter(
    (entry): entry is [string, string] =>
      entry[1] !== undefined && !/^(GOOS|GOARCH|GOEXPERIMENT)$/.test(entry[0]),
  );
  return { ...Object.fromEntries(kept), ...fixed };
}

async function goTool(go: Go, args: readonly string[], listening: Listening): Promise<void> {
  const child = spawn('go', args, {
    cwd: go.cwd,
    env: go.env,
    stdio: ['ignore', 'pipe', 'pipe'],
    signal: go.run.signal,
  });
  const last: string[] = [];
  createInterface({ input: child.stdout }).on('line', (line) => listening.onLine?.(line));
  createInterface({ input: child.stderr }).on('line', (line) => {
    listening.onSaid?.(line);
    if (!isPackage(line)) last.push(line);
    if (last.length > 5) last.shift();
  });
  const code = await new Promise<number | null>((resolve, reject) => {
    child.once('error', (error: NodeJS.ErrnoException) => {
      reject(error.code === 'ENOENT' ? new Error(missing(go.cwd)) : error);
    });
    child.once('close', resolve);
  });
  if (code !== 0)
    throw new Error(`go ${args[0] ?? ''} in ${go.cwd}: ${last.join('; ') || `exit code ${code}`}`);
}

/** spawn says ENOENT for a missing folder too. */
function missing(cwd: string): string {
  return `no Go toolchain on PATH to build it (or no ${dirname(cwd)})`;
}
