import { compareText } from '../../lib/index.ts';
import { escalationsOf, type EscalationKind } from './escalation.ts';
import { whoCan, type Holder, type Relation, type WhoQuestion } from './relation.ts';
import type { ResourceRequest } from './rule.ts';
import { subjectKey } from './subject.ts';

const byPods: ReadonlySet<EscalationKind> = new Set(['nodes', 'exec', 'pods']);

/** True for a question about what Secrets hold. */
export function isAboutValues(question: WhoQuestion): question is ResourceRequest {
  return (
    'resource' in question &&
    question.group === '' &&
    question.resource === 'secrets' &&
    question.subresource === undefined &&
    ['get', 'list', 'watch'].includes(question.verb)
  );
}

/**
 * Who has no right to read Secrets, or one of some names only, and reads every Secret that a pod can mount or name in env: by pods that it
 * starts, or by commands in those that run.
 */
export function secretsThroughPods(relation: Relation, question: ResourceRequest): readonly Holder[] {
  const wanted = question.namespace;
  const edges = escalationsOf(relation).filter(
    ({ kind, namespace }) =>
      byPods.has(kind) && (namespace === undefined || wanted === undefined || namespace === wanted),
  );
  const found = [...Map.groupBy(edges, placeKey)].flatMap(([, same]): readonly Holder[] => {
    const [{ subject, namespace } = {}] = same;
    if (subject === undefined) return [];
    const why = [...new Set(same.flatMap((one) => one.why))];
    return [{ subject, ...(namespace === undefined ? {} : { namespace }), names: [], why }];
  });
  const direct = whoCan(relation, question).filter(({ names }) => names.length === 0);
  const reading = new Set(direct.map(placeKey));
  const anywhere = new Set(found.filter(isEverywhere).map(placeKey));
  const isTold = (holder: Holder): boolean => {
    const everywhere = { subject: holder.subject };
    const isCovered = !isEverywhere(holder) && anywhere.has(placeKey(everywhere));
    return !isCovered && !reading.has(placeKey(everywhere)) && !reading.has(placeKey(holder));
  };
  return found.filter(isTold).toSorted((left, right) => compareText(placeKey(left), placeKey(right)));
}

function isEverywhere({ namespace }: Holder): boolean {
  return namespace === undefined;
}

function placeKey({ subject, namespace = '' }: Pick<Holder, 'subject' | 'namespace'>): string {
  return `${subjectKey(subject)} ${namespace}`;
}
