import {
  isFailure,
  known,
  knownValue,
  platformOwner,
  reasonOf,
  unknown,
  type Instant,
  type Known,
  type Run,
} from '../lib/index.ts';
import type { Bundle } from '../compile/index.ts';
import type { Elsewhere, Hold, Judgement, WaveOrder } from '../deliver/index.ts';
import type { KubeClient } from '../kube/index.ts';
import type { Fleet } from '../spec/index.ts';
import type { ClusterConsent, WaveRecord } from '../world/index.ts';
import type { Records } from './records.ts';
import { approvalHolds } from './unapproved.ts';
import { absent, clusterOf, providerFor, type Built, type Environment } from './looking.ts';

const deliverRoom = () => import('../deliver/index.ts');
const worldRoom = () => import('../world/index.ts');

/** Nothing runs in the pods of a sandbox: there is not much to wait for, in milliseconds. */
const longestSandboxSoak = 3000;

/** The waves of a fleet as far as these clusters are concerned. */
export function waveOrders(fleet: Fleet, bundles: readonly Bundle[]): readonly WaveOrder[] {
  const there = new Set(bundles.map((bundle) => bundle.cluster));
  return fleet.waves.map((wave) => {
    const clusters = wave.clusters.filter((name) => there.has(name));
    const isRehearsal = clusters.every((name) => fleet.clusters.get(name)?.provider === 'sandbox');
    const soak = isRehearsal ? Math.min(wave.soak ?? 0, longestSandboxSoak) : (wave.soak ?? 0);
    return { ...wave, clusters, soak, hasGates: wave.gates.length > 0 };
  });
}

/** Owner -> owners that it needs, on whatever cluster; what is left of a renamed owner moves with the one it is now. */
export function needsOf(
  bundles: readonly Bundle[],
  { moved }: Pick<Fleet, 'moved'>,
): ReadonlyMap<string, readonly string[]> {
  const needs = new Map<string, Set<string>>(moved.map(({ from, to }) => [from, new Set([to])]));
  for (const bundle of bundles)
    for (const [owner, list] of bundle.needs)
      needs.set(owner, new Set([...(needs.get(owner) ?? []), ...list]));
  return new Map([...needs].map(([owner, set]) => [owner, [...set]]));
}

/** Clusters that may not be changed at a moment, and why. */
export async function holdsAt(
  fleet: Fleet,
  bundles: readonly Bundle[],
  at: Instant,
): Promise<ReadonlyMap<string, Hold>> {
  const { holdAt } = await deliverRoom();
  const { freezes, windows } = fleet;
  return new Map(
    bundles.flatMap(({ cluster }) => {
      const hold = holdAt({ at, cluster, freezes, windows });
      return hold === undefined ? [] : [[cluster, hold] as const];
    }),
  );
}

/** How the wave of every owner stands on every cluster, by the records that the clusters hold. */
export async function waveStates(
  built: Built,
  bundles: readonly Bundle[],
  env: Environment,
  run: Run,
): Promise<readonly Judgement[]> {
  const records = await recordsOf(built, bundles, env, run);
  const judgements = await judged(built, bundles, records, run);
  return Promise.all(
    judgements.map(async (one) => {
      const held = one.state === 'returned' ? await guardHold(one, records, { built, env, run }) : undefined;
      return held === undefined ? one : { ...one, why: one.why === '' ? held : `${one.why}; ${held}` };
    }),
  );
}

/** Why going back does not bring an owner the Guards of before; undefined where it does, and where nobody can be asked. */
export async function guardHold(
  { cluster, owner }: Pick<Judgement, 'cluster' | 'owner'>,
  { standings }: Records,
  outside: Outside,
): Promise<string | undefined> {
  const { heldByGuards } = await deliverRoom();
  const platform = standings.of(cluster, platformOwner);
  const held = await onCluster(outside, cluster, async (client) =>
    known(await heldByGuards(standings.of(cluster, owner), platform, client)),
  );
  return knownValue(held);
}

/** The same from records that were read before. */
export async function judged(
  built: Built,
  bundles: readonly Bundle[],
  records: Records,
  run: Run,
): Promise<readonly Judgement[]> {
  const { standings, silent } = records;
  const { decideWaves } = await deliverRoom();
  const { judgements } = decideWaves({
    at: run.now(),
    waves: waveOrders(built.fleet, bundles),
    standings: standings.all,
    needs: needsOf(bundles, built.fleet),
    silent,
    holds: new Map([
      ...(await approvalHolds(built, bundles, records)),
      ...(await holdsAt(built.fleet, bundles, run.now())),
    ]),
    busy: new Set(),
  });
  return judgements;
}

/** What the clusters say that a run leaves alone; one that does not exist yet has no say. */
export async function elsewhereOf(
  { built, env, run }: Outside,
  bundles: readonly Bundle[],
): Promise<Elsewhere> {
  const mine = new Set(bundles.map((bundle) => bundle.cluster));
  const others = built.bundles.filter((bundle) => !mine.has(bundle.cluster));
  const { standings, silent } = await recordsOf(built, others, env, run);
  const isThere = (cluster: string): boolean => silent.get(cluster)?.why !== absent;
  return {
    standings: standings.all.filter((one) => isThere(one.cluster)),
    silent: new Map([...silent].filter(([cluster]) => isThere(cluster))),
  };
}

/** What the clusters say of every owner, and which of them are silent. */
export async function recordsOf(
  built: Built,
  bundles: readonly Bundle[],
  env: Environment,
  run: Run,
): Promise<Records> {
  const [{ Standings: Book }, { readConsent, readInventories }] = await Promise.all([
    deliverRoom(),
    worldRoom(),
  ]);
  const standings = new Book(built.bundles);
  const silent = new Map<string, { readonly why: string; readonly isLost: boolean }>();
  const consents = new Map<string, Known<ClusterConsent>>();
  const readOne = async (bundle: Bundle): Promise<void> => {
    const read = await onCluster({ built, env, run }, bundle.cluster, async (client) => {
      const [inventories, consent] = await Promise.all([
        readInventories(client, built.fleet.name),
        readConsent(client),
      ]);
      if (inventories.is === 'known') consents.set(bundle.cluster, consent);
      return inventories;
    });
    if (read.is === 'unknown') {
      standings.miss(bundle);
      silent.set(bundle.cluster, { why: read.why, isLost: true });
      return;
    }
    const working = [...bundle.owners].filter(([owner, digest]) => read.value.get(owner)?.digest !== digest);
    const leaving = [...read.value.keys()].filter((owner) => !bundle.owners.has(owner));
    standings.see(bundle, new Set([...working.map(([owner]) => owner), ...leaving]), read.value);
  };
  await Promise.all(bundles.map(readOne));
  return { standings, silent, consents };
}

/** Whether what an environment has of an owner is healthy and has soaked there, in one sentence; undefined when nothing is known. */
export async function verdictOn(
  built: Built,
  owner: string,
  environment: string,
  { env, run }: { readonly env: Environment; readonly run: Run },
): Promise<string | undefined> {
  const bundles = built.bundles.filter(
    ({ cluster, owners }) =>
      owners.has(owner) && built.fleet.clusters.get(cluster)?.environment === environment,
  );
  const { standings, silent } = await recordsOf(built, bundles, env, run);
  const soaks = new Map(
    waveOrders(built.fleet, bundles).flatMap((wave) =>
      wave.clusters.map((name) => [name, wave.soak] as const),
    ),
  );
  const says = bundles.map(({ cluster }) => {
    const silence = silent.get(cluster);
    if (silence !== undefined) return `${cluster} is unknown (${silence.why})`;
    const standing = standings.of(cluster, owner);
    if (standing?.record === undefined) return `${cluster} has no record of it`;
    if (standing.record.digest !== standing.wanted) return `${cluster} has another revision of it`;
    return `${cluster}: ${recordSentence(standing.record, soaks.get(cluster) ?? 0, run.now())}`;
  });
  return says.length === 0 ? undefined : says.join('; ');
}

function recordSentence(record: WaveRecord, soak: number, at: Instant): string {
  const { phase, since, why } = record;
  if (phase !== 'healthy' && phase !== 'passed') return why === undefined ? phase : `${phase}: ${why}`;
  const left = Date.parse(since) + soak - Date.parse(at);
  const isSoaked = phase === 'passed' || left <= 0;
  return `healthy since ${since.slice(0, 16)}Z, ${isSoaked ? 'soaked' : `soaks ${Math.ceil(left / 60_000)} min more`}`;
}

/** What is needed to ask clusters. */
export interface Outside {
  readonly built: Built;
  readonly env: Environment;
  readonly run: Run;
}

/** Asks one cluster something; one that cannot be asked is unknown. */
export async function onCluster<T>(
  { built, env, run }: Outside,
  name: string,
  ask: (client: KubeClient) => Promise<Known<T>>,
): Promise<Known<T>> {
  let client: KubeClient | undefined;
  try {
    const cluster = clusterOf(built.fleet, name);
    client = await (await providerFor(built, cluster, env)).connect(cluster, run);
    return client === undefined ? unknown(absent) : await ask(client);
  } catch (error) {
    if (!isFailure(error) || run.signal.aborted) throw error;
    return unknown(reasonOf(error));
  } finally {
    await client?.close();
  }
}
