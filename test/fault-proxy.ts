import { createServer as createHttpsServer, Agent, request as httpsRequest, type Server } from 'node:https';
import type { IncomingMessage, ServerResponse } from 'node:http';
import { connect, createServer as createTcpServer, type Server as TcpServer, type Socket } from 'node:net';

/** What goes wrong. In TCP mode `cut`, `end`, `status` and `header` are not possible, and `truncate` counts bytes of TLS. */
export type Fault =
  | { readonly kind: 'none' }
  /** Answers come this much later. */
  | { readonly kind: 'latency'; readonly milliseconds: number }
  /** The connection is reset when a request arrives. */
  | { readonly kind: 'reset' }
  /** A request arrives at the server and its answer is lost with the connection. */
  | { readonly kind: 'lost-answer' }
  /** Requests are swallowed: no answer, no end. */
  | { readonly kind: 'silence' }
  /** The connection breaks after so many bytes of the answer's body. */
  | { readonly kind: 'truncate'; readonly bytes: number }
  /** The connection breaks so many milliseconds after the answer began. */
  | { readonly kind: 'cut'; readonly after: number }
  /** The answer ends, as if it were whole, so many milliseconds after it began. */
  | { readonly kind: 'end'; readonly after: number }
  /** The proxy answers itself. */
  | {
      readonly kind: 'status';
      readonly status: number;
      readonly retryAfter?: number;
      readonly body?: string;
      readonly contentType?: string;
    }
  /** The server sees another header. */
  | { readonly kind: 'header'; readonly name: string; readonly value: string };

/** Which requests (connections' chunks in TCP mode) it happens to: all, every nth, the first so many, those that match. */
export interface Occasion {
  readonly every?: number;
  readonly times?: number;
  readonly matching?: (method: string, path: string) => boolean;
}

export interface SeenRequest {
  readonly method: string;
  readonly path: string;
  readonly at: number;
}

export interface FaultProxy {
  readonly port: number;
  /** Requests that arrived, with times in milliseconds; empty in TCP mode. */
  readonly requests: readonly SeenRequest[];
  /** How many the fault happened to since it was set. */
  readonly hits: number;
  set(fault: Fault, occasion?: Occasion): void;
  /** Breaks all connections that are open now. */
  breakAll(): void;
  close(): Promise<void>;
}

export interface FaultProxyOptions {
  /** The server's port on 127.0.0.1. */
  readonly to: number;
  /** The proxy ends TLS itself with this certificate, and so sees requests; without it bytes pass through. */
  readonly tls?: { readonly certificate: string; readonly key: string };
}

/** Decides which request the fault happens to. */
class Chance {
  hits = 0;
  #seen = 0;
  #fault: Fault = { kind: 'none' };
  #occasion: Occasion = {};

  set(fault: Fault, occasion: Occasion = {}): void {
    [this.#fault, this.#occasion, this.#seen, this.hits] = [fault, occasion, 0, 0];
  }

  next(method: string, path: string): Fault {
    const { every = 1, times = Infinity, matching } = this.#occasion;
    if (this.#fault.kind === 'none' || matching?.(method, path) === false) return { kind: 'none' };
    this.#seen += 1;
    if (this.#seen % every !== 0 || this.hits >= times) return { kind: 'none' };
    this.hits += 1;
    return this.#fault;
  }
}

/** Stands between a client and an API server on 127.0.0.1 and makes things go wrong on request. */
export async function startFaultProxy(options: FaultProxyOptions): Promise<FaultProxy> {
  const chance = new Chance();
  const requests: SeenRequest[] = [];
  const sockets = new Set<Socket>();
  const keep = (socket: Socket): void => {
    sockets.add(socket);
    socket.on('error', () => undefined).on('close', () => sockets.delete(socket));
  };
  const agent = new Agent({ keepAlive: true, rejectUnauthorized: false });
  const server =
    options.tls === undefined
      ? tcpProxy(options.to, chance, keep)
      : httpProxy(options.to, options.tls, { agent, chance, requests });
  server.on('connection', keep);
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const breakAll = (): void => {
    for (const socket of sockets) socket.resetAndDestroy();
  };
  return {
    port: portOf(server),
    requests,
    get hits() {
      return chance.hits;
    },
    set: (fault, occasion) => {
      chance.set(fault, occasion);
    },
    breakAll,
    close: async () => {
      const closed = new Promise((resolve) => server.close(resolve));
      breakAll();
      agent.destroy();
      await closed;
    },
  };
}

/** The port that a server listens on. */
export function portOf(server: TcpServer): number {
  const address = server.address();
  if (address === null || typeof address === 'string')
    throw new Error('the server does not listen on a port');
  return address.port;
}

function tcpProxy(to: number, chance: Chance, keep: (socket: Socket) => void): TcpServer {
  return createTcpServer((client) => {
    const upstream = connect(to, '127.0.0.1');
    keep(upstream);
    let fault: Fault = { kind: 'none' };
    let answered = 0;
    client.on('data', (chunk) => {
      fault = chance.next('', '');
      answered = 0;
      if (fault.kind === 'reset') client.resetAndDestroy();
      else if (fault.kind !== 'silence') upstream.write(chunk);
    });
    upstream.on('data', (chunk) => {
      answered += chunk.length;
      if (fault.kind === 'lost-answer') client.resetAndDestroy();
      else if (fault.kind === 'truncate' && answered > fault.bytes)
        client.end(chunk.subarray(0, Math.max(0, chunk.length - (answered - fault.bytes))));
      else if (fault.kind === 'latency') setTimeout(() => client.write(chunk), fault.milliseconds);
      else client.write(chunk);
    });
    client.on('close', () => upstream.destroy());
    upstream.on('close', () => client.end());
  });
}

interface Inside {
  readonly agent: Agent;
  readonly chance: Chance;
  readonly requests: SeenRequest[];
}

function httpProxy(to: number, tls: { certificate: string; key: string }, inside: Inside): Server {
  const { agent, chance, requests } = inside;
  return createHttpsServer({ cert: tls.certificate, key: tls.key }, (incoming, outgoing) => {
    const { method = '', url: path = '' } = incoming;
    requests.push({ method, path, at: performance.now() });
    const fault = chance.next(method, path);
    if (fault.kind === 'reset') incoming.socket.destroy();
    else if (fault.kind === 'status') answerItself(fault, outgoing);
    else if (fault.kind !== 'silence') forward({ to, agent, fault }, incoming, outgoing);
  });
}

function answerItself(fault: Extract<Fault, { kind: 'status' }>, outgoing: ServerResponse): void {
  const { status, retryAfter, contentType = 'application/json' } = fault;
  const usual = { kind: 'Status', apiVersion: 'v1', status: 'Failure', message: 'injected', code: status };
  outgoing.writeHead(status, {
    'content-type': contentType,
    ...(retryAfter !== undefined && { 'retry-after': String(retryAfter) }),
  });
  outgoing.end(fault.body ?? JSON.stringify(usual));
}

interface Way {
  readonly to: number;
  readonly agent: Agent;
  readonly fault: Fault;
}

function forward({ to, agent, fault }: Way, incoming: IncomingMessage, outgoing: ServerResponse): void {
  const { method, url: path } = incoming;
  const pairs = incoming.rawHeaders.slice();
  if (fault.kind === 'header')
    for (let index = 0; index < pairs.length; index += 2)
      if (pairs[index]?.toLowerCase() === fault.name) pairs[index + 1] = fault.value;
  const upstream = httpsRequest(
    { host: '127.0.0.1', port: to, method, path, agent, headers: pairs },
    (answer) => {
      if (fault.kind === 'lost-answer') {
        incoming.socket.destroy();
        answer.destroy();
      } else if (fault.kind === 'latency')
        setTimeout(() => passOn(answer, incoming, outgoing, fault), fault.milliseconds);
      else passOn(answer, incoming, outgoing, fault);
    },
  );
  upstream.on('error', () => incoming.socket.destroy());
  outgoing.on('close', () => upstream.destroy());
  incoming.pipe(upstream);
}

function passOn(
  answer: IncomingMessage,
  incoming: IncomingMessage,
  outgoing: ServerResponse,
  fault: Fault,
): void {
  outgoing.writeHead(answer.statusCode ?? 502, answer.rawHeaders);
  outgoing.flushHeaders();
  if (fault.kind === 'cut' || fault.kind === 'end') {
    const timer = setTimeout(() => {
      if (fault.kind === 'cut') incoming.socket.destroy();
      else outgoing.end();
      answer.destroy();
    }, fault.after);
    outgoing.on('close', () => clearTimeout(timer));
  }
  if (fault.kind !== 'truncate') {
    answer.pipe(outgoing);
    return;
  }
  let left = fault.bytes;
  answer.on('data', (chunk: Buffer) => {
    if (left <= 0) return;
    const piece = chunk.subarray(0, left);
    left -= chunk.length;
    outgoing.write(piece, () => {
      if (left <= 0) incoming.socket.destroy();
    });
  });
}
