import {
  at,
  isArray,
  isObject,
  isString,
  pathText,
  problem,
  type Diagnostic,
  type PathStep,
} from '../lib/index.ts';
import { placeText, type SourceDocument } from './document.ts';

/** What a chart takes is not ours: lists with equal names may be meant there. */
const foreign: ReadonlySet<string> = new Set(['values', 'helm']);

/** Things of one list that have one name: merging, selecting and naming them would be a guess. */
export function duplicateNames(document: SourceDocument): readonly Diagnostic[] {
  const visit = (value: unknown, path: readonly PathStep[]): readonly Diagnostic[] => {
    if (isArray(value))
      return [
        ...twice(document, value, path),
        ...value.flatMap((item, index) => visit(item, [...path, index])),
      ];
    if (!isObject(value)) return [];
    return Object.entries(value).flatMap(([key, item]) =>
      foreign.has(key) ? [] : visit(item, [...path, key]),
    );
  };
  return visit(document.value['spec'], ['spec']);
}

function twice(
  document: SourceDocument,
  list: readonly unknown[],
  path: readonly PathStep[],
): readonly Diagnostic[] {
  const first = new Map<string, number>();
  return list.flatMap((item, index) => {
    const name = at(item, 'name');
    if (!isString(name)) return [];
    const other = first.get(name);
    if (other === undefined) first.set(name, index);
    if (other === undefined) return [];
    const args = {
      what: `"${name}" of ${pathText(path)}`,
      other: placeText(document.locate([...path, other, 'name'])),
    };
    return [problem('TRY-SPEC-012', document.locate([...path, index, 'name']), args)];
  });
}
