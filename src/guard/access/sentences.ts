import { canonical } from '../../lib/index.ts';
import { becomesText } from './escalation.ts';
import type { AccessChange, AccessDiff, EscalationChange, UnknownChange } from './difference.ts';
import { subjectKey, subjectTitle } from './subject.ts';

/** One sentence on what a change does to access, and which kind it is. */
export interface AccessSentence {
  readonly what: 'escalation' | 'gained' | 'unknown' | 'lost' | 'closed';
  readonly text: string;
  /** Where the text names whole roles: what they allow, a sentence each. */
  readonly parts?: readonly string[];
}

/** A difference in sentences, the gravest first: ways that open, what is gained, what is unknown, what is lost. */
export function accessSentences(diff: AccessDiff): readonly AccessSentence[] {
  return [
    ...diff.escalations.map((one) => ({ what: 'escalation' as const, text: escalationText(one, '') })),
    ...changeSentences('gained', diff.gained),
    ...diff.unknown.map((one) => ({ what: 'unknown' as const, text: unknownText(one) })),
    ...changeSentences('lost', diff.lost),
    ...diff.closed.map((one) => ({ what: 'closed' as const, text: escalationText(one, 'no longer ') })),
  ];
}

/** `in shop-web, shop-cart`, `everywhere`. */
export function placeText(namespaces: readonly string[]): string {
  if (namespaces.length === 0) return 'everywhere';
  const more = namespaces.length - mostNames;
  return `in ${namespaces.slice(0, mostNames).join(', ')}${more > 0 ? ` and ${more} more` : ''}`;
}

const mostNames = 12;

/** More resources than these are told by the name of their role. */
const mostResources = 8;

/** A role that came or went as a whole is told by its name, where its rights are more than a short sentence. Ways never are. */
function changeSentences(
  what: 'gained' | 'lost',
  changes: readonly AccessChange[],
): readonly AccessSentence[] {
  const verb = what === 'gained' ? 'gains' : 'loses';
  const groups = Map.groupBy(changes, ({ subject, roles, namespaces }) =>
    canonical([subjectKey(subject), roles, namespaces]),
  );
  return [...groups.values()].flatMap((same) => {
    const [first] = same;
    const parts = same.map((one) => changeText(one, verb));
    if (first === undefined || first.roles.length === 0 || isShort(same))
      return parts.map((text) => ({ what, text }));
    const text = `${subjectTitle(first.subject)} ${verb} all of ${first.roles.join(', ')} ${placeText(first.namespaces)}`;
    return [{ what, text, parts }];
  });
}

function isShort(changes: readonly AccessChange[]): boolean {
  return changes.length === 1 && changes.every(({ resources }) => resources.length <= mostResources);
}

function changeText(change: AccessChange, verb: string): string {
  const { subject, verbs, resources, names, urls } = change;
  const what = resources.length > 0 ? resources : urls;
  const named = names.length === 0 ? '' : ` named ${names.join(', ')}`;
  return `${subjectTitle(subject)} ${verb} ${verbs.join(', ')} on ${what.join(', ')}${named} ${placeText(change.namespaces)}${viaIn(change)}`;
}

/** `group shop:dev can read secrets in shop-web: get secrets (…)`. */
function escalationText(change: EscalationChange, not: string): string {
  const { subject, kind, names, by, namespaces } = change;
  const named = names.length === 0 ? '' : `, only of ${names.join(', ')}`;
  return `${subjectTitle(subject)} ${not}${becomesText(kind)} ${placeText(namespaces)}${named}: ${byText(by)}${viaIn(change)}`;
}

function unknownText(change: UnknownChange): string {
  const verb = change.change === 'gained' ? 'gains' : 'loses';
  return `${subjectTitle(change.subject)} ${verb} ${placeText(change.namespaces)} what a role allows that is not known here${viaIn(change)}`;
}

/** `create, patch pods; create jobs`: what opens a way, the verbs of each resource together. */
export function byText(by: readonly string[]): string {
  const split = by.map((one) => one.split(' '));
  const resources = Map.groupBy(split, ([, resource = '']) => resource);
  const verbs = [...resources].map(
    ([resource, same]) => [same.map(([verb = '']) => verb).join(', '), resource] as const,
  );
  const groups = Map.groupBy(verbs, ([list]) => list);
  return [...groups].map(([list, same]) => `${list} ${same.map(([, one]) => one).join(', ')}`).join('; ');
}

function viaIn({ via }: { readonly via: readonly string[] }): string {
  const [first] = via;
  if (first === undefined) return '';
  return ` (${first}${via.length > 1 ? ` and ${via.length - 1} more` : ''})`;
}
