import type { Reason } from '../lib/index.ts';
import type { DecidingField, Verdict, Violation } from '../guard/index.ts';

/** A rule that an object breaks, with the lines of the fleet that decide. */
export interface ExplainedViolation extends Omit<Violation, 'decided'> {
  /** What the fleet says of it first, then why that holds for this object; empty where the fleet says nothing. */
  readonly why: readonly Reason[];
}

export type ExplainedVerdict = Verdict<ExplainedViolation>;

/** The verdict with the lines that decide. */
export function explained(
  verdict: Verdict,
  reasons: (fields: readonly DecidingField[]) => readonly Reason[],
): ExplainedVerdict {
  const each = (all: readonly Violation[]): readonly ExplainedViolation[] =>
    all.map(({ decided, ...broken }) => ({ ...broken, why: reasons(decided) }));
  return {
    ...verdict,
    violations: each(verdict.violations),
    tried: each(verdict.tried),
    waived: each(verdict.waived),
  };
}
