import { parseJson } from '../../src/lib/index.ts';
import { stringsAt } from '../../src/lib/index.ts';
import type { Ref } from '../../src/objects/index.ts';
import type { WaveRecord } from '../../src/world/index.ts';
import type { SandboxSpec } from '../../src/sandbox/index.ts';
import { certificateFor } from '../contract/kube/certificates.ts';
import { startFaultProxy, type FaultProxy } from '../fault-proxy.ts';
import { Bench, core, until, type Answer, type Running } from './bench.ts';
import { appYaml, configMapYaml, fleetYaml, type WantedCluster } from './fleet-files.ts';

const manifests = 'apps/platform/web/manifests/web.yaml';

/** A fleet of real clusters in which things go wrong: one App, `web`, of the platform's own tenant. */
export class FaultBench {
  readonly bench: Bench;
  readonly #proxies = new Map<string, FaultProxy>();

  private constructor(bench: Bench) {
    this.bench = bench;
  }

  /** Starts clusters and delivers the App once with turn `0`; `behind`: each is reached through a proxy that sees requests. */
  static async start(
    clusters: readonly (WantedCluster & Pick<SandboxSpec, 'nodes'>)[],
    how: { readonly behind?: boolean; readonly waves?: Readonly<Record<string, string>> } = {},
  ): Promise<FaultBench> {
    const specs = clusters.map(({ name, nodes }) =>
      nodes === undefined ? { name, components: 'server' as const } : { name, nodes },
    );
    const one = new FaultBench(await Bench.start(...specs));
    try {
      if (how.behind === true) await one.#standBetween(clusters.map(({ name }) => name));
      await one.bench.write({
        'fleet.yaml': Object.entries(how.waves ?? {}).reduce(
          (text, [wave, more]) => text.replace(`{ name: ${wave}, select`, `{ name: ${wave}, ${more}, select`),
          fleetYaml('acme', clusters),
        ),
        'apps/platform/web/app.yaml': appYaml('web', 'platform', 'web'),
      });
      await one.want(configMapYaml('web', { turn: '0' }));
      const locked = await one.bench.toryo('lock');
      if (locked.code !== 0) throw new Error(locked.all);
      await one.apply(0);
    } catch (error) {
      await one.stop();
      throw error;
    }
    return one;
  }

  async #standBetween(names: readonly string[]): Promise<void> {
    const { ca, ...tls } = await certificateFor('127.0.0.1');
    const tokens = new Map<string, string>();
    for (const name of names) {
      const to = Number(new URL(this.bench.cluster(name).running.server).port);
      this.#proxies.set(name, await startFaultProxy({ to, tls }));
      tokens.set(name, await this.#adminToken(name));
    }
    await this.bench.useContexts(
      Object.fromEntries(names.map((name) => [name, name])),
      (name, cluster, user) => {
        cluster['server'] = `https://127.0.0.1:${this.proxy(name).port}`;
        cluster['certificate-authority-data'] = Buffer.from(ca).toString('base64');
        for (const key of Object.keys(user)) delete user[key];
        user['token'] = tokens.get(name);
      },
    );
  }

  // A proxy that ends TLS itself cannot pass a client's certificate on.
  async #adminToken(name: string): Promise<string> {
    const words = [
      ['create', 'serviceaccount', 'all-powerful', '-n', 'kube-system'],
      [
        'create',
        'clusterrolebinding',
        'all-powerful',
        '--clusterrole=cluster-admin',
        '--serviceaccount=kube-system:all-powerful',
      ],
    ];
    for (const one of words) await this.kubectl(name, ...one);
    return (await this.kubectl(name, 'create', 'token', 'all-powerful', '-n', 'kube-system')).trim();
  }

  /** The proxy before a cluster. */
  proxy(name: string): FaultProxy {
    const found = this.#proxies.get(name);
    if (found === undefined) throw new Error(`no proxy before ${name}`);
    return found;
  }

  /** Makes the App want these manifests. */
  want(...documents: readonly string[]): Promise<void> {
    return this.bench.write({ [manifests]: documents.join('---\n') });
  }

  /** Makes the App want its ConfigMap with another turn. */
  turn(turn: string, ...documents: readonly string[]): Promise<void> {
    return this.want(configMapYaml('web', { turn }), ...documents);
  }

  /** The turn that a cluster has. */
  async turnIn(cluster: string): Promise<string | undefined> {
    const found = await this.bench.client(cluster).get(core('ConfigMap', 'web', 'web'));
    return stringsAt(found, 'data')['turn'];
  }

  launch(...words: readonly string[]): Running {
    return this.bench.launch('apply', '--yes', ...words);
  }

  /** Applies and expects that exit code. */
  async apply(code: number, ...words: readonly string[]): Promise<Answer> {
    return this.expectCode(code, this.launch(...words));
  }

  async expectCode(code: number, running: Running): Promise<Answer> {
    const answer = await running.ended;
    if (answer.code !== code) throw new Error(`exit ${answer.code}, not ${code}:\n${answer.all}`);
    return answer;
  }

  /** Waits until a program has said that. */
  async said(running: Running, text: RegExp, seconds = 60): Promise<void> {
    await until(
      async () => running.said(),
      (said) => text.test(said),
      seconds,
    );
  }

  /** kubectl that must succeed, as an admin. */
  async kubectl(cluster: string, ...words: readonly string[]): Promise<string> {
    const answer = await this.bench.kubectl(cluster, words);
    if (answer.code !== 0) throw new Error(answer.all);
    return answer.out;
  }

  /** kubectl apply of objects, as an admin. */
  async put(cluster: string, object: unknown): Promise<void> {
    const answer = await this.bench.kubectl(cluster, ['create', '-f', '-'], JSON.stringify(object));
    if (answer.code !== 0) throw new Error(answer.all);
  }

  /** The record of an owner; undefined where there is none. */
  async record(cluster: string, ref: Ref = inventoryRef): Promise<Partial<WaveRecord> | undefined> {
    const found = await this.bench.client(cluster).get(ref);
    const text = stringsAt(found, 'data')['record'];
    return text === undefined ? undefined : (parseJson(text) as Partial<WaveRecord>);
  }

  /** Changes a record as somebody with kubectl would. */
  async editRecord(cluster: string, change: object): Promise<void> {
    const record = JSON.stringify({ ...(await this.record(cluster)), ...change });
    await this.bench.client(cluster).patch(inventoryRef, { data: { record } }, { type: 'merge' });
  }

  /** The names of the kept revisions of the App. */
  async kept(cluster: string): Promise<readonly string[]> {
    const { items } = await this.bench
      .client(cluster)
      .list(core('ConfigMap', ''), { namespace: 'toryo-system' });
    return items
      .map((one) => one.metadata.name)
      .filter((name) => name.startsWith('revision.app.platform.web.'));
  }

  async stop(): Promise<void> {
    for (const proxy of this.#proxies.values()) proxy.breakAll();
    await Promise.allSettled([...this.#proxies.values()].map((proxy) => proxy.close()));
    await this.bench.stop();
  }
}

/** The inventory of the App. */
export const inventoryRef = core('ConfigMap', 'inventory.app.platform.web', 'toryo-system');
