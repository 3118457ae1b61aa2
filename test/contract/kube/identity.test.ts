import { chmod, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { accessOf, readKubeconfig, statusOf, type ClusterAccess } from '../../../src/kube/index.ts';
import { objectAt, parseJson, reasonOf } from '../../../src/lib/index.ts';
import type { KubeObject } from '../../../src/objects/index.ts';
import { certificateFor } from './certificates.ts';
import { startHttpProxy, startSocksProxy } from './proxies.ts';
import { configMap, configMapRef, errorOf, object, testRun, TestServer } from './server.ts';

let server: TestServer;
let folder: string;
let token: string;
beforeAll(async () => {
  server = await TestServer.start();
  folder = await mkdtemp(join(tmpdir(), 'toryo-identity-'));
  token = await server.adminToken();
});
afterAll(async () => {
  await server.stop();
  await rm(folder, { recursive: true, force: true });
});

const anonymous = (): ClusterAccess => {
  const { certificate: _, key: __, ...rest } = server.access;
  return rest;
};
const whoAmI = async (access: ClusterAccess, as?: { user: string; groups?: string[]; uid?: string }) => {
  const client = server.open(access);
  const review = object('authentication.k8s.io/v1', 'SelfSubjectReview', 'me');
  const { text } = await (as === undefined ? client : client.as(as)).raw(
    'POST',
    '/apis/authentication.k8s.io/v1/selfsubjectreviews',
    { body: review },
  );
  return objectAt(parseJson(text), 'status', 'userInfo');
};

/** A kubeconfig whose user runs a script of ours, and the access it gives. */
async function accessByPlugin(name: string, script: string, exec: object = {}): Promise<ClusterAccess> {
  const command = join(folder, `${name}.mjs`);
  await writeFile(command, `#!${process.execPath}\n${script}`);
  await chmod(command, 0o755);
  const user = {
    exec: {
      apiVersion: 'client.authentication.k8s.io/v1',
      command: `./${name}.mjs`,
      interactiveMode: 'Never',
      ...exec,
    },
  };
  return await accessFrom(name, user);
}

async function accessFrom(name: string, user: object, cluster: object = {}): Promise<ClusterAccess> {
  const file = join(folder, `${name}.kubeconfig`);
  const ca = Buffer.from(server.access.ca ?? '').toString('base64');
  const config = {
    'current-context': name,
    contexts: [{ name, context: { cluster: 'c', user: 'u' } }],
    clusters: [
      { name: 'c', cluster: { server: server.access.server, 'certificate-authority-data': ca, ...cluster } },
    ],
    users: [{ name: 'u', user }],
  };
  await writeFile(file, JSON.stringify(config));
  return accessOf(await readKubeconfig([file]));
}

const printing = (status: string): string =>
  `console.log(JSON.stringify({ apiVersion: 'client.authentication.k8s.io/v1', kind: 'ExecCredential', status: ${status} }));`;

describe('credentials', () => {
  it('of every kind are understood by the server', async () => {
    expect(await whoAmI(server.access)).toMatchObject({ groups: expect.arrayContaining(['system:masters']) });
    expect(await whoAmI({ ...anonymous(), token })).toMatchObject({
      username: 'system:serviceaccount:test:all-powerful',
    });
    expect(await whoAmI({ ...anonymous(), token: () => Promise.resolve(token) })).toMatchObject({
      username: 'system:serviceaccount:test:all-powerful',
    });
  });

  it('that the server does not know are 401, without rights 403, each with cluster, verb and object', async () => {
    const unknown = server.open({ ...anonymous(), token: 'expired' });
    const error = await errorOf(unknown.version());
    expect(error).toMatchObject({
      code: 'TORYO_KUBE_UNAUTHENTICATED',
      exitCode: 4,
      cluster: server.access.name,
    });
    const tenant = server.client.as({ user: 'toryo:tenant:shop' });
    const forbidden = await errorOf(tenant.apply(configMap('theirs'), { fieldManager: 'x' }));
    expect(forbidden).toMatchObject({
      code: 'TORYO_KUBE_FORBIDDEN',
      exitCode: 4,
      subject: 'ConfigMap/test/theirs',
    });
    expect(reasonOf(forbidden)).toMatch(
      /^apply ConfigMap\/test\/theirs: forbidden .*toryo:tenant:shop.*configmaps/,
    );
    expect(statusOf(forbidden)?.reason).toBe('Forbidden');
  });

  it('in a file are read again after a 401', async () => {
    const tokenFile = join(folder, 'token');
    await writeFile(tokenFile, 'old');
    const client = server.open({ ...anonymous(), tokenFile });
    expect(await errorOf(client.version())).toMatchObject({ code: 'TORYO_KUBE_UNAUTHENTICATED' });
    await writeFile(tokenFile, `${token}\n`);
    expect(await client.get(configMapRef('none'))).toBeUndefined();
  });

  it('of a provider are asked for again once after a 401', async () => {
    const asked: boolean[] = [];
    let cached = 'expired';
    const source = (isRefused: boolean): Promise<string> => {
      asked.push(isRefused);
      if (isRefused) cached = token;
      return Promise.resolve(cached);
    };
    const client = server.open({ ...anonymous(), token: source });
    await Promise.all(Array.from({ length: 8 }, () => client.version()));
    expect(asked.filter((isRefused) => isRefused)).toHaveLength(1);
  });
});

describe('a credential plugin', () => {
  it('gives a token, is asked once for many requests and again after its expiry or a 401', async () => {
    const calls = join(folder, 'calls');
    const access = await accessByPlugin(
      'token-plugin',
      `import { appendFileSync, readFileSync } from 'node:fs';
      appendFileSync(${JSON.stringify(calls)}, 'x');
      const first = readFileSync(${JSON.stringify(calls)}).length === 1;
      ${printing(`{ token: first ? 'refused' : process.env.THE_TOKEN, ...(first ? {} : { expirationTimestamp: new Date(Date.now() + 12000).toISOString() }) }`)}`,
      { env: [{ name: 'THE_TOKEN', value: token }] },
    );
    const client = server.open(access);
    const times = async (): Promise<number> => (await readFile(calls)).length;
    await Promise.all(Array.from({ length: 20 }, () => client.version()));
    expect(await times()).toBe(2);
    await new Promise((resolve) => setTimeout(resolve, 2200));
    await client.version();
    expect(await times()).toBe(3);
  });

  it('may give a certificate, and learns of the cluster when it asks to', async () => {
    const info = join(folder, 'info');
    const pair = { clientCertificateData: server.access.certificate, clientKeyData: server.access.key };
    const access = await accessByPlugin(
      'certificate-plugin',
      `import { writeFileSync } from 'node:fs';
      writeFileSync(${JSON.stringify(info)}, process.env.KUBERNETES_EXEC_INFO + process.argv.slice(2).join());
      ${printing(JSON.stringify(pair))}`,
      { provideClusterInfo: true, args: ['get-token', '--x'] },
    );
    expect(await whoAmI(access)).toMatchObject({ groups: expect.arrayContaining(['system:masters']) });
    const told = await readFile(info, 'utf8');
    expect(told).toContain(`"server":"${server.access.server}"`);
    expect(told).toContain('"interactive":false');
    expect(told.endsWith('get-token,--x')).toBe(true);
  });

  it('that fails is named with what it said', async () => {
    const failing = await accessByPlugin('failing', `console.error('please log in'); process.exit(3);`);
    const error = await errorOf(server.open(failing).version());
    expect(error).toMatchObject({ code: 'TORYO_EXEC_PLUGIN', exitCode: 4 });
    expect(reasonOf(error)).toMatch(/failing\.mjs failed: exit code 3: please log in/);
    const strange = await accessByPlugin('strange', `console.log('hello');`);
    expect(reasonOf(await errorOf(server.open(strange).version()))).toContain('no ExecCredential');
    const exec = {
      apiVersion: 'client.authentication.k8s.io/v1beta1',
      command: 'toryo-no-such-plugin',
      installHint: 'Install it from somewhere.',
    };
    const missing = await accessFrom('missing', { exec });
    expect(reasonOf(await errorOf(server.open(missing).version()))).toMatch(/not installed. Install it from/);
  });
});

describe('another name', () => {
  it('carries all its groups', async () => {
    const who = await whoAmI(server.access, { user: '棟梁', groups: ['one', 'two', 'three'], uid: 'u-1' });
    expect(who).toMatchObject({ username: '棟梁', uid: 'u-1' });
    expect(who['groups']).toEqual(expect.arrayContaining(['one', 'two', 'three']));
  });

  it('comes from the kubeconfig too, and keeps its groups behind a proxy', async () => {
    const proxy = await startHttpProxy();
    const access = await accessFrom(
      'behind-proxy',
      { token, as: 'alice', 'as-groups': ['one', 'two'] },
      { 'proxy-url': `http://127.0.0.1:${proxy.port}` },
    );
    const who = await whoAmI(access);
    expect(who).toMatchObject({ username: 'alice', groups: expect.arrayContaining(['one', 'two']) });
    expect(proxy.tunnels).toContain(new URL(server.access.server).host);
    await proxy.close();
  });

  it('goes through a SOCKS5 proxy as well', async () => {
    const proxy = await startSocksProxy();
    const access = await accessFrom('socks', { token }, { 'proxy-url': `socks5://127.0.0.1:${proxy.port}` });
    expect(await whoAmI({ ...access, as: { user: 'bob', groups: ['one', 'two'] } })).toMatchObject({
      username: 'bob',
      groups: expect.arrayContaining(['one', 'two']),
    });
    expect(proxy.tunnels).toHaveLength(1);
    await proxy.close();
  });
});

describe('trust', () => {
  it('is refused to a server with another CA or another name, at once', async () => {
    const other = await certificateFor('127.0.0.1');
    const wrongCa = server.open({ ...server.access, name: 'prod-1', ca: other.ca });
    const error = await errorOf(wrongCa.version());
    expect(error).toMatchObject({ code: 'TORYO_KUBE_CERTIFICATE', cluster: 'prod-1', exitCode: 6 });
    const wrongName = server.open({ ...server.access, tlsServerName: 'other.example.com' });
    expect(await errorOf(wrongName.version())).toMatchObject({ code: 'TORYO_KUBE_CERTIFICATE' });
  });

  it('follows tls-server-name and insecure-skip-tls-verify', async () => {
    expect((await server.open({ ...server.access, tlsServerName: 'localhost' }).version()).major).toBe(1);
    const { ca: _, ...rest } = server.access;
    expect((await server.open({ ...rest, insecure: true }).version()).major).toBe(1);
  });

  it('needs keys that parse', async () => {
    const broken = '-----BEGIN CERTIFICATE-----\nAAAA\n-----END CERTIFICATE-----\n';
    expect(await errorOf(server.open({ ...server.access, certificate: broken }).version())).toMatchObject({
      code: 'TORYO_KUBECONFIG',
    });
  });
});

describe('evicting a pod', () => {
  const pod = (name: string): KubeObject => ({
    ...object('v1', 'Pod', name, 'test'),
    metadata: { name, namespace: 'test', labels: { app: 'guarded' } },
    spec: { containers: [{ name: 'c', image: 'i' }] },
  });

  it('is refused at once by a disruption budget, and done without one', async () => {
    const run = testRun();
    const client = server.open(server.access, run);
    await client.create(pod('guarded'));
    const ready = { phase: 'Running', conditions: [{ type: 'Ready', status: 'True' }] };
    await client.patch(
      { group: '', kind: 'Pod', namespace: 'test', name: 'guarded' },
      { status: ready },
      {
        type: 'merge',
        subresource: 'status',
      },
    );
    const budget = object('policy/v1', 'PodDisruptionBudget', 'guard', 'test');
    const selector = { matchLabels: { app: 'guarded' } };
    await client.create({ ...budget, spec: { minAvailable: 1, selector } });
    const began = performance.now();
    expect(await errorOf(client.evict('test', 'guarded'))).toMatchObject({
      code: 'TORYO_KUBE_BUSY',
      subject: 'Pod/test/guarded',
    });
    expect(performance.now() - began).toBeLessThan(10_000);
    await client.remove({ group: 'policy', kind: 'PodDisruptionBudget', namespace: 'test', name: 'guard' });
    await client.evict('test', 'guarded', { gracePeriodSeconds: 0 });
    expect(await client.get({ group: '', kind: 'Pod', namespace: 'test', name: 'guarded' })).toBeUndefined();
    await client.evict('test', 'guarded');
  });
});
