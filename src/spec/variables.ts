import {
  isArray,
  isObject,
  isString,
  nearest,
  problem,
  type Diagnostic,
  type PathStep,
} from '../lib/index.ts';
import type { Place } from './validation.ts';

/** Values of ${…}, by name: `cluster.name`, `environment`, `region`, `account`, `vars.x`. */
export type Variables = ReadonlyMap<string, string>;

const reference = /\$\{([^}]*)\}/g;

/** Fields that are plain text always: names, selectors, references and paths. */
const plainFields: readonly RegExp[] = [
  /(^|\.)name$/,
  /^(clusters|tenant|namespace|from|environment|provider|version|paths|needs|without)(\.|\[|$)/,
  /(^|\.)(select|profile|serviceAccounts)(\.|\[|$)/,
  /^(source|from)\.(path|kustomize|oci)$/,
  /^(source|from)\.helm\.(chart|version|release)$/,
];

/** True when the text has a ${…}. */
export function hasVariable(value: unknown): boolean {
  if (isString(value)) return value.includes('${');
  if (isArray(value)) return value.some(hasVariable);
  return isObject(value) && Object.values(value).some(hasVariable);
}

/** The value with every ${…} in its strings replaced; unknown and misplaced ones are reported where they stand. */
export function substitute(
  value: unknown,
  variables: Variables,
  place: Place,
): { readonly value: unknown; readonly diagnostics: readonly Diagnostic[] } {
  const diagnostics: Diagnostic[] = [];
  const visit = (here: unknown, path: readonly PathStep[], text: string): unknown => {
    if (isString(here)) return here.includes('${') ? replaced(here, path, text) : here;
    if (isArray(here)) return here.map((item, index) => visit(item, [...path, index], `${text}[${index}]`));
    if (!isObject(here)) return here;
    return Object.fromEntries(
      Object.entries(here).map(([key, item]) => [
        key,
        visit(item, [...path, key], text === '' ? key : `${text}.${key}`),
      ]),
    );
  };
  const replaced = (source: string, path: readonly PathStep[], text: string): string => {
    if (plainFields.some((field) => field.test(text))) {
      diagnostics.push(problem('TRY-SPEC-017', place.locate(path), { field: text }));
      return source;
    }
    return source.replace(reference, (whole, name: string) => {
      const found = variables.get(name);
      if (found !== undefined) return found;
      diagnostics.push(
        problem('TRY-SPEC-016', place.locate(path), {
          name,
          suggestion: nearest(name, variables.keys()) ?? '',
        }),
      );
      return whole;
    });
  };
  return { value: visit(value, [], ''), diagnostics };
}
