import { CelError, Duration, failed, isList, isSame, sizeOf, Uint, type Value } from '../value.ts';
import { compared, extreme } from './comparison.ts';
import { functionOf } from './overloads.ts';
import { intOf, itemsOf, member, optionally, plain, type Row } from './row.ts';

const once = ([list = null]: readonly Value[]): number => sizeOf(list);

const comparable = ['int', 'uint', 'double', 'bool', 'duration', 'timestamp', 'string', 'bytes'] as const;
const zeros: readonly (readonly [type: string, zero: Value])[] = [
  ['int', 0n],
  ['uint', new Uint(0n)],
  ['double', 0],
  ['duration', new Duration(0n)],
];

function sum(list: Value | undefined, zero: Value): Value {
  let total = zero;
  for (const item of itemsOf(list)) {
    total = functionOf('_+_', [total, item]);
    if (total instanceof CelError) return total;
  }
  return total;
}

function isSorted([list]: readonly Value[]): Value {
  const items = itemsOf(list);
  const orders = items.slice(1).map((item, index) => compared(items[index] ?? null, item));
  return orders.includes(undefined) ? failed('no such overload') : orders.every((order) => (order ?? 0) <= 0);
}

const kubernetes: readonly Row[] = [
  ...comparable.flatMap((type) => [
    member('isSorted', `list<${type}> -> bool`, isSorted, { cost: once }),
    member('min', `list<${type}> -> ${type}`, ([list]) => extreme(itemsOf(list), -1), { cost: once }),
    member('max', `list<${type}> -> ${type}`, ([list]) => extreme(itemsOf(list), 1), { cost: once }),
  ]),
  ...zeros.map(([type, zero]) =>
    member('sum', `list<${type}> -> ${type}`, ([list]) => sum(list, zero), { cost: once }),
  ),
  member('indexOf', 'list<A>, A -> int', ([list, item]) => BigInt(placeOf(list, item)), { cost: once }),
  member(
    'lastIndexOf',
    'list<A>, A -> int',
    ([list, item]) => BigInt(itemsOf(list).findLastIndex((one) => isSame(one, item ?? null))),
    { cost: once },
  ),
  member('includes', 'list<A>, A -> bool', ([list, item]) => placeOf(list, item) >= 0, {
    cost: once,
    since: 37,
  }),
];

function placeOf(list: Value | undefined, item: Value | undefined): number {
  return itemsOf(list).findIndex((one) => isSame(one, item ?? null));
}

function slice([list, from, to]: readonly Value[]): Value {
  const items = itemsOf(list);
  const [start, end] = [Number(intOf(from)), Number(intOf(to))];
  const what = `cannot slice(${start}, ${end}),`;
  if (start < 0 || end < 0) return failed(`${what} negative indexes not supported`);
  if (start > end) return failed(`${what} start index must be less than or equal to end index`);
  if (end > items.length) return failed(`${what} list is length ${items.length}`);
  return items.slice(start, end);
}

function flattened(list: readonly Value[], depth: number): readonly Value[] {
  return list.flatMap((item) => (isList(item) ? (depth > 1 ? flattened(item, depth - 1) : item) : [item]));
}

function flatten([list, depth]: readonly Value[]): Value {
  const level = depth === undefined ? 1 : Number(intOf(depth));
  if (level < 0) return failed('level must be non-negative');
  return level === 0 ? itemsOf(list) : flattened(itemsOf(list), level);
}

function distinct([list]: readonly Value[]): Value {
  const kept: Value[] = [];
  for (const item of itemsOf(list)) if (!kept.some((one) => isSame(one, item))) kept.push(item);
  return kept;
}

function sorted([list, keys]: readonly Value[]): Value {
  const by = itemsOf(keys ?? list);
  const pairs = itemsOf(list).map((item, index) => ({ item, key: by[index] ?? null }));
  const [first] = by;
  const problem = by.find((key) => compared(first ?? null, key) === undefined);
  if (problem !== undefined) return failed('list elements must have the same type');
  return pairs.toSorted((left, right) => compared(left.key, right.key) ?? 0).map(({ item }) => item);
}

function range([count]: readonly Value[]): Value {
  return Array.from({ length: Math.max(0, Number(intOf(count))) }, (_item, index) => BigInt(index));
}

const extension: readonly Row[] = [
  member('slice', 'list<A>, int, int -> list<A>', slice),
  member('flatten', 'list<list<A>> -> list<A>', flatten),
  member('flatten', 'list<dyn> -> list<dyn>', flatten),
  member('flatten', 'list<dyn>, int -> list<dyn>', flatten),
  member('distinct', 'list<A> -> list<A>', distinct),
  member('reverse', 'list<A> -> list<A>', ([list]) => itemsOf(list).toReversed()),
  plain('lists.range', 'int -> list<int>', range),
  ...comparable.flatMap((type) => [
    member('sort', `list<${type}> -> list<${type}>`, sorted),
    member('@sortByAssociatedKeys', `list<A>, list<${type}> -> list<A>`, sorted),
  ]),
].map(([name, overload]): Row => [name, { ...overload, since: 34 }]);

const ends: readonly Row[] = [
  member('first', 'list<A> -> optional<A>', ([list]) => optionally(itemsOf(list)[0]), { since: 33 }),
  member('last', 'list<A> -> optional<A>', ([list]) => optionally(itemsOf(list).at(-1)), { since: 33 }),
];

export const listRows: readonly Row[] = [...kubernetes, ...extension, ...ends];
