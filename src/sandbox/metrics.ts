import { createServer, type Server } from 'node:https';
import type { IncomingMessage, ServerResponse } from 'node:http';
import { createSecureContext, type SecureContext } from 'node:tls';
import type { Duplex } from 'node:stream';
import { callbackify } from 'node:util';
import { listAt, objectAt, reasonOf, stringAt, type JsonObject } from '../lib/index.ts';
import type { Api } from './api.ts';
import { Authority } from './certificates.ts';
import type { ClusterFolder } from './folder.ts';
import { pairOf } from './pki.ts';

const base = '/apis/metrics.k8s.io/v1beta1';

/** On a pod: what each of its containers uses, e.g. `cpu=250m,memory=64Mi`. Otherwise half of what it requests. */
const usageAnnotation = 'sandbox.toryo.dev/usage';

/** Stands in for a metrics server: answers metrics.k8s.io in the name of the Service that an APIService refers to. */
export class Metrics {
  readonly #api: Api;
  readonly #server: Server;

  private constructor(api: Api, server: Server) {
    this.#api = api;
    this.#server = server;
  }

  /** Makes the server; it listens on nothing: the API server's tunnels are handed to it. */
  static async create(api: Api, folder: ClusterFolder): Promise<Metrics> {
    const authority = await Authority.from(await pairOf(folder, 'ca'));
    const front = await pairOf(folder, 'front-proxy-ca');
    const contexts = new Map<string, Promise<SecureContext>>();
    const contextOf = (name: string): Promise<SecureContext> => {
      const context = contexts.get(name) ?? contextFor(name);
      contexts.set(name, context);
      return context;
    };
    const contextFor = async (name: string): Promise<SecureContext> => {
      const pair = await authority.issue({ commonName: name, serves: [name] });
      return createSecureContext({ cert: pair.certificate, key: pair.key, ca: front.certificate });
    };
    const fallback = await authority.issue({ commonName: 'metrics', serves: ['metrics'] });
    const server = createServer({
      cert: fallback.certificate,
      key: fallback.key,
      ca: front.certificate,
      requestCert: true,
      rejectUnauthorized: true,
      SNICallback: callbackify(contextOf),
    });
    const metrics = new Metrics(api, server);
    server.on('request', (request, response) => void metrics.#answer(request, response));
    return metrics;
  }

  /** Takes a tunnel from the API server. */
  accept(socket: Duplex): void {
    this.#server.emit('connection', socket);
  }

  /** Ends every tunnel. */
  close(): void {
    this.#server.closeAllConnections();
  }

  async #answer(request: IncomingMessage, response: ServerResponse): Promise<void> {
    const url = new URL(request.url ?? '/', 'https://metrics');
    try {
      const body = await this.#bodyFor(url);
      response.writeHead(body === undefined ? 404 : 200, { 'content-type': 'application/json' });
      response.end(JSON.stringify(body ?? notFound));
    } catch (error) {
      response.writeHead(503, { 'content-type': 'text/plain' }).end(reasonOf(error));
    }
  }

  async #bodyFor(url: URL): Promise<JsonObject | undefined> {
    if (url.pathname === base) return resources;
    if (!url.pathname.startsWith(`${base}/`)) return undefined;
    const path = url.pathname.slice(base.length);
    const answer = await this.#api.call('GET', `/api/v1${path}${url.search}`);
    if (answer.status !== 200) return undefined;
    const kind = /^\/nodes(\/|$)/.test(path) ? 'NodeMetrics' : 'PodMetrics';
    const measure = kind === 'NodeMetrics' ? await this.#nodeMeasure() : podMetrics;
    if (!('items' in objectAt(answer.body))) return measure(objectAt(answer.body));
    const items = listAt(answer.body, 'items').map((item) => objectAt(item));
    const shown = kind === 'NodeMetrics' ? items : items.filter(isRunning);
    return { kind: `${kind}List`, apiVersion, metadata: {}, items: shown.map(measure) };
  }

  async #nodeMeasure(): Promise<(node: JsonObject) => JsonObject> {
    const list = await this.#api.ask('GET', '/api/v1/pods');
    const pods = listAt(list, 'items')
      .map((item) => objectAt(item))
      .filter(isRunning);
    return (node) => {
      const name = stringAt(node, 'metadata', 'name');
      const usages = pods.filter((pod) => stringAt(pod, 'spec', 'nodeName') === name).flatMap(usagesOf);
      const cpu = usages.reduce((sum, usage) => sum + usage.cpu, 0.05);
      const memory = usages.reduce((sum, usage) => sum + usage.memory, 256 * 1024 ** 2);
      return { ...measured('NodeMetrics', node), usage: written({ cpu, memory }) };
    };
  }
}

const apiVersion = 'metrics.k8s.io/v1beta1';
const notFound = { kind: 'Status', apiVersion: 'v1', status: 'Failure', reason: 'NotFound', code: 404 };

const resource = (name: string, kind: string, namespaced: boolean): JsonObject => ({
  name,
  singularName: '',
  namespaced,
  kind,
  verbs: ['get', 'list'],
});

const resources = {
  kind: 'APIResourceList',
  apiVersion: 'v1',
  groupVersion: apiVersion,
  resources: [resource('nodes', 'NodeMetrics', false), resource('pods', 'PodMetrics', true)],
};

interface Usage {
  readonly cpu: number;
  readonly memory: number;
}

function isRunning(pod: JsonObject): boolean {
  return stringAt(pod, 'status', 'phase') === 'Running';
}

function podMetrics(pod: JsonObject): JsonObject {
  const usages = usagesOf(pod);
  const containers = listAt(pod, 'spec', 'containers').map((container, index) => ({
    name: stringAt(container, 'name') ?? '',
    usage: written(usages[index] ?? { cpu: 0, memory: 0 }),
  }));
  return { ...measured('PodMetrics', pod), containers };
}

function measured(kind: string, of: JsonObject): JsonObject {
  const { name, namespace, labels } = objectAt(of, 'metadata');
  const timestamp = `${new Date().toISOString().slice(0, 19)}Z`;
  return {
    kind,
    apiVersion,
    metadata: { name, namespace, labels, creationTimestamp: timestamp },
    timestamp,
    window: '15s',
  };
}

function usagesOf(pod: JsonObject): readonly Usage[] {
  const asked = stringAt(pod, 'metadata', 'annotations', usageAnnotation) ?? '';
  const given = new Map(
    asked.split(',').map((part) => [part.split('=')[0] ?? '', part.split('=')[1]] as const),
  );
  return listAt(pod, 'spec', 'containers').map((container) => {
    const requested = (name: string): string | undefined =>
      stringAt(container, 'resources', 'requests', name);
    const of = (name: string, least: number): number => {
      const fixed = given.get(name);
      if (fixed !== undefined) return amountOf(fixed);
      const request = requested(name);
      return request === undefined ? least : amountOf(request) / 2;
    };
    return { cpu: of('cpu', 0.01), memory: of('memory', 32 * 1024 ** 2) };
  });
}

function written({ cpu, memory }: Usage): JsonObject {
  return { cpu: `${Math.ceil(cpu * 1000)}m`, memory: `${Math.ceil(memory / 1024)}Ki` };
}

const factors: Readonly<Record<string, number>> = {
  n: 1e-9,
  u: 1e-6,
  m: 1e-3,
  '': 1,
  k: 1e3,
  M: 1e6,
  G: 1e9,
  T: 1e12,
  Ki: 1024,
  Mi: 1024 ** 2,
  Gi: 1024 ** 3,
  Ti: 1024 ** 4,
};

function amountOf(quantity: string): number {
  const [, number = '0', suffix = ''] = /^([\d.]+)([a-zA-Z]*)$/.exec(quantity.trim()) ?? [];
  return Number(number) * (factors[suffix] ?? 1);
}
