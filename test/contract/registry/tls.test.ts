import 'reflect-metadata';
import {
  BasicConstraintsExtension,
  SubjectAlternativeNameExtension,
  X509CertificateGenerator,
  type X509Certificate,
} from '@peculiar/x509';
import { execFile } from 'node:child_process';
import { subtle, type webcrypto } from 'node:crypto';
import { once } from 'node:events';
import { writeFile } from 'node:fs/promises';
import { createServer as createHttpServer, type Server } from 'node:http';
import { createServer as createTlsServer } from 'node:https';
import { connect, type AddressInfo } from 'node:net';
import path from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { aFleet, removeFleets } from '../../../src/spec/testing/fleet.ts';
import { noRegistry } from './program.ts';
import { TestRegistry } from './server.ts';

const name = 'registry.example.com';
const algorithm = { name: 'ECDSA', namedCurve: 'P-256', hash: 'SHA-256' };
let registry: TestRegistry;
let digest: string;
let root: string;
let authority: string;
let env: NodeJS.ProcessEnv;
const servers: Server[] = [];

beforeAll(async () => {
  if (noRegistry !== undefined) return;
  registry = await TestRegistry.start();
  digest = await registry.push('shop/web', '1', 'one');
  const front = await tlsFront();
  const proxy = createHttpServer();
  // Whatever outside name is asked for is the front: nothing leaves this machine.
  proxy.on('connect', (_request, socket) => {
    const behind = connect(front, '127.0.0.1', () => {
      socket.write('HTTP/1.1 200 Connection Established\r\n\r\n');
      behind.pipe(socket).pipe(behind);
    });
    for (const end of [socket, behind]) end.on('error', () => void behind.destroy());
  });
  env = { ...process.env, NO_COLOR: '1', HTTPS_PROXY: `http://127.0.0.1:${await listening(proxy)}` };
  for (const other of ['https_proxy', 'no_proxy', 'NO_PROXY']) delete env[other];
  const secure = 'allowPrivilegeEscalation: false, capabilities: { drop: [ALL] }';
  root = aFleet()
    .with(
      'apps/shop/web/manifests/web.yaml',
      `apiVersion: v1\nkind: Pod\nmetadata: { name: web }\nspec: { securityContext: { runAsNonRoot: true, seccompProfile: { type: RuntimeDefault } }, containers: [{ name: web, image: "${name}/shop/web:1", securityContext: { ${secure} } }] }\n`,
    )
    .write();
  await writeFile(path.join(root, 'authority.pem'), authority);
});
afterAll(async () => {
  for (const server of servers) {
    server.closeAllConnections();
    server.close();
  }
  removeFleets();
  if (noRegistry === undefined) await registry.stop();
});

async function listening(server: Server): Promise<number> {
  servers.push(server);
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  return (server.address() as AddressInfo).port;
}

/** Serves the real registry under an outside name, with a certificate of an authority that nobody else knows. */
async function tlsFront(): Promise<number> {
  const root = await pair('CN=authority of this test');
  const leaf = await pair(`CN=${name}`, root);
  authority = root.certificate.toString('pem');
  const exported = Buffer.from(await subtle.exportKey('pkcs8', leaf.keys.privateKey)).toString('base64');
  const key = `-----BEGIN PRIVATE KEY-----\n${exported}\n-----END PRIVATE KEY-----\n`;
  const front = createTlsServer({ key, cert: leaf.certificate.toString('pem') }, (request, response) => {
    const { url = '', method = '', headers } = request;
    const asked = fetch(`http://${registry.host}${url}`, {
      method,
      headers: { accept: headers.accept ?? '' },
    });
    asked
      .then((answer) => response.writeHead(answer.status, Object.fromEntries(answer.headers)).end())
      .catch(() => response.destroy());
  });
  return await listening(front);
}

interface Pair {
  readonly keys: webcrypto.CryptoKeyPair;
  readonly certificate: X509Certificate;
}

async function pair(subject: string, issuer?: Pair): Promise<Pair> {
  const keys = await subtle.generateKey(algorithm, true, ['sign', 'verify']);
  const isLeaf = issuer !== undefined;
  const certificate = await X509CertificateGenerator.create({
    subject,
    issuer: issuer?.certificate.subject ?? subject,
    notBefore: new Date(Date.now() - 60_000),
    notAfter: new Date(Date.now() + 3_600_000),
    signingAlgorithm: algorithm,
    publicKey: keys.publicKey,
    signingKey: issuer?.keys.privateKey ?? keys.privateKey,
    extensions: [
      new BasicConstraintsExtension(!isLeaf, undefined, true),
      ...(isLeaf ? [new SubjectAlternativeNameExtension([{ type: 'dns', value: name }])] : []),
    ],
  });
  return { keys, certificate };
}

function lock(more: NodeJS.ProcessEnv): Promise<{ readonly code: number; readonly all: string }> {
  return new Promise((resolve) => {
    execFile(
      path.resolve('bin/toryo'),
      ['lock', root, '--images'],
      { env: { ...env, ...more } },
      (...ended) => {
        const [error, out, err] = ended;
        resolve({ code: typeof error?.code === 'number' ? error.code : 0, all: out + err });
      },
    );
  });
}

describe.skipIf(noRegistry !== undefined)('a registry with TLS, behind a proxy', () => {
  it('whose authority is unknown is refused at once', async () => {
    const began = performance.now();
    const { code, all } = await lock({});
    expect(code, all).toBe(6);
    expect(all).toMatch(/no answer from registry\.example\.com \(.*certificate/);
    expect(performance.now() - began).toBeLessThan(15_000);
  });

  it('is asked with the authorities of the machine', async () => {
    const { code, all } = await lock({ NODE_EXTRA_CA_CERTS: path.join(root, 'authority.pem') });
    expect(code, all).toBe(0);
    expect(all).toContain(`resolve ${name}/shop/web:1 done: ${digest}`);
  });
});
