import { execFile, spawnSync } from 'node:child_process';
import { randomUUID } from 'node:crypto';
import { existsSync, readFileSync } from 'node:fs';
import { mkdir, rename, rm } from 'node:fs/promises';
import path from 'node:path';
import { promisify } from 'node:util';
import { cacheRoot, withLock } from '../../../src/assets/index.ts';
import { sha256 } from '../../../src/lib/index.ts';

const folder = path.join(import.meta.dirname, 'program');
const main = 'github.com/distribution/distribution/v3/cmd/registry';

// Another pinned version is another program.
const pinned = sha256(readFileSync(path.join(folder, 'go.sum'))).slice(0, 12);
const program = path.join(cacheRoot(process.env), 'test', `registry-${pinned}`, 'registry');

/** Why there can be no registry here; undefined: there can. */
export const noRegistry =
  existsSync(program) || spawnSync('go', ['version']).status === 0
    ? undefined
    : 'no Go toolchain on PATH, and no registry was built before: the tests with a real registry are skipped';

/** The registry of the distribution project, in the pinned version; built once per machine, which takes a minute. */
export async function registryProgram(): Promise<string> {
  if (existsSync(program)) return program;
  const waiting = { signal: new AbortController().signal, onWait: () => undefined };
  await withLock(`${program}.lock`, waiting, async () => {
    if (existsSync(program)) return;
    const draft = `${program}.${randomUUID()}`;
    await mkdir(path.dirname(program), { recursive: true });
    const env = { ...process.env, CGO_ENABLED: '0', GOFLAGS: '-mod=readonly', GOWORK: 'off' };
    const flags = ['-trimpath', '-buildvcs=false', '-ldflags', '-s -w'];
    try {
      await promisify(execFile)('go', ['build', ...flags, '-o', draft, main], { cwd: folder, env });
      await rename(draft, program);
    } finally {
      await rm(draft, { force: true });
    }
  });
  return program;
}
