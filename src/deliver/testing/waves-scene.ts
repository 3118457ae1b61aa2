import type { WaveRecord } from '../../world/index.ts';
import type { Standing } from '../waves/standing-decide.ts';
import { decideWaves, type Situation, type WaveDecision, type WaveOrder } from '../waves/waves-decide.ts';

/** The clock of every scene. */
const at = '2026-03-01T12:00:00.000Z';
/** An instant before `at`. */
export const minutesAgo = (minutes: number): string =>
  new Date(Date.parse(at) - minutes * 60_000).toISOString();
/** A wave. */
export const wave = (
  name: string,
  clusters: readonly string[],
  more: Partial<WaveOrder> = {},
): WaveOrder => ({
  name,
  clusters,
  atOnce: undefined,
  stopAfterFailures: 1,
  soak: 0,
  hasGates: false,
  ...more,
});
const waves = [wave('canary', ['c']), wave('first', ['f']), wave('rest', ['r1', 'r2'])];
/** The owner of every scene. */
export const web = 'App/shop/web';
/** A record of the new revision. */
export const record = (phase: WaveRecord['phase'], more: Partial<WaveRecord> = {}): WaveRecord => ({
  digest: 'new',
  phase,
  since: minutesAgo(30),
  revision: 'rev',
  plan: 'p',
  previous: 'old',
  ...more,
});
const old = record('healthy', { digest: 'old', revision: 'rev-before' });
/** The owner on a cluster where it has not moved yet. */
export const standing = (cluster: string, more: Partial<Standing> = {}): Standing => ({
  owner: web,
  cluster,
  wanted: 'new',
  revision: 'rev',
  record: old,
  wish: undefined,
  hasWork: true,
  ...more,
});
/** The owner on a cluster where it has moved. */
export const done = (cluster: string, more: Partial<WaveRecord> = {}): Standing =>
  standing(cluster, { record: record('healthy', more), hasWork: false });
/** What is decided of some standings. */
export const decide = (standings: readonly Standing[], more: Partial<Situation> = {}): WaveDecision =>
  decideWaves({
    at,
    waves,
    standings,
    needs: new Map(),
    silent: new Map(),
    holds: new Map(),
    busy: new Set(),
    ...more,
  });
/** Cluster -> owners that may move. */
export const openIn = (decision: WaveDecision): Record<string, readonly string[]> =>
  Object.fromEntries([...decision.open].map(([cluster, owners]) => [cluster, [...owners]]));
/** Owner@cluster -> state. */
export const statesIn = (decision: WaveDecision): Record<string, string> =>
  Object.fromEntries(decision.judgements.map((one) => [`${one.owner}@${one.cluster}`, one.state]));
/** Every cluster of the waves. */
export const all = ['c', 'f', 'r1', 'r2'];
