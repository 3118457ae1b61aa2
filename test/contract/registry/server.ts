import { spawn, type ChildProcess } from 'node:child_process';
import { createHash } from 'node:crypto';
import { once } from 'node:events';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { createInterface } from 'node:readline';
import type { Event, Run } from '../../../src/lib/index.ts';
import { registryProgram } from './program.ts';

/** `sha256:…` of some bytes. */
export function digestOfBytes(bytes: string | Uint8Array): string {
  return `sha256:${createHash('sha256').update(bytes).digest('hex')}`;
}

/** A real registry on a free port of the loopback, its images in a folder that goes with it. */
export class TestRegistry {
  /** `127.0.0.1:40123`. */
  readonly host: string;
  readonly #folder: string;
  readonly #child: ChildProcess;

  private constructor(host: string, folder: string, child: ChildProcess) {
    this.host = host;
    this.#folder = folder;
    this.#child = child;
  }

  /** `auth` is that part of its configuration; `files` stand in its folder, which `{folder}` in `auth` names. */
  static async start(
    auth?: Readonly<Record<string, unknown>>,
    files: Readonly<Record<string, string>> = {},
  ): Promise<TestRegistry> {
    const program = await registryProgram();
    const folder = await mkdtemp(path.join(tmpdir(), 'toryo-registry-'));
    for (const [name, text] of Object.entries(files)) await writeFile(path.join(folder, name), text);
    const config = {
      version: 0.1,
      log: { level: 'info', accesslog: { disabled: true } },
      storage: { filesystem: { rootdirectory: path.join(folder, 'images') }, delete: { enabled: true } },
      http: { addr: '127.0.0.1:0', secret: 'of this test' },
      ...(auth === undefined ? {} : { auth }),
    };
    const file = path.join(folder, 'config.yml');
    await writeFile(file, JSON.stringify(config).replaceAll('{folder}', folder));
    const env = { ...process.env, OTEL_TRACES_EXPORTER: 'none' };
    const child = spawn(program, ['serve', file], { env, stdio: ['ignore', 'ignore', 'pipe'] });
    const host = await addressOf(child);
    return new TestRegistry(host, folder, child);
  }

  /** Pushes a small image under a tag; gives its digest. Other content is another image. */
  async push(
    repository: string,
    tag: string,
    content: string,
    wish: { readonly authorization?: string; readonly type?: string } = {},
  ): Promise<string> {
    const config = JSON.stringify({ architecture: 'amd64', os: 'linux', comment: content });
    await this.#pushBlob(repository, config, wish.authorization);
    const type = wish.type ?? 'application/vnd.oci.image.manifest.v1+json';
    const layer = JSON.stringify({ layer: content });
    await this.#pushBlob(repository, layer, wish.authorization);
    const part = (mediaType: string, bytes: string): object => ({
      mediaType,
      size: Buffer.byteLength(bytes),
      digest: digestOfBytes(bytes),
    });
    const manifest = JSON.stringify({
      schemaVersion: 2,
      mediaType: type,
      config: part(configTypes[type] ?? '', config),
      layers: [part('application/vnd.oci.image.layer.v1.tar', layer)],
    });
    return await this.pushManifest(repository, tag, manifest, { ...wish, type });
  }

  /** Pushes a manifest as it is. */
  async pushManifest(
    repository: string,
    tag: string,
    manifest: string,
    wish: { readonly authorization?: string; readonly type: string },
  ): Promise<string> {
    const headers = { ...sent(wish.authorization), 'content-type': wish.type };
    const url = `http://${this.host}/v2/${repository}/manifests/${tag}`;
    await expectStatus(await fetch(url, { method: 'PUT', headers, body: manifest }), 201);
    return digestOfBytes(manifest);
  }

  async #pushBlob(repository: string, bytes: string, authorization?: string): Promise<void> {
    const headers = sent(authorization);
    const start = await fetch(`http://${this.host}/v2/${repository}/blobs/uploads/`, {
      method: 'POST',
      headers,
    });
    await expectStatus(start, 202);
    const url = new URL(start.headers.get('location') ?? '', `http://${this.host}`);
    url.searchParams.set('digest', digestOfBytes(bytes));
    const type = { 'content-type': 'application/octet-stream' };
    await expectStatus(
      await fetch(url, { method: 'PUT', headers: { ...headers, ...type }, body: bytes }),
      201,
    );
  }

  async stop(): Promise<void> {
    if (this.#child.exitCode === null && this.#child.signalCode === null) {
      this.#child.kill('SIGKILL');
      await once(this.#child, 'exit');
    }
    await rm(this.#folder, { recursive: true, force: true });
  }
}

const configTypes: Readonly<Record<string, string>> = {
  'application/vnd.oci.image.manifest.v1+json': 'application/vnd.oci.image.config.v1+json',
  'application/vnd.docker.distribution.manifest.v2+json': 'application/vnd.docker.container.image.v1+json',
};

const sent = (authorization?: string): Record<string, string> =>
  authorization === undefined ? {} : { authorization };

async function expectStatus(answer: Response, status: number): Promise<void> {
  const text = await answer.text();
  if (answer.status !== status) throw new Error(`${answer.url} answered ${answer.status}: ${text}`);
}

async function addressOf(child: ChildProcess): Promise<string> {
  const said: string[] = [];
  if (child.stderr === null) throw new Error('no standard error');
  const lines = createInterface({ input: child.stderr });
  return await new Promise((resolve, reject) => {
    lines.on('line', (line) => {
      said.push(line);
      const address = /listening on (127\.0\.0\.1:\d+)/.exec(line)?.[1];
      if (address !== undefined) resolve(address);
    });
    child.once('error', reject);
    child.once('exit', (code) =>
      reject(new Error(`registry ended with ${String(code)}: ${said.join('\n')}`)),
    );
  });
}

/** A server on a free port of the loopback. */
export interface Front {
  /** `127.0.0.1:40124`. */
  readonly host: string;
  readonly stop: () => Promise<void>;
}

/** Answers one request. */
export type Listener = (request: IncomingMessage, response: ServerResponse) => Promise<void> | void;

/** Serves with that function; what it throws ends the connection. */
export async function serve(listener: Listener): Promise<Front> {
  const server = createServer((request, response) => {
    Promise.resolve(listener(request, response)).catch(() => response.destroy());
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  const { port } = server.address() as AddressInfo;
  return {
    host: `127.0.0.1:${port}`,
    stop: async () => {
      server.closeAllConnections();
      server.close();
      await once(server, 'close');
    },
  };
}

/** A run that keeps its events, and can be stopped. */
export function testRun(): Run & { readonly events: readonly Event[]; readonly abort: AbortController } {
  const abort = new AbortController();
  const events: Event[] = [];
  const now = (): string => new Date().toISOString();
  return { signal: abort.signal, now, emit: (event) => void events.push(event), events, abort };
}

/** An environment whose Docker configuration is this one; HOME has none. */
export async function dockerEnv(
  config?: unknown,
): Promise<{ readonly env: Readonly<Record<string, string>>; readonly folder: string }> {
  const folder = await mkdtemp(path.join(tmpdir(), 'toryo-docker-'));
  if (config !== undefined) await writeFile(path.join(folder, 'config.json'), JSON.stringify(config));
  return { folder, env: { HOME: folder, DOCKER_CONFIG: folder, PATH: process.env['PATH'] ?? '' } };
}
