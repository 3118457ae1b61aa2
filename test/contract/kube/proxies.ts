import { createServer, type Server as HttpServer } from 'node:http';
import { connect, createServer as createTcpServer, type Server, type Socket } from 'node:net';
import { portOf } from '../../fault-proxy.ts';

/** A way out that a test can look at. */
export interface Way {
  readonly port: number;
  /** `host:port` of each tunnel. */
  readonly tunnels: readonly string[];
  close(): Promise<void>;
}

/** An HTTP proxy that only tunnels (CONNECT). */
export function startHttpProxy(): Promise<Way> {
  const tunnels: string[] = [];
  const server = createServer((_, answer) => answer.writeHead(405).end());
  server.on('connect', ({ url = '' }, client: Socket) => {
    tunnels.push(url);
    const upstream = connect(Number(url.split(':')[1]), '127.0.0.1', () => {
      client.write('HTTP/1.1 200 OK\r\n\r\n');
      join(client, upstream);
    });
  });
  return listening(server, tunnels);
}

/** A SOCKS5 proxy without authentication (RFC 1928), for IPv4 addresses and names. */
export function startSocksProxy(): Promise<Way> {
  const tunnels: string[] = [];
  const server = createTcpServer((client) => {
    client.on('error', () => undefined);
    client.once('data', () => {
      client.write(Buffer.from([5, 0]));
      client.once('data', (request) => {
        const isName = request[3] === 3;
        const end = isName ? 5 + (request[4] ?? 0) : 8;
        const host = isName ? request.subarray(5, end).toString() : request.subarray(4, end).join('.');
        tunnels.push(`${host}:${request.readUInt16BE(end)}`);
        const upstream = connect(request.readUInt16BE(end), '127.0.0.1', () => {
          client.write(Buffer.from([5, 0, 0, 1, 127, 0, 0, 1, 0, 0]));
          join(client, upstream);
        });
      });
    });
  });
  return listening(server, tunnels);
}

function join(client: Socket, upstream: Socket): void {
  for (const [from, to] of [
    [client, upstream],
    [upstream, client],
  ] as const) {
    from.pipe(to);
    from.on('error', () => to.destroy()).on('close', () => to.destroy());
  }
}

async function listening(server: Server | HttpServer, tunnels: readonly string[]): Promise<Way> {
  const sockets = new Set<Socket>();
  server.on('connection', (socket: Socket) => {
    sockets.add(socket);
    socket.on('close', () => sockets.delete(socket));
  });
  await new Promise<void>((resolve) => {
    server.listen(0, '127.0.0.1', resolve);
  });
  return {
    port: portOf(server),
    tunnels,
    close: async () => {
      const closed = new Promise((resolve) => {
        server.close(resolve);
      });
      for (const socket of sockets) socket.destroy();
      await closed;
    },
  };
}
