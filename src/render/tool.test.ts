import {
  chmodSync,
  existsSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { afterAll, describe, expect, it } from 'vitest';
import { isFailure } from '../lib/index.ts';
import { runTool, toolEnvironment, withHome, type ToolAnswer, type ToolLimits } from './tool.ts';

const folder = mkdtempSync(path.join(tmpdir(), 'toryo-tool-'));
afterAll(() => rmSync(folder, { recursive: true, force: true }));

const env = { TMPDIR: folder };

function script(name: string, body: string): string {
  const file = path.join(folder, name);
  writeFileSync(file, `#!/bin/sh\n${body}\n`);
  chmodSync(file, 0o755);
  return file;
}

function call(
  program: string,
  limits: ToolLimits,
  signal = new AbortController().signal,
): Promise<ToolAnswer> {
  return withHome(env, (home) => runTool({ program, args: [], home, signal, limits }));
}

const homes = (): readonly string[] => readdirSync(folder).filter((name) => name.startsWith('toryo-render-'));
const isGone = (pid: number): boolean => {
  try {
    process.kill(pid, 0);
    return false;
  } catch {
    return true;
  }
};
const limits = { milliseconds: 20_000, bytes: 1000 };

describe('a tool', () => {
  it('gives what it printed', async () => {
    expect(await call(script('good', 'echo hello; echo noise >&2'), limits)).toEqual({ output: 'hello\n' });
  });

  it('gives what it said when it failed, and when it could not start', async () => {
    expect(await call(script('bad', 'echo why >&2; exit 3'), limits)).toEqual({ said: 'why\n' });
    expect(await call(script('mute', 'exit 3'), limits)).toEqual({ said: 'exit code 3' });
    expect(JSON.stringify(await call(path.join(folder, 'absent'), limits))).toContain('ENOENT');
  });

  it('is stopped at its time limit and at its output limit', async () => {
    const pidFile = path.join(folder, 'slow.pid');
    const slow = script('slow', `echo $$ > ${pidFile}; exec /bin/sleep 60`);
    expect(await call(slow, { milliseconds: 300, bytes: 1000 })).toEqual({ said: 'stopped after 0.3 s' });
    expect(isGone(Number(readFileSync(pidFile, 'utf8')))).toBe(true);
    const loud = script('loud', 'while :; do echo xxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxx; done');
    expect(await call(loud, limits)).toEqual({ said: 'printed more than 1000 bytes' });
    expect(homes()).toEqual([]);
  });

  it('is killed when the run is interrupted, and its home is removed', async () => {
    const pidFile = path.join(folder, 'long.pid');
    const long = script('long', `echo $$ > ${pidFile}; : > file-in-home; exec /bin/sleep 60`);
    const stop = new AbortController();
    const running = call(long, limits, stop.signal).catch((error: unknown) => error);
    while (!existsSync(pidFile) || readFileSync(pidFile, 'utf8') === '') await sleep(20);
    expect(homes()).toHaveLength(1);
    stop.abort();
    expect(isFailure(await running, 'TORYO_INTERRUPTED')).toBe(true);
    expect(isGone(Number(readFileSync(pidFile, 'utf8')))).toBe(true);
    expect(homes()).toEqual([]);
  });

  it('is not started when the run was interrupted before', async () => {
    const started = path.join(folder, 'started');
    const program = script('never', `: > ${started}`);
    const error: unknown = await call(program, limits, AbortSignal.abort()).catch(
      (caught: unknown) => caught,
    );
    expect(isFailure(error, 'TORYO_INTERRUPTED')).toBe(true);
    expect(existsSync(started)).toBe(false);
  });

  it('has a closed port for a proxy', () => {
    expect(toolEnvironment('/home')['HTTPS_PROXY']).toBe('http://127.0.0.1:1');
  });
});
