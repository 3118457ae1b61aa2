import { readFile } from 'node:fs/promises';
import path from 'node:path';
import { errorKinds, failure, isFailure, reasonOf, yamlText } from '../../lib/index.ts';
import { keyOf, ownerFrom } from '../../objects/index.ts';
import type { Permissions, Plan } from '../../deliver/index.ts';
import { isPlanText } from '../../spec/index.ts';
import { closeAll, plan as makePlan, provenance, type Built, type Planned } from '../../toryo.ts';
import { planDocument, planData } from '../plan-document.ts';
import { planMarkdown } from '../plan-markdown.ts';
import { countWrites, planText } from '../plan-text.ts';
import { invalid, openFleet } from '../repository.ts';
import type { Session } from '../session.ts';
import { replaceFile } from '../whole-file.ts';

export interface PlanOptions {
  readonly cluster?: readonly string[];
  readonly exitCode?: boolean;
  readonly allowDelete?: readonly string[];
  readonly allowPrune?: readonly string[];
  /** Owners whose objects are adopted. */
  readonly owner?: readonly string[];
  /** File to write the plan to; `-` is stdout. */
  readonly out?: string;
  readonly readOnly?: boolean;
}

const differences = 5;

/** `toryo plan`: what apply would do; writes nothing. */
export async function plan(root: string, options: PlanOptions, session: Session): Promise<number> {
  const built = await openFleet(root, session, { showsWarnings: true });
  if (built === undefined) return invalid;
  const isReadOnly = options.readOnly === true;
  const scope = { clusters: options.cluster ?? [], permissions: permissionsOf(options), isReadOnly };
  const planned = await makePlan(built, scope, session.env, session.run);
  await closeAll(planned.clients);
  if (options.out !== '-') printPlan(planned.plan, session);
  if (options.out !== undefined) await writePlan(built, planned, options.out, session);
  const code = planExit(planned);
  return code === 0 && options.exitCode === true && countWrites(planned.plan) > 0 ? differences : code;
}

/** Only a plan makes way for a plan: a slip of the name must not cost somebody a file. */
async function refuseOther(out: string): Promise<void> {
  const before = await readFile(out, 'utf8').catch(() => '');
  if (before === '' || isPlanText(before)) return;
  throw failure('TORYO_USAGE', { why: `${out} is there and is no plan: name another file, or remove it` });
}

async function writePlan(built: Built, planned: Planned, out: string, session: Session): Promise<void> {
  const folder = out === '-' ? process.cwd() : path.dirname(path.resolve(out));
  const root = path.relative(folder, built.fleet.root);
  const text = planDocument(planned.plan, {
    fleet: built.fleet.name,
    scope: planned.scope,
    root: root === '' ? '.' : root,
    provenance: await provenance(built, planned, session.run),
  });
  if (out === '-') {
    session.print(text);
    return;
  }
  await refuseOther(out);
  try {
    await replaceFile(out, text);
  } catch (error) {
    const why = `${out} could not be written and is as it was (${reasonOf(error)})`;
    throw failure('TORYO_OUTPUT', { why }, { cause: error });
  }
  const next =
    planned.plan.isReadOnly === true
      ? 'it can be read, not approved or applied'
      : `toryo approve ${out} signs it, toryo apply ${out} carries it out`;
  session.say(`${out}: ${next}\n`);
}

/** What the operator lets pass. */
export function permissionsOf(
  options: Pick<PlanOptions, 'allowDelete' | 'allowPrune' | 'owner'>,
): Permissions {
  for (const text of options.allowDelete ?? [])
    if (!/^[A-Z]\w*\/\S+$/.test(text))
      throw failure('TORYO_USAGE', { why: `--allow-delete ${text} is not KIND/NAME` });
  return {
    deletions: new Set(options.allowDelete),
    prunes: ownersIn('--allow-prune', options.allowPrune),
    adoptions: ownersIn('--owner', options.owner),
  };
}

function ownersIn(flag: string, names: readonly string[] = []): ReadonlySet<string> {
  for (const text of names)
    if (ownerFrom(text) === undefined) {
      const why = `${flag} ${text} is not App/TENANT/NAME, Addon/NAME or Tenant/NAME`;
      throw failure('TORYO_USAGE', { why });
    }
  return new Set(names);
}

/** Shows a plan in the wanted format. */
export function printPlan(plan: Plan, session: Session): void {
  const { format } = session;
  if (format === 'markdown') {
    session.print(planMarkdown(plan));
    return;
  }
  if (format === 'table' || format === 'wide') {
    session.show(planText(plan, session.style, format === 'wide'));
    return;
  }
  if (format === 'name') {
    const names = plan.waves.flatMap((wave) =>
      wave.clusters.flatMap((one) =>
        one.changes
          .filter((change) => change.action !== 'unchanged')
          .map((change) => `${one.cluster} ${change.action} ${keyOf(change.subject)}\n`),
      ),
    );
    session.print(names.join(''));
    return;
  }
  const data = planData(plan);
  session.print(
    format === 'yaml'
      ? yamlText(JSON.parse(JSON.stringify(data)))
      : `${JSON.stringify(data, null, format === 'jsonl' ? 0 : 2)}\n`,
  );
}

/** 3 when something is blocked, 4 or 6 when a cluster could not be read, else 0. */
export function planExit(planned: Planned): number {
  const clusters = planned.plan.waves.flatMap((wave) => wave.clusters);
  if (clusters.some((one) => one.blockers.length > 0)) return failure('TORYO_BLOCKED', { count: 1 }).exitCode;
  return notReachedExit(
    [...planned.world.clusters.values()].map((one) => (one.is === 'unknown' ? one.why : undefined)),
  );
}

/**
 * 4 when every cluster that was not reached refused us, 2 when every one has a wrong kubeconfig, 6 when one did not answer, 0
 * when all were reached.
 */
export function notReachedExit(reasons: readonly unknown[]): number {
  const errors = reasons.filter((reason) => reason !== undefined);
  if (errors.length === 0) return 0;
  const isDenied = errors.every((error) =>
    isFailure(error, 'TORYO_KUBE_FORBIDDEN', 'TORYO_KUBE_UNAUTHENTICATED', 'TORYO_EXEC_PLUGIN'),
  );
  if (isDenied) return 4;
  return errors.every(isMisconfigured) ? errorKinds.TORYO_KUBECONFIG.exit : errorKinds.TORYO_PARTIAL.exit;
}

/** True where asking again cannot help: what this machine knows of the cluster is wrong. */
export function isMisconfigured(error: unknown): boolean {
  return isFailure(error, 'TORYO_KUBECONFIG');
}
