import {
  CelMap,
  Duration,
  failed,
  isInt,
  isSame,
  isUint,
  sizeOf,
  Timestamp,
  Uint,
  valueText,
  type Value,
} from '../value.ts';
import { inRange, type Instant } from './instant.ts';
import { bytesOf, doubleOf, intOf, itemsOf, member, plain, textOf, type Row } from './row.ts';

function checkedInt(value: bigint): Value {
  return isInt(value) ? value : failed('integer overflow');
}

function checkedUint(value: bigint): Value {
  return isUint(value) ? new Uint(value) : failed('unsigned integer overflow');
}

type Whole = (left: bigint, right: bigint) => bigint;

const wholes: readonly (readonly [name: string, run: Whole])[] = [
  ['_+_', (left, right) => left + right],
  ['_-_', (left, right) => left - right],
  ['_*_', (left, right) => left * right],
  ['_/_', (left, right) => left / right],
  ['_%_', (left, right) => left % right],
];

/** Division and remainder by nothing are errors of their own. */
function whole(name: string, run: Whole, check: (value: bigint) => Value): (args: readonly Value[]) => Value {
  const byNothing = { '_/_': 'division by zero', '_%_': 'modulus by zero' }[name];
  return ([left, right]) => {
    const by = intOf(right);
    return byNothing !== undefined && by === 0n ? failed(byNothing) : check(run(intOf(left), by));
  };
}

const doubles: readonly (readonly [name: string, run: (left: number, right: number) => number])[] = [
  ['_+_', (left, right) => left + right],
  ['_-_', (left, right) => left - right],
  ['_*_', (left, right) => left * right],
  ['_/_', (left, right) => left / right],
];

const arithmetic: readonly Row[] = [
  ...wholes.map(([name, run]) => plain(name, 'int, int -> int', whole(name, run, checkedInt))),
  ...wholes.map(([name, run]) => plain(name, 'uint, uint -> uint', whole(name, run, checkedUint))),
  ...doubles.map(([name, run]) =>
    plain(name, 'double, double -> double', ([left, right]) => run(doubleOf(left), doubleOf(right))),
  ),
  plain('-_', 'int -> int', ([value]) => checkedInt(-intOf(value))),
  plain('-_', 'double -> double', ([value]) => -doubleOf(value)),
];

const joined: readonly Row[] = [
  plain('_+_', 'string, string -> string', ([left, right]) => textOf(left) + textOf(right), {
    id: 'add_string',
  }),
  plain(
    '_+_',
    'bytes, bytes -> bytes',
    ([left, right]) => Uint8Array.from([...bytesOf(left), ...bytesOf(right)]),
    { id: 'add_bytes' },
  ),
  plain('_+_', 'list<A>, list<A> -> list<A>', ([left, right]) => [...itemsOf(left), ...itemsOf(right)]),
];

function nanosOf(value: Value | undefined): bigint {
  return value instanceof Duration || value instanceof Timestamp ? value.nanos : 0n;
}

function span(nanos: bigint): Value {
  return isInt(nanos) ? new Duration(nanos) : failed('duration overflow');
}

function moment(nanos: Instant): Value {
  return inRange(nanos) ? new Timestamp(nanos) : failed('timestamp overflow');
}

const times: readonly Row[] = [
  plain('_+_', 'duration, duration -> duration', ([a, b]) => span(nanosOf(a) + nanosOf(b))),
  plain('_+_', 'timestamp, duration -> timestamp', ([a, b]) => moment(nanosOf(a) + nanosOf(b))),
  plain('_+_', 'duration, timestamp -> timestamp', ([a, b]) => moment(nanosOf(a) + nanosOf(b))),
  plain('_-_', 'duration, duration -> duration', ([a, b]) => span(nanosOf(a) - nanosOf(b))),
  plain('_-_', 'timestamp, duration -> timestamp', ([a, b]) => moment(nanosOf(a) - nanosOf(b))),
  plain('_-_', 'timestamp, timestamp -> duration', ([a, b]) => span(nanosOf(a) - nanosOf(b))),
];

const isNothing = (): Value => failed('no such overload');

/** Those whose meaning is in the evaluator; here for their types. */
const forms: readonly Row[] = [
  plain('_&&_', 'bool, bool -> bool', isNothing),
  plain('_||_', 'bool, bool -> bool', isNothing),
  plain('_?_:_', 'bool, A, A -> A', isNothing),
  plain('@not_strictly_false', 'bool -> bool', isNothing),
  plain('_[_]', 'list<A>, int -> A', isNothing),
  plain('_[_]', 'map<A, B>, A -> B', isNothing),
  plain('_[_]', 'optional<list<A>>, int -> optional<A>', isNothing, { since: 28 }),
  plain('_[_]', 'optional<map<A, B>>, A -> optional<B>', isNothing, { since: 28 }),
  plain('_[?_]', 'list<A>, int -> optional<A>', isNothing, { since: 28 }),
  plain('_[?_]', 'map<A, B>, A -> optional<B>', isNothing, { since: 28 }),
  plain('_[?_]', 'optional<list<A>>, int -> optional<A>', isNothing, { since: 28 }),
  plain('_[?_]', 'optional<map<A, B>>, A -> optional<B>', isNothing, { since: 28 }),
  plain('!_', 'bool -> bool', ([value]) => value === false),
];

const contents: readonly Row[] = [
  plain(
    '@in',
    'A, list<A> -> bool',
    ([item, list]) => itemsOf(list).some((one) => isSame(one, item ?? null)),
    {
      id: 'in_list',
    },
  ),
  plain(
    '@in',
    'A, map<A, B> -> bool',
    ([key, map]) => map instanceof CelMap && map.get(key ?? null) !== undefined,
  ),
  ...['string', 'bytes', 'list<A>', 'map<A, B>'].flatMap((type) => [
    plain('size', `${type} -> int`, ([value]) => BigInt(sizeOf(value ?? null))),
    member('size', `${type} -> int`, ([value]) => BigInt(sizeOf(value ?? null))),
  ]),
  plain(
    'cel.@mapInsert',
    'map<A, B>, A, B -> map<A, B>',
    ([map, key, value]) => inserted(map, [[key ?? null, value ?? null]]),
    { since: 32 },
  ),
  plain(
    'cel.@mapInsert',
    'map<A, B>, map<A, B> -> map<A, B>',
    ([map, more]) => inserted(map, more instanceof CelMap ? more.entries() : []),
    { since: 32 },
  ),
];

function inserted(map: Value | undefined, more: readonly (readonly [Value, Value])[]): Value {
  if (!(map instanceof CelMap)) return failed('no such overload');
  const again = more.find(([key]) => map.get(key) !== undefined);
  if (again !== undefined) return failed(`insert failed: key ${valueText(again[0])} already exists`);
  return new CelMap([...map.entries(), ...more]);
}

export const operatorRows: readonly Row[] = [...forms, ...arithmetic, ...joined, ...times, ...contents];
