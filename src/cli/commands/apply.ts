import { failure, hintOf } from '../../lib/index.ts';
import { titleOf } from '../../objects/index.ts';
import { whyOf, type Delivered, type Judged, type Plan } from '../../deliver/index.ts';
import {
  apply as applyPlan,
  bundlesIn,
  closeAll,
  plan as makePlan,
  provision,
  refuseUnenforced,
  type Built,
  type Planned,
  type Scope,
} from '../../toryo.ts';
import { changesClusters, countWrites } from '../plan-text.ts';
import { isConfirmed, needsAnswer } from '../question.ts';
import { invalid, openFleet } from '../repository.ts';
import { failureText, type Session } from '../session.ts';
import { tableText } from '../table.ts';
import { notReachedExit, permissionsOf, planData, planExit, printPlan, type PlanOptions } from './plan.ts';

export interface ApplyOptions extends PlanOptions {
  readonly yes?: boolean;
  readonly timeout?: string;
  readonly patience?: string;
  readonly wait?: boolean;
  readonly rollback?: boolean;
}

const blockedExit = 3;
const declinedExit = 1;

/** `toryo apply`: plans, asks, writes wave by wave, waits until everything is healthy, prunes. */
export async function apply(root: string, options: ApplyOptions, session: Session): Promise<number> {
  const built = await openFleet(root, session);
  if (built === undefined) return invalid;
  const scope = { clusters: options.cluster ?? [], permissions: permissionsOf(options) };
  refuseUnenforced(built, bundlesIn(built, scope));
  const patience = { timeout: milliseconds('timeout', options.timeout ?? '5m'), quiet: 30_000 };
  needsAnswer(options, 'apply');
  const planned = await agreedPlan(built, scope, options, session);
  if (typeof planned === 'number') return planned;
  try {
    const manner = {
      patience,
      silence: milliseconds('patience', options.patience ?? '10m'),
      isBinding: options.yes !== true,
      isPatient: options.wait !== false,
      mayReturn: options.rollback !== false,
    };
    const delivered = await applyPlan(built, planned, manner, session.run);
    return report(built, planned.plan, delivered, session);
  } finally {
    await closeAll(planned.clients);
  }
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
  if (options.yes === true) await provision(built, scope, session.env, session.run);
  const planned = await shownPlan(built, scope, session);
  if (typeof planned === 'number') return planned;
  if (options.yes === true || !(countWrites(planned.plan) > 0 || changesClusters(planned.plan)))
    return planned;
  if (!(await isConfirmed('Apply this plan?', session))) {
    await closeAll(planned.clients);
    session.say('not applied: nothing was changed\n');
    return declinedExit;
  }
  if (!changesClusters(planned.plan)) return planned;
  await closeAll(planned.clients);
  await provision(built, scope, session.env, session.run);
  return shownPlan(built, scope, session);
}

async function shownPlan(built: Built, scope: Scope, session: Session): Promise<Planned | number> {
  const planned = await makePlan(built, scope, session.env, session.run);
  const isText = session.format === 'table' || session.format === 'wide';
  const isBlocked = planExit(planned) === blockedExit;
  if (isText || isBlocked) printPlan(planned.plan, session);
  if (!isBlocked) return planned;
  await closeAll(planned.clients);
  // As data the plan itself says what is blocked: one document, not two.
  if (isText) throw failure('TORYO_BLOCKED', { count: countBlocked(planned.plan) });
  return blockedExit;
}

function countBlocked(plan: Plan): number {
  const clusters = plan.waves.flatMap((wave) => wave.clusters);
  const changes = clusters.flatMap((one) => one.changes.filter((change) => change.action === 'blocked'));
  const others = clusters.flatMap((one) =>
    one.blockers.filter((blocker) => !['blocked-change', 'protected-kind'].includes(blocker.code)),
  );
  return changes.length + others.length;
}

function milliseconds(option: string, text: string): number {
  const [, number, unit] = /^(\d+)(s|m|h)$/.exec(text) ?? [];
  const units: Readonly<Record<string, number>> = { s: 1000, m: 60_000, h: 3_600_000 };
  const length = units[unit ?? ''];
  if (number === undefined || length === undefined)
    throw failure('TORYO_USAGE', {
      why: `--${option} ${text} is not a length of time such as 90s, 10m or 1h`,
    });
  return Number(number) * length;
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
    session.print(
      `\n${tableText(['WAVE', 'CLUSTER', 'OUTCOME', 'WRITTEN', 'PRUNED', 'HEALTH', 'WHY'], rows)}`,
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
  const returned = 'What went back is not applied again until it changes: correct it, then apply.';
  const hint = has('returned')
    ? returned
    : hintOf(has('unreachable') ? 'TORYO_PARTIAL' : 'TORYO_APPLY_FAILED');
  return `${session.style('red', '✗')} ${delivered.filter((one) => one.outcome !== 'done').length} of ${delivered.length} clusters are not done; ${healthy} healthy${listed}\n  ${hint}\n`;
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
