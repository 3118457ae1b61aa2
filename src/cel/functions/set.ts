import { isSame, sizeOf, type Value } from '../value.ts';
import { itemsOf, plain, type Row } from './row.ts';

function hasAll(left: Value | undefined, right: Value | undefined): boolean {
  const items = itemsOf(left);
  return itemsOf(right).every((wanted) => items.some((one) => isSame(one, wanted)));
}

const product = ([left = null, right = null]: readonly Value[]): number => sizeOf(left) * sizeOf(right);
const once = (args: readonly Value[]): number => product(args) + 1;
const twice = (args: readonly Value[]): number => 2 * product(args) + 1;

/** The sets library, since 1.29. */
export const setRows: readonly Row[] = [
  plain('sets.contains', 'list<A>, list<A> -> bool', ([left, right]) => hasAll(left, right), {
    since: 29,
    cost: once,
  }),
  plain(
    'sets.equivalent',
    'list<A>, list<A> -> bool',
    ([left, right]) => hasAll(left, right) && hasAll(right, left),
    { since: 29, cost: twice },
  ),
  plain(
    'sets.intersects',
    'list<A>, list<A> -> bool',
    ([left, right]) => itemsOf(left).some((one) => itemsOf(right).some((other) => isSame(one, other))),
    { since: 29, cost: once },
  ),
];
