import { publicKeyFrom, timeText, type Instant } from '../../lib/index.ts';
import type { LiveApprovers } from '../../world/index.ts';
import { authorsAmong, type ApprovalInput } from './approval-decide.ts';
import { approversText } from './consent-decide.ts';

/** Who must agree to a cluster's changes in a wave, and who wrote them. */
export interface Asking {
  readonly wave: string;
  readonly approvers: LiveApprovers;
  readonly authors: ApprovalInput['authors'];
}

/** Who may have approved: a key's fingerprint (`SHA256:…`), and wave -> until when its approval of this plan holds. */
export interface Signer {
  readonly fingerprint: string;
  readonly until: ReadonlyMap<string, Instant>;
}

/** What an approval would be worth: environments in which it counts, and a sentence for each where it does not. */
export interface Worth {
  readonly counts: ReadonlySet<string>;
  readonly why: readonly string[];
}

/** Where an approval by a key counts, before it is made; `until`: of an earlier one by the same key. Pure. */
export function worthOf({ fingerprint, until }: Signer, asked: readonly Asking[]): Worth {
  const counts = new Set<string>();
  const why = new Map<string, string>();
  for (const one of asked) {
    const { environment } = one.approvers;
    const line = lineOf(one, fingerprint);
    const earlier = until.get(one.wave);
    if (line === undefined)
      why.set(
        environment,
        `it is not among the approvers of environment ${environment}: ${approversText(one.approvers, one.authors)}`,
      );
    else if (isBarred(one, line))
      why.set(
        environment,
        `it is of an author of the change, who cannot approve it in environment ${environment}: ${approversText(one.approvers, one.authors)}`,
      );
    else if (earlier === undefined) counts.add(environment);
    else why.set(environment, `it approves environment ${environment} already, until ${timeText(earlier)}`);
  }
  return { counts, why: [...why].flatMap(([environment, one]) => (counts.has(environment) ? [] : [one])) };
}

/** `1 of 2 that count in environment production`, of the clusters of an environment the one that lacks most. Pure. */
export function countText(signers: readonly Signer[], asked: readonly Asking[]): readonly string[] {
  return [...Map.groupBy(asked, (one) => one.approvers.environment)].map(([environment, all]) => {
    const [least] = all
      .map((one) => ({ needed: Math.max(1, one.approvers.atLeast), count: countOf(signers, one) }))
      .toSorted((left, right) => right.needed - right.count - (left.needed - left.count));
    return `${least?.count ?? 0} of ${least?.needed ?? 1} that count in environment ${environment}`;
  });
}

function countOf(signers: readonly Signer[], one: Asking): number {
  const mine = signers.filter(({ fingerprint, until }) => {
    const line = lineOf(one, fingerprint);
    return until.has(one.wave) && line !== undefined && !isBarred(one, line);
  });
  return new Set(mine.map(({ fingerprint }) => fingerprint)).size;
}

function isBarred({ authors }: Asking, line: string): boolean {
  return authorsAmong([line], authors).size > 0;
}

function lineOf({ approvers }: Asking, fingerprint: string): string | undefined {
  return approvers.keys.find((line) => {
    const key = publicKeyFrom(line);
    return !('why' in key) && key.fingerprint === fingerprint;
  });
}
