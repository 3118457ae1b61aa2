import { annotations, failure, known, wishManager, type Run } from '../lib/index.ts';
import { inventoryRef, ownerFrom, type Owner } from '../objects/index.ts';
import type { Bundle } from '../compile/index.ts';
import type { Judgement } from '../deliver/index.ts';
import type { Wish } from '../world/index.ts';
import type { Built, Environment } from './looking.ts';
import { holdsAt, judged, onCluster, recordsOf, type Outside, type Records } from './waves.ts';

const deliverRoom = () => import('../deliver/index.ts');
const worldRoom = () => import('../world/index.ts');

/** A person's word on the wave of an owner. */
export interface SaidWish {
  readonly owner: string;
  readonly wish: 'halt' | 'promote' | 'roll-back';
  readonly why: string;
}

/** Where a word was written down, and where it could not be. */
export interface Told {
  readonly clusters: readonly string[];
  readonly silent: ReadonlyMap<string, string>;
}

/** How the wave of an owner would stand on one cluster, and what holds whatever is new there. */
export interface Foreseen extends Judgement {
  readonly hold?: string;
}

/** What a person's word would do, by the records that the clusters hold now; nothing is written. */
export async function foreseeWish(
  built: Built,
  said: SaidWish,
  env: Environment,
  run: Run,
): Promise<readonly Foreseen[]> {
  const { bundles } = holdersOf(built, said);
  const records = await recordsOf(built, built.bundles, env, run);
  for (const { cluster, owners } of bundles)
    records.standings.wish(cluster, said.owner, wishOf(said, owners.get(said.owner) ?? ''));
  const judgements = await judged(built, built.bundles, records, run);
  const holds = await holdsAt(built.fleet, bundles, run.now());
  const order = built.fleet.waves.flatMap((wave) => wave.clusters);
  const mine = judgements
    .filter((one) => one.owner === said.owner)
    .toSorted((left, right) => order.indexOf(left.cluster) - order.indexOf(right.cluster));
  return Promise.all(
    mine.map(async (one) => {
      const hold = holds.get(one.cluster)?.why;
      const lost =
        one.state === 'returning' ? await lostWayBack(one, records, { built, env, run }) : undefined;
      const end = lost === undefined ? one : ({ ...one, state: 'stuck', why: lost } as const);
      return hold === undefined ? end : { ...end, hold };
    }),
  );
}

function wishOf({ wish, why }: SaidWish, digest: string): Wish {
  if (wish === 'halt') return { halted: { digest, why } };
  return wish === 'promote' ? { promoted: digest } : { returned: digest };
}

/** Why the way back that a record promises cannot be gone; undefined when it can. */
async function lostWayBack(
  { cluster, owner: name }: Judgement,
  { standings }: Records,
  outside: Outside,
): Promise<string | undefined> {
  const { notKept, recallBefore } = await deliverRoom();
  const owner = ownerFrom(name);
  const record = standings.of(cluster, name)?.record;
  if (owner === undefined) return undefined;
  const kept = await onCluster(outside, cluster, async (client) =>
    known((await recallBefore(owner, record, client)) !== undefined),
  );
  if (kept.is === 'unknown') return kept.why;
  return kept.value ? undefined : notKept;
}

/** The owner that a word is about, and the clusters that should have it. Throws TORYO_USAGE where there are none. */
function holdersOf(
  built: Built,
  said: SaidWish,
): { readonly owner: Owner; readonly bundles: readonly Bundle[] } {
  const owner = ownerFrom(said.owner);
  const bundles = built.bundles.filter((bundle) => bundle.owners.has(said.owner));
  if (owner !== undefined && bundles.length > 0) return { owner, bundles };
  throw failure('TORYO_USAGE', {
    why: `no cluster of fleet ${built.fleet.name} has an owner ${said.owner}`,
  });
}

/** Writes a person's word beside the records of an owner, on every cluster that should have it; it holds for this revision. */
export async function tellWish(built: Built, said: SaidWish, env: Environment, run: Run): Promise<Told> {
  const { owner, bundles } = holdersOf(built, said);
  const { wishText } = await worldRoom();
  const ref = inventoryRef(owner);
  const told: string[] = [];
  const silent = new Map<string, string>();
  const tellOne = async (bundle: Bundle): Promise<void> => {
    const notes = notesOf(said.wish, wishText(bundle.owners.get(said.owner) ?? '', said.why));
    const answer = await onCluster({ built, env, run }, bundle.cluster, async (client) => {
      await client.patch(
        ref,
        { metadata: { annotations: notes } },
        { type: 'merge', fieldManager: wishManager },
      );
      return { is: 'known', value: true };
    });
    if (answer.is === 'known') told.push(bundle.cluster);
    else silent.set(bundle.cluster, answer.why);
  };
  await Promise.all(bundles.map(tellOne));
  return { clusters: told.sort(), silent };
}

/** A later word takes the place of the one before. */
function notesOf(wish: SaidWish['wish'], text: string): Readonly<Record<string, string | null>> {
  return {
    [annotations.halted]: wish === 'halt' ? text : null,
    [annotations.promoted]: wish === 'promote' ? text : null,
    [annotations.rollBack]: wish === 'roll-back' ? text : null,
  };
}
