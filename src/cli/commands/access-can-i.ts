import { canonical, failure } from '../../lib/index.ts';
import {
  canI,
  groupNamed,
  identityOf,
  placeText,
  subjectFrom,
  subjectKey,
  viaText,
  whoCan,
  type AccessRequest,
  type Holder,
  type Relation,
  type Subject,
} from '../../guard/index.ts';
import { accessOn, bundlesIn } from '../../toryo.ts';
import { requestFrom, sharedAnswers, warnOfUnknown } from '../access-question.ts';
import { printedData } from '../printed-data.ts';
import { invalid, openFleet } from '../repository.ts';
import type { Session } from '../session.ts';

export interface CanIOptions {
  readonly cluster?: readonly string[];
  readonly namespace?: string;
  readonly name?: string;
  readonly group?: readonly string[];
  readonly exitCode?: boolean;
}

interface Answered {
  readonly allowed: boolean;
  /** How it comes. */
  readonly via: readonly string[];
  /** Where it is allowed and of which names (all when empty), when the question named none and the answer is no. */
  readonly only: readonly { readonly namespaces: readonly string[]; readonly names: readonly string[] }[];
}

const refused = 3;

/** `toryo access can-i`: yes or no, why, and where else. */
export async function may(
  asked: { readonly who: string; readonly verb: string; readonly what: string; readonly path: string },
  options: CanIOptions,
  session: Session,
): Promise<number> {
  const subject = subjectFrom(asked.who);
  if (subject === undefined) {
    const why = `${asked.who} is no subject: write user:NAME, group:NAME or serviceaccount:NAMESPACE/NAME`;
    throw failure('TORYO_USAGE', { why });
  }
  const built = await openFleet(asked.path, session);
  if (built === undefined) {
    session.say('nothing was answered, for the mistakes above: what they hide may give or take rights\n');
    return invalid;
  }
  const bundles = bundlesIn(built, { clusters: options.cluster ?? [] });
  const { namespace, name, group = [] } = options;
  const request = requestFrom({ ...asked, namespace, name }, bundles);
  warnOfUnknown(request, { verb: asked.verb, namespace }, bundles, session);
  const answers = sharedAnswers(
    bundles.map((bundle) => ({
      cluster: bundle.cluster,
      answer: answerOn(accessOn(bundle), [subject, ...group.map(groupNamed)], request),
    })),
  );
  const data = answers.map(({ clusters, answer }) => ({ clusters, ...answer }));
  if (!printedData(data, session))
    for (const { clusters, answer } of answers)
      session.show(`${session.style('bold', clusters.join(', '))}: ${answerText(answer, session)}\n`);
  const isRefused = answers.some(({ answer }) => !answer.allowed);
  return isRefused && options.exitCode === true ? refused : 0;
}

function answerOn(relation: Relation, who: readonly Subject[], request: AccessRequest): Answered {
  const all = new Map(
    who.flatMap((one) => identityOf(relation, one)).map((one) => [subjectKey(one), one] as const),
  );
  const { allowed, why } = canI(relation, [...all.values()], request);
  const elsewhere = allowed
    ? []
    : whoCan(relation, request).filter((holder) => all.has(subjectKey(holder.subject)));
  const grants = allowed ? why : elsewhere.flatMap((holder) => holder.why);
  return {
    allowed,
    via: [...new Set(grants.map((grant) => viaText(grant.via)))],
    only: onlyIn(elsewhere),
  };
}

function onlyIn(holders: readonly Holder[]): Answered['only'] {
  const groups = Map.groupBy(holders, ({ names, namespace }) => canonical([names, namespace === undefined]));
  return [...groups.values()].map((same) => ({
    namespaces: [...new Set(same.flatMap((holder) => holder.namespace ?? []))].sort(),
    names: same[0]?.names ?? [],
  }));
}

function answerText({ allowed, via, only }: Answered, session: Session): string {
  const by = via.length === 0 ? '' : ` (${via.join('; ')})`;
  if (allowed) return `${session.style('green', 'yes')}${by}`;
  const parts = only.map(({ namespaces, names }) =>
    names.length === 0 ? placeText(namespaces) : `${names.join(', ')} ${placeText(namespaces)}`,
  );
  return `${session.style('red', 'no')}${parts.length === 0 ? '' : `, only ${parts.join('; ')}`}${by}`;
}
