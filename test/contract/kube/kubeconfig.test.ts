import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { delimiter, dirname, join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { accessOf, kubeconfigFiles, readKubeconfig } from '../../../src/kube/index.ts';
import { reasonOf } from '../../../src/lib/index.ts';
import { errorOf } from './server.ts';

let folder: string;
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'toryo-kubeconfig-'));
});
afterAll(() => rm(folder, { recursive: true, force: true }));

const pem = (text: string): string => `-----BEGIN ${text}-----\nAA==\n-----END ${text}-----\n`;
const base64 = (text: string): string => Buffer.from(text).toString('base64');

async function put(name: string, text: string): Promise<string> {
  const file = join(folder, name);
  await mkdir(dirname(file), { recursive: true });
  await writeFile(file, text);
  return file;
}

/** A kubeconfig of one context; the fields are YAML flow mappings. */
const config = (cluster: string, user = '{}', context = ''): string =>
  `apiVersion: v1
kind: Config
current-context: c
contexts:
- name: c
  context: {cluster: k, user: u${context}}
clusters:
- name: k
  cluster: ${cluster}
users:
- name: u
  user: ${user}
`;
let number = 0;
async function access(cluster: string, user?: string, context?: string) {
  number += 1;
  return accessOf(await readKubeconfig([await put(`each-${number}`, config(cluster, user, context))]));
}
const server = "{server: 'https://h:6443'";

describe('which files', () => {
  it('KUBECONFIG names, or the one at home', () => {
    expect(kubeconfigFiles({ KUBECONFIG: ['/a', '', '/b', '/a'].join(delimiter) })).toEqual(['/a', '/b']);
    expect(kubeconfigFiles({ HOME: '/home/x' })).toEqual([join('/home/x', '.kube', 'config')]);
    expect(kubeconfigFiles({ KUBECONFIG: '', HOME: '/h' })).toEqual([join('/h', '.kube', 'config')]);
  });

  it('are merged so that the first wins, and those that do not exist are left out', async () => {
    const one = await put(
      'm/one',
      `current-context: two\nclusters: [{name: k, cluster: {server: 'https://one'}}]`,
    );
    const two = await put(
      'm/two',
      `current-context: none
contexts: [{name: two, context: {cluster: k, user: u, namespace: shop}}]
clusters: [{name: k, cluster: {server: 'https://two'}}]
users: [{name: u, user: {token: t}}]`,
    );
    const merged = await readKubeconfig([join(folder, 'nowhere'), one, two]);
    expect(accessOf(merged)).toEqual({ name: 'two', server: 'https://one', token: 't', namespace: 'shop' });
    expect(merged.files).toEqual([one, two]);
  });

  it('exist at all', async () => {
    const error = await errorOf(readKubeconfig([join(folder, 'nowhere')]));
    expect(error).toMatchObject({ code: 'TORYO_KUBECONFIG', exitCode: 2 });
    expect(reasonOf(error)).toContain(join(folder, 'nowhere'));
  });
});

describe('what a context says', () => {
  it('embedded, or in files beside the kubeconfig', async () => {
    expect(
      await access(
        `${server}, certificate-authority-data: ${base64(pem('CERTIFICATE'))}, tls-server-name: api, proxy-url: 'socks5://p:1'}`,
        `{client-certificate-data: ${base64(pem('CERTIFICATE'))}, client-key-data: ${base64(pem('PRIVATE KEY'))}, as: alice, as-groups: [a, b], as-uid: '7', as-user-extra: {scopes: [x]}}`,
        ', namespace: shop',
      ),
    ).toEqual({
      name: 'c',
      server: 'https://h:6443',
      ca: pem('CERTIFICATE'),
      certificate: pem('CERTIFICATE'),
      key: pem('PRIVATE KEY'),
      tlsServerName: 'api',
      proxyUrl: 'socks5://p:1',
      namespace: 'shop',
      as: { user: 'alice', groups: ['a', 'b'], uid: '7', extra: { scopes: ['x'] } },
    });
    await put('f/ca.crt', pem('CERTIFICATE'));
    await put('f/me.key', pem('EC PRIVATE KEY'));
    const file = await put(
      'f/config',
      config(
        `${server}, certificate-authority: ca.crt}`,
        '{client-certificate: ./ca.crt, client-key: me.key, tokenFile: token}',
      ),
    );
    expect(accessOf(await readKubeconfig([file]))).toMatchObject({
      ca: pem('CERTIFICATE'),
      key: pem('EC PRIVATE KEY'),
      tokenFile: join(folder, 'f', 'token'),
    });
  });

  it('about its plugin', async () => {
    const exec = (fields: string): string =>
      `{exec: {apiVersion: client.authentication.k8s.io/v1beta1, command: aws${fields}}}`;
    const given = await access(
      `${server}, extensions: [{name: client.authentication.k8s.io/exec, extension: {audience: x}}]}`,
      exec(', args: [eks, get-token], env: [{name: AWS_PROFILE, value: prod}], installHint: " Install it. "'),
    );
    expect(given.exec).toEqual({
      apiVersion: 'client.authentication.k8s.io/v1beta1',
      command: 'aws',
      args: ['eks', 'get-token'],
      env: { AWS_PROFILE: 'prod' },
      interactiveMode: 'IfAvailable',
      provideClusterInfo: false,
      config: { audience: 'x' },
      installHint: 'Install it.',
    });
  });

  it('is only looked at when it is used', async () => {
    const file = await put(
      'unused',
      `${config(`${server}}`)}- name: broken\n  user: {client-certificate: nowhere.crt, client-key: nowhere.key}\n`,
    );
    expect(accessOf(await readKubeconfig([file])).server).toBe('https://h:6443');
  });
});

describe('mistakes name the file and the field', () => {
  const exec = (fields: string): string => `{exec: {${fields}}}`;
  it.each([
    ['no server', '{}', undefined, /clusters\[k\]\.cluster\.server: it is missing/],
    ['no address', '{server: h}', undefined, /server: h is no http/],
    [
      'no base64',
      `${server}, certificate-authority-data: '!!'}`,
      undefined,
      /certificate-authority-data: .*no base64 of PEM/,
    ],
    [
      'a file that is not there',
      `${server}, certificate-authority: gone.crt}`,
      undefined,
      /certificate-authority: ENOENT/,
    ],
    [
      'a key without certificate',
      `${server}}`,
      `{client-key-data: ${base64(pem('K'))}}`,
      /users\[u\]\.user\.client-certificate: it is missing/,
    ],
    [
      'insecure and a CA',
      `${server}, insecure-skip-tls-verify: true, certificate-authority-data: ${base64(pem('C'))}}`,
      undefined,
      /insecure-skip-tls-verify/,
    ],
    [
      'a strange proxy',
      `${server}, proxy-url: 'ftp://p'}`,
      undefined,
      /proxy-url: ftp:\/\/p is no http, https or socks5/,
    ],
    ['an old provider', `${server}}`, '{auth-provider: {name: gcp}}', /auth-provider: gcp: .*exec plugin/],
    ['groups without a user', `${server}}`, '{as-groups: [a]}', /users\[u\]\.user\.as: it is missing/],
    [
      'a plugin of an old version',
      `${server}}`,
      exec('apiVersion: client.authentication.k8s.io/v1alpha1, command: x'),
      /exec\.apiVersion: .*v1alpha1/,
    ],
    [
      'a plugin without a command',
      `${server}}`,
      exec('apiVersion: client.authentication.k8s.io/v1'),
      /exec\.command: it is missing/,
    ],
    [
      'a plugin without a mode',
      `${server}}`,
      exec('apiVersion: client.authentication.k8s.io/v1, command: x'),
      /exec\.interactiveMode/,
    ],
  ])('%s', async (_, cluster, user, expected) => {
    const error = await errorOf(access(cluster, user));
    expect(error).toMatchObject({ code: 'TORYO_KUBECONFIG', exitCode: 2 });
    expect(reasonOf(error)).toMatch(expected);
    expect(reasonOf(error)).toContain(join(folder, `each-${number}`));
  });

  it('contexts, clusters and users that are not there, with the nearest that is', async () => {
    const file = await put('names', config(`${server}}`).replace('name: u\n', 'name: admin\n'));
    const read = await readKubeconfig([file]);
    expect(() => accessOf(read, 'd')).toThrow(/context: there is no context "d"; it has c; did you mean c\?/);
    expect(() => accessOf(read)).toThrow(/contexts\[c\]\.context\.user: there is no user "u"; it has admin/);
    const unset = await readKubeconfig([await put('unset', 'clusters: []')]);
    expect(() => accessOf(unset)).toThrow(/unset: current-context is not set/);
  });

  it('what is not YAML, with its line', async () => {
    const file = await put('broken', 'clusters:\n- name: a\n  cluster: {server: [}\n');
    expect(reasonOf(await errorOf(readKubeconfig([file])))).toContain(`${file}:3:`);
    const twice = await put('twice', 'users: [{name: a, user: {}}, {name: a, user: {}}]');
    expect(reasonOf(await errorOf(readKubeconfig([twice])))).toMatch(/users\[1\]\.name: a is there twice/);
  });
});
