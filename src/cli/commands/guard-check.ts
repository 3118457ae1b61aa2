import { failure, isClean } from '../../lib/index.ts';
import { smallestPatch } from '../../guard/index.ts';
import { verdicts, type FleetVerdicts, type ObjectVerdict } from '../../toryo.ts';
import { printedData } from '../printed-data.ts';
import { filesIn, isFleet, isFolder, readFiles } from '../manifest-files.ts';
import { invalid, readingFor } from '../repository.ts';
import type { Session } from '../session.ts';
import { quotaText, verdictText } from '../verdict-text.ts';

const refusedExit = 3;

/** How `guard check` was called. */
export interface GuardCheckOptions {
  /** Undefined: a folder among the words, or the one we are in. */
  readonly fleet?: string;
  readonly namespace?: string;
  readonly cluster?: readonly string[];
}

/** `toryo guard check`: the verdict of the fleet's guards on its Apps, on some of them, or on manifests; asks no cluster. */
export async function guardCheck(
  what: readonly string[],
  options: GuardCheckOptions,
  session: Session,
): Promise<number> {
  const { owners, files, root } = sorted(what, options.fleet);
  const read = await readFiles(files);
  if (!isClean(read.diagnostics)) {
    session.tell(read.diagnostics);
    return invalid;
  }
  const request = {
    owners,
    clusters: options.cluster ?? [],
    namespace: options.namespace,
    ...(files.length === 0 ? {} : { objects: read.asked }),
  };
  const { value, diagnostics } = await verdicts(root, request, readingFor(session), session.run);
  if (value === undefined) {
    session.tell(diagnostics);
    return invalid;
  }
  printVerdicts(value, files.length > 0, session);
  const isGood =
    value.verdicts.every(({ verdict }) => verdict.outcome === 'allowed') && value.quotas.length === 0;
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
  const files = others
    .filter((one) => !fleets.includes(one))
    .flatMap((one) => (isFolder(one) ? filesIn(one) : [one]));
  const [root = fleet ?? '.', second] = fleets;
  if (second !== undefined || (files.length > 0 && owners.length > 0))
    throw failure('TORYO_USAGE', { why: 'give one fleet, and Apps of it or files, not both' });
  return { owners, files, root };
}

function printVerdicts(
  { verdicts: all, fleet, quotas, passedOver }: FleetVerdicts,
  isEach: boolean,
  session: Session,
): void {
  if (printedData(all.map(dataOf), session)) return;
  if (session.format === 'name') {
    const refused = all.filter(({ verdict }) => verdict.outcome === 'refused');
    session.print([...new Set(refused.map(({ title }) => `${title}\n`))].join(''));
    return;
  }
  const told = all.filter((one) => isEach || !isQuiet(one));
  session.print(told.map((one) => `${verdictText(one, fleet, session.style)}\n`).join(''));
  session.print(quotas.map((one) => `${quotaText(one, session.style)}\n`).join(''));
  session.say(`${countsText(all, session)}${passedOverText(passedOver)}\n`);
}

function isQuiet({ verdict }: ObjectVerdict): boolean {
  return verdict.outcome === 'allowed' && verdict.tried.length === 0 && verdict.waived.length === 0;
}

function countsText(all: readonly ObjectVerdict[], { style }: Session): string {
  const count = (outcome: string) => all.filter(({ verdict }) => verdict.outcome === outcome).length;
  const [allowed, refused, unknown] = [count('allowed'), count('refused'), count('unknown')];
  const isGood = refused + unknown === 0;
  const parts = [`${allowed} allowed`, `${refused} refused`, `${unknown} unknown`];
  return `${style(isGood ? 'green' : 'red', isGood ? '✓' : '✗')} ${parts.join(', ')}`;
}

function passedOverText(count: number): string {
  if (count === 0) return '';
  return `; ${count === 1 ? '1 object makes' : `${count} objects make`} no pods that Toryo knows of`;
}

function dataOf({ title, owner, from, clusters, verdict, object }: ObjectVerdict): object {
  return {
    object: title,
    owner,
    clusters,
    at: from,
    ...verdict,
    patch: smallestPatch(
      object,
      verdict.violations.flatMap(({ places }) => places),
    ),
  };
}
