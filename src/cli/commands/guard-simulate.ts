import { simulate, type ClusterSimulation } from '../../toryo.ts';
import { printedData } from '../printed-data.ts';
import { invalid, openFleet } from '../repository.ts';
import type { Session } from '../session.ts';

const refusedExit = 3;
const silentExit = 6;

/** How `guard simulate` was called. */
export interface GuardSimulateOptions {
  readonly cluster?: readonly string[];
  readonly namespace?: readonly string[];
}

/** `toryo guard simulate`: what on the clusters would be refused when it starts again under a profile; writes nothing. */
export async function guardSimulate(
  profile: string,
  root: string,
  options: GuardSimulateOptions,
  session: Session,
): Promise<number> {
  const built = await openFleet(root, session);
  if (built === undefined) return invalid;
  const request = { profile, clusters: options.cluster ?? [], namespaces: options.namespace ?? [] };
  const simulations = await simulate(built, request, session.env, session.run);
  print(simulations, profile, session);
  if (simulations.some(({ refused }) => refused.length > 0)) return refusedExit;
  return simulations.some(({ unread }) => unread !== undefined) ? silentExit : 0;
}

function print(simulations: readonly ClusterSimulation[], profile: string, session: Session): void {
  if (printedData(simulations.map(dataOf), session)) return;
  if (session.format === 'name') {
    const titles = simulations.flatMap(({ refused }) => refused.map(({ title }) => `${title}\n`));
    session.print([...new Set(titles)].join(''));
    return;
  }
  session.show(simulations.map((one) => textOf(one, profile, session)).join('\n'));
}

function textOf(
  { cluster, unread, looked, refused, notes }: ClusterSimulation,
  profile: string,
  { style }: Session,
): string {
  const name = style('bold', cluster);
  if (unread !== undefined) return `${style('yellow', '?')} ${name}  unknown: ${unread}\n`;
  const told = notes.map((note) => `  ${style('dim', note)}\n`).join('');
  if (refused.length === 0)
    return `${style('green', '✓')} ${name}  all of ${looked} would start again under profile ${profile}\n${told}`;
  const rows = refused.map(({ title, state, verdict }) => {
    const sentences = verdict.violations.map(({ sentence }) => `    ${sentence}\n`).join('');
    return `  ${title}  ${style('dim', state)}\n${sentences}`;
  });
  return `${style('red', '✗')} ${name}  ${refused.length} of ${looked} would not start again under profile ${profile}\n${rows.join('')}${told}`;
}

function dataOf({ cluster, unread, looked, refused, notes }: ClusterSimulation): object {
  const objects = refused.map(({ title, state, verdict }) => ({ object: title, state, ...verdict }));
  return { cluster, ...(unread === undefined ? {} : { unread }), looked, refused: objects, notes };
}
