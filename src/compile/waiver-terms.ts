import { millisecondsOf, problem, type Diagnostic } from '../lib/index.ts';
import type { SecurityProfile, Waiver } from '../spec/index.ts';

const day = 86_400_000;

/** True where a profile lets a rule be waived. */
export function isWaivable({ rule }: Pick<Waiver, 'rule'>, { waivable }: SecurityProfile): boolean {
  return waivable?.rules.includes(rule) === true;
}

/** True where a profile lets a Waiver hold, for as long as it lasts. */
export function mayHold(waiver: Waiver, profile: SecurityProfile): boolean {
  return isWaivable(waiver, profile) && lengthMistake(waiver, profile) === undefined;
}

/** What is to be said of a Waiver that lasts longer than a profile lets it. */
export function lengthMistake(
  { from, lasts }: Waiver,
  { name, waivable }: SecurityProfile,
): Diagnostic | undefined {
  if (waivable === undefined) return undefined;
  const longest = millisecondsOf(waivable.atMost);
  if (lasts <= longest) return undefined;
  const days = Math.ceil(lasts / day);
  return problem('TRY-SEC-051', from, { days, atMost: waivable.atMost, profile: name });
}
