import {
  isDnsLabel,
  isString,
  listAt,
  publicKeyFrom,
  sha256,
  stringAt,
  timeText,
  type Instant,
} from '../../lib/index.ts';
import type { ChangeAuthor } from '../plan/change.ts';

/** What a person signs. */
export interface ApprovalStatement {
  /** Hash of the plan, `sha256:…`. */
  readonly plan: string;
  readonly fleet: string;
  readonly waves: readonly string[];
  /** When it was signed, by the signer's clock: without it nobody could say how long it was meant to hold. */
  readonly signedAt: Instant;
  readonly expires: Instant;
  /** Makes two statements about the same different. */
  readonly nonce: string;
}

/** A statement and an armored SSH signature of its text. */
export interface Approval {
  readonly statement: ApprovalStatement;
  readonly signature: string;
}

/** What the signature is for (SSH's word: namespace); no signature made for something else counts here. */
export const approvalNamespace = 'plan-approval@toryo.dev';

/** Milliseconds: no approval holds for longer. */
export const longestApproval = 7 * 24 * 3_600_000;

// Clocks of two machines differ a little.
const skew = 5 * 60_000;

/** The text that is signed: a line per field; two different statements never have the same text. */
export function statementText(statement: ApprovalStatement): string {
  const lines = [
    'Toryo plan approval',
    `plan: ${word(statement.plan)}`,
    `fleet: ${word(statement.fleet)}`,
    `waves: ${statement.waves.map(word).join(' ')}`,
    `signed at: ${word(statement.signedAt)}`,
    `expires: ${word(statement.expires)}`,
    `nonce: ${word(statement.nonce)}`,
  ];
  return lines.map((line) => `${line}\n`).join('');
}

const word = (text: string): string => (/^[\w.:-]+$/.test(text) ? text : JSON.stringify(text));

/**
 * The name of an approval where it was used up: of its text, because a signature may be written in other ways and still be one
 * of the same text.
 */
export function approvalId(statement: ApprovalStatement): string {
  return sha256(statementText(statement));
}

/** Reads an approval; undefined when it is none. */
export function approvalFrom(value: unknown): Approval | undefined {
  const textOf = (field: string): string => stringAt(value, 'statement', field) ?? '';
  const statement: ApprovalStatement = {
    plan: textOf('plan'),
    fleet: textOf('fleet'),
    waves: listAt(value, 'statement', 'waves').map((wave) => (isString(wave) ? wave : '')),
    signedAt: textOf('signedAt'),
    expires: textOf('expires'),
    nonce: textOf('nonce'),
  };
  const signature = stringAt(value, 'signature');
  return isWhole(statement) && signature !== undefined ? { statement, signature } : undefined;
}

function isWhole({ plan, fleet, waves, signedAt, expires, nonce }: ApprovalStatement): boolean {
  const instant = /^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(\.\d{1,9})?Z$/;
  return (
    waves.length > 0 &&
    [fleet, ...waves].every(isDnsLabel) &&
    /^sha256:[0-9a-f]{64}$/.test(plan) &&
    [signedAt, expires].every((text) => instant.test(text) && !Number.isNaN(Date.parse(text))) &&
    /^[\w-]{16,64}$/.test(nonce)
  );
}

/** An approval and whose key made its signature; undefined: no key that was asked about. */
export interface Verified {
  readonly approval: Approval;
  /** `approvalId` of its statement. */
  readonly id: string;
  readonly signer:
    | { readonly file: string; readonly fingerprint: string; readonly comment: string }
    | undefined;
}

/** A commit that approves a plan with a trailer, and whose key signed it. */
interface ApprovingCommit {
  readonly plan: string;
  readonly commit: string;
  readonly at: Instant;
  readonly signer: NonNullable<Verified['signer']>;
}

/** What a commit with the trailer Toryo-Approve says: yes to every wave of its plan, for as long as an approval may hold. */
export function approvalInCommit(
  { plan, commit, at, signer }: ApprovingCommit,
  fleet: string,
  waves: readonly string[],
): Verified {
  const expires = new Date(Date.parse(at) + longestApproval).toISOString();
  const statement = { plan, fleet, waves, signedAt: at, expires, nonce: commit };
  return { approval: { statement, signature: '' }, id: approvalId(statement), signer };
}

/** Who may approve, as the fleet that was applied last says: never as the change says that is to be approved. */
export interface Approvers {
  /** Public keys, each a line `TYPE BASE64 COMMENT`. */
  readonly keys: readonly string[];
  readonly atLeast: number;
}

/** All that decides whether one wave of a plan may begin. */
export interface ApprovalInput {
  readonly planHash: string;
  readonly fleet: string;
  readonly wave: string;
  readonly at: Instant;
  readonly approvers: Approvers;
  readonly approvals: readonly Verified[];
  /** Everybody with a part in the commits that the plan brings. */
  readonly authors: readonly ChangeAuthor[];
  /** Ids of approvals that were used up by an earlier delivery. */
  readonly spent: ReadonlySet<string>;
}

/** Whether a wave is approved, and a sentence for each approval that does not count and for what is missing. */
export interface ApprovalVerdict {
  readonly isApproved: boolean;
  readonly why: readonly string[];
  /** Those that count: id -> when it expires. */
  readonly counted: ReadonlyMap<string, Instant>;
}

interface Approver {
  readonly fingerprint: string;
  /** How sentences call them: the comment of their key, else its fingerprint. */
  readonly name: string;
  readonly isAuthor: boolean;
}

/** Counts the approvals of a wave. Pure. */
export function approvalProblems(input: ApprovalInput): ApprovalVerdict {
  const { approvers, unusable } = approversIn(input);
  const heard = new Set<string>();
  const counted = new Map<string, Instant>();
  const why: string[] = [];
  for (const verified of input.approvals) {
    const approver = approvers.get(verified.signer?.fingerprint ?? '');
    const reason = reasonAgainst(verified, approver, input) ?? repeated(approver, heard);
    if (approver !== undefined && reason === undefined) {
      heard.add(approver.fingerprint);
      counted.set(verified.id, verified.approval.statement.expires);
    } else why.push(`${nameOf(verified)} does not count: ${reason ?? 'its key is not known'}`);
  }
  const needed = Math.max(1, input.approvers.atLeast);
  if (heard.size >= needed) return { isApproved: true, why, counted };
  const left = [...approvers.values()].filter((one) => !one.isAuthor && !heard.has(one.fingerprint));
  const missing = needed - heard.size;
  return { isApproved: false, why: [...why, ...unusable, missingText(input.wave, missing, left)], counted };
}

function missingText(wave: string, missing: number, left: readonly Approver[]): string {
  const count = `wave ${wave} needs ${missing} more ${missing === 1 ? 'approval' : 'approvals'}`;
  const names = left.map((one) => one.name).join(', ');
  if (left.length >= missing)
    return `${count}, of ${names}: \`toryo plan --out plan.json\`, \`toryo approve plan.json\``;
  return left.length === 0
    ? `${count}, and no approver is left who is no author of the change`
    : `${count}, and only ${names} is left who is no author of the change`;
}

function approversIn(input: ApprovalInput): {
  readonly approvers: ReadonlyMap<string, Approver>;
  readonly unusable: readonly string[];
} {
  const approvers = new Map<string, Approver>();
  const unusable: string[] = [];
  for (const [index, line] of input.approvers.keys.entries()) {
    const key = publicKeyFrom(line);
    if ('why' in key) unusable.push(`key ${index + 1} of the approvers cannot be used: ${key.why}`);
    else
      approvers.set(key.fingerprint, {
        fingerprint: key.fingerprint,
        name: key.comment === '' ? key.fingerprint : key.comment,
        isAuthor: isAuthor(key, input.authors),
      });
  }
  return { approvers, unusable };
}

/** Those of the keys' lines that are of somebody with a part in the change. */
export function authorsAmong(
  keys: readonly string[],
  authors: ApprovalInput['authors'],
): ReadonlySet<string> {
  return new Set(
    keys.filter((line) => {
      const key = publicKeyFrom(line);
      return !('why' in key) && isAuthor(key, authors);
    }),
  );
}

/** The key signed a commit of the change, or an e-mail address in its comment is of somebody who has a part in one. */
function isAuthor(
  key: { readonly fingerprint: string; readonly comment: string },
  authors: ApprovalInput['authors'],
): boolean {
  const emails = new Set(key.comment.toLowerCase().split(/[\s<>(),;]+/));
  return authors.some(
    ({ email, signer }) =>
      signer === key.fingerprint || (email !== '' && emails.has(email.trim().toLowerCase())),
  );
}

function nameOf({ signer, id }: Verified): string {
  return signer === undefined ? `approval ${id.slice(0, 8)}` : `the approval by ${signer.file}`;
}

function reasonAgainst(
  { approval, id, signer }: Verified,
  approver: Approver | undefined,
  input: ApprovalInput,
): string | undefined {
  const { statement } = approval;
  if (signer === undefined)
    return 'no key of the approvers made its signature, or its text was changed since';
  if (approver === undefined) return 'its key is not among the approvers of the fleet that was applied last';
  if (statement.fleet !== input.fleet) return `it is for fleet ${statement.fleet}, not ${input.fleet}`;
  if (statement.plan !== input.planHash)
    return `it is for another plan (${statement.plan.slice(0, 19)}, not ${input.planHash.slice(0, 19)}): something changed since`;
  if (!statement.waves.includes(input.wave))
    return `it is for wave ${statement.waves.join(', ')}, not ${input.wave}`;
  if (input.spent.has(id)) return 'it was used up by an earlier delivery';
  if (approver.isAuthor) return `${approver.name} is an author of the change`;
  return outOfTime(statement, input.at);
}

function outOfTime(statement: ApprovalStatement, at: Instant): string | undefined {
  const [now, from, until] = [at, statement.signedAt, statement.expires].map((text) => Date.parse(text));
  if (now === undefined || from === undefined || until === undefined) return 'it says no time';
  if (from > now + skew)
    return `it was signed at ${timeText(statement.signedAt)}, which is still to come: check the clocks`;
  // Written so that a time that cannot be read fails too.
  if (!(until - from <= longestApproval)) return 'it was to hold for more than 7 days';
  return until > now ? undefined : `it expired at ${timeText(statement.expires)}`;
}

function repeated(approver: Approver | undefined, counted: ReadonlySet<string>): string | undefined {
  return approver !== undefined && counted.has(approver.fingerprint)
    ? 'the same key approves already: each counts once'
    : undefined;
}
