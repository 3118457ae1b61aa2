import { nanosIn } from '../../objects/index.ts';
import { traversal } from '../cost.ts';
import { CelObject, failed, isInt, sizeOf, type Value } from '../value.ts';
import { intOf, member, plain, textOf, type Row } from './row.ts';

const whole = 10n ** 9n;

/** `quantity("…")`, in 10^-9. */
class Quantity extends CelObject {
  readonly typeName = 'kubernetes.Quantity';
  readonly nanos: bigint;
  readonly text: string | undefined;
  constructor(nanos: bigint, text?: string) {
    super();
    this.nanos = nanos;
    this.text = text;
  }
  override toString(): string {
    return this.text ?? `${this.nanos}n`;
  }
  equals(other: Value): boolean {
    return other instanceof Quantity && other.nanos === this.nanos;
  }
}

const form = /^[+-]?(\d+\.?\d*|\.\d+)([eE][+-]?\d+|[KMGTPEimkunµ]*)$/;
const formText =
  "quantities must match the regular expression '^([+-]?[0-9.]+)([eEinumkKMGTP]*[-+]?[0-9]*)$'";

function quantityIn(text: string): Quantity | string {
  // Around a quantity an API server reads spaces over in objects, not in expressions.
  const nanos = /\s/.test(text) ? undefined : nanosIn(text);
  if (nanos !== undefined) return new Quantity(nanos, text);
  const isLike = form.test(text) && /^([+-]?[0-9.]+)([eEinumkKMGTP]*[-+]?[0-9]*)$/.test(text);
  if (!isLike || /[^i]o/.test(text)) return formText;
  return /\.\d/.test(text) || /[eE]-/.test(text) ? rounded(text) : "unable to parse quantity's suffix";
}

/** What is finer than 10^-9 is rounded up, away from zero. */
function rounded(text: string): Quantity | string {
  const match = /^([+-]?)(\d*)\.(\d+)(.*)$/.exec(text);
  if (match === null) return "unable to parse quantity's suffix";
  const [, sign = '', int = '', fraction = '', suffix = ''] = match;
  const kept = nanosIn(`${int || '0'}${fraction}${suffix}`);
  if (kept === undefined) return "unable to parse quantity's suffix";
  const by = 10n ** BigInt(fraction.length);
  const up = (kept + by - 1n) / by;
  return new Quantity(sign === '-' ? -up : up, text);
}

function nanosOf(value: Value | undefined): bigint {
  return value instanceof Quantity ? value.nanos : intOf(value) * whole;
}

function order([left, right]: readonly Value[]): bigint {
  const difference = nanosOf(left) - nanosOf(right);
  return difference < 0n ? -1n : difference > 0n ? 1n : 0n;
}

function isWhole(nanos: bigint): boolean {
  return nanos % whole === 0n && isInt(nanos / whole);
}

const sums: readonly (readonly [name: string, run: (left: bigint, right: bigint) => bigint])[] = [
  ['add', (left, right) => left + right],
  ['sub', (left, right) => left - right],
];

const once = ([text = null]: readonly Value[]): number => traversal(sizeOf(text));

const rows: readonly Row[] = [
  plain(
    'quantity',
    'string -> Quantity',
    ([text]) => {
      const quantity = quantityIn(textOf(text));
      return typeof quantity === 'string' ? failed(quantity) : quantity;
    },
    { cost: once },
  ),
  plain('isQuantity', 'string -> bool', ([text]) => quantityIn(textOf(text)) instanceof Quantity, {
    cost: once,
  }),
  member('sign', 'Quantity -> int', (args) => order([args[0] ?? null, 0n])),
  member('isGreaterThan', 'Quantity, Quantity -> bool', (args) => order(args) > 0n),
  member('isLessThan', 'Quantity, Quantity -> bool', (args) => order(args) < 0n),
  member('compareTo', 'Quantity, Quantity -> int', order),
  member('asApproximateFloat', 'Quantity -> double', ([value]) => Number(nanosOf(value)) / 1e9),
  member('asInteger', 'Quantity -> int', ([value]) => {
    const nanos = nanosOf(value);
    return isWhole(nanos) ? nanos / whole : failed('cannot convert value to integer');
  }),
  member('isInteger', 'Quantity -> bool', ([value]) => isWhole(nanosOf(value))),
  ...sums.flatMap(([name, run]) =>
    ['Quantity', 'int'].map((type) =>
      member(
        name,
        `Quantity, ${type} -> Quantity`,
        ([left, right]) => new Quantity(run(nanosOf(left), nanosOf(right))),
      ),
    ),
  ),
];

/** Quantities, since 1.28. */
export const quantityRows: readonly Row[] = rows.map(([name, overload]) => [
  name,
  { ...overload, since: 28 },
]);
