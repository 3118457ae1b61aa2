/** Addresses from `first` to `last`, both included, as whole numbers of 32 (IPv4) or 128 bits (IPv6). */
export interface AddressRange {
  readonly family: 4 | 6;
  readonly first: bigint;
  readonly last: bigint;
}

const bits = { 4: 32n, 6: 128n } as const;

/** Reads `10.0.0.0/8`, `fd00::/8` or a single address; undefined for another text. Host bits are dropped, as the API server does. */
export function rangeOf(text: string): AddressRange | undefined {
  const [address = '', length, ...more] = text.split('/');
  const parsed = parsedAddress(address);
  if (parsed === undefined || more.length > 0) return undefined;
  const { family, value } = parsed;
  const size = bits[family];
  if (length === undefined) return { family, first: value, last: value };
  if (!/^\d{1,3}$/.test(length) || BigInt(length) > size) return undefined;
  const host = size - BigInt(length);
  const first = (value >> host) << host;
  return { family, first, last: first + (1n << host) - 1n };
}

interface ParsedAddress {
  readonly family: 4 | 6;
  readonly value: bigint;
}

function parsedAddress(text: string): ParsedAddress | undefined {
  const value = text.includes(':') ? sixOf(text) : fourOf(text);
  return value === undefined ? undefined : { family: text.includes(':') ? 6 : 4, value };
}

function fourOf(text: string): bigint | undefined {
  const parts = text.split('.');
  const isRight =
    parts.length === 4 && parts.every((part) => /^(0|[1-9]\d{0,2})$/.test(part) && Number(part) < 256);
  return isRight ? parts.reduce((sum, part) => sum * 256n + BigInt(part), 0n) : undefined;
}

function sixOf(text: string): bigint | undefined {
  const halves = withoutDots(text)?.split('::');
  if (halves === undefined || halves.length > 2) return undefined;
  const [head = [], tail] = halves.map((half) => (half === '' ? [] : half.split(':')));
  const groups = tail === undefined ? head : filled(head, tail);
  const isRight = groups.length === 8 && groups.every((group) => /^[0-9a-f]{1,4}$/i.test(group));
  return isRight ? groups.reduce((sum, group) => sum * 65_536n + BigInt(`0x${group}`), 0n) : undefined;
}

/** Both sides of `::`, which stands for one group of zeros at least. */
function filled(head: readonly string[], tail: readonly string[]): readonly string[] {
  const missing = Math.max(1, 8 - head.length - tail.length);
  return [...head, ...Array.from({ length: missing }, () => '0'), ...tail];
}

/** An address that ends in `192.0.2.1` with its last two groups in hexadecimal. */
function withoutDots(text: string): string | undefined {
  if (!text.includes('.')) return text;
  const colon = text.lastIndexOf(':');
  const four = fourOf(text.slice(colon + 1));
  if (four === undefined) return undefined;
  return `${text.slice(0, colon + 1)}${(four >> 16n).toString(16)}:${(four & 65_535n).toString(16)}`;
}

/** True when an address is in both. */
export function isOverlapping(left: AddressRange, right: AddressRange): boolean {
  return left.family === right.family && left.first <= right.last && right.first <= left.last;
}

/** True when every address of the second is in the first. */
export function isWithin(outer: AddressRange, inner: AddressRange): boolean {
  return outer.family === inner.family && outer.first <= inner.first && inner.last <= outer.last;
}

/** The first without the addresses of the others. */
export function withoutRanges(range: AddressRange, taken: readonly AddressRange[]): readonly AddressRange[] {
  let left: readonly AddressRange[] = [range];
  for (const hole of taken) left = left.flatMap((one) => cut(one, hole));
  return left;
}

function cut(range: AddressRange, hole: AddressRange): readonly AddressRange[] {
  if (!isOverlapping(range, hole)) return [range];
  return [
    ...(hole.first > range.first ? [{ ...range, last: hole.first - 1n }] : []),
    ...(hole.last < range.last ? [{ ...range, first: hole.last + 1n }] : []),
  ];
}

/** A range in pieces at whose borders one of the others begins or ends: each is in or out of each of them as a whole. */
export function piecesOf(range: AddressRange, borders: readonly AddressRange[]): readonly AddressRange[] {
  const starts = new Set([range.first]);
  for (const other of borders) {
    if (!isOverlapping(range, other)) continue;
    if (other.first > range.first) starts.add(other.first);
    if (other.last < range.last) starts.add(other.last + 1n);
  }
  const sorted = [...starts].sort((left, right) => (left < right ? -1 : 1));
  return sorted.map((first, index) => ({
    family: range.family,
    first,
    last: (sorted[index + 1] ?? range.last + 1n) - 1n,
  }));
}

/** Ranges that touch or overlap made one, in rising order, IPv4 first. */
export function joinedRanges(ranges: readonly AddressRange[]): readonly AddressRange[] {
  const joined: AddressRange[] = [];
  const sorted = ranges.toSorted((a, b) => a.family - b.family || (a.first < b.first ? -1 : 1));
  for (const range of sorted) {
    const before = joined.at(-1);
    const touches = before?.family === range.family && range.first <= before.last + 1n;
    if (before === undefined || !touches) joined.push(range);
    else if (range.last > before.last) joined[joined.length - 1] = { ...before, last: range.last };
  }
  return joined;
}

/** `10.0.0.0/8`, one address, or `10.0.0.0-10.0.2.255` for what is no block. */
export function rangeText(range: AddressRange): string {
  const { family, first, last } = range;
  if (first === last) return addressText(family, first);
  const length = prefixOf(range);
  return length === undefined
    ? `${addressText(family, first)}-${addressText(family, last)}`
    : `${addressText(family, first)}/${length}`;
}

/** The blocks that a range is made of, as they are written in a manifest: `10.0.0.1/32`. */
export function blocksOf({ family, first, last }: AddressRange): readonly string[] {
  const blocks: string[] = [];
  for (let next = first, size = 1n; next <= last; next += size) {
    size = 1n;
    let length = Number(bits[family]);
    while (length > 0 && next % (size * 2n) === 0n && next + size * 2n - 1n <= last) {
      size *= 2n;
      length -= 1;
    }
    blocks.push(`${addressText(family, next)}/${length}`);
  }
  return blocks;
}

function prefixOf({ family, first, last }: AddressRange): number | undefined {
  const size = last - first + 1n;
  const isBlock = (size & (size - 1n)) === 0n && first % size === 0n;
  return isBlock ? Number(bits[family]) - (size.toString(2).length - 1) : undefined;
}

function addressText(family: 4 | 6, value: bigint): string {
  if (family === 4) return [24n, 16n, 8n, 0n].map((shift) => (value >> shift) & 255n).join('.');
  const groups = Array.from({ length: 8 }, (_, index) => (value >> BigInt(112 - 16 * index)) & 65_535n);
  const [start, length] = longestZeros(groups);
  const text = (some: readonly bigint[]): string => some.map((group) => group.toString(16)).join(':');
  return length < 2 ? text(groups) : `${text(groups.slice(0, start))}::${text(groups.slice(start + length))}`;
}

/** Where the longest run of zero groups begins, the first of equals, and how long it is (RFC 5952). */
function longestZeros(groups: readonly bigint[]): readonly [number, number] {
  let best: readonly [number, number] = [0, 0];
  let length = 0;
  for (const [index, group] of groups.entries()) {
    length = group === 0n ? length + 1 : 0;
    if (length > best[1]) best = [index - length + 1, length];
  }
  return best;
}
