import type { Instant } from '../lib/index.ts';
import { revisionsOf, type Range } from './authors.ts';
import type { Outside } from './program.ts';
import { git, gitOutput, type GitOptions } from './repository.ts';
import { verifying, withSigners, type AllowedSigners, type PublicKeyFile, type Signer } from './signature.ts';

/** A commit that approves a plan: the trailer `Toryo-Approve: HASH`, signed by a known key. */
export interface ApprovalTrailer {
  /** Hash of the plan. */
  readonly plan: string;
  readonly commit: string;
  /** When it was committed, by the committer's clock. */
  readonly at: Instant;
  readonly signer: Signer;
}

const hash = /^sha256:[0-9a-f]{64}$/;

/**
 * The approvals in commits, newest first. A commit counts when its SSH signature is of one of the keys: one without a
 * signature, signed by another key or by GPG does not.
 */
export async function approvalTrailers(
  root: string,
  range: Range,
  publicKeys: readonly PublicKeyFile[],
  outside: Outside,
): Promise<readonly ApprovalTrailer[]> {
  const claims = await claimsIn(root, range, outside);
  if (claims.length === 0) return [];
  return withSigners(publicKeys, 'git', outside, async (signers) => {
    const options = { settings: await verifying(signers, outside) };
    const found: ApprovalTrailer[] = [];
    for (const claim of claims) {
      const signer = await signerOfCommit(root, claim.commit, outside, { signers, options });
      const { commit, at, plans } = claim;
      if (signer !== undefined) found.push(...plans.map((plan) => ({ plan, commit, at, signer })));
    }
    return found;
  });
}

interface Claim {
  readonly commit: string;
  readonly at: Instant;
  readonly plans: readonly string[];
}

async function claimsIn(root: string, range: Range, outside: Outside): Promise<readonly Claim[]> {
  const revisions = await revisionsOf(root, range, outside);
  const format = '--format=%H%x00%cI%x00%(trailers:key=Toryo-Approve,valueonly,unfold)%x00';
  const alone = range.base === undefined ? ['--max-count=1'] : [];
  const text = await gitOutput(
    root,
    ['rev-list', '--no-commit-header', ...alone, format, ...revisions],
    outside,
  );
  const parts = text.split('\0');
  const claims = parts.flatMap((part, index): readonly Claim[] => {
    if (index % 3 !== 0 || index + 2 >= parts.length) return [];
    const values = (parts[index + 2] ?? '').split('\n').map((value) => value.trim());
    const at = new Date(parts[index + 1] ?? '').toISOString();
    return [{ commit: part.trim(), at, plans: [...new Set(values.filter((value) => hash.test(value)))] }];
  });
  return claims.filter(({ plans }) => plans.length > 0);
}

interface Verifying {
  readonly signers: AllowedSigners;
  readonly options: GitOptions;
}

async function signerOfCommit(
  root: string,
  commit: string,
  outside: Outside,
  { signers, options }: Verifying,
): Promise<Signer | undefined> {
  const answer = await git(root, ['verify-commit', '--raw', commit], outside, options);
  return answer.exit === 0 ? signers.signerIn(answer.said) : undefined;
}
