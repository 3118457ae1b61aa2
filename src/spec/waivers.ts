import { at, nearest, problem, stringAt, stringsAt, type Diagnostic } from '../lib/index.ts';
import { nameOrigin, type SourceDocument } from './document.ts';
import type { DoubtfulWaiver, Waiver, Whereabouts } from './fleet.ts';
import type { Registry } from './registry.ts';
import { waiverSpec } from './schema/index.ts';

/** What a Waiver points at and is not there. */
export function targetMistakes(document: SourceDocument, registry: Registry): readonly Diagnostic[] {
  if (document.kind !== 'Waiver') return [];
  const target = (field: string) => stringAt(document.value, 'spec', 'target', field);
  const place = (field: string) => document.locate(['spec', 'target', field]);
  const [app, cluster] = [target('app'), target('cluster')];
  const what = `App/${app ?? ''}`;
  const missing =
    app === undefined || registry.mayHave(what)
      ? []
      : [problem('TRY-SPEC-013', place('app'), { what, suggestion: nearest(what, registry.titles()) ?? '' })];
  return cluster === undefined
    ? missing
    : [...missing, ...registry.missing('Cluster', cluster, place('cluster'))];
}

/** The Waiver that a document is; one that has expired is told. */
export function waiverOf(
  document: SourceDocument,
  now: string,
  diagnostics: Diagnostic[],
): readonly Waiver[] {
  const parsed = waiverSpec.safeParse(document.value['spec']);
  if (!parsed.success) return [];
  const { expires } = parsed.data;
  // Without a zone it is UTC: the same answer on every machine.
  const end = /T\d{2}:\d{2}(:\d{2})?$/.test(expires) ? `${expires}Z` : expires;
  const lasts = Date.parse(end) - Date.parse(now);
  if (lasts <= 0)
    diagnostics.push(problem('TRY-SPEC-035', document.locate(['spec', 'expires']), { expires }));
  return [
    { ...parsed.data, name: document.name, lasts, from: nameOrigin(document), locate: specOf(document) },
  ];
}

/** What a Waiver with mistakes may be for: a part of its target that is wrong may be anything. */
export function doubtful(document: SourceDocument, registry: Registry): DoubtfulWaiver {
  const rule = waiverSpec.shape.rule.safeParse(at(document.value, 'spec', 'rule'));
  const { app, cluster, namespace } = stringsAt(document.value, 'spec', 'target');
  return {
    rule: rule.data,
    locate: specOf(document),
    target: {
      ...(app !== undefined && registry.has(`App/${app}`) ? { app } : {}),
      ...(cluster !== undefined && registry.names('Cluster').has(cluster) ? { cluster } : {}),
      ...(namespace === undefined ? {} : { namespace }),
    },
  };
}

function specOf(document: SourceDocument): Whereabouts['locate'] {
  return (path, part) => document.locate(['spec', ...path], part);
}
