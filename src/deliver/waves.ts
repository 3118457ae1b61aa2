import { hintOf, isFailure, reasonOf, tell, type Run } from '../lib/index.ts';
import type { Delivered } from './delivery.ts';

/** One wave to be delivered. */
export interface WaveOrder {
  readonly name: string;
  readonly clusters: readonly string[];
  readonly atOnce: string | number | undefined;
  readonly stopAfterFailures: number;
}

/** How many clusters of a wave move at once: a share rounds down, at least 1; all when nothing is said. */
export function atOnceOf(wave: Pick<WaveOrder, 'atOnce' | 'clusters'>): number {
  const { atOnce, clusters } = wave;
  if (atOnce === undefined) return Math.max(1, clusters.length);
  const count =
    typeof atOnce === 'number' ? atOnce : Math.floor((Number.parseInt(atOnce, 10) * clusters.length) / 100);
  return Math.max(1, count);
}

/** Outcomes that stop the waves after; an unreachable cluster says nothing about the change. */
const stopping: ReadonlySet<Delivered['outcome']> = new Set(['unhealthy', 'timed-out', 'failed']);

/** Delivers waves in order, the clusters of each side by side; stops after too many failures, and says what was not begun. */
export async function deliverWaves(
  waves: readonly WaveOrder[],
  deliverOne: (cluster: string) => Promise<Delivered>,
  run: Run,
): Promise<readonly Delivered[]> {
  const done: Delivered[] = [];
  let stopped: string | undefined;
  for (const wave of waves) {
    if (wave.clusters.length === 0) continue;
    if (stopped !== undefined) {
      const why = `wave ${stopped} failed`;
      done.push(...wave.clusters.map((name) => notStarted(name, why)));
      continue;
    }
    tell(run, { subject: `wave/${wave.name}`, verb: 'deliver', state: 'started', of: wave.clusters.length });
    const delivered = await deliverWave(wave, deliverOne);
    done.push(...delivered);
    const hasFailed = countFailures(delivered) > 0;
    if (hasFailed) stopped = wave.name;
    const undone = delivered.filter((one) => one.outcome !== 'done').length;
    const outcome =
      undone === 0
        ? { state: 'done' as const }
        : { state: 'failed' as const, why: `${undone} of ${wave.clusters.length} clusters are not done` };
    tell(run, { subject: `wave/${wave.name}`, verb: 'deliver', ...outcome });
  }
  return done;
}

async function deliverWave(
  wave: WaveOrder,
  deliverOne: (cluster: string) => Promise<Delivered>,
): Promise<readonly Delivered[]> {
  const waiting = [...wave.clusters];
  const done: Delivered[] = [];
  const lane = async (): Promise<void> => {
    for (let name = waiting.shift(); name !== undefined; name = waiting.shift()) {
      if (countFailures(done) >= wave.stopAfterFailures)
        done.push(
          notStarted(
            name,
            `${countFailures(done)} ${countFailures(done) === 1 ? 'cluster' : 'clusters'} of wave ${wave.name} failed before`,
          ),
        );
      else done.push(await deliverOne(name));
    }
  };
  await Promise.all(Array.from({ length: Math.min(atOnceOf(wave), waiting.length) }, lane));
  return done;
}

function countFailures(delivered: readonly Delivered[]): number {
  return delivered.filter((one) => stopping.has(one.outcome)).length;
}

function notStarted(cluster: string, why: string): Delivered {
  return { cluster, outcome: 'not-started', why, written: 0, pruned: 0, failures: [], health: [] };
}

/** Why a cluster ended as it did, for people. */
export function whyOf(delivered: Delivered): string {
  const [failure] = delivered.failures;
  if (isFailure(delivered.why)) return `${delivered.why.message}. ${hintOf(delivered.why.code)}`;
  if (delivered.why !== undefined) return reasonOf(delivered.why);
  if (failure !== undefined) return failure.error.message;
  const sick =
    delivered.health.find((one) => one.health.state === 'failed') ??
    delivered.health.find((one) => one.health.state === 'progressing');
  return sick === undefined ? '' : `${sick.ref.kind}/${sick.ref.name}: ${sick.health.why}`;
}
