import { Duration, failed, isBytes, isSame, numberOf, numberOrder, Timestamp, type Value } from '../value.ts';
import { plain, type Row } from './row.ts';

/** Less than 0, 0, or more; undefined for what cannot be compared, NaN among it. */
export function compared(left: Value, right: Value): number | undefined {
  const [first, second] = [orderOf(left), orderOf(right)];
  if (first !== undefined && second !== undefined) return numberOrder(first, second);
  if (typeof left === 'string' && typeof right === 'string') return comparedTexts(left, right);
  if (isBytes(left) && isBytes(right)) return comparedLists([...left], [...right]);
  return undefined;
}

/** Numbers, truths and times all have a number to compare. */
function orderOf(value: Value): number | bigint | undefined {
  if (typeof value === 'boolean') return value ? 1n : 0n;
  if (value instanceof Duration || value instanceof Timestamp) return value.nanos;
  return numberOf(value);
}

/** By code points, which is the order of UTF-8. */
function comparedTexts(left: string, right: string): number | undefined {
  if (left === right) return 0;
  const points = (text: string): number[] => Array.from(text, (one) => one.codePointAt(0) ?? 0);
  return comparedLists(points(left), points(right));
}

function comparedLists(left: readonly number[], right: readonly number[]): number | undefined {
  const index = left.findIndex((one, at) => one !== right[at]);
  if (index < 0) return left.length === right.length ? 0 : -1;
  return index >= right.length ? 1 : numberOrder(left[index] ?? 0, right[index] ?? 0);
}

const tests: readonly (readonly [name: string, isSo: (order: number) => boolean])[] = [
  ['_<_', (order) => order < 0],
  ['_<=_', (order) => order <= 0],
  ['_>_', (order) => order > 0],
  ['_>=_', (order) => order >= 0],
];

const numbers = ['int', 'uint', 'double'] as const;
/** Numbers of different types can be compared since 1.28. */
const pairs: readonly (readonly [signature: string, since: number])[] = [
  ...['bool', 'string', 'bytes', 'timestamp', 'duration', ...numbers].map(
    (one) => [`${one}, ${one}`, 0] as const,
  ),
  ...numbers.flatMap((left) =>
    numbers.filter((right) => right !== left).map((right) => [`${left}, ${right}`, 28] as const),
  ),
];

function idOf(signature: string): string {
  return /^(string|bytes)/.test(signature) ? `less_${signature.split(',')[0]}` : '';
}

export const comparisonRows: readonly Row[] = [
  ...tests.flatMap(([name, isSo]) =>
    pairs.map(([signature, since]) =>
      plain(
        name,
        `${signature} -> bool`,
        ([left = null, right = null]) => {
          const order = compared(left, right);
          return order !== undefined && isSo(order);
        },
        { since, id: idOf(signature) },
      ),
    ),
  ),
  plain('_==_', 'A, A -> bool', ([left = null, right = null]) => isSame(left, right), { id: 'equals' }),
  plain('_!=_', 'A, A -> bool', ([left = null, right = null]) => !isSame(left, right), { id: 'not_equals' }),
];

/** The least or the most of some values. */
export function extreme(values: readonly Value[], wanted: -1 | 1): Value {
  const [first, ...rest] = values;
  if (first === undefined) return failed(`${wanted < 0 ? 'min' : 'max'} called on empty list`);
  let best = first;
  for (const value of rest) {
    const order = compared(value, best);
    if (order === undefined) return failed('no such overload');
    if (order === wanted) best = value;
  }
  return best;
}
