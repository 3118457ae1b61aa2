import {
  CelMap,
  Duration,
  failed,
  isSame,
  numberOf,
  Optional,
  sizeOf,
  Timestamp,
  type Value,
} from '../value.ts';
import { itemsOf, member, optionally, plain, type Row } from './row.ts';

/** The first moment of the year 1, which is Go's time of nothing. */
const zeroInstant = -62_135_596_800n * 1_000_000_000n;

/** True for what a field is when nobody has set it. */
function isNothing(value: Value): boolean {
  const number = numberOf(value);
  if (number !== undefined) return isSame(number, 0n);
  if (value === null || value === false || value === '') return true;
  if (value instanceof Duration) return value.nanos === 0n;
  if (value instanceof Timestamp) return value.nanos === zeroInstant;
  return (
    typeof value === 'object' && (Array.isArray(value) || value instanceof CelMap) && sizeOf(value) === 0
  );
}

function valueOf([optional]: readonly Value[]): Value {
  const value = optional instanceof Optional ? optional.value : undefined;
  return value === undefined ? failed('optional.none() dereference') : value;
}

function unwrapped([list]: readonly Value[]): Value {
  return itemsOf(list).flatMap((one) =>
    one instanceof Optional && one.value !== undefined ? [one.value] : [],
  );
}

/** Optional values, since 1.28; `or` and `orValue` are in the evaluator, here for their types. */
export const optionalRows: readonly Row[] = [
  plain('optional.of', 'A -> optional<A>', ([value]) => optionally(value), { since: 28 }),
  plain(
    'optional.ofNonZeroValue',
    'A -> optional<A>',
    ([value = null]) => optionally(isNothing(value) ? undefined : value),
    { since: 28 },
  ),
  plain('optional.none', '-> optional<A>', () => new Optional(), { since: 28 }),
  member('value', 'optional<A> -> A', valueOf, { since: 28 }),
  member('hasValue', 'optional<A> -> bool', ([one]) => one instanceof Optional && one.value !== undefined, {
    since: 28,
  }),
  member('or', 'optional<A>, optional<A> -> optional<A>', valueOf, { since: 28 }),
  member('orValue', 'optional<A>, A -> A', valueOf, { since: 28 }),
  plain('optional.unwrap', 'list<optional<A>> -> list<A>', unwrapped, { since: 33 }),
  member('unwrapOpt', 'list<optional<A>> -> list<A>', unwrapped, { since: 33 }),
];
