import { at, isArray, isObject, type Origin, type PathStep } from '../lib/index.ts';
import type { SourceDocument } from './document.ts';
import type { Unenforced } from './fleet.ts';
import type { Kind } from './schema/index.ts';

interface Row {
  readonly kind: Kind;
  /** Field below spec; `*` is every item of a list. */
  readonly path: readonly string[];
  /** Only this value counts; any when left out. */
  readonly value?: string | boolean;
  /** Safety depends on it: apply refuses, except on provider sandbox. */
  readonly isSafety?: true;
}

/** Every field that is valid and that nothing acts on yet. Each release that enforces one deletes its row. */
const rows: readonly Row[] = [
  { kind: 'Fleet', path: ['network'] },
  { kind: 'Cluster', path: ['provider'], value: 'eks', isSafety: true },
  { kind: 'Cluster', path: ['provider'], value: 'onprem', isSafety: true },
  { kind: 'Cluster', path: ['upgrade'] },
  { kind: 'Cluster', path: ['eks'] },
  { kind: 'ClusterTemplate', path: ['provider'], value: 'eks', isSafety: true },
  { kind: 'ClusterTemplate', path: ['provider'], value: 'onprem', isSafety: true },
  { kind: 'ClusterTemplate', path: ['upgrade'] },
  { kind: 'ClusterTemplate', path: ['eks'] },
  { kind: 'Tenant', path: ['teams', '*', 'iamRole'] },
  { kind: 'App', path: ['expose'] },
  { kind: 'App', path: ['secrets'] },
  { kind: 'App', path: ['state'] },
];

/** Fields of a document that nothing acts on yet; lists and mappings without content do not count. */
export function unenforcedIn(document: SourceDocument, clusters: readonly string[]): readonly Unenforced[] {
  return rows
    .filter((row) => row.kind === document.kind)
    .flatMap((row) =>
      written(document, row.path).flatMap(({ path, value, origin }) => {
        if (row.value !== undefined && row.value !== value) return [];
        const suffix = row.value === undefined ? '' : `: ${String(row.value)}`;
        return [
          {
            field: `${document.kind}.spec.${path}${suffix}`,
            isSafety: row.isSafety === true,
            clusters,
            at: origin,
          },
        ];
      }),
    );
}

function written(
  document: SourceDocument,
  pattern: readonly string[],
): readonly { path: string; value: unknown; origin: Origin }[] {
  const bases: readonly (readonly PathStep[])[] = [['spec'], ...overrideBases(document)];
  const found = bases.flatMap((base) => expand(document, base, pattern));
  // One entry per field and document is enough to say that nothing acts on it.
  return found.slice(0, 1).map((steps) => ({
    path: pattern.filter((step) => step !== '*').join('.'),
    value: at(document.value, ...steps),
    origin: document.locate(steps, 'key'),
  }));
}

function overrideBases(document: SourceDocument): readonly (readonly PathStep[])[] {
  const overrides = at(document.value, 'spec', 'overrides');
  return isArray(overrides) ? overrides.map((_entry, index) => ['spec', 'overrides', index]) : [];
}

function expand(
  document: SourceDocument,
  base: readonly PathStep[],
  pattern: readonly string[],
): readonly (readonly PathStep[])[] {
  const [step, ...rest] = pattern;
  const here = at(document.value, ...base);
  if (step === undefined) return hasContent(here) ? [base] : [];
  if (step !== '*') return expand(document, [...base, step], rest);
  return isArray(here) ? here.flatMap((_item, index) => expand(document, [...base, index], rest)) : [];
}

function hasContent(value: unknown): boolean {
  if (isArray(value)) return value.length > 0;
  if (isObject(value)) return Object.keys(value).length > 0;
  return value !== undefined && value !== null && value !== false;
}

/** The whole table, for the reference page. */
export function unenforcedFields(): readonly { readonly field: string; readonly isSafety: boolean }[] {
  return rows.map((row) => ({
    field: `${row.kind}.spec.${row.path.filter((step) => step !== '*').join('.')}${row.value === undefined ? '' : `: ${String(row.value)}`}`,
    isSafety: row.isSafety === true,
  }));
}
