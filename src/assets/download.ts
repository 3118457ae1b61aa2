import { execFile } from 'node:child_process';
import { createWriteStream } from 'node:fs';
import { mkdtemp, rename, rm } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { pipeline } from 'node:stream/promises';
import { Transform, type Readable } from 'node:stream';
import { promisify } from 'node:util';
import { EnvHttpProxyAgent, interceptors, request, type Dispatcher } from 'undici';
import { reasonOf, tell, type Run } from '../lib/index.ts';
import { sha256OfFile } from './cache.ts';
import type { Release } from './asset.ts';

/** How long a server may take to begin to answer: a machine without internet must not be kept waiting. */
const patience = 3_000;

/** Downloads that could not begin, so that one unreachable server is waited for once per run: run -> server -> why. */
const unreachable = new WeakMap<Run, Map<string, string>>();

/** Loads the release's program into the draft file when its published checksum agrees; throws with the reason otherwise. */
export async function download(release: Release, draft: string, subject: string, run: Run): Promise<void> {
  const origin = new URL(release.url).origin;
  const failed = unreachable.get(run) ?? new Map<string, string>();
  unreachable.set(run, failed);
  const before = failed.get(origin);
  if (before !== undefined) throw new Error(before);
  const client = new EnvHttpProxyAgent({ connect: { timeout: patience }, bodyTimeout: 30_000 }).compose(
    interceptors.redirect({ maxRedirections: 5 }),
  );
  try {
    const wanted = await checksumFor(release, client, run).catch((error: unknown) => {
      failed.set(origin, reasonOf(error));
      throw error;
    });
    await fetchTo(release.url, release.entry === undefined ? draft : `${draft}.tgz`, {
      client,
      subject,
      run,
    });
    await unpack(release, draft, wanted);
  } finally {
    await rm(`${draft}.tgz`, { force: true });
    await client.close();
  }
}

interface Fetching {
  readonly client: Dispatcher;
  readonly subject: string;
  readonly run: Run;
}

async function unpack(release: Release, draft: string, wanted: string): Promise<void> {
  const loaded = release.entry === undefined ? draft : `${draft}.tgz`;
  const found = await sha256OfFile(loaded);
  if (found !== wanted)
    throw new Error(`${release.url} has sha256 ${found}, but ${wanted} is published for it: not used`);
  if (release.entry === undefined) return;
  const folder = await mkdtemp(join(dirname(draft), 'unpacked-'));
  try {
    await promisify(execFile)('tar', ['-xzf', loaded, '-C', folder, release.entry]);
    await rename(join(folder, release.entry), draft);
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
}

/** The sha256 in a checksum file: alone, or in the line that ends with the file's name. */
async function checksumFor(release: Release, client: Dispatcher, run: Run): Promise<string> {
  const text = await (await opened(release.checksums, client, run)).body.text();
  const file = new URL(release.url).pathname.split('/').at(-1) ?? '';
  const lines = text.split('\n').map((line) => line.trim().split(/\s+/));
  const line = lines.find((words) => words[1]?.replace(/^\*/, '') === file) ?? lines[0];
  const sum = line?.[0]?.toLowerCase() ?? '';
  const isNamed = line?.[1] === undefined || line[1].replace(/^\*/, '') === file;
  if (!isNamed || !/^[0-9a-f]{64}$/.test(sum))
    throw new Error(`${release.checksums} has no sha256 of ${file}`);
  return sum;
}

async function opened(url: string, client: Dispatcher, run: Run): Promise<Dispatcher.ResponseData> {
  const late = AbortSignal.timeout(patience);
  const answered = new AbortController();
  const signal = AbortSignal.any([run.signal, answered.signal]);
  const giveUp = (): void => answered.abort(new Error(`${new URL(url).host} did not answer in 3 s`));
  late.addEventListener('abort', giveUp);
  try {
    const response = await request(url, { dispatcher: client, signal });
    if (response.statusCode === 200) return response;
    await response.body.dump();
    throw new Error(`${url} answered ${response.statusCode}`);
  } finally {
    late.removeEventListener('abort', giveUp);
  }
}

async function fetchTo(url: string, file: string, { client, subject, run }: Fetching): Promise<void> {
  const response = await opened(url, client, run);
  const length = Number(response.headers['content-length'] ?? 0);
  const body: Readable = response.body;
  await pipeline(body, counted(length, subject, run), createWriteStream(file), { signal: run.signal });
}

function counted(length: number, subject: string, run: Run): Transform {
  let done = 0;
  let next = 0;
  return new Transform({
    transform(chunk: Buffer, _encoding, pass) {
      done += chunk.length;
      if (done >= next || done === length) {
        tell(run, {
          subject,
          verb: 'download',
          state: 'progress',
          done,
          ...(length > 0 ? { of: length } : {}),
        });
        next = done + Math.max(length / 50, 1 << 18);
      }
      pass(null, chunk);
    },
  });
}
