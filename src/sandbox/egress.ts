import { createServer, type Server } from 'node:http';
import { mkdtemp, rm, symlink } from 'node:fs/promises';
import { connect, type Socket } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Duplex } from 'node:stream';
import { egressSocket } from './component.ts';
import type { ClusterFolder } from './folder.ts';

/** Answers a connection that the API server wants to an address inside the cluster; undefined: nothing runs there. */
export type Answering = (host: string) => ((socket: Duplex) => void) | undefined;

/** The socket paths of the system end here. */
const longestSocketPath = 100;

/**
 * The way out of the API server: it asks this socket for every connection to a Service, a pod, a node or a webhook's URL.
 * Loopback addresses are reached; in the cluster only what has a stand-in answers. Nothing else is ever called.
 */
export class Egress {
  readonly #server: Server;
  readonly #sockets = new Set<Duplex>();
  readonly #shortcut: string | undefined;

  private constructor(server: Server, shortcut: string | undefined) {
    this.#server = server;
    this.#shortcut = shortcut;
  }

  /** Listens on the socket in the cluster's folder. */
  static async open(folder: ClusterFolder, answering: Answering): Promise<Egress> {
    const path = folder.file(egressSocket);
    await rm(path, { force: true });
    const shortcut = path.length > longestSocketPath ? await mkdtemp(join(tmpdir(), 'toryo-')) : undefined;
    if (shortcut !== undefined) await symlink(folder.root, join(shortcut, 'cluster'));
    const listened = shortcut === undefined ? path : join(shortcut, 'cluster', egressSocket);
    const server = createServer((_request, response) => response.writeHead(405).end());
    const egress = new Egress(server, shortcut);
    server.on('connect', (request, socket: Duplex) => egress.#tunnel(request.url ?? '', socket, answering));
    await new Promise<void>((resolve, reject) => {
      server.once('error', reject);
      server.listen(listened, resolve);
    });
    return egress;
  }

  /** Ends every tunnel and the socket. */
  async close(): Promise<void> {
    for (const socket of this.#sockets) socket.destroy();
    this.#server.closeAllConnections();
    await new Promise<void>((resolve) => {
      this.#server.close(() => resolve());
    });
    if (this.#shortcut !== undefined) await rm(this.#shortcut, { recursive: true, force: true });
  }

  #tunnel(target: string, socket: Duplex, answering: Answering): void {
    this.#keep(socket);
    const colon = target.lastIndexOf(':');
    const host = target.slice(0, colon).replace(/^\[|\]$/g, '');
    const port = Number(target.slice(colon + 1));
    const answer = answering(host);
    if (answer !== undefined) {
      socket.write('HTTP/1.1 200 Connection established\r\n\r\n');
      answer(socket);
    } else if (isLoopback(host) && port !== kubeletPort) this.#reach({ host, port }, socket);
    else refuse(socket, `nothing runs in a sandbox pod: no answer from ${target}`);
  }

  #reach(to: { readonly host: string; readonly port: number }, socket: Duplex): void {
    const far: Socket = connect(to, () => {
      socket.write('HTTP/1.1 200 Connection established\r\n\r\n');
      socket.pipe(far).pipe(socket);
    });
    this.#keep(far);
    far.once('error', (error) => refuse(socket, error.message));
    socket.once('close', () => far.destroy());
  }

  #keep(socket: Duplex): void {
    this.#sockets.add(socket);
    socket.once('close', () => this.#sockets.delete(socket));
    socket.on('error', () => socket.destroy());
  }
}

/** Nodes have loopback addresses, and no kubelet: on that port there may be somebody else's. */
const kubeletPort = 10_250;

function isLoopback(host: string): boolean {
  return host === 'localhost' || host === '::1' || /^127\.\d+\.\d+\.\d+$/.test(host);
}

function refuse(socket: Duplex, why: string): void {
  if (socket.writable)
    socket.end(`HTTP/1.1 502 ${why.replaceAll(/[\r\n]/g, ' ')}\r\nContent-Length: 0\r\n\r\n`);
}
