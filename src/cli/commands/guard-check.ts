import { existsSync, readFileSync, statSync } from 'node:fs';
import { text } from 'node:stream/consumers';
import { failure, isClean, yamlText, type Diagnostic } from '../../lib/index.ts';
import { smallestPatch } from '../../guard/index.ts';
import { readManifests } from '../../render/index.ts';
import { verdicts, type Asked, type FleetVerdicts, type ObjectVerdict } from '../../toryo.ts';
import { invalid, readingFor } from '../repository.ts';
import type { Session } from '../session.ts';
import { quotaText, verdictText } from '../verdict-text.ts';

const refusedExit = 3;

/** How `guard check` was called. */
export interface GuardCheckOptions {
  readonly fleet: string;
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
function sorted(
  what: readonly string[],
  fleet: string,
): { readonly owners: readonly string[]; readonly files: readonly string[]; readonly root: string } {
  const owners = what.filter((one) => /^(App|Addon)\//.test(one));
  const others = what.filter((one) => !owners.includes(one));
  const folders = others.filter(isFolder);
  const files = others.filter((one) => !isFolder(one));
  const [root = fleet, second] = folders;
  if (second !== undefined || (files.length > 0 && owners.length > 0))
    throw failure('TORYO_USAGE', { why: 'give one fleet, and Apps of it or files, not both' });
  return { owners, files, root };
}

function printVerdicts(
  { verdicts: all, fleet, quotas }: FleetVerdicts,
  isEach: boolean,
  session: Session,
): void {
  const { format } = session;
  if (format === 'json') session.print(`${JSON.stringify(all.map(dataOf), null, 2)}\n`);
  else if (format === 'yaml') session.print(yamlText(JSON.parse(JSON.stringify(all.map(dataOf)))));
  else {
    const told = all.filter((one) => isEach || !isQuiet(one));
    session.print(told.map((one) => `${verdictText(one, fleet, session.style)}\n`).join(''));
    session.print(quotas.map((one) => `${quotaText(one, session.style)}\n`).join(''));
    session.say(`${countsText(all, session)}\n`);
  }
}

function isFolder(name: string): boolean {
  return existsSync(name) && statSync(name).isDirectory();
}

async function readFiles(
  files: readonly string[],
): Promise<{ readonly asked: readonly Asked[]; readonly diagnostics: readonly Diagnostic[] }> {
  const read = await Promise.all(
    files.map(async (file) => {
      if (file !== '-' && !existsSync(file))
        throw failure('TORYO_USAGE', { why: `there is no file ${file}` });
      return readManifests(file === '-' ? await text(process.stdin) : readFileSync(file, 'utf8'), file);
    }),
  );
  return {
    asked: read.flatMap(({ value }) => value ?? []),
    diagnostics: read.flatMap(({ diagnostics }) => diagnostics),
  };
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
