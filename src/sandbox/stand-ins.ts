import type { Duplex } from 'node:stream';
import type { Api } from './api.ts';
import type { ClusterFolder } from './folder.ts';

/** What stand-ins work with. */
export interface Stage {
  readonly api: Api;
  readonly folder: ClusterFolder;
  readonly subnet: number;
}

/** Everything that stands in for what does not run in a sandbox. */
export class StandIns {
  readonly #stopping = new AbortController();

  static async start(stage: Stage): Promise<StandIns> {
    const it = new StandIns();
    await Promise.resolve(stage);
    return it;
  }

  answer(_host: string, _port: number): ((socket: Duplex) => void) | undefined {
    return undefined;
  }

  async stop(): Promise<void> {
    this.#stopping.abort();
    await Promise.resolve();
  }
}
