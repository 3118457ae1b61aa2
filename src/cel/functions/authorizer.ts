import type { AccessAnswer, AccessCheck, CallScope } from '../declaration.ts';
import { CelObject, failed, sizeOf, unknown, type Value } from '../value.ts';
import { member, textOf, type Row } from './row.ts';

/** A question that is being put together: `authorizer`, and what its functions make of it. */
export class Question extends CelObject {
  readonly typeName: string;
  readonly check: Partial<AccessCheck>;
  constructor(
    kind: 'Authorizer' | 'PathCheck' | 'GroupCheck' | 'ResourceCheck',
    check: Partial<AccessCheck>,
  ) {
    super();
    this.typeName = `kubernetes.authorization.${kind}`;
    this.check = check;
  }
  equals(other: Value): boolean {
    return this === other;
  }
}

class Decision extends CelObject {
  readonly typeName = 'kubernetes.authorization.Decision';
  readonly answer: AccessAnswer;
  constructor(answer: AccessAnswer) {
    super();
    this.answer = answer;
  }
  equals(other: Value): boolean {
    return this === other;
  }
}

type Kind = ConstructorParameters<typeof Question>[0];

/** The question with one thing more. */
function more(field: keyof AccessCheck, kind: Kind) {
  return ([question, text]: readonly Value[]): Value => {
    if (!(question instanceof Question)) return failed('no such overload');
    return new Question(kind, { ...question.check, [field]: textOf(text) });
  };
}

function forAccount([question, namespace, name]: readonly Value[]): Value {
  if (!(question instanceof Question)) return failed('no such overload');
  const serviceAccount = { namespace: textOf(namespace), name: textOf(name) };
  return new Question('Authorizer', { ...question.check, serviceAccount });
}

function asked([question, verb]: readonly Value[], scope: CallScope): Value {
  if (!(question instanceof Question)) return failed('no such overload');
  const answer = scope.ask({ ...question.check, verb: textOf(verb) });
  return answer === undefined
    ? unknown('the expression asks what somebody may do, which is not known here')
    : new Decision(answer);
}

const onAnswer =
  (read: (answer: AccessAnswer) => Value) =>
  ([decision]: readonly Value[]) =>
    decision instanceof Decision ? read(decision.answer) : failed('no such overload');

const perCheck = 350_000;
const perSelectorCharacter = 25.6;
const selectorCost = ([, selector = null]: readonly Value[]): number =>
  Math.ceil(sizeOf(selector) * perSelectorCharacter);

const refinements = ['subresource', 'namespace', 'name'] as const;

const rows: readonly Row[] = [
  member('path', 'Authorizer, string -> PathCheck', more('path', 'PathCheck')),
  member('check', 'PathCheck, string -> Decision', asked, { cost: () => perCheck }),
  member('serviceAccount', 'Authorizer, string, string -> Authorizer', forAccount),
  member('group', 'Authorizer, string -> GroupCheck', more('group', 'GroupCheck')),
  member('resource', 'GroupCheck, string -> ResourceCheck', more('resource', 'ResourceCheck')),
  ...refinements.map((name) =>
    member(name, 'ResourceCheck, string -> ResourceCheck', more(name, 'ResourceCheck')),
  ),
  member('check', 'ResourceCheck, string -> Decision', asked, { cost: () => perCheck }),
  member(
    'allowed',
    'Decision -> bool',
    onAnswer(({ isAllowed }) => isAllowed),
  ),
  member(
    'reason',
    'Decision -> string',
    onAnswer(({ reason = '' }) => reason),
  ),
  member(
    'errored',
    'Decision -> bool',
    onAnswer(({ error }) => error !== undefined),
  ),
  member(
    'error',
    'Decision -> string',
    onAnswer(({ error = '' }) => error),
  ),
];

const selectors = ['fieldSelector', 'labelSelector'] as const;

/** The authorizer since 1.27, its selectors since 1.31. */
export const authorizerRows: readonly Row[] = [
  ...rows.map(([name, overload]): Row => [name, { ...overload, since: 27 }]),
  ...selectors.map((name) =>
    member(name, 'ResourceCheck, string -> ResourceCheck', more(name, 'ResourceCheck'), {
      since: 31,
      cost: selectorCost,
    }),
  ),
];
