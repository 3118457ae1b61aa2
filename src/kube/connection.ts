import { createSecureContext } from 'node:tls';
import { Pool, ProxyAgent, type Dispatcher } from 'undici';
import { failure, reasonOf } from '../lib/index.ts';
import type { ClusterAccess } from './access.ts';
import type { Credential } from './credentials.ts';

/** How long to wait, in milliseconds. */
export interface Patience {
  /** For TCP and TLS. */
  readonly connect: number;
  /** For the first byte of an answer; the API server itself gives up after 60 s. */
  readonly answer: number;
  /** Between two bytes of an answer. */
  readonly silence: number;
  /** Between two bytes of a watch; the server sends a bookmark about once a minute. */
  readonly watch: number;
}

/** The sockets to one API server in one TLS identity. Streams have their own, so that they never wait behind writes. */
export interface Connection {
  readonly certificate: string | undefined;
  readonly calls: Dispatcher;
  readonly streams: Dispatcher;
}

const socketLimit = 32;
/** Less than the 90 s after which a Go server closes an idle connection. */
const idle = 60_000;

/** Prepares connections; nothing is opened before the first request. Throws TORYO_KUBECONFIG for keys that do not parse. */
export function openConnection(
  access: ClusterAccess,
  credential: Credential,
  patience: Patience,
): Connection {
  const { origin } = serverUrl(access);
  const tls = { ...tlsOptions(access, credential), timeout: patience.connect };
  const shared = { allowH2: false, keepAliveTimeout: idle, headersTimeout: patience.answer, pipelining: 1 };
  const make = (connections: number | null, bodyTimeout: number): Dispatcher => {
    const options = { ...shared, connections, bodyTimeout };
    if (access.proxyUrl === undefined) return new Pool(origin, { ...options, connect: tls });
    return new ProxyAgent({ ...options, uri: access.proxyUrl, requestTls: { ...tls, allowH2: false } });
  };
  return {
    certificate: credential.certificate,
    calls: make(socketLimit, patience.silence),
    streams: make(null, patience.watch),
  };
}

/** Waits for what is under way, unless there is an error to end it with. */
export async function closeConnection(connection: Connection, error?: Error): Promise<void> {
  const both = [connection.calls, connection.streams];
  await Promise.all(both.map((each) => (error === undefined ? each.close() : each.destroy(error))));
}

function tlsOptions(access: ClusterAccess, credential: Credential): object {
  try {
    // One context for all connections: the PEM texts are parsed once.
    const secureContext = createSecureContext({
      ...(access.ca !== undefined && { ca: access.ca }),
      ...(credential.certificate !== undefined && { cert: credential.certificate }),
      ...(credential.key !== undefined && { key: credential.key }),
    });
    return {
      secureContext,
      ...(access.tlsServerName !== undefined && { servername: access.tlsServerName }),
      ...(access.insecure === true && { rejectUnauthorized: false }),
    };
  } catch (error) {
    throw failure(
      'TORYO_KUBECONFIG',
      { file: `of ${access.name}`, why: `its CA, certificate or key does not parse (${reasonOf(error)})` },
      { cluster: access.name, cause: error },
    );
  }
}

/** The server's address. Throws TORYO_KUBECONFIG when it is none. */
export function serverUrl(access: ClusterAccess): URL {
  const url = URL.canParse(access.server) ? new URL(access.server) : undefined;
  if (url !== undefined && ['http:', 'https:'].includes(url.protocol)) return url;
  const why = `the server ${access.server} is no http(s) address`;
  throw failure('TORYO_KUBECONFIG', { file: `of ${access.name}`, why }, { cluster: access.name });
}
