import type { Call } from './ast.ts';
import { CelMap, CelObject, sizeOf, type Value } from './value.ts';

/** What an expression may cost, as the API server counts (k8s.io/apiserver pkg/apis/cel/config.go). */
export const perExpression = 1_000_000;
/** What all expressions of one policy and binding may cost for one request. */
export const perBinding = 10_000_000;
/** What the matchConditions of one policy may cost for one request. */
export const perConditions = 2_500_000;

const perCharacter = 0.1;

/** The cost of going through something of that size. */
export function traversal(size: number, factor = 1): number {
  return Math.ceil(size * factor * perCharacter);
}

/** The cost of a regular expression over a text. */
export function regexCost(text: Value, pattern: Value): number {
  return traversal(1 + sizeOf(text)) * Math.ceil(sizeOf(pattern) * 0.25);
}

const alongShorter: ReadonlySet<string> = new Set([
  'equals',
  'not_equals',
  'less_string',
  'less_bytes',
]);

/** What a call costs (cel-go interpreter/runtimecost.go); a function's own way to count comes first. */
export function callCost({ name, overloads = [] }: Call, args: readonly Value[], result: Value): number {
  const [only, ...others] = overloads;
  if (only?.cost !== undefined) return only.cost(args, result);
  const isOne = others.length === 0;
  const id = name === '_==_' ? 'equals' : isOne ? (only?.id ?? '') : '';
  const [first = null, second = null] = args;
  // Values of Kubernetes' own types are compared at once.
  if (name === '_==_' && first instanceof CelObject && !(first instanceof CelMap)) return 1;
  if (alongShorter.has(id)) return traversal(Math.min(sizeOf(first), sizeOf(second)));
  switch (id) {
    case 'starts_with_string':
    case 'ends_with_string':
    case 'string_to_bytes':
    case 'bytes_to_string':
    case 'format_string':
      return traversal(sizeOf(first));
    case 'in_list':
      return sizeOf(second);
    case 'add_string':
    case 'add_bytes':
      return traversal(sizeOf(first) + sizeOf(second));
    case 'contains_string':
      return traversal(sizeOf(first)) * traversal(sizeOf(second));
    default:
      return 1;
  }
}
