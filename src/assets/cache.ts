import { createHash, randomUUID } from 'node:crypto';
import { createReadStream } from 'node:fs';
import { chmod, mkdir, readFile, rename, rm, stat, writeFile } from 'node:fs/promises';
import { homedir } from 'node:os';
import { dirname, join } from 'node:path';
import { pipeline } from 'node:stream/promises';
import { assets, type AssetName } from './asset.ts';

/** The environment that a person has set. */
export type Environment = Readonly<Record<string, string | undefined>>;

/** Toryo's cache folder: TORYO_CACHE, else toryo under XDG_CACHE_HOME, else under ~/.cache. */
export function cacheRoot(env: Environment): string {
  const own = env['TORYO_CACHE'];
  if (own !== undefined && own !== '') return own;
  const base = env['XDG_CACHE_HOME'];
  const home = env['HOME'] ?? homedir();
  return join(base === undefined || base === '' ? join(home, '.cache') : base, 'toryo');
}

/** Where the cache keeps that asset. */
export function cachedPath(name: AssetName, env: Environment): string {
  return join(cacheRoot(env), 'assets', assets[name].version, name);
}

/**
 * What the cache has at that path: the program as it was put there, another file, or nothing. It is read again only when
 * its mark is not the one of last time: the programs of a cluster are 370 MB, and each start asks for all.
 */
export async function cacheStateOf(path: string): Promise<'good' | 'changed' | 'none'> {
  const recorded = await readFile(`${path}.sha256`, 'utf8').catch(() => undefined);
  const mark = await markOf(path).catch(() => undefined);
  if (recorded === undefined || mark === undefined) return 'none';
  if (mark === (await readFile(`${path}.mark`, 'utf8').catch(() => undefined))) return 'good';
  const found = await sha256OfFile(path).catch(() => undefined);
  if (found === undefined) return 'none';
  if (found !== recorded.trim()) return 'changed';
  // A cache that cannot be written is only slower.
  await record(`${path}.mark`, mark).catch(() => undefined);
  return 'good';
}

/** Changes with every write to that file, and with every other file in its place: no program can set an inode's ctime. */
async function markOf(path: string): Promise<string> {
  const { ino, size, mtimeNs, ctimeNs } = await stat(path, { bigint: true });
  return [ino, size, mtimeNs, ctimeNs].join('-');
}

async function record(path: string, text: string): Promise<void> {
  const draft = await draftOf(path);
  try {
    await writeFile(draft, text);
    await rename(draft, path);
  } finally {
    await rm(draft, { force: true });
  }
}

/** A path beside the final one, for a file that is not whole yet. */
export async function draftOf(path: string): Promise<string> {
  await mkdir(dirname(path), { recursive: true });
  return `${path}.${process.pid}.${randomUUID().slice(0, 8)}.part`;
}

/** Puts a whole file in its place and records its sha256 and mark; readers see the old state or the new, never half of it. */
export async function keep(draft: string, path: string): Promise<void> {
  await chmod(draft, 0o755);
  const sum = await sha256OfFile(draft);
  await rm(`${path}.sha256`, { force: true });
  await rename(draft, path);
  await record(`${path}.mark`, await markOf(path));
  await record(`${path}.sha256`, `${sum}\n`);
}

/** SHA-256 of a file of any size, lower-case hex. */
export async function sha256OfFile(path: string): Promise<string> {
  const hash = createHash('sha256');
  await pipeline(createReadStream(path, { highWaterMark: 1 << 20 }), hash);
  return hash.digest('hex');
}
