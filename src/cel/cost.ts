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

type Count = (first: Value, second: Value) => number;

const ofFirst: Count = (first) => traversal(sizeOf(first));
const ofShorter: Count = (first, second) => traversal(Math.min(sizeOf(first), sizeOf(second)));
const ofBoth: Count = (first, second) => traversal(sizeOf(first) + sizeOf(second));

/** By the id of an overload (cel-go interpreter/runtimecost.go); what is not here costs 1. */
const counts: Readonly<Record<string, Count>> = {
  equals: ofShorter,
  not_equals: ofShorter,
  less_string: ofShorter,
  less_bytes: ofShorter,
  starts_with_string: ofFirst,
  ends_with_string: ofFirst,
  string_to_bytes: ofFirst,
  bytes_to_string: ofFirst,
  format_string: ofFirst,
  in_list: (_item, list) => sizeOf(list),
  add_string: ofBoth,
  add_bytes: ofBoth,
  contains_string: (first, second) => ofFirst(first, second) * traversal(sizeOf(second)),
};

/** What a call costs; a function's own way to count comes first. Where the types left a choice of functions, it is 1. */
export function callCost(call: Call, args: readonly Value[], result: Value): number {
  const own = call.overloads?.[0]?.cost;
  if (own !== undefined) return own(args, result);
  const [first = null, second = null] = args;
  return isAtOnce(call, first) ? 1 : (counts[idOf(call)]?.(first, second) ?? 1);
}

/** Values of Kubernetes' own types are compared at once. */
function isAtOnce({ name }: Call, first: Value): boolean {
  return name === '_==_' && first instanceof CelObject && !(first instanceof CelMap);
}

function idOf({ overloads = [] }: Call): string {
  const [only, ...others] = overloads;
  return others.length === 0 ? (only?.id ?? '') : '';
}
