import { chmod, readFile, rm, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { resolveImages } from '../../../src/render/index.ts';
import { noRegistry } from './program.ts';
import { dockerEnv, serve, testRun, TestRegistry } from './server.ts';
import { startTokenServer, type TokenServer } from './token-server.ts';

const ann = { user: 'ann', password: 'a:secret', refreshToken: 'refresh-1' };
// bcrypt of that password, as `htpasswd -B` makes it.
const htpasswd = 'ann:$2a$05$E7Y0g5HA.adlVszfoHkct.Qcy8pSjVMY8ZaizOdI9Ztp7JHiATqw.\n';
const base64 = (text: string): string => Buffer.from(text).toString('base64');
const annAuth = base64(`${ann.user}:${ann.password}`);
const folders: string[] = [];

afterAll(async () => {
  await Promise.all(folders.map((folder) => rm(folder, { recursive: true, force: true })));
});

type Docker = Awaited<ReturnType<typeof dockerEnv>>;

async function docker(config?: unknown): Promise<Docker> {
  const made = await dockerEnv(config);
  folders.push(made.folder);
  return made;
}

/** A Docker configuration whose helper `docker-credential-test` is that shell script. */
async function withHelper(key: (host: string) => object, host: string, script: string): Promise<Docker> {
  const made = await docker(key(host));
  const file = path.join(made.folder, 'docker-credential-test');
  await writeFile(file, `#!/bin/sh\n${script}\n`);
  await chmod(file, 0o755);
  return { ...made, env: { ...made.env, PATH: `${made.folder}:${made.env['PATH'] ?? ''}` } };
}

const digestOf = async (image: string, { env }: Docker): Promise<string | undefined> =>
  (await resolveImages([image], { env }, testRun())).get(image);

describe.skipIf(noRegistry !== undefined)('a registry with passwords', () => {
  let registry: TestRegistry;
  let image: string;
  let digest: string;

  beforeAll(async () => {
    const auth = { htpasswd: { realm: 'test', path: '{folder}/htpasswd' } };
    registry = await TestRegistry.start(auth, { htpasswd });
    digest = await registry.push('shop/web', '1', 'one', { authorization: `Basic ${annAuth}` });
    image = `${registry.host}/shop/web:1`;
  });
  afterAll(() => registry.stop());

  it('lets in who is in auths, however the registry is written there', async () => {
    for (const server of [registry.host, `http://${registry.host}`, `https://${registry.host}/v2/`])
      expect(await digestOf(image, await docker({ auths: { [server]: { auth: annAuth } } }))).toBe(digest);
    const plain = { username: ann.user, password: ann.password };
    expect(await digestOf(image, await docker({ auths: { [registry.host]: plain } }))).toBe(digest);
  });

  it('lets in who a helper knows, for one registry or for all', async () => {
    const script = `read -r server; [ "$1 $server" = "get ${registry.host}" ] || exit 9; echo '{"ServerURL":"x","Username":"ann","Secret":"a:secret"}'`;
    const one = await withHelper((host) => ({ credHelpers: { [host]: 'test' } }), registry.host, script);
    expect(await digestOf(image, one)).toBe(digest);
    const all = await withHelper(() => ({ credsStore: 'test' }), registry.host, script);
    expect(await digestOf(image, all)).toBe(digest);
  });

  it('asks auths where the helper has nothing', async () => {
    const script = 'echo "credentials not found in native keychain"; exit 1';
    const config = (host: string): object => ({ credsStore: 'test', auths: { [host]: { auth: annAuth } } });
    expect(await digestOf(image, await withHelper(config, registry.host, script))).toBe(digest);
  });

  it('says who was refused', async () => {
    const nobody = await docker();
    await expect(digestOf(image, nobody)).rejects.toMatchObject({
      code: 'TORYO_REGISTRY_UNAUTHORISED',
      message: `${image}: ${registry.host} wants a user and a password, and Docker's configuration has none for it`,
    });
    const wrong = await docker({ auths: { [registry.host]: { auth: base64('ann:wrong') } } });
    const refusal = await digestOf(image, wrong).catch(String);
    expect(refusal).toContain(`answers 401 to the credentials of ${wrong.folder}/config.json`);
    expect(refusal).not.toContain('wrong"');
  });

  it('says what is wrong with a helper and with the file', async () => {
    const key = (host: string): object => ({ credHelpers: { [host]: 'test' } });
    const failing = await withHelper(key, registry.host, 'echo "token expired" >&2; exit 3');
    await expect(digestOf(image, failing)).rejects.toMatchObject({
      code: 'TORYO_REGISTRY_HELPER',
      message: `docker-credential-test gives no credentials of ${registry.host}: exit code 3: token expired`,
    });
    const missing = await docker({ credHelpers: { [registry.host]: 'nowhere' } });
    await expect(digestOf(image, missing)).rejects.toMatchObject({
      message: expect.stringContaining('docker-credential-nowhere') as string,
      code: 'TORYO_REGISTRY_HELPER',
    });
    for (const config of [
      { credHelpers: { [registry.host]: 'a;b' } },
      { auths: { x: { auth: '?' } } },
      'text',
    ])
      await expect(digestOf(image, await docker(config))).rejects.toMatchObject({
        code: 'TORYO_REGISTRY_CONFIG',
      });
  });
});

describe('a helper that does not end', () => {
  it('is given up, also while what it started holds its output open', async () => {
    const registry = await serve((_request, response) => {
      response.writeHead(401, { 'www-authenticate': 'Basic realm="test"' }).end();
    });
    const { host } = registry;
    const script = 'sleep 600 & echo $! > "$DOCKER_CONFIG/pid"; wait';
    const slow = await withHelper((one) => ({ credHelpers: { [one]: 'test' } }), host, script);
    const asked = resolveImages(
      [`${host}/shop/web:1`],
      { env: slow.env, patience: { answer: 1000 } },
      testRun(),
    );
    await expect(asked).rejects.toMatchObject({
      code: 'TORYO_REGISTRY_HELPER',
      message: `docker-credential-test gives no credentials of ${host}: it did not end within 1 s`,
    });
    process.kill(Number(await readFile(path.join(slow.folder, 'pid'), 'utf8')));
    await registry.stop();
  });
});

describe.skipIf(noRegistry !== undefined)('a registry with a token server', () => {
  let registry: TestRegistry;
  let tokens: TokenServer;
  let digest: string;
  const [service, issuer] = ['registry of this test', 'issuer of this test'];

  beforeAll(async () => {
    tokens = await startTokenServer(service, issuer, ann);
    const realm = `http://${tokens.host}/token`;
    const auth = { token: { realm, service, issuer, rootcertbundle: '{folder}/root.pem' } };
    registry = await TestRegistry.start(auth, { 'root.pem': tokens.certificate });
    digest = await pushed('shop/web', 'one');
    await pushed('shop/api', 'one');
    await pushed('open/web', 'one');
  });
  afterAll(async () => {
    await registry.stop();
    await tokens.stop();
  });

  async function pushed(repository: string, content: string): Promise<string> {
    const scope = `repository:${repository}:pull,push`;
    const url = `http://${tokens.host}/token?${new URLSearchParams({ service, scope }).toString()}`;
    const answer = await fetch(url, { headers: { authorization: `Basic ${annAuth}` } });
    const { token } = (await answer.json()) as { readonly token: string };
    return await registry.push(repository, '1', content, { authorization: `Bearer ${token}` });
  }

  it('is asked with a token of that server, one for each repository', async () => {
    const config = await docker({ auths: { [registry.host]: { auth: annAuth } } });
    const images = ['shop/web', 'shop/api'].map((name) => `${registry.host}/${name}:1`);
    const before = tokens.asked.length;
    const found = await resolveImages(images, config, testRun());
    expect(found.get(images[0] ?? '')).toBe(digest);
    expect(tokens.asked.slice(before).toSorted()).toEqual([
      'GET repository:shop/api:pull ann',
      'GET repository:shop/web:pull ann',
    ]);
  });

  it('takes an identity token', async () => {
    const before = tokens.asked.length;
    const identity = { identitytoken: ann.refreshToken };
    const config = await docker({ auths: { [registry.host]: identity } });
    expect(await digestOf(`${registry.host}/shop/web:1`, config)).toBe(digest);
    expect(tokens.asked.slice(before)).toEqual(['POST repository:shop/web:pull ann']);
    const script = `cat >/dev/null; echo '{"Username":"<token>","Secret":"${ann.refreshToken}"}'`;
    const helped = await withHelper(() => ({ credsStore: 'test' }), registry.host, script);
    expect(await digestOf(`${registry.host}/shop/web:1`, helped)).toBe(digest);
  });

  it('gives nobody a token for what is open, and tells apart what is not', async () => {
    const nobody = await docker();
    expect(await digestOf(`${registry.host}/open/web:1`, nobody)).toMatch(/^sha256:/);
    await expect(digestOf(`${registry.host}/shop/web:1`, nobody)).rejects.toMatchObject({
      code: 'TORYO_REGISTRY_UNAUTHORISED',
      message: expect.stringContaining(
        `answers 401 to a caller without credentials (none in ${nobody.folder}/config.json)`,
      ) as string,
    });
    const wrong = await docker({ auths: { [registry.host]: { auth: base64('ann:wrong') } } });
    await expect(digestOf(`${registry.host}/shop/web:1`, wrong)).rejects.toMatchObject({
      code: 'TORYO_REGISTRY_UNAUTHORISED',
      message: `${registry.host}/shop/web:1: ${tokens.host} answers 401 and no token to these credentials: incorrect username or password`,
    });
  });
});
