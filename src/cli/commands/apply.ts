import { createInterface } from 'node:readline/promises';
import { failure, hintOf } from '../../lib/index.ts';
import { titleOf } from '../../objects/index.ts';
import { whyOf, type Delivered, type Judged } from '../../deliver/index.ts';
import {
  apply as applyPlan,
  bundlesIn,
  closeAll,
  plan as makePlan,
  provision,
  refuseUnenforced,
  type Built,
} from '../../toryo.ts';
import { countWrites } from '../plan-text.ts';
import { invalid, openFleet } from '../repository.ts';
import { failureText, type Session } from '../session.ts';
import { tableText } from '../table.ts';
import { notReachedExit, permissionsOf, planExit, printPlan, type PlanOptions } from './plan.ts';

export interface ApplyOptions extends PlanOptions {
  readonly yes?: boolean;
  readonly timeout?: string;
}

const blockedExit = 3;

/** `toryo apply`: plans, asks, writes wave by wave, waits until everything is healthy, prunes. */
export async function apply(root: string, options: ApplyOptions, session: Session): Promise<number> {
  const built = await openFleet(root, session);
  if (built === undefined) return invalid;
  const scope = { clusters: options.cluster ?? [], permissions: permissionsOf(options) };
  refuseUnenforced(built, bundlesIn(built, scope));
  const patience = { timeout: milliseconds(options.timeout ?? '5m'), quiet: 30_000 };
  await provision(built, scope, session.env, session.run);
  const planned = await makePlan(built, scope, session.env, session.run);
  try {
    if (session.format !== 'jsonl') printPlan(planned.plan, session);
    const code = planExit(planned);
    if (code === blockedExit) throw failure('TORYO_BLOCKED', { count: countBlocked(planned.plan.waves) });
    if (countWrites(planned.plan) > 0 && options.yes !== true && !(await isConfirmed(session))) return 1;
    const delivered = await applyPlan(built, planned, patience, session.run);
    return report(built, delivered, session);
  } finally {
    await closeAll(planned.clients);
  }
}

function countBlocked(
  waves: readonly { readonly clusters: readonly { readonly blockers: readonly unknown[] }[] }[],
): number {
  return waves.flatMap((wave) => wave.clusters).reduce((sum, one) => sum + one.blockers.length, 0);
}

function milliseconds(text: string): number {
  const [, number, unit] = /^(\d+)(s|m|h)$/.exec(text) ?? [];
  const units: Readonly<Record<string, number>> = { s: 1000, m: 60_000, h: 3_600_000 };
  const length = units[unit ?? ''];
  if (number === undefined || length === undefined)
    throw failure('TORYO_USAGE', { why: `--timeout ${text} is not a length of time such as 90s, 10m or 1h` });
  return Number(number) * length;
}

async function isConfirmed(session: Session): Promise<boolean> {
  if (!process.stdin.isTTY)
    throw failure('TORYO_USAGE', { why: 'nobody is there to ask: give --yes to apply without a question' });
  session.say('');
  const lines = createInterface({ input: process.stdin, output: process.stderr });
  try {
    const answer = await lines.question('Apply this plan? Only "yes" does: ', { signal: session.run.signal });
    return answer.trim() === 'yes';
  } finally {
    lines.close();
  }
}

const outcomes = {
  done: ['green', 'done'],
  unhealthy: ['red', 'unhealthy'],
  'timed-out': ['red', 'timed out'],
  failed: ['red', 'failed'],
  blocked: ['red', 'blocked'],
  unreachable: ['red', 'unreachable'],
  'not-started': ['dim', 'not started'],
} as const;

function report(built: Built, delivered: readonly Delivered[], session: Session): number {
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
  else if (session.format === 'json') session.print(`${JSON.stringify(delivered.map(dataOf), null, 2)}\n`);
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
  const hint = delivered.some((one) => one.outcome === 'unreachable')
    ? hintOf('TORYO_PARTIAL')
    : hintOf('TORYO_APPLY_FAILED');
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
} as const;

/** The gravest outcome decides: what a health gate stopped, what ran out of time, what failed, then what was not reached. */
function exitOf(delivered: readonly Delivered[]): number {
  const found = new Set<number>(delivered.map((one) => exits[one.outcome]));
  const gravest = [8, 7, 3, 1, 6].find((code) => found.has(code)) ?? 0;
  return gravest === exits.unreachable ? notReachedExit(delivered.map((one) => one.why)) : gravest;
}
