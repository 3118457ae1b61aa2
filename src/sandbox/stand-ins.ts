import { appendFileSync } from 'node:fs';
import type { Duplex } from 'node:stream';
import { objectAt, reasonOf, stringAt } from '../lib/index.ts';
import type { Api, Sight, Watched } from './api.ts';
import type { ClusterFolder } from './folder.ts';
import { inTurn, LoadBalancer } from './load-balancer.ts';
import { Metrics } from './metrics.ts';
import { failAnnotation } from './stages.ts';
import { Volumes } from './volumes.ts';

/** What stand-ins work with. */
export interface Stage {
  readonly api: Api;
  readonly folder: ClusterFolder;
  readonly subnet: number;
}

/** Everything that stands in for what does not run in a sandbox, besides kwok's stages. */
export class StandIns {
  readonly #stage: Stage;
  readonly #metrics: Metrics;
  readonly #stopping = new AbortController();
  /** Address of a Service -> its namespace and name, without those that were asked to fail. */
  readonly #services = new Map<string, string>();
  /** APIService -> the Service that is to answer for metrics.k8s.io. */
  readonly #metricsServices = new Map<string, string>();
  #following: readonly Promise<void>[] = [];

  private constructor(stage: Stage, metrics: Metrics) {
    this.#stage = stage;
    this.#metrics = metrics;
  }

  /** Begins to look at the cluster. */
  static async start(stage: Stage): Promise<StandIns> {
    const it = new StandIns(stage, await Metrics.create(stage.api, stage.folder));
    await it.#begin();
    return it;
  }

  /** Who answers at that address of the cluster; undefined: nothing runs there. */
  answer(host: string): ((socket: Duplex) => void) | undefined {
    const service = this.#services.get(host);
    if (service === undefined || !new Set(this.#metricsServices.values()).has(service)) return undefined;
    return (socket) => this.#metrics.accept(socket);
  }

  /** Stops looking. */
  async stop(): Promise<void> {
    this.#stopping.abort();
    this.#metrics.close();
    await Promise.all(this.#following);
  }

  async #begin(): Promise<void> {
    const { api, subnet } = this.#stage;
    const volumes = new Volumes(api);
    const balancer = new LoadBalancer(api, subnet);
    await volumes.makeClass();
    this.#following = [
      this.#follow({ group: '', kind: 'Service' }, async (sight) => {
        this.#seeService(sight);
        await balancer.see(sight);
      }),
      this.#follow({ group: 'apiregistration.k8s.io', kind: 'APIService' }, async (sight) =>
        this.#seeApiService(sight),
      ),
      this.#follow({ group: '', kind: 'PersistentVolumeClaim' }, (sight) => volumes.seeClaim(sight)),
      this.#follow({ group: '', kind: 'PersistentVolume' }, (sight) => volumes.seeVolume(sight)),
    ];
  }

  #follow(kind: Watched, see: (sight: Sight) => Promise<void>): Promise<void> {
    const note = (why: string): void => {
      const at = new Date().toISOString();
      if (!this.#stopping.signal.aborted)
        appendFileSync(this.#stage.folder.log('stand-ins'), `${JSON.stringify({ at, ...kind, why })}\n`);
    };
    const { signal } = this.#stopping;
    return this.#stage.api
      .follow(kind, signal, inTurn(see, note))
      .catch((error: unknown) => note(reasonOf(error)));
  }

  /** One that is asked to fail has no address as far as the way out of the API server is concerned. */
  #seeService({ object, isGone }: Sight): void {
    const address = stringAt(object, 'spec', 'clusterIP');
    if (address === undefined) return;
    const isFailing = stringAt(object, 'metadata', 'annotations', failAnnotation) === 'Unavailable';
    if (isGone || isFailing) {
      this.#services.delete(address);
      this.#metrics.close();
    } else this.#services.set(address, keyOf(objectAt(object, 'metadata')));
  }

  #seeApiService({ object, isGone }: Sight): void {
    const name = stringAt(object, 'metadata', 'name') ?? '';
    const service = objectAt(object, 'spec', 'service');
    const isMetrics = stringAt(object, 'spec', 'group') === 'metrics.k8s.io';
    if (isGone || !isMetrics) this.#metricsServices.delete(name);
    else this.#metricsServices.set(name, keyOf(service));
  }
}

function keyOf(named: unknown): string {
  return `${stringAt(named, 'namespace') ?? ''}/${stringAt(named, 'name') ?? ''}`;
}
