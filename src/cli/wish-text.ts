import type { Foreseen, SaidWish } from '../toryo.ts';

const effects: Readonly<Record<Foreseen['state'], string>> = {
  done: 'is there, and stays',
  open: 'moves with the next apply',
  queued: 'waits',
  waiting: 'waits',
  soaking: 'waits',
  gate: 'waits',
  held: 'waits',
  silent: 'is unknown',
  failed: 'stays as it is',
  halted: 'goes no further',
  returning: 'goes back to the revision before',
  returned: 'is back already',
  stuck: 'stays as it is',
};

const verbs = { halt: 'halted', promote: 'promoted', 'roll-back': 'rolled back' } as const;

/** What a person's word will do, a line for clusters of a wave to which the same happens. */
export function foreseenText(foreseen: readonly Foreseen[], { owner, wish }: SaidWish): string {
  const isRefused = wish === 'roll-back' && !isGoingBack(foreseen);
  // What is not there does not move because of a word that is refused.
  const said = isRefused ? foreseen.filter((one) => isReached(one) || one.state === 'silent') : foreseen;
  const same = Map.groupBy(said, (one) => `wave ${one.wave} ${effectOf(one)}`);
  const lines = [...same].map(
    ([effect, group]) => `  ${group.map((one) => one.cluster).join(', ')}: ${effect}\n`,
  );
  const isIdle = isRefused && !foreseen.some(isReached);
  const verb = isRefused ? 'not rolled back' : verbs[wish];
  return `${owner}, ${verb}:\n${lines.join('')}${isIdle ? '  nothing goes back: this revision is on no cluster that was asked\n' : ''}`;
}

/** True when a revision goes back somewhere. */
export function isGoingBack(foreseen: readonly Foreseen[]): boolean {
  return foreseen.some((one) => one.state === 'returning');
}

const reached: ReadonlySet<string> = new Set(['returning', 'returned', 'halted', 'failed', 'stuck']);

/** True for a revision that is there and is told to go back, whether or not it can. */
function isReached({ state, why }: Foreseen): boolean {
  return reached.has(state) || (state === 'done' && why !== '');
}

function effectOf(foreseen: Foreseen): string {
  const { guards } = foreseen;
  return guards === undefined ? ownEffect(foreseen) : `${ownEffect(foreseen)}; but ${guards}`;
}

function ownEffect({ state, why, hold }: Foreseen): string {
  const effect = effects[state];
  if (state === 'returning') return hold === undefined ? effect : `${effect}, which is let through (${hold})`;
  const later = effect === 'waits' && state !== 'held' && hold !== undefined ? `; then ${hold}` : '';
  return why === '' ? effect : `${effect}: ${why}${later}`;
}
