import { compareText, listed } from '../../lib/index.ts';
import {
  isAboutValues,
  placeText,
  secretsThroughPods,
  subjectKey,
  subjectTitle,
  viaText,
  whoCan,
  type AccessRequest,
  type Holder,
  type Relation,
} from '../../guard/index.ts';
import { accessOn, bundlesIn } from '../../toryo.ts';
import { requestFrom, sharedAnswers, warnOfUnknown } from '../access-question.ts';
import { printedData } from '../printed-data.ts';
import { invalid, openFleet } from '../repository.ts';
import type { Session } from '../session.ts';
import { tableText } from '../table.ts';

export interface WhoCanOptions {
  readonly cluster?: readonly string[];
  readonly namespace?: string;
  readonly name?: string;
}

/** One subject that may, with all namespaces where it may. */
interface Row {
  readonly subject: string;
  /** Empty: everywhere. */
  readonly namespaces: readonly string[];
  /** Empty: of any name. */
  readonly names: readonly string[];
  readonly via: readonly string[];
  readonly isBuiltIn: boolean;
}

/** `toryo access who-can`: who may do it, clusters with the same answer told once. */
export async function whoMay(
  asked: { readonly verb: string; readonly what: string; readonly path: string },
  options: WhoCanOptions,
  session: Session,
): Promise<number> {
  const built = await openFleet(asked.path, session);
  if (built === undefined) return invalid;
  const bundles = bundlesIn(built, { clusters: options.cluster ?? [] });
  const { namespace, name } = options;
  const request = requestFrom({ ...asked, namespace, name }, bundles);
  warnOfUnknown(request, { verb: asked.verb, namespace }, bundles, session);
  const answers = sharedAnswers(
    bundles.map((bundle) => ({
      cluster: bundle.cluster,
      answer: answerOf(accessOn(bundle), request),
    })),
  );
  const data = answers.map(({ clusters, answer }) => ({ clusters, ...answer }));
  if (printedData(data, session)) return 0;
  const hidden = answers.map(({ clusters, answer }) => printRows(clusters, answer, session));
  const most = Math.max(0, ...hidden);
  if (most > 0)
    session.say(
      `${most} more that every API server lets (system:masters, controllers): -o wide shows them\n`,
    );
  return 0;
}

interface Answer {
  readonly subjects: readonly Row[];
  /** Of a question about what Secrets hold: who reads them by what pods mount, and has no such right. */
  readonly throughPods?: readonly Row[];
}

function answerOf(relation: Relation, request: AccessRequest): Answer {
  const subjects = rowsOf(whoCan(relation, request));
  return isAboutValues(request)
    ? { subjects, throughPods: rowsOf(secretsThroughPods(relation, request)) }
    : { subjects };
}

function rowsOf(holders: readonly Holder[]): readonly Row[] {
  const groups = Map.groupBy(holders, ({ subject, namespace, names }) =>
    JSON.stringify([subjectKey(subject), names, namespace === undefined]),
  );
  return [...groups.values()].flatMap((same) => {
    const [first] = same;
    if (first === undefined) return [];
    const why = same.flatMap((one) => one.why);
    return [
      {
        subject: subjectTitle(first.subject),
        namespaces: same.flatMap((one) => one.namespace ?? []).sort(compareText),
        names: first.names,
        via: [...new Set(why.map((grant) => viaText(grant.via)))],
        isBuiltIn: why.every((grant) => grant.isBuiltIn),
      },
    ];
  });
}

/** Prints the rows of people and of what the repository brings; gives how many others there are. */
function printRows(
  clusters: readonly string[],
  { subjects: rows, throughPods = [] }: Answer,
  session: Session,
): number {
  const isWide = session.format === 'wide';
  const shown = rows.filter((row) => isWide || !row.isBuiltIn);
  if (session.format === 'name') {
    session.print(shown.map((row) => `${row.subject}\n`).join(''));
    return 0;
  }
  session.show(`${session.style('bold', clusters.join(', '))}\n`);
  if (shown.length === 0) session.show('  nobody of this repository\n');
  else
    session.show(
      tableText(
        ['  WHO', 'WHERE', 'BY', 'ONLY'],
        shown.map((row) => cells(row, isWide)),
        session.style.columns(),
      ),
    );
  const others = throughPods
    .filter((row) => isWide || !row.isBuiltIn)
    .map(({ subject, namespaces }) => `${subject} ${placeText(namespaces)}`);
  if (others.length > 0) session.show(`  and through pods: ${isWide ? others.join('; ') : listed(others)}\n`);
  return rows.length - shown.length;
}

function cells({ subject, namespaces, via, names }: Row, isWide: boolean): readonly string[] {
  const more = via.length > 1 && !isWide ? ` and ${via.length - 1} more` : '';
  const by = isWide ? via.join('; ') : `${via[0] ?? ''}${more}`;
  return [`  ${subject}`, placeText(namespaces), by, names.join(', ')];
}
