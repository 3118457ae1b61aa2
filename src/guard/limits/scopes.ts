import { at, isObject, isString, listAt, numberAt, objectAt, stringAt } from '../../lib/index.ts';
import { hasWholeResources, quantityOf, type KubeObject, type PodParts } from '../../objects/index.ts';

/** True for a pod that a quota counts; a quota with scopes counts nothing else. */
export type Scope = (pod: PodParts) => boolean;

/** The pods that a quota is for; undefined: it has no scopes, and is for everything. Unknown: a scope of something else than pods. */
export function scopeOf(quota: KubeObject): Scope | 'unknown' | undefined {
  const plain = listAt(quota, 'spec', 'scopes').map((scopeName) => ({ scopeName, operator: 'Exists' }));
  const wanted = [...plain, ...listAt(quota, 'spec', 'scopeSelector', 'matchExpressions')];
  if (wanted.length === 0) return undefined;
  const tests = wanted.map(testOf);
  if (tests.some((test) => test === undefined)) return 'unknown';
  return (pod) => tests.every((test) => test?.(pod) === true);
}

function testOf(expression: unknown): Scope | undefined {
  const name = stringAt(expression, 'scopeName') ?? '';
  if (name === 'PriorityClass') return ofPriority(expression);
  return Object.hasOwn(plainScopes, name) ? plainScopes[name] : undefined;
}

const plainScopes: Readonly<Record<string, Scope>> = {
  BestEffort: isBestEffort,
  NotBestEffort: (pod) => !isBestEffort(pod),
  Terminating: isTerminating,
  NotTerminating: (pod) => !isTerminating(pod),
  CrossNamespacePodAffinity: ({ spec }) => affinityTerms(spec).some(isAcrossNamespaces),
};

function isTerminating({ spec }: PodParts): boolean {
  return (numberAt(spec, 'activeDeadlineSeconds') ?? -1) >= 0;
}

// Only cpu and memory make a class, and zero is nothing.
function isBestEffort({ spec }: PodParts): boolean {
  const holders = hasWholeResources(spec)
    ? [spec]
    : ['containers', 'initContainers'].flatMap((list) => listAt(spec, list));
  return !holders.some((holder) =>
    ['requests', 'limits'].some((field) =>
      ['cpu', 'memory'].some((resource) => {
        const amount = quantityOf(objectAt(holder, 'resources', field)[resource]);
        return amount !== undefined && amount.nanos > 0n;
      }),
    ),
  );
}

function ofPriority(expression: unknown): Scope | undefined {
  const values = new Set(listAt(expression, 'values').filter(isString));
  const tests: Readonly<Record<string, (name: string) => boolean>> = {
    Exists: (name) => name !== '',
    DoesNotExist: (name) => name === '',
    In: (name) => values.has(name),
    // Also of a pod that has none.
    NotIn: (name) => !values.has(name),
  };
  const test = tests[stringAt(expression, 'operator') ?? ''];
  return test === undefined ? undefined : ({ spec }) => test(stringAt(spec, 'priorityClassName') ?? '');
}

function affinityTerms(spec: PodParts['spec']): readonly unknown[] {
  return ['podAffinity', 'podAntiAffinity'].flatMap((kind) => [
    ...listAt(spec, 'affinity', kind, 'requiredDuringSchedulingIgnoredDuringExecution'),
    ...listAt(spec, 'affinity', kind, 'preferredDuringSchedulingIgnoredDuringExecution').map((one) =>
      at(one, 'podAffinityTerm'),
    ),
  ]);
}

function isAcrossNamespaces(term: unknown): boolean {
  return listAt(term, 'namespaces').length > 0 || isObject(at(term, 'namespaceSelector'));
}
