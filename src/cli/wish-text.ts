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

/** What a person's word will do, a line for clusters of a wave to which the same happens. */
export function foreseenText(foreseen: readonly Foreseen[], wish: SaidWish['wish']): string {
  const same = Map.groupBy(foreseen, (one) => `wave ${one.wave} ${effectOf(one)}`);
  const lines = [...same].map(
    ([effect, group]) => `  ${group.map((one) => one.cluster).join(', ')}: ${effect}\n`,
  );
  const isIdle = wish === 'roll-back' && !foreseen.some(isReached);
  return `${lines.join('')}${isIdle ? '  nothing goes back: this revision is on no cluster that was asked\n' : ''}`;
}

const reached: ReadonlySet<string> = new Set(['returning', 'returned', 'halted', 'failed', 'stuck']);

/** True for a revision that is there and is told to go back, whether or not it can. */
function isReached({ state, why }: Foreseen): boolean {
  return reached.has(state) || (state === 'done' && why !== '');
}

function effectOf({ state, why, hold }: Foreseen): string {
  const effect = effects[state];
  if (state === 'returning') return hold === undefined ? effect : `${effect}, which is let through (${hold})`;
  const later = effect === 'waits' && state !== 'held' && hold !== undefined ? `; then ${hold}` : '';
  return why === '' ? effect : `${effect}: ${why}${later}`;
}
