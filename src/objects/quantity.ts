/** Which of its three spellings a quantity is stored in: `Ki…`, `k…` or `1e3`. */
type Format = 'binary' | 'decimal' | 'exponent';

/** An amount, and how it is spelled. */
export interface Quantity {
  /** Value times 10^9, whole: the API server keeps no more. */
  readonly nanos: bigint;
  readonly format: Format;
}

const form = /^\s*([+-]?)(\d+(?:\.\d*)?|\.\d+)(Ki|Mi|Gi|Ti|Pi|Ei|[numkMGTPE]|[eE][+-]?\d+)?\s*$/;
const binary: ReadonlyMap<string, bigint> = new Map(
  ['Ki', 'Mi', 'Gi', 'Ti', 'Pi', 'Ei'].map((suffix, index) => [suffix, 1024n ** BigInt(index + 1)]),
);
const powers: ReadonlyMap<string, number> = new Map([
  ['n', -9],
  ['u', -6],
  ['m', -3],
  ['', 0],
  ['k', 3],
  ['M', 6],
  ['G', 9],
  ['T', 12],
  ['P', 15],
  ['E', 18],
]);
const longestExponent = 30;

/** True when the API server stores one quantity as the other is spelled: the same value, and the same family of suffixes. */
export function isSameQuantity(wanted: unknown, stored: unknown): boolean {
  const [left, right] = [quantityOf(wanted), quantityOf(stored)];
  if (left === undefined || right === undefined) return false;
  return left.nanos === right.nanos && left.format === right.format;
}

/** A quantity as a whole number of 10^-9; undefined for what is none. */
export function nanosIn(value: unknown): bigint | undefined {
  return quantityOf(value)?.nanos;
}

/** True for a text that is spelled as a quantity, however large or fine. */
export function isQuantityText(text: string): boolean {
  return form.test(text);
}

/** Reads a quantity as k8s.io/apimachinery does; undefined for what is none, or is finer than 10^-9. */
export function quantityOf(value: unknown): Quantity | undefined {
  const isText = typeof value === 'string' || typeof value === 'number';
  const match = isText ? form.exec(String(value)) : null;
  if (match === null) return undefined;
  const [, sign, number = '', suffix = ''] = match;
  const nanos = nanosOf(number, suffix);
  if (nanos === undefined) return undefined;
  return { nanos: sign === '-' ? -nanos : nanos, format: formatOf(suffix, nanos) };
}

function nanosOf(number: string, suffix: string): bigint | undefined {
  const [whole = '', fraction = ''] = number.split('.');
  const digits = BigInt(`${whole}${fraction}`);
  const factor = binary.get(suffix);
  if (factor !== undefined) return shifted(digits * factor, 9 - fraction.length);
  const power = powerOf(suffix);
  return power === undefined ? undefined : shifted(digits, 9 + power - fraction.length);
}

function powerOf(suffix: string): number | undefined {
  const known = powers.get(suffix);
  if (known !== undefined) return known;
  const exponent = Number(suffix.slice(1));
  return Math.abs(exponent) > longestExponent ? undefined : exponent;
}

// Below 1024 there is no binary suffix to write it with.
function formatOf(suffix: string, nanos: bigint): Format {
  if (binary.has(suffix) && nanos >= 1024n * 10n ** 9n) return 'binary';
  return /^[eE][+-]?\d/.test(suffix) ? 'exponent' : 'decimal';
}

function shifted(digits: bigint, places: number): bigint | undefined {
  if (places >= 0) return digits * 10n ** BigInt(places);
  const divisor = 10n ** BigInt(-places);
  return digits % divisor === 0n ? digits / divisor : undefined;
}

/** Together, spelled like the first that is not zero, as the API server adds. */
export function sumOfQuantities(quantities: readonly Quantity[]): Quantity {
  const nanos = quantities.reduce((sum, one) => sum + one.nanos, 0n);
  const first = quantities.find((one) => one.nanos !== 0n);
  return { nanos, format: first?.format ?? 'decimal' };
}

const billion = 10n ** 9n;

/** As the API server writes it: `1500m`, `2`, `1Gi`, `3k`; the largest suffix that leaves a whole number. */
export function quantityText({ nanos, format }: Quantity): string {
  const isNegative = nanos < 0n;
  const size = isNegative ? -nanos : nanos;
  const text =
    format === 'binary' && size >= 1024n * billion && size % billion === 0n
      ? binaryText(size / billion)
      : decimalText(size, format);
  return isNegative ? `-${text}` : text;
}

function binaryText(size: bigint): string {
  const [suffix, factor] = [...binary].findLast(([, one]) => size % one === 0n) ?? ['', 1n];
  return `${size / factor}${suffix}`;
}

function decimalText(nanos: bigint, format: Format): string {
  if (nanos === 0n) return '0';
  const [suffix, power] = [...powers].findLast(([, one]) => nanos % 10n ** BigInt(one + 9) === 0n) ?? [
    'n',
    -9,
  ];
  const number = nanos / 10n ** BigInt(power + 9);
  if (format !== 'exponent') return `${number}${suffix}`;
  return power === 0 ? `${number}` : `${number}e${power}`;
}
