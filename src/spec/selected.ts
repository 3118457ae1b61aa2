import type { z } from 'zod';
import {
  at,
  isObject,
  listAt,
  pathText,
  problem,
  type Diagnostic,
  type JsonObject,
  type PathStep,
} from '../lib/index.ts';
import { selectableOf, variablesOf, type ResolvedCluster } from './clusters.ts';
import type { SourceDocument } from './document.ts';
import { LayeredPlace, merge, type Layer } from './merge.ts';
import { isSelected, mayBeSelected, nearMiss, type Choice } from './selection.ts';
import { mistakesOf } from './validation.ts';
import { hasVariable, substitute } from './variables.ts';

/** What a document says for one cluster, and where. */
export interface Said<T> {
  readonly value: T;
  readonly place: LayeredPlace;
}

/**
 * A Tenant, Addon or App on each cluster that it selects: overrides merged, variables filled, defaults set. Clusters for
 * which it says the same share one value.
 */
export function sayOn<T>(
  document: SourceDocument,
  schema: z.ZodType<T>,
  choice: Choice<ResolvedCluster>,
  diagnostics: Diagnostic[],
): ReadonlyMap<string, Said<T>> {
  const entries = listAt(document.value, 'spec', 'overrides');
  const base = without(at(document.value, 'spec'), 'overrides');
  const isVariable = hasVariable(document.value);
  const selector = at(document.value, 'spec', 'clusters');
  const selected = choice.clusters.filter((cluster) => isSelected(selector, selectableOf(cluster)));
  diagnostics.push(...idle(document, selected, choice));
  const cache = new Map<string, Said<T> | undefined>();
  const result = new Map<string, Said<T>>();
  for (const cluster of selected) {
    const matching = entries.flatMap((entry, index) =>
      isSelected(at(entry, 'select'), selectableOf(cluster)) ? [index] : [],
    );
    const key = `${matching.join(',')} ${isVariable ? cluster.name : ''}`;
    if (!cache.has(key)) cache.set(key, sayOnce({ document, schema, base, matching, cluster }, diagnostics));
    const said = cache.get(key);
    if (said !== undefined) result.set(cluster.name, said);
  }
  return result;
}

function without(value: unknown, key: string): JsonObject {
  if (!isObject(value)) return {};
  const { [key]: _left, ...rest } = value;
  return rest;
}

interface Saying<T> {
  readonly document: SourceDocument;
  readonly schema: z.ZodType<T>;
  readonly base: JsonObject;
  readonly matching: readonly number[];
  readonly cluster: ResolvedCluster;
}

function sayOnce<T>(one: Saying<T>, diagnostics: Diagnostic[]): Said<T> | undefined {
  const { document, schema, cluster } = one;
  const layers: Layer[] = [{ document, base: ['spec'] }];
  let merged: unknown = one.base;
  for (const index of one.matching) {
    merged = merge(merged, without(at(document.value, 'spec', 'overrides', index), 'select'));
    layers.push({ document, base: ['spec', 'overrides', index] });
  }
  const place = new LayeredPlace(layers, merged);
  const filled = substitute(merged, variablesOf(cluster.name, cluster.spec), place);
  diagnostics.push(...filled.diagnostics);
  const parsed = schema.safeParse(filled.value);
  if (parsed.success) return { value: parsed.data, place };
  diagnostics.push(...mistakesOf(schema, filled.value, place));
  return undefined;
}

/** Selectors that match nothing: the document's own, and those of its overrides among the clusters it selects. */
function idle(
  document: SourceDocument,
  selected: readonly ResolvedCluster[],
  choice: Choice<ResolvedCluster>,
): readonly Diagnostic[] {
  const selector = at(document.value, 'spec', 'clusters');
  const shadows = choice.shadows.filter((shadow) => mayBeSelected(selector, shadow));
  const told = (path: readonly PathStep[], candidates: readonly ResolvedCluster[]): Diagnostic => {
    const suggestion = nearMiss(at(document.value, ...path), candidates.map(selectableOf));
    return problem('TRY-SPEC-015', document.locate(path), { what: pathText(path), suggestion });
  };
  if (selected.length === 0 && shadows.length === 0)
    return choice.clusters.length === 0 ? [] : [told(['spec', 'clusters'], choice.clusters)];
  return listAt(document.value, 'spec', 'overrides').flatMap((entry, index) => {
    const select = at(entry, 'select');
    const isMeant =
      selected.some((cluster) => isSelected(select, selectableOf(cluster))) ||
      shadows.some((shadow) => mayBeSelected(select, shadow));
    return isMeant ? [] : [told(['spec', 'overrides', index, 'select'], selected)];
  });
}
