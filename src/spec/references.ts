import {
  at,
  isArray,
  isObject,
  isString,
  platformTenant,
  type Diagnostic,
  type PathStep,
} from '../lib/index.ts';
import type { SourceDocument } from './document.ts';
import type { Registry } from './registry.ts';
import type { Kind } from './schema/index.ts';

interface Reference {
  readonly from: Kind;
  /** Below spec; `*` is every item of a list or mapping. */
  readonly path: readonly string[];
  readonly to: Kind;
}

/** Fields that name another document. */
const references: readonly Reference[] = [
  { from: 'Cluster', path: ['from'], to: 'ClusterTemplate' },
  { from: 'Tenant', path: ['namespaces', '*', 'profile'], to: 'SecurityProfile' },
  { from: 'Tenant', path: ['namespaces', '*', 'serviceAccounts', '*'], to: 'SecurityProfile' },
  { from: 'Addon', path: ['namespace', 'profile'], to: 'SecurityProfile' },
  { from: 'Addon', path: ['namespace', 'serviceAccounts', '*'], to: 'SecurityProfile' },
  { from: 'App', path: ['tenant'], to: 'Tenant' },
];

/**
 * References of a document as it is written. For documents that were resolved for no cluster, their own mistakes or the
 * clusters' in the way: what they name wrongly is told now and not after those are mended.
 */
export function writtenReferenceMistakes(
  document: SourceDocument,
  registry: Registry,
): readonly Diagnostic[] {
  return references
    .filter((reference) => reference.from === document.kind)
    .flatMap((reference) =>
      expanded(document, ['spec'], reference.path).flatMap((path) => {
        const name = at(document.value, ...path);
        const isOther =
          isString(name) && name !== '' && !(reference.to === 'Tenant' && name === platformTenant);
        return isOther ? registry.missing(reference.to, name, document.locate(path)) : [];
      }),
    );
}

function expanded(
  document: SourceDocument,
  base: readonly PathStep[],
  pattern: readonly string[],
): readonly (readonly PathStep[])[] {
  const [step, ...rest] = pattern;
  if (step === undefined) return [base];
  if (step !== '*') return expanded(document, [...base, step], rest);
  const here = at(document.value, ...base);
  const keys: readonly PathStep[] = isArray(here)
    ? [...here.keys()]
    : Object.keys(isObject(here) ? here : {});
  return keys.flatMap((key) => expanded(document, [...base, key], rest));
}
