import { annotations, failure, isFailure, known, wishManager, type Run } from '../lib/index.ts';
import { inventoryRef, ownerFrom, type Owner, type Ref } from '../objects/index.ts';
import type { Bundle } from '../compile/index.ts';
import type { Judgement } from '../deliver/index.ts';
import type { KubeClient } from '../kube/index.ts';
import type { Wish } from '../world/index.ts';
import type { Built, Environment } from './looking.ts';
import type { Records } from './records.ts';
import { approvalHolds } from './unapproved.ts';
import { guardHold, holdsAt, judged, onCluster, recordsOf, type Outside } from './waves.ts';

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
  /** Clusters that have nothing of the owner yet. */
  readonly absent: readonly string[];
  readonly silent: ReadonlyMap<string, string>;
}

/** How the wave of an owner would stand on one cluster, and what holds whatever is new there. */
export interface Foreseen extends Judgement {
  readonly hold?: string;
  /** What goes on holding its namespaces when it goes back, or is back. */
  readonly guards?: string;
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
  const calendar = await holdsAt(built.fleet, bundles, run.now());
  const approvals = await approvalHolds(built, built.bundles, records);
  const order = built.fleet.waves.flatMap((wave) => wave.clusters);
  const mine = judgements
    .filter((one) => one.owner === said.owner)
    .toSorted((left, right) => order.indexOf(left.cluster) - order.indexOf(right.cluster));
  const lost = await lostWayBack(mine, records, { built, env, run });
  return Promise.all(
    mine.map(async (one): Promise<Foreseen> => {
      // What goes back needs nobody's approval.
      const holds = one.state === 'returning' ? calendar : new Map([...approvals, ...calendar]);
      const hold = holds.get(one.cluster)?.why;
      const isLost = lost !== undefined && one.state === 'returning';
      const end = isLost ? ({ ...one, state: 'done', why: lost } as const) : one;
      const isBack = end.state === 'returning' || end.state === 'returned';
      const guards = isBack ? await guardHold(one, records, { built, env, run }) : undefined;
      return { ...end, ...(hold === undefined ? {} : { hold }), ...(guards === undefined ? {} : { guards }) };
    }),
  );
}

function wishOf({ wish, why }: SaidWish, digest: string): Wish {
  if (wish === 'halt') return { halted: { digest, why } };
  return wish === 'promote' ? { promoted: digest } : { returned: digest };
}

/** Why the way back that records promise cannot be gone on one of the clusters; undefined when it can. */
async function lostWayBack(
  judgements: readonly Judgement[],
  records: Records,
  outside: Outside,
): Promise<string | undefined> {
  const going = judgements.filter((one) => one.state === 'returning');
  const lost = await Promise.all(
    going.map(async (one) => {
      const why = await lostWayBackOn(one, records, outside);
      return why && `no way back for ${one.owner} on ${one.cluster}: ${why}`;
    }),
  );
  return lost.find((why) => why !== undefined);
}

async function lostWayBackOn(
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

/**
 * Writes a person's word beside the records of an owner; it holds for this revision. A way back is written down only where it is
 * gone: elsewhere the word would wait for a delivery that nobody spoke of.
 */
export async function tellWish(
  { built, env, run }: Outside,
  said: SaidWish,
  foreseen: readonly Foreseen[],
): Promise<Told> {
  const { owner, bundles: holders } = holdersOf(built, said);
  const going = new Set(foreseen.filter(isAsked).map((one) => one.cluster));
  const bundles = holders.filter(({ cluster }) => said.wish !== 'roll-back' || going.has(cluster));
  const { wishText } = await worldRoom();
  const ref = inventoryRef(owner);
  const told: string[] = [];
  const absent: string[] = [];
  const silent = new Map<string, string>();
  const tellOne = async (bundle: Bundle): Promise<void> => {
    const notes = notesOf(said.wish, wishText(bundle.owners.get(said.owner) ?? '', said.why));
    const answer = await onCluster({ built, env, run }, bundle.cluster, async (client) => {
      return known(await isNoted(client, ref, notes));
    });
    if (answer.is === 'unknown') silent.set(bundle.cluster, answer.why);
    else (answer.value ? told : absent).push(bundle.cluster);
  };
  await Promise.all(bundles.map(tellOne));
  return { clusters: told.sort(), absent: absent.sort(), silent };
}

// Who does not answer may have it there.
function isAsked({ state }: Foreseen): boolean {
  return state === 'returning' || state === 'silent';
}

/** False where there is no inventory to write on. */
async function isNoted(
  client: KubeClient,
  ref: Ref,
  notes: Readonly<Record<string, string | null>>,
): Promise<boolean> {
  try {
    const body = { metadata: { annotations: notes } };
    await client.patch(ref, body, { type: 'merge', fieldManager: wishManager });
    return true;
  } catch (error) {
    if (isFailure(error, 'TORYO_KUBE_NOT_FOUND')) return false;
    throw error;
  }
}

/** A later word takes the place of the one before. */
function notesOf(wish: SaidWish['wish'], text: string): Readonly<Record<string, string | null>> {
  return {
    [annotations.halted]: wish === 'halt' ? text : null,
    [annotations.promoted]: wish === 'promote' ? text : null,
    [annotations.rollBack]: wish === 'roll-back' ? text : null,
  };
}
