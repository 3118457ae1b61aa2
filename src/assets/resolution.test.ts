import { createHash } from 'node:crypto';
import { spawn, execFileSync } from 'node:child_process';
import { chmod, mkdir, mkdtemp, readdir, readFile, rm, stat, utimes, writeFile } from 'node:fs/promises';
import { createServer, type RequestListener, type Server } from 'node:http';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import type { Event, Run } from '../lib/index.ts';
import { ensureAsset, isAlive, lifeOf, ownLife, withLock } from './index.ts';

let folder = '';
let server: Server | undefined;
let events: Event[] = [];

const newRun = (): Run => ({
  signal: new AbortController().signal,
  now: () => new Date().toISOString(),
  emit: (event) => events.push(event),
});

const whys = (): string => events.map((event) => event.why ?? '').join('\n');
const sum = (data: string | Buffer): string => createHash('sha256').update(data).digest('hex');
const env = (more: Record<string, string> = {}): Record<string, string> => ({
  TORYO_CACHE: join(folder, 'cache'),
  HOME: folder,
  PATH: '/usr/bin:/bin',
  ...more,
});

async function mirror(listener: RequestListener): Promise<string> {
  const listening = createServer(listener);
  server = listening;
  await new Promise<void>((resolve) => listening.listen(0, '127.0.0.1', resolve));
  const address = listening.address();
  return `http://127.0.0.1:${typeof address === 'object' ? address?.port : ''}`;
}

async function script(path: string, says: string): Promise<void> {
  await writeFile(path, `#!/bin/sh\necho "${says}"\n`);
  await chmod(path, 0o755);
}

const filesBelow = async (path: string): Promise<readonly string[]> =>
  (await readdir(path, { recursive: true })).toSorted();

beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'toryo-assets-'));
  events = [];
});

afterEach(async () => {
  server?.closeAllConnections();
  server?.close();
  server = undefined;
  await rm(folder, { recursive: true, force: true });
});

describe('a program that the person has', () => {
  it('is used from TORYO_ASSETS when it says the wanted version', async () => {
    await script(join(folder, 'etcd'), 'etcd Version: 3.6.16');
    expect(await ensureAsset('etcd', newRun(), env({ TORYO_ASSETS: folder }))).toBe(join(folder, 'etcd'));
  });

  it('is passed over, and said so, when it is another version', async () => {
    await script(join(folder, 'kustomize'), 'v4.0.0');
    const asked = ensureAsset(
      'kustomize',
      newRun(),
      env({ KUBEBUILDER_ASSETS: folder, TORYO_OFFLINE: '1', PATH: '' }),
    );
    await expect(asked).rejects.toThrow(/is not 5\.8\.2 \(v4\.0\.0\).*TORYO_OFFLINE.*no Go toolchain/);
    expect(whys()).toContain('passed over');
  });
});

describe('the download of a release', () => {
  const program = '#!/bin/sh\necho kwok\n';

  it('is kept with its sha256 and used again without asking', async () => {
    let asked = 0;
    const base = await mirror((request, response) => {
      asked += 1;
      response.end(request.url?.endsWith('.sha256') === true ? `${sum(program)}\n` : program);
    });
    const path = await ensureAsset('kwok', newRun(), env({ TORYO_MIRROR: base }));
    expect(path).toBe(join(folder, 'cache/assets/0.7.0/kwok'));
    expect(execFileSync(path).toString()).toBe('kwok\n');
    expect(events.some((event) => event.state === 'progress' && event.done === program.length)).toBe(true);
    await ensureAsset('kwok', newRun(), env({ TORYO_MIRROR: base }));
    expect(asked).toBe(2);
    expect(await filesBelow(join(folder, 'cache/assets/0.7.0'))).toEqual([
      'kwok',
      'kwok.mark',
      'kwok.sha256',
    ]);
  });

  it('unpacks the one file of an archive, found by name in a list of checksums', async () => {
    await mkdir(join(folder, 'tar'));
    await script(join(folder, 'tar/kustomize'), 'v5.8.2');
    const archive = execFileSync('tar', ['-czf', '-', '-C', join(folder, 'tar'), 'kustomize']);
    const base = await mirror((request, response) => {
      const file = decodeURIComponent(request.url ?? '').replace('checksums.txt', '');
      if (file.endsWith('/'))
        response.end(`${'0'.repeat(64)}  other.tar.gz\n${sum(archive)}  ${archiveName}\n`);
      else response.end(archive);
    });
    const archiveName = `kustomize_v5.8.2_${process.platform}_${process.arch === 'x64' ? 'amd64' : process.arch}.tar.gz`;
    const path = await ensureAsset('kustomize', newRun(), env({ TORYO_MIRROR: base }));
    expect(execFileSync(path).toString()).toBe('v5.8.2\n');
  });

  it('is not used when the checksum differs', async () => {
    const base = await mirror((request, response) => {
      response.end(request.url?.endsWith('.sha256') === true ? sum('another') : program);
    });
    const asked = ensureAsset('kwok', newRun(), env({ TORYO_MIRROR: base, PATH: '' }));
    await expect(asked).rejects.toMatchObject({ code: 'TORYO_ASSET' });
    expect(whys()).toContain('is published for it: not used');
    expect(await filesBelow(join(folder, 'cache/assets/0.7.0'))).toEqual([]);
  });

  it('leaves no half-written file when it breaks off', async () => {
    const base = await mirror((request, response) => {
      if (request.url?.endsWith('.sha256') === true) response.end(sum(program));
      else {
        response.writeHead(200, { 'content-length': '100000' });
        response.write(program, () => response.destroy());
      }
    });
    await expect(ensureAsset('kwok', newRun(), env({ TORYO_MIRROR: base, PATH: '' }))).rejects.toThrow(
      /download:/,
    );
    expect(await filesBelow(join(folder, 'cache/assets/0.7.0'))).toEqual([]);
  });

  it('from a server that never answers is given up in 3 s, once per run', async () => {
    const base = await mirror(() => undefined);
    const run = newRun();
    const began = Date.now();
    const settings = env({ TORYO_MIRROR: base, PATH: '' });
    await expect(ensureAsset('kwok', run, settings)).rejects.toThrow(/did not answer in 3 s/);
    const first = Date.now() - began;
    await expect(ensureAsset('etcd', run, settings)).rejects.toThrow(/did not answer in 3 s/);
    expect(first).toBeLessThan(6_000);
    expect(Date.now() - began - first).toBeLessThan(2_500);
  });

  it('is made once for two that ask at the same time', async () => {
    let asked = 0;
    const base = await mirror((request, response) => {
      if (request.url?.endsWith('.sha256') === true) response.end(sum(program));
      else {
        asked += 1;
        setTimeout(() => response.end(program), 300);
      }
    });
    const settings = env({ TORYO_MIRROR: base });
    const paths = await Promise.all([
      ensureAsset('kwok', newRun(), settings),
      ensureAsset('kwok', newRun(), settings),
    ]);
    expect(new Set(paths).size).toBe(1);
    expect(asked).toBe(1);
    expect(events.filter((event) => event.state === 'waiting')).toHaveLength(1);
  });

  it('replaces a program that was changed in the cache, or that has no recorded sha256', async () => {
    const base = await mirror((request, response) => {
      response.end(request.url?.endsWith('.sha256') === true ? sum(program) : program);
    });
    const settings = env({ TORYO_MIRROR: base });
    const path = await ensureAsset('kwok', newRun(), settings);
    await writeFile(path, 'changed');
    await ensureAsset('kwok', newRun(), settings);
    expect(whys()).toContain('was changed since it was put there');
    expect(await readFile(path, 'utf8')).toBe(program);
    const { atime, mtime } = await stat(path);
    await writeFile(path, program.replace('kwok', 'mock'));
    await utimes(path, atime, mtime);
    await ensureAsset('kwok', newRun(), settings);
    expect(await readFile(path, 'utf8')).toBe(program);
    await writeFile(path, 'half');
    await rm(`${path}.sha256`);
    await ensureAsset('kwok', newRun(), settings);
    expect(await readFile(path, 'utf8')).toBe(program);
  });
});

describe('a lock', () => {
  const waiting = { signal: new AbortController().signal, onWait: () => undefined };

  it('is waited for while its holder lives, and taken over when the holder dies', async () => {
    const holder = spawn('sleep', ['60']);
    const file = join(folder, 'x.lock');
    await writeFile(file, JSON.stringify(await lifeOf(holder.pid ?? 0)));
    let told = 0;
    const taken = withLock(file, { ...waiting, onWait: (pid) => (told = pid) }, () =>
      Promise.resolve('mine'),
    );
    await new Promise((resolve) => setTimeout(resolve, 300));
    expect(told).toBe(holder.pid);
    holder.kill('SIGKILL');
    expect(await taken).toBe('mine');
    expect(await readdir(folder)).toEqual([]);
  });

  it('of a pid that somebody else has now is taken over', async () => {
    const file = join(folder, 'x.lock');
    await writeFile(file, JSON.stringify({ pid: process.pid, start: 'another time' }));
    expect(await withLock(file, waiting, () => Promise.resolve(1))).toBe(1);
  });

  it('lets one of many in at a time', async () => {
    let inside = 0;
    const work = async (): Promise<void> => {
      inside += 1;
      expect(inside).toBe(1);
      await new Promise((resolve) => setTimeout(resolve, 20));
      inside -= 1;
    };
    const file = join(folder, 'x.lock');
    await writeFile(file, 'half a lo');
    await Promise.all(Array.from({ length: 6 }, () => withLock(file, waiting, work)));
  });
});

describe('a life', () => {
  it('goes on until it ends', async () => {
    expect(await isAlive(await ownLife())).toBe(true);
    expect(await isAlive({ pid: process.pid, start: 'another time' })).toBe(false);
    const child = spawn('sleep', ['0.2']);
    const closed = new Promise((resolve) => child.once('close', resolve));
    const life = await lifeOf(child.pid ?? 0);
    await closed;
    expect(life !== undefined && (await isAlive(life))).toBe(false);
  });
});

const hasGo = ((): boolean => {
  try {
    execFileSync('go', ['version']);
    return true;
  } catch {
    return false;
  }
})();

describe.skipIf(!hasGo)('a build', () => {
  it('of the pinned module gives the pinned version, once for two that ask', async () => {
    const settings = {
      ...process.env,
      TORYO_CACHE: join(folder, 'cache'),
      TORYO_OFFLINE: '1',
      TORYO_ASSETS: '',
    };
    const [path, again] = await Promise.all([
      ensureAsset('etcd', newRun(), settings),
      ensureAsset('etcd', newRun(), settings),
    ]);
    expect(again).toBe(path);
    expect(execFileSync(path, ['--version']).toString()).toContain('etcd Version: 3.6.16');
    expect(events.filter((event) => event.verb === 'build' && event.state === 'started')).toHaveLength(1);
    expect(events.some((event) => event.verb === 'build' && (event.of ?? 0) > 100)).toBe(true);
  });
});
