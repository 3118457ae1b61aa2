import { randomBytes } from 'node:crypto';
import {
  claimedKeyOf,
  failure,
  listAt,
  millisecondsOf,
  stringAt,
  timeText,
  yamlText,
} from '../../lib/index.ts';
import {
  approvalId,
  approvalNamespace,
  countText,
  longestApproval,
  statementText,
  worthOf,
  type Approval,
  type Asking,
  type Signer,
} from '../../deliver/index.ts';
import { signerOf, signingFingerprint, signText } from '../../git/index.ts';
import { approvedText } from '../approved-text.ts';
import {
  appendApproval,
  approversOf,
  readPlanFile,
  refuseReadOnly,
  refuseUnauthored,
  type PlanFile,
} from '../plan-file.ts';
import { isConfirmed } from '../question.ts';
import type { Session } from '../session.ts';

export interface ApproveOptions {
  readonly key?: string;
  readonly expires?: string;
  readonly wave?: readonly string[];
  readonly yes?: boolean;
}

const declinedExit = 1;

/** `toryo approve`: shows a plan, asks, signs that it may be applied, and adds the signature to the plan's file. */
export async function approve(file: string, options: ApproveOptions, session: Session): Promise<number> {
  const length = lengthOf(options.expires ?? '24h');
  if (options.yes !== true && !process.stdin.isTTY)
    throw failure('TORYO_USAGE', { why: 'nobody is there to ask: give --yes to approve without a question' });
  const plan = await readPlanFile(file);
  refuseReadOnly(plan);
  const waves = wavesOf(plan, options.wave ?? []);
  refuseExpired(plan, session);
  show(approvedText(plan.value, waves, session.style, session.format === 'wide'), session);
  refuseUnauthored(plan, waves);
  await refuseWorthless(plan, { waves, key: options.key }, session);
  if (options.yes !== true && !(await isConfirmed(`Approve ${wavesText(waves)} of this plan?`, session))) {
    session.say('not approved: nothing was signed\n');
    return declinedExit;
  }
  const approval = await signed(plan, { waves, length, key: options.key }, session);
  await appendApproval(plan, approval);
  printApproval(approval, session);
  const has = await countedText(file, session);
  const mark = session.style('green', '✓');
  session.say(
    `${mark} ${wavesText(waves)} approved until ${timeText(approval.statement.expires, session.run.now())} with key ${fingerprintOf(approval)}: ${file} has ${has}\n`,
  );
  return 0;
}

/** How many approvals a plan's file has, and how many of them count where somebody must agree. */
async function countedText(file: string, session: Session): Promise<string> {
  const plan = await readPlanFile(file);
  const asked = approversOf(plan);
  const count = plan.approvals.length;
  if (asked.length === 0) return count === 1 ? '1 approval' : `${count} approvals`;
  return countText(await signersOf(plan, asked, session), asked).join(', ');
}

/** Refuses to sign what counts nowhere, and says where it does not. */
async function refuseWorthless(
  plan: PlanFile,
  { waves, key }: Omit<Wanted, 'length'>,
  session: Session,
): Promise<void> {
  const asked = approversOf(plan).filter((one) => waves.includes(one.wave));
  if (asked.length === 0) return;
  const outside = { run: session.run, env: session.env };
  const fingerprint = await signingFingerprint({ ...(key !== undefined && { key }) }, outside);
  if (fingerprint === undefined) return;
  const mine = (await signersOf(plan, asked, session)).filter((one) => one.fingerprint === fingerprint);
  const until = new Map(mine.flatMap((one) => [...one.until]));
  const { counts, why } = worthOf({ fingerprint, until }, asked);
  if (why.length === 0) return;
  const said = `key ${fingerprint} does not count: ${why.join('; ')}`;
  const whose = until.size > 0 ? 'another approver' : 'an approver';
  if (counts.size === 0)
    throw failure('TORYO_USAGE', { why: `${said}. Sign with the key of ${whose}: --key FILE` });
  session.say(`${session.style('yellow', 'note')} ${said}\n`);
}

/** Which keys of the approvers have approved waves in this plan's file. */
async function signersOf(
  plan: PlanFile,
  asked: readonly Asking[],
  { run, env }: Session,
): Promise<readonly Signer[]> {
  const keys = asked.flatMap(({ approvers }) =>
    approvers.keys.map((text) => ({ file: 'an approver', text })),
  );
  const holding = plan.approvals.filter(
    ({ statement }) => statement.plan === plan.hash && Date.parse(statement.expires) > Date.parse(run.now()),
  );
  const made = await Promise.all(
    holding.map(async ({ statement, signature }) => {
      const signed = { text: statementText(statement), signature, namespace: approvalNamespace };
      const signer = await signerOf(signed, keys, { run, env });
      const until = new Map(statement.waves.map((wave) => [wave, statement.expires] as const));
      return signer === undefined ? [] : [{ fingerprint: signer.fingerprint, until }];
    }),
  );
  return made.flat();
}

/** Where results are data, what the person is asked about is words. */
function show(text: string, session: Session): void {
  if (session.format === 'table' || session.format === 'wide') session.show(text);
  else session.say(text);
}

function fingerprintOf(approval: Approval): string {
  const key = claimedKeyOf(approval.signature);
  return 'why' in key ? '' : key.fingerprint;
}

interface Wanted {
  readonly waves: readonly string[];
  readonly length: number;
  readonly key: string | undefined;
}

async function signed(plan: PlanFile, { waves, length, key }: Wanted, session: Session): Promise<Approval> {
  const signedAt = session.run.now();
  const statement = {
    plan: plan.hash,
    fleet: plan.fleet,
    waves,
    signedAt,
    expires: new Date(Date.parse(signedAt) + length).toISOString(),
    nonce: randomBytes(16).toString('base64url'),
  };
  const signature = await signText(
    statementText(statement),
    { namespace: approvalNamespace, isInteractive: process.stdin.isTTY, ...(key !== undefined && { key }) },
    { run: session.run, env: session.env },
  );
  return { statement, signature };
}

function printApproval(approval: Approval, session: Session): void {
  const { format } = session;
  if (format === 'json') session.print(`${JSON.stringify(approval, null, 2)}\n`);
  else if (format === 'jsonl') session.print(`${JSON.stringify(approval)}\n`);
  else if (format === 'yaml') session.print(yamlText(approval));
  else if (format === 'name') session.print(`${approvalId(approval.statement)}\n`);
}

const wavesText = (waves: readonly string[]): string =>
  `${waves.length === 1 ? 'wave' : 'waves'} ${waves.join(', ')}`;

function wavesOf(plan: PlanFile, wanted: readonly string[]): readonly string[] {
  const unknown = wanted.filter((wave) => !plan.waves.includes(wave));
  if (unknown.length > 0) {
    const why = `${plan.file} has no wave ${unknown.join(', ')}; it has ${plan.waves.join(', ')}`;
    throw failure('TORYO_USAGE', { why });
  }
  return plan.waves.filter((wave) => wanted.length === 0 || wanted.includes(wave));
}

function refuseExpired(plan: PlanFile, session: Session): void {
  const expires = stringAt(plan.value, 'expires');
  if (expires !== undefined && !(Date.parse(expires) > Date.parse(session.run.now())))
    throw failure('TORYO_APPROVAL', { why: `${plan.file} expired at ${expires}: plan again` });
  const blocked = listAt(plan.value, 'waves')
    .flatMap((wave) => listAt(wave, 'clusters'))
    .filter((cluster) => listAt(cluster, 'blockers').length > 0)
    .map((cluster) => stringAt(cluster, 'cluster') ?? '');
  if (blocked.length > 0)
    session.say(`${session.style('red', 'blocked')} on ${blocked.join(', ')}: apply will refuse that\n`);
}

function lengthOf(text: string): number {
  const length = millisecondsOf(text);
  if (length >= 60_000 && length <= longestApproval) return length;
  throw failure('TORYO_USAGE', {
    why: `--expires ${text} is not a length of time from 1m to 7d, such as 30m, 24h or 3d`,
  });
}
