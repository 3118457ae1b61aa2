import { canonical, publicKeyFrom, type Instant, type Known } from '../../lib/index.ts';
import type { ClusterConsent, Inventory, LiveApprovers, UsedApprovals } from '../../world/index.ts';
import { approvalProblems, authorsAmong, type ApprovalInput, type Verified } from './approval-decide.ts';
import { goodCommitOf } from '../plan/movement.ts';

/** A cluster as far as the question goes who must agree to its changes. */
export interface AskedCluster {
  readonly cluster: string;
  /** As the fleet says that is to be applied. */
  readonly environment: string;
  /** The fleet protects the environment, or names its approvers. */
  readonly isProtected: boolean;
  /** The fleet names keys for the environment. */
  readonly hasKeys: boolean;
  readonly own: Known<ClusterConsent>;
}

/** What other clusters say; undefined: it does not exist yet. */
export interface OtherCluster {
  readonly cluster: string;
  readonly environment: string;
  readonly own: Known<ClusterConsent> | undefined;
}

/** Who must agree to changes on one cluster. */
export type Demand =
  | { readonly is: 'none' }
  /** Nobody yet: this apply says for the first time who. */
  | { readonly is: 'first'; readonly environment: string }
  /** Each of them must. */
  | { readonly is: 'needed'; readonly by: readonly LiveApprovers[] }
  | { readonly is: 'unknown'; readonly why: string };

/**
 * Who must agree: those whom the cluster itself names, whatever the change says; where it names nobody and is protected, those of
 * other clusters of its environment. Pure.
 */
export function demandOf(asked: AskedCluster, others: readonly OtherCluster[]): Demand {
  const { own, environment } = asked;
  if (own.is === 'unknown') return unclear(asked.cluster, own.why);
  if (own.value.approvers !== undefined) return { is: 'needed', by: [own.value.approvers] };
  if (!asked.isProtected) return { is: 'none' };
  const known = others.flatMap((other) => {
    const approvers = other.own?.is === 'known' ? other.own.value.approvers : undefined;
    const isOfIt = approvers?.environment === environment || other.environment === environment;
    return approvers !== undefined && isOfIt ? [approvers] : [];
  });
  if (known.length > 0) return { is: 'needed', by: onceEach(known) };
  for (const other of others)
    if (other.environment === environment && other.own?.is === 'unknown')
      return unclear(other.cluster, other.own.why);
  if (asked.hasKeys) return { is: 'first', environment };
  const why = `environment ${environment} is protected and the Fleet names no approvers for it: add spec.environments.approvers`;
  return { is: 'unknown', why };
}

function unclear(cluster: string, why: string): Demand {
  return { is: 'unknown', why: `who may approve cannot be read from cluster ${cluster}: ${why}` };
}

function onceEach(all: readonly LiveApprovers[]): readonly LiveApprovers[] {
  return [...new Map(all.map((one) => [canonical([one.keys.toSorted(), one.atLeast]), one])).values()];
}

/** Approvals that count for a cluster, and what was used there before. */
export interface Given {
  readonly is: 'given';
  /** Id of an approval -> when it expires. */
  readonly ids: ReadonlyMap<string, Instant>;
  readonly used: UsedApprovals;
}

/** Whether new things may be delivered to a cluster. */
export type Consent =
  | { readonly is: 'not-needed' }
  | Given
  | { readonly is: 'refused'; readonly why: string };

/** What decides about one cluster's wave besides who must agree. */
export interface ConsentInput extends Pick<ApprovalInput, 'planHash' | 'fleet' | 'wave' | 'at'> {
  readonly approvals: readonly Verified[];
  readonly authors: Known<ApprovalInput['authors']>;
  /** Known where what is delivered is a commit: without one nobody could say later what changed since. */
  readonly commit: Known<string>;
  readonly used: UsedApprovals;
}

/** Whether those who must agree did. Pure. */
export function consentOf(demand: Demand, input: ConsentInput): Consent {
  if (demand.is === 'unknown') return { is: 'refused', why: demand.why };
  if (demand.is === 'first' && input.commit.is === 'unknown') {
    const why = `environment ${demand.environment} gets its first approvers, and who writes the next change is read from Git: ${input.commit.why}`;
    return { is: 'refused', why };
  }
  if (demand.is !== 'needed') return { is: 'not-needed' };
  const { authors, used } = input;
  if (authors.is === 'unknown')
    return { is: 'refused', why: `${whereText(demand.by)}: who wrote the change is unknown: ${authors.why}` };
  // A plan that was begun and not finished goes on with its approvals.
  const spent = new Set(used.plan === input.planHash ? [] : used.ids.keys());
  const verdicts = demand.by.map((approvers) =>
    approvalProblems({ ...input, approvers, authors: authors.value, spent }),
  );
  const refused = verdicts.find((verdict) => !verdict.isApproved);
  if (refused !== undefined)
    return { is: 'refused', why: `${whereText(demand.by)}: ${refused.why.join('; ')}` };
  return { is: 'given', ids: new Map(verdicts.flatMap((verdict) => [...verdict.counted])), used };
}

function whereText(by: readonly LiveApprovers[]): string {
  return `changes in environment ${by[0]?.environment ?? ''} need an approval`;
}

/** Who may approve, for people: `1 of ann@example.com, bob@example.com`; authors of the change are left out and named. */
export function approversText(
  { keys, atLeast }: LiveApprovers,
  authors: ApprovalInput['authors'] = [],
): string {
  const barred = authorsAmong(keys, authors);
  const names = keys.filter((line) => !barred.has(line)).map(keyName);
  const without =
    barred.size === 0 ? '' : ` (not ${[...barred].map(keyName).join(', ')}: no author of the change may)`;
  return `${atLeast} of ${names.length === 0 ? 'nobody' : names.join(', ')}${without}`;
}

function keyName(line: string): string {
  const key = publicKeyFrom(line);
  return 'why' in key ? 'a key that cannot be used' : key.comment === '' ? key.fingerprint : key.comment;
}

/** A note in the plan about who must agree; undefined: nobody. `authors`: who wrote the change, where somebody must agree. */
export function demandNote(demand: Demand, authors: ConsentInput['authors']): string | undefined {
  if (demand.is === 'first')
    return `this apply sets the first approvers of environment ${demand.environment}: it needs no approval, the next one does`;
  if (demand.is === 'needed')
    return authors.is === 'unknown'
      ? `${whereText(demand.by)}, and none can count: ${authors.why}`
      : `${whereText(demand.by)}, by ${demand.by.map((one) => approversText(one, authors.value)).join(', and by ')}`;
  return demand.is === 'unknown' ? demand.why : undefined;
}

/**
 * The commits after which the changes of a cluster begin: those with which owners came that change now; for an owner that never
 * came, the one with which anything came last. undefined in it: no commit is known.
 */
export function basesOf(
  wanted: ReadonlyMap<string, string>,
  inventories: ReadonlyMap<string, Inventory>,
): ReadonlySet<string | undefined> {
  const known = new Map(
    [...inventories].flatMap(([owner, { record }]) =>
      record === undefined ? [] : [[owner, record] as const],
    ),
  );
  const last = lastCommitIn(inventories);
  const leaving = [...inventories.keys()].filter((owner) => !wanted.has(owner));
  const changing = [...wanted].filter(([owner, digest]) => known.get(owner)?.digest !== digest);
  return new Set(
    [...changing.map(([owner]) => owner), ...leaving].map((owner) => {
      const record = known.get(owner);
      return (record && goodCommitOf(record)) ?? last;
    }),
  );
}

/** The commit with which anything came to a cluster last and ended well; undefined: none is known. */
export function lastCommitIn(inventories: ReadonlyMap<string, Inventory>): string | undefined {
  const records = [...inventories.values()].flatMap(({ record }) => (record === undefined ? [] : [record]));
  const last = records
    .filter((record) => goodCommitOf(record) !== undefined)
    .toSorted((left, right) => (left.since < right.since ? 1 : -1))[0];
  return last && goodCommitOf(last);
}
