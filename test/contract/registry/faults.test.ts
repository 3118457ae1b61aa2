import { rm } from 'node:fs/promises';
import { createHash } from 'node:crypto';
import { once } from 'node:events';
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import { resolveImages } from '../../../src/render/index.ts';
import { noRegistry } from './program.ts';
import {
  digestOfBytes,
  dockerEnv,
  serve,
  testRun,
  TestRegistry,
  type Front,
  type Listener,
} from './server.ts';

const manifestType = 'application/vnd.oci.image.manifest.v1+json';
let registry: TestRegistry;
let digest: string;
let nobody: Awaited<ReturnType<typeof dockerEnv>>;
let fronts: Front[] = [];

beforeAll(async () => {
  if (noRegistry !== undefined) return;
  registry = await TestRegistry.start();
  digest = await registry.push('shop/web', '1', 'one');
  nobody = await dockerEnv();
});
afterEach(async () => {
  await Promise.all(fronts.map((front) => front.stop()));
  fronts = [];
});
afterAll(async () => {
  if (noRegistry !== undefined) return;
  await registry.stop();
  await rm(nobody.folder, { recursive: true, force: true });
});

/** A front before the real registry. */
async function front(listener: Listener): Promise<Front> {
  const made = await serve(listener);
  fronts.push(made);
  return made;
}

/** Passes a request on to the real registry, and its answer back, changed. */
async function pass(
  request: IncomingMessage,
  response: ServerResponse,
  change: (headers: Record<string, string>, body: Buffer) => Buffer = (_headers, body) => body,
): Promise<void> {
  const { url = '', method = '', headers } = request;
  const accept = { accept: headers.accept ?? '' };
  const answer = await fetch(`http://${registry.host}${url}`, { method, headers: accept });
  const kept = Object.fromEntries(answer.headers);
  const body = change(kept, Buffer.from(await answer.arrayBuffer()));
  delete kept['content-length'];
  delete kept['content-encoding'];
  response.writeHead(answer.status, kept).end(body);
}

const digestAt = async (host: string, patience = {}): Promise<string | undefined> => {
  const image = `${host}/shop/web:1`;
  return (await resolveImages([image], { env: nobody.env, patience }, testRun())).get(image);
};

describe('a registry outside', () => {
  it('is asked through the proxy of the environment, unless NO_PROXY names it', async () => {
    const proxied: string[] = [];
    const proxy = createServer();
    proxy.on('connect', (request, socket) => {
      proxied.push(request.url ?? '');
      socket.end('HTTP/1.1 403 Forbidden\r\n\r\n');
    });
    proxy.listen(0, '127.0.0.1');
    await once(proxy, 'listening');
    const { port } = proxy.address() as AddressInfo;
    const docker = await dockerEnv();
    const env = { ...docker.env, HTTPS_PROXY: `http://127.0.0.1:${port}`, NO_PROXY: 'direct.invalid' };
    try {
      for (const host of ['registry.invalid', 'direct.invalid'])
        await expect(resolveImages([`${host}/web:1`], { env }, testRun())).rejects.toMatchObject({
          code: 'TORYO_REGISTRY_UNREACHABLE',
        });
      expect(new Set(proxied)).toEqual(new Set(['registry.invalid:443']));
    } finally {
      proxy.close();
      await rm(docker.folder, { recursive: true, force: true });
    }
  });
});

describe.skipIf(noRegistry !== undefined)('a registry behind a front that', () => {
  it('is busy is asked again when it says', async () => {
    const times: number[] = [];
    const { host } = await front((request, response) => {
      times.push(performance.now());
      if (times.length > 2) return pass(request, response);
      response.writeHead(429, { 'retry-after': '1' }).end();
      return undefined;
    });
    expect(await digestAt(host)).toBe(digest);
    expect(times).toHaveLength(3);
    expect((times[2] ?? 0) - (times[0] ?? 0)).toBeGreaterThan(1990);
  });

  it('is busy for an hour is not waited for', async () => {
    const { host } = await front((_request, response) => {
      const body = JSON.stringify({ errors: [{ code: 'TOOMANYREQUESTS', message: 'pull rate limit' }] });
      response.writeHead(429, { 'retry-after': '3600' }).end(body);
    });
    await expect(digestAt(host)).rejects.toMatchObject({
      code: 'TORYO_REGISTRY_BUSY',
      isRetryable: true,
      message: `${host}/shop/web:1: ${host} answers 429, and asks to come back later (Retry-After: 3600)`,
    });
  });

  /** A front that wants a token of a token server, which answers with this. */
  const wantingTokens = async (listener: Listener): Promise<{ host: string; tokenHost: string }> => {
    const tokens = await front(listener);
    const { host } = await front((request, response) => {
      if (request.headers.authorization === 'Bearer good') return pass(request, response);
      const challenge = `Bearer realm="http://${tokens.host}/token",service="test"`;
      response.writeHead(401, { 'www-authenticate': challenge }).end();
      return undefined;
    });
    return { host, tokenHost: tokens.host };
  };

  it('has a token server that is busy asks that again when it says', async () => {
    const times: number[] = [];
    const { host } = await wantingTokens((_request, response) => {
      times.push(performance.now());
      if (times.length > 1) response.writeHead(200).end(JSON.stringify({ token: 'good' }));
      else response.writeHead(429, { 'retry-after': '1' }).end();
    });
    expect(await digestAt(host)).toBe(digest);
    expect(times).toHaveLength(2);
    expect((times[1] ?? 0) - (times[0] ?? 0)).toBeGreaterThan(990);
  });

  it('has a token server that is busy for an hour waits for it no more, and not for every image', async () => {
    let count = 0;
    const { host, tokenHost } = await wantingTokens((_request, response) => {
      count += 1;
      response.writeHead(429, { 'retry-after': '3600' }).end();
    });
    await expect(digestAt(host)).rejects.toMatchObject({
      code: 'TORYO_REGISTRY_BUSY',
      isRetryable: true,
      message: `${host}/shop/web:1: the token server ${tokenHost} answers 429, and asks to come back later (Retry-After: 3600)`,
    });
    count = 0;
    const images = Array.from({ length: 40 }, (_none, index) => `${host}/shop/web:${index}`);
    const asked = resolveImages(images, { env: nobody.env }, testRun());
    await expect(asked).rejects.toMatchObject({ code: 'TORYO_IMAGES' });
    // Eight at once.
    expect(count).toBeLessThanOrEqual(8);
  });

  it('fails twice is asked a third time', async () => {
    let count = 0;
    const { host } = await front((request, response) => {
      count += 1;
      if (count > 2) return pass(request, response);
      response.writeHead(503).end();
      return undefined;
    });
    expect(await digestAt(host)).toBe(digest);
  });

  it('does not answer is given up', async () => {
    const { host } = await front(() => undefined);
    await expect(digestAt(host, { answer: 200 })).rejects.toMatchObject({
      code: 'TORYO_REGISTRY_UNREACHABLE',
      message: `no answer from ${host} (no answer within 0.2 s)`,
    });
  });

  it('does not answer is not asked for every image', async () => {
    let count = 0;
    const { host } = await front(() => {
      count += 1;
    });
    const images = Array.from({ length: 40 }, (_none, index) => `${host}/shop/web:${index}`);
    const asked = resolveImages(images, { env: nobody.env, patience: { answer: 200 } }, testRun());
    await expect(asked).rejects.toMatchObject({ code: 'TORYO_REGISTRY_UNREACHABLE' });
    // Eight at once, three times each.
    expect(count).toBeLessThanOrEqual(24);
  });

  it('tells no digest is asked for the manifest itself', async () => {
    const { host } = await front((request, response) =>
      pass(request, response, (headers, body) => {
        delete headers['docker-content-digest'];
        return body;
      }),
    );
    expect(await digestAt(host)).toBe(digest);
  });

  it('tells a digest of another kind is asked for the manifest itself', async () => {
    const { host } = await front((request, response) =>
      pass(request, response, (headers, body) => {
        headers['docker-content-digest'] = `sha512:${createHash('sha512').update(body).digest('hex')}`;
        return body;
      }),
    );
    expect(await digestAt(host)).toBe(digest);
  });

  it('changes the manifest is not believed', async () => {
    const { host } = await front((request, response) =>
      pass(request, response, (headers, body) => {
        if (request.method === 'HEAD') delete headers['docker-content-digest'];
        return request.method === 'HEAD' ? body : Buffer.concat([body, Buffer.from(' ')]);
      }),
    );
    await expect(digestAt(host)).rejects.toMatchObject({
      code: 'TORYO_REGISTRY_ANSWER',
      message: expect.stringContaining(`${host} calls it ${digest}, and what it sends is sha256:`) as string,
    });
  });

  it('answers with a page, or with a manifest of the first schema, is no registry of images', async () => {
    for (const type of [
      'text/html; charset=utf-8',
      'application/vnd.docker.distribution.manifest.v1+prettyjws',
    ]) {
      const { host } = await front((_request, response) => {
        const headers = { 'content-type': type, 'docker-content-digest': digestOfBytes('x') };
        response.writeHead(200, headers).end('x');
      });
      await expect(digestAt(host)).rejects.toMatchObject({
        code: 'TORYO_REGISTRY_ANSWER',
        message: `${host}/shop/web:1: it is ${type.split(';')[0] ?? ''}, no image`,
      });
    }
  });

  it('sends on is followed, and a password stays where it belongs', async () => {
    const seen: (string | undefined)[] = [];
    const behind = await front((request, response) => {
      seen.push(request.headers.authorization);
      return pass(request, response);
    });
    const { host } = await front((request, response) => {
      const isKnown = request.headers.authorization !== undefined;
      const challenge = { 'www-authenticate': 'Basic realm="test"' };
      const location = { location: `http://${behind.host}${request.url ?? ''}` };
      response.writeHead(isKnown ? 307 : 401, isKnown ? location : challenge).end();
    });
    const docker = await dockerEnv({
      auths: { [host]: { auth: Buffer.from('ann:secret').toString('base64') } },
    });
    const image = `${host}/shop/web:1`;
    try {
      expect((await resolveImages([image], docker, testRun())).get(image)).toBe(digest);
    } finally {
      await rm(docker.folder, { recursive: true, force: true });
    }
    expect(seen).toEqual([undefined]);
  });

  it('names a token server without TLS gets no password', async () => {
    const { host } = await front((_request, response) => {
      const challenge = 'Bearer realm="http://tokens.example.com/token",service="test"';
      response.writeHead(401, { 'www-authenticate': challenge }).end();
    });
    await expect(digestAt(host)).rejects.toMatchObject({
      code: 'TORYO_REGISTRY_UNAUTHORISED',
      message: expect.stringContaining('http://tokens.example.com/token') as string,
    });
  });

  it('sends without end is stopped', async () => {
    const { host } = await front((request, response) => {
      if (request.method === 'HEAD') {
        response.writeHead(200, { 'content-type': manifestType }).end();
        return;
      }
      response.writeHead(200, { 'content-type': manifestType });
      response.write(Buffer.alloc(5_000_000, ' '));
    });
    await expect(digestAt(host)).rejects.toMatchObject({
      code: 'TORYO_REGISTRY_UNREACHABLE',
      message: expect.stringContaining('more than 4194304 bytes') as string,
    });
  });
});
