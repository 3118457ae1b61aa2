import { publicKeyFrom, timeText, type Instant } from '../../lib/index.ts';
import type { LiveApprovers } from '../../world/index.ts';
import { approversText } from './consent-decide.ts';

/** A key that is about to approve waves of a plan. */
export interface WouldBeApprover {
  /** `SHA256:…` */
  readonly fingerprint: string;
  /** Who must agree, by wave. */
  readonly asked: readonly { readonly wave: string; readonly approvers: LiveApprovers }[];
  /** Wave -> until when an earlier approval of this plan by the same key holds. */
  readonly earlier: ReadonlyMap<string, Instant>;
}

/** What an approval would be worth: environments in which it counts, and a sentence for each where it does not. */
export interface Worth {
  readonly counts: ReadonlySet<string>;
  readonly why: readonly string[];
}

/** Where an approval by a key counts, before it is made. Pure. */
export function worthOf({ fingerprint, asked, earlier }: WouldBeApprover): Worth {
  const counts = new Set<string>();
  const why = new Map<string, string>();
  for (const { wave, approvers } of asked) {
    const { environment } = approvers;
    const until = earlier.get(wave);
    if (!approvers.keys.some((line) => isOf(line, fingerprint)))
      why.set(
        environment,
        `it is not among the approvers of environment ${environment}: ${approversText(approvers)}`,
      );
    else if (until === undefined) counts.add(environment);
    else why.set(environment, `it approves environment ${environment} already, until ${timeText(until)}`);
  }
  return { counts, why: [...why].flatMap(([environment, one]) => (counts.has(environment) ? [] : [one])) };
}

function isOf(line: string, fingerprint: string): boolean {
  const key = publicKeyFrom(line);
  return !('why' in key) && key.fingerprint === fingerprint;
}
