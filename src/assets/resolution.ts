import { execFile } from 'node:child_process';
import { constants } from 'node:fs';
import { access, realpath, rm } from 'node:fs/promises';
import { delimiter, join } from 'node:path';
import { promisify } from 'node:util';
import { failure, reasonOf, tell, type Run } from '../lib/index.ts';
import { assets, releaseOf, type AssetName } from './asset.ts';
import { build } from './build.ts';
import { cachedPath, cacheRoot, cacheStateOf, draftOf, keep, type Environment } from './cache.ts';
import { withLock } from './lock.ts';

interface Search {
  readonly name: AssetName;
  readonly subject: string;
  readonly run: Run;
  readonly env: Environment;
  /** What was tried and why it did not help, in order. */
  readonly tried: string[];
}

/**
 * The absolute path of that program in exactly the pinned version: given by the person, cached, downloaded or built.
 * Throws TORYO_ASSET with all that was tried.
 */
export async function ensureAsset(name: AssetName, run: Run, env: Environment): Promise<string> {
  const search: Search = { name, subject: `assets/${name}`, run, env, tried: [] };
  const given = await givenPath(search);
  if (given !== undefined) return given;
  const path = cachedPath(name, env);
  if ((await cacheStateOf(path)) === 'good') return path;
  return withLock(`${path}.lock`, waitingFor(search, 'is being provided'), () => provide(search, path));
}

/** Where that program is already, without downloading or building; undefined when it is nowhere. */
export async function findAsset(name: AssetName, run: Run, env: Environment): Promise<string | undefined> {
  const given = await givenPath({ name, subject: `assets/${name}`, run, env, tried: [] });
  if (given !== undefined) return given;
  const path = cachedPath(name, env);
  return (await cacheStateOf(path)) === 'good' ? path : undefined;
}

async function provide(search: Search, path: string): Promise<string> {
  const state = await cacheStateOf(path);
  if (state === 'good') return path;
  if (state === 'changed') {
    tell(search.run, {
      ...about(search, 'find'),
      why: `${path} was changed since it was put there: not used`,
    });
    await rm(path, { force: true });
  }
  const draft = await draftOf(path);
  try {
    if (!(await isDownloaded(search, draft))) await buildOrFail(search, draft);
    await keep(draft, path);
    return path;
  } finally {
    await rm(draft, { force: true });
  }
}

async function isDownloaded(search: Search, draft: string): Promise<boolean> {
  const { run, env, subject, tried } = search;
  if ((env['TORYO_OFFLINE'] ?? '') !== '') {
    tried.push('download: switched off by TORYO_OFFLINE');
    return false;
  }
  const release = releaseOf(assets[search.name], env['TORYO_MIRROR']);
  if (release === undefined) {
    tried.push(`download: there is no release for ${process.platform}`);
    return false;
  }
  tell(run, { subject, verb: 'download', state: 'started', why: release.url });
  try {
    // The HTTP client is worth its start-up only where something is downloaded.
    const { download } = await import('./download.ts');
    await download(release, draft, subject, run);
    tell(run, { subject, verb: 'download', state: 'done' });
    return true;
  } catch (error) {
    if (run.signal.aborted) throw failure('TORYO_INTERRUPTED', { what: `downloading ${search.name}` });
    const why = reasonOf(error);
    tried.push(`download: ${why}`);
    tell(run, { subject, verb: 'download', state: 'failed', why });
    return false;
  }
}

/** One build at a time: two at once compile the same packages twice. */
async function buildOrFail(search: Search, draft: string): Promise<void> {
  const { name, run, env, subject, tried } = search;
  const lock = join(cacheRoot(env), 'assets', 'build.lock');
  await withLock(lock, waitingFor(search, 'builds another program'), async () => {
    const why = 'takes minutes the first time';
    tell(run, { subject, verb: 'build', state: 'started', why });
    try {
      await build(assets[name], draft, { run, subject }, env);
      tell(run, { subject, verb: 'build', state: 'done' });
    } catch (error) {
      if (run.signal.aborted) throw failure('TORYO_INTERRUPTED', { what: `building ${name}` });
      tried.push(`build: ${reasonOf(error)}`);
      tell(run, { subject, verb: 'build', state: 'failed', why: reasonOf(error) });
      throw failure('TORYO_ASSET', { name, why: tried.join('; ') }, { subject, cause: error });
    }
  });
}

/** TORYO_ASSETS, KUBEBUILDER_ASSETS and PATH: used when the program there says that it is the wanted version. */
async function givenPath(search: Search): Promise<string | undefined> {
  for (const [where, folder] of givenFolders(search.env)) {
    const path = join(folder, search.name);
    const version = await versionAt(search.name, path);
    if (version === 'wanted') return realpath(path);
    if (version === undefined) continue;
    const why = `${where} has ${path}, which is not ${assets[search.name].version} (${version}): passed over`;
    search.tried.push(why);
    tell(search.run, { ...about(search, 'find'), why });
  }
  return undefined;
}

function givenFolders(env: Environment): readonly (readonly [string, string])[] {
  const own = ['TORYO_ASSETS', 'KUBEBUILDER_ASSETS'].map((name) => [name, env[name] ?? ''] as const);
  const path = (env['PATH'] ?? '').split(delimiter).map((folder) => ['PATH', folder] as const);
  return [...own, ...path].filter(([, folder]) => folder !== '');
}

async function versionAt(name: AssetName, path: string): Promise<string | undefined> {
  try {
    await access(path, constants.X_OK);
  } catch {
    return undefined;
  }
  const asset = assets[name];
  try {
    const { stdout } = await promisify(execFile)(path, [...asset.asks], { timeout: 10_000 });
    return asset.answers.test(stdout) ? 'wanted' : (stdout.trim().split('\n')[0] ?? 'silent');
  } catch (error) {
    return reasonOf(error).split('\n')[0] ?? 'fails';
  }
}

const about = (search: Search, verb: string): { subject: string; verb: string; state: 'progress' } => ({
  subject: search.subject,
  verb,
  state: 'progress',
});

const waitingFor = ({ run, subject }: Search, what: string): Parameters<typeof withLock>[1] => ({
  signal: run.signal,
  onWait: (pid) => tell(run, { subject, verb: 'wait', state: 'waiting', why: `pid ${pid} ${what}` }),
});
