import { compareText } from '../../lib/index.ts';
import type { Ref } from '../../objects/index.ts';
import type { Grant, Grants, UnknownRole } from './grant.ts';
import { allows, type AccessRequest, type Rule } from './rule.ts';
import { impliedGroups, subjectKey, type Subject, type SubjectKey } from './subject.ts';

/** One subject is another one too: a cloud's role that an access entry puts into a group. */
export interface Membership {
  readonly member: Subject;
  readonly of: Subject;
  readonly via: readonly Ref[];
}

/** What one subject holds itself, by namespace; under the empty name what holds everywhere. */
export interface Holding {
  readonly subject: Subject;
  readonly scopes: ReadonlyMap<string, readonly Grant[]>;
}

/** Who may do what, as one value that questions are asked of. */
export interface Relation {
  readonly holdings: ReadonlyMap<SubjectKey, Holding>;
  readonly memberships: ReadonlyMap<SubjectKey, readonly Subject[]>;
  readonly unknown: readonly UnknownRole[];
}

/** Joins grants and memberships, whatever they come from, into one relation. */
export function relationOf(sources: readonly Grants[], memberships: readonly Membership[] = []): Relation {
  const holdings = new Map<SubjectKey, { subject: Subject; scopes: Map<string, Grant[]> }>();
  for (const { grants } of sources)
    for (const grant of grants) {
      const key = subjectKey(grant.subject);
      const held = holdings.get(key) ?? { subject: grant.subject, scopes: new Map<string, Grant[]>() };
      holdings.set(key, held);
      const scope = grant.namespace ?? '';
      const list = held.scopes.get(scope);
      if (list === undefined) held.scopes.set(scope, [grant]);
      else list.push(grant);
    }
  const groups = Map.groupBy(memberships, ({ member }) => subjectKey(member));
  return {
    holdings,
    memberships: new Map([...groups].map(([key, list]) => [key, list.map((one) => one.of)])),
    unknown: sources.flatMap((one) => one.unknown),
  };
}

/** A subject with all that it is besides: what memberships and the API server itself make of it. */
export function identityOf(relation: Relation, subject: Subject): readonly Subject[] {
  const known = new Map<SubjectKey, Subject>();
  const waiting = [subject];
  for (let next = waiting.pop(); next !== undefined; next = waiting.pop()) {
    const key = subjectKey(next);
    if (known.has(key)) continue;
    known.set(key, next);
    waiting.push(...(relation.memberships.get(key) ?? []), ...impliedGroups(next));
  }
  return [...known.values()];
}

/** The answer to one question; `why` has every grant that allows it, empty when none does. */
export interface Answer {
  readonly allowed: boolean;
  readonly why: readonly Grant[];
}

/** Whether any of a request's subjects (its user and each of its groups) may do it, as the RBAC authorizer decides. */
export function canI(relation: Relation, who: readonly Subject[], request: AccessRequest): Answer {
  const namespace = 'path' in request ? '' : (request.namespace ?? '');
  const scopes = namespace === '' ? [''] : ['', namespace];
  const why = who.flatMap((subject) => {
    const held = relation.holdings.get(subjectKey(subject));
    const grants = scopes.flatMap((scope) => held?.scopes.get(scope) ?? []);
    return grants.filter((grant) => allows(grant.rule, request));
  });
  return { allowed: why.length > 0, why };
}

/** What somebody asks who may do it: without a namespace anywhere, without a name of any or only some. */
export type WhoQuestion = AccessRequest;

/** One that may do what was asked. */
export interface Holder {
  readonly subject: Subject;
  /** Undefined: everywhere. */
  readonly namespace?: string;
  /** Only objects of these names; empty: of any. */
  readonly names: readonly string[];
  readonly why: readonly Grant[];
}

/** Every subject that may do what is asked, by where it may; what is allowed everywhere is not told again of a namespace. */
export function whoCan(relation: Relation, question: WhoQuestion): readonly Holder[] {
  const matched = new Map<Rule, boolean>();
  const isAsked = ({ rule }: Grant): boolean => {
    const known = matched.get(rule) ?? allowsSome(rule, question);
    matched.set(rule, known);
    return known;
  };
  return [...relation.holdings.values()]
    .flatMap((held) => holdersIn(held, question, isAsked))
    .toSorted((left, right) => compareText(sortKey(left), sortKey(right)));
}

function holdersIn(
  { subject, scopes }: Holding,
  question: WhoQuestion,
  isAsked: (grant: Grant) => boolean,
): readonly Holder[] {
  const wanted = 'path' in question ? '' : question.namespace;
  const found = [...scopes]
    .filter(([scope]) => scope === '' || wanted === undefined || scope === wanted)
    .map(([scope, grants]) => ({ scope, why: grants.filter(isAsked) }))
    .filter(({ why }) => why.length > 0)
    .map(({ scope, why }) => ({
      subject,
      ...(scope === '' ? {} : { namespace: scope }),
      names: namesOf(why),
      why,
    }));
  const everywhere = found.find((one) => one.namespace === undefined && one.names.length === 0);
  return everywhere === undefined ? found : [everywhere];
}

// Without a name in the question, a right over objects of some names counts, and says so.
function allowsSome(rule: Rule, question: WhoQuestion): boolean {
  if ('path' in question || question.name !== undefined) return allows(rule, question);
  const names = rule.names.size === 0 ? [''] : [...rule.names];
  return names.some((name) => allows(rule, { ...question, name }));
}

function namesOf(why: readonly Grant[]): readonly string[] {
  if (why.some(({ rule }) => rule.names.size === 0)) return [];
  return [...new Set(why.flatMap(({ rule }) => [...rule.names]))].sort(compareText);
}

function sortKey({ subject, namespace = '' }: Holder): string {
  return `${subjectKey(subject)} ${namespace}`;
}
