import { failure } from '../../lib/index.ts';
import type { Fleet } from '../../spec/index.ts';
import { verdicts, type FleetVerdicts, type FullQuota, type ObjectVerdict } from '../../toryo.ts';
import { diagnosticsText } from '../diagnostics-text.ts';
import { printedData } from '../printed-data.ts';
import { isFleet, isFolder, readFiles, type ReadFiles } from '../manifest-files.ts';
import { invalid, readingFor } from '../repository.ts';
import type { Session } from '../session.ts';
import { quotaText, quotaTitle, verdictText, waivableText } from '../verdict-text.ts';

const refusedExit = 3;

/** How `guard check` was called. */
export interface GuardCheckOptions {
  /** Undefined: a folder among the words, or the one we are in. */
  readonly fleet?: string;
  readonly namespace?: string;
  readonly cluster?: readonly string[];
}

/** `toryo guard check`: the verdict of the fleet's guards on its Apps, on some of them, or on manifests; asks no cluster. What cannot be read and what has mistakes is told, the rest judged. */
export async function guardCheck(
  what: readonly string[],
  options: GuardCheckOptions,
  session: Session,
): Promise<number> {
  const { owners, files, root } = sorted(what, options.fleet);
  const read = await readFiles(files);
  if (files.length > 0 && read.asked.length === 0) return nothingJudged(read, session);
  // On stderr whatever the format: the verdicts on the others are the data.
  if (read.diagnostics.length > 0) session.say(diagnosticsText(read.diagnostics, session.style));
  const request = {
    owners,
    clusters: options.cluster ?? [],
    namespace: options.namespace,
    ...(files.length === 0 ? {} : { objects: read.asked }),
  };
  const found = await verdicts(root, request, readingFor(session), session.run);
  const { sound, value = sound, diagnostics } = found;
  const { unread } = read;
  if (value === undefined) return nothingJudged({ diagnostics, unread }, session);
  const hasMistakes = found.value === undefined;
  if (hasMistakes) session.say(diagnosticsText(diagnostics, session.style));
  const rest = { unread, hasMistakes };
  printVerdicts(value, { isEach: files.length > 0, ...rest }, session);
  return exitOf(value, rest);
}

function exitOf({ verdicts: all, quotas }: FleetVerdicts, { unread, hasMistakes }: Rest): number {
  if (hasMistakes || unread.length > 0) return invalid;
  const isGood = all.every(({ verdict }) => verdict.outcome === 'allowed') && quotas.length === 0;
  return isGood ? 0 : refusedExit;
}

/** Words of the command line: Apps, files, and the fleet that they are held against. */
interface Words {
  readonly owners: readonly string[];
  readonly files: readonly string[];
  readonly root: string;
}

function sorted(what: readonly string[], fleet: string | undefined): Words {
  const owners = what.filter((one) => /^(App|Addon)\//.test(one));
  const others = what.filter((one) => !owners.includes(one));
  const folders = others.filter(isFolder);
  const fleets = folders.filter((one) => isFleet(one));
  const unfit = folders.find((one) => !fleets.includes(one));
  if (unfit !== undefined && fleet === undefined)
    throw failure('TORYO_USAGE', { why: `${unfit} is no fleet repository; give --fleet and the files` });
  const files = others.filter((one) => !fleets.includes(one));
  const [root = fleet ?? '.', second] = fleets;
  if (second !== undefined || (files.length > 0 && owners.length > 0))
    throw failure('TORYO_USAGE', { why: 'give one fleet, and Apps of it or files, not both' });
  return { owners, files, root };
}

/** What was not judged, and has no verdict. */
interface Rest {
  readonly unread: readonly string[];
  /** Of the fleet, told above. */
  readonly hasMistakes: boolean;
}

function printVerdicts(
  { verdicts: all, fleet, quotas, passedOver }: FleetVerdicts,
  { isEach, ...rest }: Rest & { readonly isEach: boolean },
  session: Session,
): void {
  const data = [...all.map((one) => dataOf(one, fleet)), ...quotas.map(quotaData)];
  if (printedData(data, session)) return;
  if (session.format === 'name') {
    const unfit = all.filter(({ verdict }) => verdict.outcome !== 'allowed').map(({ title }) => title);
    session.print([...new Set([...unfit, ...quotas.map(quotaTitle)])].map((one) => `${one}\n`).join(''));
    return;
  }
  const told = all.filter((one) => isEach || !isQuiet(one));
  session.show(told.map((one) => `${verdictText(one, fleet, session.style)}\n`).join(''));
  session.show(quotas.map((one) => `${quotaText(one, session.style)}\n`).join(''));
  session.say(`${countsText(all, { quotas, ...rest }, session)}${passedOverText(passedOver)}\n`);
}

function isQuiet({ verdict }: ObjectVerdict): boolean {
  return verdict.outcome === 'allowed' && verdict.tried.length === 0 && verdict.waived.length === 0;
}

function countsText(
  all: readonly ObjectVerdict[],
  { quotas, unread, hasMistakes }: Rest & { readonly quotas: readonly FullQuota[] },
  { style }: Session,
): string {
  const count = (outcome: string) => all.filter(({ verdict }) => verdict.outcome === outcome).length;
  const [allowed, refused, unknown] = [count('allowed'), count('refused'), count('unknown')];
  const isGood = refused + unknown + quotas.length + unread.length === 0 && !hasMistakes;
  const full =
    quotas.length === 0 ? [] : [`${quotas.length} ${quotas.length === 1 ? 'quota' : 'quotas'} too small`];
  const parts = [
    `${allowed} allowed`,
    `${refused} refused`,
    `${unknown} unknown`,
    ...full,
    ...unreadTexts(unread),
    ...(hasMistakes ? ['the fleet has mistakes'] : []),
  ];
  return `${style(isGood ? 'green' : 'red', isGood ? '✓' : '✗')} ${parts.join(', ')}`;
}

/** Tells the mistakes for which no verdict is given; gives the exit code. */
function nothingJudged(
  { diagnostics, unread }: Pick<ReadFiles, 'diagnostics' | 'unread'>,
  session: Session,
): number {
  session.tell(diagnostics);
  const why = ['nothing was judged, for the mistakes above', ...unreadTexts(unread)].join(', ');
  if (session.format === 'table' || session.format === 'wide')
    session.say(`${session.style('red', '✗')} ${why}\n`);
  return invalid;
}

function unreadTexts(unread: readonly string[]): readonly string[] {
  return unread.length === 0 ? [] : [`${unread.length} ${unread.length === 1 ? 'file' : 'files'} not read`];
}

function passedOverText(count: number): string {
  if (count === 0) return '';
  return `; ${count === 1 ? '1 object makes' : `${count} objects make`} no pods that Toryo knows of`;
}

function dataOf({ title, owner, from, clusters, verdict, change }: ObjectVerdict, fleet: Fleet): object {
  return {
    object: title,
    owner,
    clusters,
    at: from,
    ...verdict,
    violations: verdict.violations.map((one) => ({ ...one, waivable: waivableText(one, fleet) })),
    patch: change?.steps ?? [],
    ...(change === undefined ? {} : { mends: { count: change.mends, of: change.of, left: change.left } }),
  };
}

function quotaData(one: FullQuota): object {
  const { clusters, sums } = one;
  return { object: quotaTitle(one), clusters, outcome: 'exceeded', sums };
}
