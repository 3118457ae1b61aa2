import { stat } from 'node:fs/promises';
import path from 'node:path';
import { failure, hintOf, millisecondsOf } from '../../lib/index.ts';
import { titleOf } from '../../objects/index.ts';
import { staleness, whyOf, type Delivered, type Judged, type Plan } from '../../deliver/index.ts';
import {
  agreedClusters,
  apply as applyPlan,
  bundlesIn,
  closeAll,
  plan as makePlan,
  provision,
  refuseUnapproved,
  refuseUnenforced,
  type Agreed,
  type Built,
  type Manner,
  type Planned,
  type Scope,
} from '../../toryo.ts';
import { blockedIn } from '../blocked-plan.ts';
import { planData } from '../plan-document.ts';
import { readPlanFile, refuseReadOnly, type PlanFile } from '../plan-file.ts';
import { changesClusters, countWrites } from '../plan-text.ts';
import { isConfirmed, needsAnswer } from '../question.ts';
import { invalid, openFleet } from '../repository.ts';
import { failureText, type Session } from '../session.ts';
import { tableText } from '../table.ts';
import {
  isMisconfigured,
  notReachedExit,
  permissionsOf,
  planExit,
  printPlan,
  type PlanOptions,
} from './plan.ts';

export interface ApplyOptions extends PlanOptions {
  readonly yes?: boolean;
  readonly timeout?: string;
  readonly patience?: string;
  readonly wait?: boolean;
  readonly rollback?: boolean;
  /** With a plan's file: where its repository stands. */
  readonly repository?: string;
}

const blockedExit = 3;
const declinedExit = 1;

/** `toryo apply`: plans, asks, writes wave by wave, waits until everything is healthy, prunes. */
export async function apply(root: string, options: ApplyOptions, session: Session): Promise<number> {
  if (await isFile(root)) return applyFile(root, options, session);
  if (options.repository !== undefined)
    throw failure('TORYO_USAGE', { why: '--repository belongs to the file of a plan: give one' });
  if (root.endsWith('.json') && (await stat(root).catch(() => undefined)) === undefined)
    await readPlanFile(root);
  const built = await openFleet(root, session);
  if (built === undefined) return invalid;
  const scope = { clusters: options.cluster ?? [], permissions: permissionsOf(options) };
  refuseUnenforced(built, bundlesIn(built, scope));
  const manner = mannerOf(options);
  needsAnswer(options, 'apply');
  const planned = await agreedPlan(built, scope, options, session);
  if (typeof planned === 'number') return planned;
  try {
    const delivered = await applyPlan(built, planned, manner, session.run);
    return exitWith(planned, report(built, planned.plan, delivered, session));
  } finally {
    await closeAll(planned.clients);
  }
}

function exitWith({ left = [] }: Planned, code: number): number {
  return code === 0 && left.length > 0 ? blockedExit : code;
}

async function isFile(name: string): Promise<boolean> {
  const found = await stat(name).catch(() => undefined);
  return found?.isFile() === true;
}

/** How to go about it, as the options say. */
function mannerOf(options: ApplyOptions): Manner {
  return {
    patience: { timeout: lengthOf('timeout', options.timeout ?? '5m'), quiet: 30_000 },
    silence: lengthOf('patience', options.patience ?? '10m'),
    isBinding: options.yes !== true,
    isPatient: options.wait !== false,
    mayReturn: options.rollback !== false,
  };
}

/** `toryo apply plan.json`: plans again, and does what the file says or nothing. The file is the agreement: nobody is asked. */
async function applyFile(file: string, options: ApplyOptions, session: Session): Promise<number> {
  const agreed = await agreedFile(file, options);
  const root = options.repository ?? path.resolve(path.dirname(file), agreed.root);
  const built = await openFleet(root, session);
  if (built === undefined) return invalid;
  if (built.fleet.name !== agreed.fleet) {
    const why = `${file} is for fleet ${agreed.fleet}, and ${root} holds ${built.fleet.name}: name the repository with --repository`;
    throw failure('TORYO_USAGE', { why });
  }
  refuseUnenforced(built, bundlesIn(built, agreed.scope));
  const planned = await freshPlan(built, agreed, session);
  if (typeof planned === 'number') return planned;
  try {
    const manner = {
      ...mannerOf(options),
      isBinding: true,
      agreed: { plan: agreed.agreed, approvals: agreed.approvals },
    };
    const delivered = await applyPlan(built, planned, manner, session.run);
    return exitWith(planned, report(built, planned.plan, delivered, session));
  } finally {
    await closeAll(planned.clients);
  }
}

async function agreedFile(file: string, options: ApplyOptions): Promise<PlanFile> {
  const { cluster = [], allowDelete = [], allowPrune = [], owner = [] } = options;
  if ([...cluster, ...allowDelete, ...allowPrune, ...owner].length > 0)
    throw failure('TORYO_USAGE', {
      why: `${file} says already which clusters and what may be deleted: --cluster, --allow-delete and --allow-prune belong to \`toryo plan\``,
    });
  const agreed = await readPlanFile(file);
  refuseReadOnly(agreed);
  return agreed;
}

/** The plan as it is now, when it holds nothing that the file does not. Clusters are made after that, and looked at again. */
async function freshPlan(built: Built, agreed: PlanFile, session: Session): Promise<Planned | number> {
  const first = await shownPlan(built, agreed.scope, session);
  if (typeof first === 'number') return first;
  await refuseStale(agreed, first, session);
  const agreement = { plan: agreed.agreed, approvals: agreed.approvals };
  await orClose(first, refuseUnapproved(built, first, agreement, session.run));
  if (!changesClusters(first.plan)) return first;
  const second = await changedClusters(built, first, agreement, session);
  if (typeof second !== 'number') await refuseStale(agreed, second, session);
  return second;
}

async function orClose(planned: Planned, check: Promise<void>): Promise<void> {
  try {
    await check;
  } catch (error) {
    await closeAll(planned.clients);
    throw error;
  }
}

async function refuseStale(agreed: PlanFile, planned: Planned, session: Session): Promise<void> {
  const stale = staleness(agreed.agreed.waves, planned.plan.waves);
  const [first] = stale;
  if (first === undefined) return;
  await closeAll(planned.clients);
  const lists = stale.map(
    ({ cluster, added }) => `${cluster}\n${added.map((text) => `  + ${text}\n`).join('')}`,
  );
  session.say(`not in ${agreed.file}:\n${lists.join('')}`);
  const count = stale.reduce((sum, one) => sum + one.added.length, 0);
  throw failure('TORYO_PLAN_STALE', { count, first: `${first.cluster}: ${first.added[0] ?? ''}` });
}

/**
 * The plan that is to be applied: shown, not blocked, and agreed to; clusters are made or changed only after that. A number is
 * the exit code of a plan that is not.
 */
async function agreedPlan(
  built: Built,
  scope: Scope,
  options: ApplyOptions,
  session: Session,
): Promise<Planned | number> {
  const left = options.yes === true ? await provisioned(built, scope, session) : [];
  const shown = await shownPlan(built, scope, session);
  if (typeof shown === 'number') return shown;
  const planned = { ...shown, left };
  if (options.yes === true || !(countWrites(planned.plan) > 0 || changesClusters(planned.plan)))
    return planned;
  if (!(await isConfirmed('Apply this plan?', session))) {
    await closeAll(planned.clients);
    session.say('not applied: nothing was changed\n');
    return declinedExit;
  }
  return changesClusters(planned.plan)
    ? changedClusters(built, planned, { plan: planned.plan, approvals: [] }, session)
    : planned;
}

/** Changes the clusters themselves as a plan says, as far as it was agreed to, and plans again. */
async function changedClusters(
  built: Built,
  planned: Planned,
  agreed: Agreed,
  session: Session,
): Promise<Planned | number> {
  const names = await agreedClusters(built, planned, agreed, session.run);
  await closeAll(planned.clients);
  const left = await provisioned(built, { ...planned.scope, agreed: names }, session);
  const again = await shownPlan(built, planned.scope, session);
  return typeof again === 'number' ? again : { ...again, left };
}

async function provisioned(
  built: Built,
  scope: Parameters<typeof provision>[1],
  session: Session,
): Promise<readonly string[]> {
  const left = await provision(built, scope, session.env, session.run);
  if (left.length > 0)
    session.say(
      `${left.join(', ')}: left as it is, for changes of the cluster itself need an approval: \`toryo plan --out plan.json\`, \`toryo approve plan.json\`, \`toryo apply plan.json\`\n`,
    );
  return left;
}

async function shownPlan(built: Built, scope: Scope, session: Session): Promise<Planned | number> {
  const planned = await makePlan(built, scope, session.env, session.run);
  const isText = session.format === 'table' || session.format === 'wide';
  const isBlocked = planExit(planned) === blockedExit;
  if (isText || isBlocked) printPlan(planned.plan, session);
  if (!isBlocked) return planned;
  await closeAll(planned.clients);
  // As data the plan itself says what is blocked: one document, not two.
  if (isText) throw blockedIn(planned.plan);
  return blockedExit;
}

function lengthOf(option: string, text: string): number {
  const length = millisecondsOf(text);
  if (!Number.isNaN(length)) return length;
  throw failure('TORYO_USAGE', {
    why: `--${option} ${text} is not a length of time such as 90s, 10m or 1h`,
  });
}

const outcomes = {
  done: ['green', 'done'],
  unhealthy: ['red', 'unhealthy'],
  'timed-out': ['red', 'timed out'],
  failed: ['red', 'failed'],
  blocked: ['red', 'blocked'],
  unreachable: ['red', 'unreachable'],
  returned: ['red', 'rolled back'],
  stuck: ['red', 'stuck'],
  held: ['yellow', 'held'],
  superseded: ['yellow', 'superseded'],
  waiting: ['yellow', 'waiting'],
  'not-started': ['dim', 'not started'],
} as const;

function report(built: Built, plan: Plan, delivered: readonly Delivered[], session: Session): number {
  for (const one of delivered)
    for (const failed of one.failures) session.say(`${failed.subject}: ${failureText(failed.error)}`);
  const unsure = delivered.flatMap((one) =>
    one.health
      .filter((judged) => judged.health.state === 'unknown')
      .map((judged) => ({ cluster: one.cluster, judged })),
  );
  for (const { cluster, judged } of unsure)
    session.say(`${cluster}: ${titleOf(judged.ref)} unknown: ${judged.health.why}\n`);
  const rows = delivered.map((one) => {
    const [color, word] = outcomes[one.outcome];
    return [
      built.fleet.clusters.get(one.cluster)?.wave ?? '',
      one.cluster,
      session.style(color, word),
      String(one.written),
      String(one.pruned),
      healthText(one.health),
      whyOf(one),
    ];
  });
  if (session.format === 'table' || session.format === 'wide')
    session.show(
      `\n${tableText(['WAVE', 'CLUSTER', 'OUTCOME', 'WRITTEN', 'PRUNED', 'HEALTH', 'WHY'], rows, session.style.columns())}`,
    );
  else if (session.format === 'json')
    session.print(`${JSON.stringify({ plan: planData(plan), clusters: delivered.map(dataOf) }, null, 2)}
`);
  else if (session.format === 'jsonl')
    for (const one of delivered) session.print(`${JSON.stringify(dataOf(one))}\n`);
  session.say(lastLine(delivered, session));
  return exitOf(delivered);
}

function dataOf(one: Delivered): unknown {
  const health = one.health.map((judged) => ({ object: titleOf(judged.ref), ...judged.health }));
  return {
    cluster: one.cluster,
    outcome: one.outcome,
    written: one.written,
    pruned: one.pruned,
    why: whyOf(one),
    health: health.filter((judged) => judged.state !== 'healthy'),
    healthy: health.filter((judged) => judged.state === 'healthy').length,
  };
}

function healthText(health: readonly Judged[]): string {
  const states = ['healthy', 'progressing', 'failed', 'unknown'] as const;
  const counts = states.map(
    (state) => [state, health.filter((one) => one.health.state === state).length] as const,
  );
  return counts
    .filter(([, count]) => count > 0)
    .map(([state, count]) => `${count} ${state}`)
    .join(', ');
}

function lastLine(delivered: readonly Delivered[], session: Session): string {
  const all = delivered.flatMap((one) => one.health);
  const healthy = all.filter((one) => one.health.state === 'healthy').length;
  const unknown = all.filter((one) => one.health.state === 'unknown').length;
  const isDone = delivered.every((one) => one.outcome === 'done');
  const listed = unknown === 0 ? '' : `, ${unknown} unknown (listed)`;
  if (isDone) return `${session.style('green', '✓')} ${healthy} healthy${listed}\n`;
  if (delivered.every((one) => one.outcome === 'done' || one.outcome === 'waiting'))
    return `${session.style('green', '✓')} ${healthy} healthy${listed}; waves go on when you run \`toryo apply\` again\n`;
  const has = (outcome: Delivered['outcome']): boolean => delivered.some((one) => one.outcome === outcome);
  const returned = [...new Set(delivered.flatMap((one) => one.returned ?? []))];
  const held =
    'Nothing is wrong with what is held: see `toryo wave list`, and apply again when its reason is gone.';
  const missed = delivered.filter((one) => one.outcome === 'unreachable');
  const partial = missed.every((one) => isMisconfigured(one.why)) ? 'TORYO_KUBECONFIG' : 'TORYO_PARTIAL';
  const hint =
    returned.length > 0
      ? returnedHint(returned)
      : has('held')
        ? held
        : hintOf(has('unreachable') ? partial : 'TORYO_APPLY_FAILED');
  return `${session.style('red', '✗')} ${delivered.filter((one) => one.outcome !== 'done').length} of ${delivered.length} clusters are not done; ${healthy} healthy${listed}\n  ${hint}\n`;
}

function returnedHint(owners: readonly string[]): string {
  const [isOne, tries] = [owners.length === 1, owners.map((owner) => `\`toryo wave promote ${owner}\``)];
  const [are, they, them] = isOne ? ['is', 'it changes', 'it'] : ['are', 'they change', 'them'];
  return `${owners.join(', ')} ${are} not applied again until ${they}: correct ${them} and apply, or let ${them} be tried again with ${tries.join(', ')}.`;
}

const exits = {
  done: 0,
  failed: 1,
  'not-started': 1,
  blocked: 3,
  unreachable: 6,
  'timed-out': 7,
  unhealthy: 8,
  returned: 8,
  stuck: 8,
  held: 3,
  superseded: 1,
  waiting: 0,
} as const;

/** The gravest outcome decides: what a health gate stopped, what ran out of time, what failed, then what was not reached. */
function exitOf(delivered: readonly Delivered[]): number {
  const found = new Set<number>(delivered.map((one) => exits[one.outcome]));
  const gravest = [8, 7, 3, 1, 6].find((code) => found.has(code)) ?? 0;
  return gravest === exits.unreachable ? notReachedExit(delivered.map((one) => one.why)) : gravest;
}
