import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import {
  accessOf,
  openClient,
  readKubeconfig,
  type ClusterAccess,
  type KubeClient,
  type TransportOptions,
} from '../../../src/kube/index.ts';
import { parseJson, stringAt, type Event, type Run } from '../../../src/lib/index.ts';
import type { KubeObject } from '../../../src/objects/index.ts';
import { defaultVersion, startCluster, type SandboxVersion } from '../../../src/sandbox/index.ts';
import { startFaultProxy, type FaultProxy } from '../../fault-proxy.ts';
import { certificateFor } from './certificates.ts';

/** A run that keeps its events and can be stopped. */
export interface TestRun extends Run {
  readonly events: readonly Event[];
  stop(): void;
}

export function testRun(): TestRun {
  const controller = new AbortController();
  const events: Event[] = [];
  return {
    signal: controller.signal,
    now: () => new Date().toISOString(),
    emit: (event) => void events.push(event),
    events,
    stop: () => controller.abort(),
  };
}

/** An API server for one test file. */
export class TestServer {
  readonly access: ClusterAccess;
  readonly client: KubeClient;
  readonly #stop: () => Promise<void>;
  readonly #clients: KubeClient[] = [];
  readonly #proxies: FaultProxy[] = [];

  private constructor(access: ClusterAccess, stop: () => Promise<void>) {
    this.access = access;
    this.#stop = stop;
    this.client = this.open(access);
  }

  static async start(version: SandboxVersion = defaultVersion): Promise<TestServer> {
    const folder = await mkdtemp(join(tmpdir(), 'toryo-kube-'));
    const clear = (): Promise<void> => rm(folder, { recursive: true, force: true });
    try {
      return await TestServer.#startIn(folder, version, clear);
    } catch (error) {
      await clear();
      throw error;
    }
  }

  static async #startIn(
    folder: string,
    version: SandboxVersion,
    clear: () => Promise<void>,
  ): Promise<TestServer> {
    const cluster = await startCluster({ name: 'test', version, components: 'server' }, folder, testRun());
    const access = accessOf(await readKubeconfig([cluster.kubeconfig]));
    const server = new TestServer({ ...access, name: 'test' }, async () => {
      await cluster.stop();
      await clear();
    });
    await server.client.create(object('v1', 'Namespace', 'test'));
    await server.client.apply(object('v1', 'ServiceAccount', 'default', 'test'), { fieldManager: 'test' });
    return server;
  }

  get port(): number {
    return Number(new URL(this.access.server).port);
  }

  /** A client that is closed at the end. */
  open(access: ClusterAccess, run: Run = testRun(), options: TransportOptions = {}): KubeClient {
    const client = openClient(access, run, options);
    this.#clients.push(client);
    return client;
  }

  /** A token of a service account that may do everything. */
  async adminToken(): Promise<string> {
    const name = 'all-powerful';
    await this.client.apply(object('v1', 'ServiceAccount', name, 'test'), { fieldManager: 'test' });
    await this.client.apply(
      {
        ...object('rbac.authorization.k8s.io/v1', 'ClusterRoleBinding', name),
        roleRef: { apiGroup: 'rbac.authorization.k8s.io', kind: 'ClusterRole', name: 'cluster-admin' },
        subjects: [{ kind: 'ServiceAccount', namespace: 'test', name }],
      },
      { fieldManager: 'test' },
    );
    return await this.tokenOf(name);
  }

  /** A token of a service account of namespace test. */
  async tokenOf(name: string): Promise<string> {
    const path = `/api/v1/namespaces/test/serviceaccounts/${name}/token`;
    const body = { apiVersion: 'authentication.k8s.io/v1', kind: 'TokenRequest', spec: {} };
    const { text } = await this.client.raw('POST', path, { body });
    return stringAt(parseJson(text), 'status', 'token') ?? '';
  }

  /** A fault proxy that sees requests, and an access through it with all rights. */
  async behindProxy(): Promise<{ proxy: FaultProxy; access: ClusterAccess }> {
    const { ca, ...tls } = await certificateFor('127.0.0.1');
    const proxy = await startFaultProxy({ to: this.port, tls });
    this.#proxies.push(proxy);
    const server = `https://127.0.0.1:${proxy.port}`;
    const token = await this.adminToken();
    return { proxy, access: { name: 'test', server, ca, token } };
  }

  /** A fault proxy that passes TLS through, and an access through it. */
  async behindTcpProxy(): Promise<{ proxy: FaultProxy; access: ClusterAccess }> {
    const proxy = await startFaultProxy({ to: this.port });
    this.#proxies.push(proxy);
    return { proxy, access: { ...this.access, server: `https://127.0.0.1:${proxy.port}` } };
  }

  async stop(): Promise<void> {
    for (const proxy of this.#proxies) proxy.breakAll();
    await Promise.allSettled(this.#clients.map((client) => client.close()));
    await Promise.allSettled(this.#proxies.map((proxy) => proxy.close()));
    await this.#stop();
  }
}

/** A bare object. */
export function object(apiVersion: string, kind: string, name: string, namespace?: string): KubeObject {
  return { apiVersion, kind, metadata: namespace === undefined ? { name } : { name, namespace } };
}

export function configMap(name: string, data: Record<string, string> = {}): KubeObject {
  return { ...object('v1', 'ConfigMap', name, 'test'), data };
}

export function configMapRef(name: string) {
  return { group: '', kind: 'ConfigMap', namespace: 'test', name };
}

export function uidOf(object: KubeObject): string {
  return stringAt(object, 'metadata', 'uid') ?? '';
}

/** What a promise was rejected with. */
export async function errorOf(promise: Promise<unknown>): Promise<unknown> {
  try {
    await promise;
  } catch (error) {
    return error;
  }
  throw new Error('it was expected to fail');
}
