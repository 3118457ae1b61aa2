import 'reflect-metadata';
import { X509CertificateGenerator } from '@peculiar/x509';
import { randomUUID, subtle } from 'node:crypto';
import type { IncomingMessage } from 'node:http';
import { serve, type Front } from './server.ts';

/** A server that gives tokens which the registry believes: it signs them with the key of the registry's root certificate. */
export interface TokenServer extends Front {
  /** The root certificate, PEM. */
  readonly certificate: string;
  /** Questions that were asked, as `GET repository:shop/web:pull ann`. */
  readonly asked: readonly string[];
}

const algorithm = { name: 'ECDSA', namedCurve: 'P-256', hash: 'SHA-256' };

/** What a password or a refresh token lets somebody do; others may do nothing, and everybody may pull what is below `open/`. */
export interface Rights {
  readonly user: string;
  readonly password: string;
  readonly refreshToken: string;
}

export async function startTokenServer(
  service: string,
  issuer: string,
  rights: Rights,
): Promise<TokenServer> {
  const keys = await subtle.generateKey(algorithm, true, ['sign', 'verify']);
  const certificate = await X509CertificateGenerator.createSelfSigned({
    name: 'CN=tokens of this test',
    notBefore: new Date(Date.now() - 60_000),
    notAfter: new Date(Date.now() + 3_600_000),
    signingAlgorithm: algorithm,
    keys,
  });
  const x5c = [Buffer.from(certificate.rawData).toString('base64')];
  const tokenFor = async (subject: string, access: readonly object[]): Promise<string> => {
    const now = Math.floor(Date.now() / 1000);
    const claims = { iss: issuer, sub: subject, aud: service, exp: now + 300, nbf: now - 10, iat: now };
    const parts = [
      { typ: 'JWT', alg: 'ES256', x5c },
      { ...claims, jti: randomUUID(), access },
    ];
    const text = parts.map((part) => Buffer.from(JSON.stringify(part)).toString('base64url')).join('.');
    const signature = await subtle.sign(algorithm, keys.privateKey, Buffer.from(text));
    return `${text}.${Buffer.from(signature).toString('base64url')}`;
  };
  const asked: string[] = [];
  const answer = async (request: IncomingMessage): Promise<readonly [number, object]> => {
    const { scope, user, isWrong } = await questionIn(request, rights);
    asked.push(`${request.method ?? ''} ${scope} ${user || '-'}`);
    if (isWrong) return [401, { details: 'incorrect username or password' }];
    const [type = '', name = '', actions = ''] = scope.split(':');
    const granted = user !== '' || name.startsWith('open/') ? actions.split(',') : [];
    const access = granted.length === 0 ? [] : [{ type, name, actions: granted }];
    return [200, { token: await tokenFor(user, access), expires_in: 300 }];
  };
  const front = await serve(async (request, response) => {
    const [status, body] = await answer(request);
    response.writeHead(status, { 'content-type': 'application/json' }).end(JSON.stringify(body));
  });
  return { ...front, certificate: certificate.toString('pem'), asked };
}

interface Asked {
  readonly scope: string;
  readonly user: string;
  readonly isWrong: boolean;
}

async function questionIn(request: IncomingMessage, rights: Rights): Promise<Asked> {
  const query = new URL(request.url ?? '', 'http://tokens').searchParams;
  if (request.method === 'POST') {
    const chunks: Buffer[] = [];
    for await (const chunk of request) chunks.push(Buffer.from(chunk as Uint8Array));
    const form = new URLSearchParams(Buffer.concat(chunks).toString());
    const isWrong =
      form.get('grant_type') !== 'refresh_token' || form.get('refresh_token') !== rights.refreshToken;
    return { scope: form.get('scope') ?? '', user: rights.user, isWrong };
  }
  const scope = query.get('scope') ?? '';
  const header = request.headers.authorization;
  if (header === undefined) return { scope, user: '', isWrong: false };
  const right = Buffer.from(`${rights.user}:${rights.password}`).toString('base64');
  return { scope, user: rights.user, isWrong: header !== `Basic ${right}` };
}
