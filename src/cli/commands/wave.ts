import { setTimeout as sleep } from 'node:timers/promises';
import { failure, isFailure, yamlText } from '../../lib/index.ts';
import { ownerFrom } from '../../objects/index.ts';
import { whyOf, type Judgement } from '../../deliver/index.ts';
import {
  apply,
  bundlesIn,
  closeAll,
  foreseeWish,
  plan,
  tellWish,
  waveStates,
  type Built,
  type Foreseen,
  type SaidWish,
} from '../../toryo.ts';
import { openFleet, invalid } from '../repository.ts';
import type { Session } from '../session.ts';
import type { Style } from '../style.ts';
import { tableText } from '../table.ts';
import { foreseenText, isGoingBack } from '../wish-text.ts';

export interface WaveOptions {
  readonly cluster?: readonly string[];
  readonly repository?: string;
  readonly why?: string;
}

const colors: Readonly<Record<Judgement['state'], Parameters<Style>[0]>> = {
  done: 'green',
  open: 'yellow',
  queued: 'dim',
  waiting: 'dim',
  soaking: 'yellow',
  gate: 'yellow',
  held: 'yellow',
  silent: 'red',
  failed: 'red',
  halted: 'red',
  returning: 'red',
  returned: 'red',
  stuck: 'red',
};

/** `toryo wave list`: how the wave of every owner stands. Owners that are done everywhere are one line. */
export async function waveList(root: string, options: WaveOptions, session: Session): Promise<number> {
  const built = await openFleet(root, session);
  if (built === undefined) return invalid;
  const judgements = await waveStates(
    built,
    bundlesIn(built, { clusters: options.cluster ?? [] }),
    session.env,
    session.run,
  );
  print(judgements, session);
  return exitOf(judgements);
}

const watchPause = 2000;

/** `toryo wave watch`: the list again whenever it changes, until nothing moves any more. */
export async function waveWatch(root: string, options: WaveOptions, session: Session): Promise<number> {
  const built = await openFleet(root, session);
  if (built === undefined) return invalid;
  let shown = '';
  for (;;) {
    const bundles = bundlesIn(built, { clusters: options.cluster ?? [] });
    const judgements = await waveStates(built, bundles, session.env, session.run);
    const text = JSON.stringify(judgements);
    if (text !== shown) print(judgements, session);
    shown = text;
    if (!judgements.some(isMoving)) return exitOf(judgements);
    await sleep(watchPause, undefined, { signal: session.run.signal });
  }
}

function isMoving({ state, until }: Judgement): boolean {
  // An approval may come any moment; what the calendar holds, it holds for long.
  if (state === 'held') return until === undefined;
  return ['open', 'queued', 'waiting', 'soaking', 'gate', 'returning'].includes(state);
}

function exitOf(judgements: readonly Judgement[]): number {
  const has = (...states: readonly Judgement['state'][]): boolean =>
    judgements.some((one) => states.includes(one.state));
  if (has('failed', 'halted', 'returned', 'returning', 'stuck')) return 8;
  return has('silent') ? 6 : 0;
}

function print(judgements: readonly Judgement[], session: Session): void {
  const { format } = session;
  if (format === 'json' || format === 'jsonl')
    return session.print(`${JSON.stringify(judgements, null, format === 'json' ? 2 : 0)}\n`);
  if (format === 'yaml') return session.print(yamlText(JSON.parse(JSON.stringify(judgements))));
  if (format === 'name')
    return session.print([...new Set(judgements.map((one) => `${one.owner}\n`))].join(''));
  const moving = [...Map.groupBy(judgements, (one) => one.owner)].filter(
    ([, mine]) => format === 'wide' || mine.some((one) => one.state !== 'done'),
  );
  const rows = moving.flatMap(([, mine]) => rowsOf(mine, session));
  const resting = new Set(judgements.map((one) => one.owner)).size - moving.length;
  if (rows.length > 0)
    session.show(tableText(['OWNER', 'WAVE', 'CLUSTERS', 'STATE', 'WHY'], rows, session.style.columns()));
  if (resting > 0)
    session.say(
      `${resting} ${resting === 1 ? 'owner is' : 'owners are'} where the repository wants ${resting === 1 ? 'it' : 'them'}, by the records; \`toryo status\` looks at the objects\n`,
    );
}

/** One row for clusters of a wave that are the same. */
function rowsOf(judgements: readonly Judgement[], session: Session): readonly (readonly string[])[] {
  const same = Map.groupBy(judgements, (one) => `${one.wave} ${one.state} ${one.why}`);
  return [...same.values()].flatMap((group) => {
    const [first] = group;
    if (first === undefined) return [];
    const clusters = group.map((one) => one.cluster).join(', ');
    return [[first.owner, first.wave, clusters, session.style(colors[first.state], first.state), first.why]];
  });
}

/** `toryo wave halt OWNER`: this revision goes no further until somebody promotes it. */
export function waveHalt(owner: string, options: WaveOptions, session: Session): Promise<number> {
  return tell(owner, 'halt', options, session);
}

/** `toryo wave promote OWNER`: this revision need not soak, and is halted no more. */
export function wavePromote(owner: string, options: WaveOptions, session: Session): Promise<number> {
  return tell(owner, 'promote', options, session);
}

async function tell(
  owner: string,
  wish: SaidWish['wish'],
  options: WaveOptions,
  session: Session,
): Promise<number> {
  const built = await opened(owner, options, session);
  if (built === undefined) return invalid;
  const said = { owner, wish, why: options.why ?? 'by hand' };
  return noted(built, said, await foreseenOf(built, said, session), session);
}

async function opened(owner: string, options: WaveOptions, session: Session): Promise<Built | undefined> {
  if (ownerFrom(owner) === undefined)
    throw failure('TORYO_USAGE', { why: `${owner} is not App/TENANT/NAME, Addon/NAME or Tenant/NAME` });
  return openFleet(options.repository ?? '.', session);
}

/** Says what a word will do before it is written down, as the records, freezes and windows are now. */
async function foreseenOf(built: Built, said: SaidWish, session: Session): Promise<readonly Foreseen[]> {
  const foreseen = await foreseeWish(built, said, session.env, session.run);
  session.say(foreseenText(foreseen, said));
  return foreseen;
}

/** Writes a word down, and says where. */
async function noted(
  built: Built,
  said: SaidWish,
  foreseen: readonly Foreseen[],
  session: Session,
): Promise<number> {
  const { clusters, absent, silent } = await tellWish({ built, ...session }, said, foreseen);
  for (const cluster of absent) session.say(`${cluster}: nothing of it is there yet\n`);
  for (const [cluster, why] of silent) session.say(`${cluster}: not told: ${why}\n`);
  if (clusters.length > 0)
    session.say(`${said.owner}: written down on ${clusters.join(', ')}${nextText(foreseen, said.wish)}\n`);
  if (silent.size > 0) return 6;
  return clusters.length === 0 ? invalid : 0;
}

function exitOfRefusal(foreseen: readonly Foreseen[]): number {
  if (foreseen.some((one) => one.state === 'silent')) return 6;
  return foreseen.every((one) => one.state === 'returned') ? 0 : 8;
}

function nextText(foreseen: readonly Foreseen[], wish: SaidWish['wish']): string {
  if (wish === 'halt') return '; `toryo wave promote` lets it go on';
  const isGoing = wish === 'promote' && foreseen.some((one) => one.state === 'open');
  return isGoing ? '; a running apply goes on within seconds, otherwise run `toryo apply`' : '';
}

/** `toryo wave rollback OWNER`: back to the revision before, on every cluster that this change reached. */
export async function waveRollback(owner: string, options: WaveOptions, session: Session): Promise<number> {
  const built = await opened(owner, options, session);
  if (built === undefined) return invalid;
  const said = { owner, wish: 'roll-back', why: options.why ?? 'by hand' } as const;
  const foreseen = await foreseenOf(built, said, session);
  if (!isGoingBack(foreseen)) return exitOfRefusal(foreseen);
  const code = await noted(built, said, foreseen, session);
  if (code !== 0) return code;
  try {
    return await takeBack(built, owner, foreseen, session);
  } catch (error) {
    // An apply listens while it waits: the way back is its own then.
    if (!isFailure(error, 'TORYO_LOCKED')) throw error;
    const next = `if it is an apply, it takes ${owner} back; \`toryo wave watch\` shows it`;
    session.say(`${error.message}: ${next}\n`);
    return 0;
  }
}

async function takeBack(
  built: Built,
  owner: string,
  foreseen: readonly Foreseen[],
  session: Session,
): Promise<number> {
  const clusters = built.bundles.filter((bundle) => bundle.owners.has(owner)).map((bundle) => bundle.cluster);
  const scope = { clusters, permissions: { deletions: new Set<string>(), prunes: new Set<string>() } };
  const planned = await plan(built, scope, session.env, session.run);
  try {
    const manner = {
      patience: { timeout: 300_000, quiet: 30_000 },
      silence: 0,
      isBinding: false,
      isPatient: false,
      isOnlyBack: true,
    };
    const delivered = await apply(built, planned, manner, session.run);
    const states = await waveStates(built, bundlesIn(built, { clusters }), session.env, session.run);
    const mine = states.filter((one) => one.owner === owner);
    print(mine, session);
    for (const one of delivered.filter((each) => each.outcome === 'stuck'))
      session.say(`${one.cluster}: ${whyOf(one)}\n`);
    const going = new Set(foreseen.filter((one) => one.state === 'returning').map((one) => one.cluster));
    return mine.some((one) => going.has(one.cluster) && one.state !== 'returned') ? 8 : 0;
  } finally {
    await closeAll(planned.clients);
  }
}
