/** An IP address: its version, and its bits as a number. */
export interface Address {
  readonly family: 4 | 6;
  readonly bits: bigint;
}

/** Reads an address, or says why it is none, in the words of Go's net/netip. */
export function addressIn(text: string): Address | string {
  const mark = /[.:%]/.exec(text)?.[0];
  if (mark === '.') return fourIn(text);
  if (mark === ':') return sixIn(text);
  if (mark === '%') return said(text, 'missing IPv6 address');
  return said(text, 'unable to parse IP');
}

function said(text: string, why: string, at?: string): string {
  const place = at === undefined ? '' : ` (at ${JSON.stringify(at)})`;
  return `ParseAddr(${JSON.stringify(text)}): ${why}${place}`;
}

function fourIn(text: string): Address | string {
  const found = fourBits(text);
  return typeof found === 'string' ? said(text, found) : { family: 4, bits: found };
}

function fourBits(text: string): bigint | string {
  const fields = text.split('.');
  for (const field of fields.slice(0, 4)) {
    const problem = fieldProblem(field);
    if (problem !== undefined) return problem;
  }
  if (fields.length > 4) return 'IPv4 address too long';
  if (fields.length < 4) return 'IPv4 address too short';
  return fields.reduce((bits, field) => bits * 256n + BigInt(field), 0n);
}

function fieldProblem(field: string): string | undefined {
  if (field === '') return 'IPv4 field must have at least one digit';
  if (!/^\d+$/.test(field)) return 'unexpected character';
  if (field.length > 1 && field.startsWith('0')) return 'IPv4 field has octet with leading zero';
  return Number(field) > 255 ? 'IPv4 field has value >255' : undefined;
}

/** What was read of an address, and what is left of its text. */
interface Words {
  readonly words: readonly bigint[];
  /** After how many words a `::` stands. */
  readonly gap: number | undefined;
  readonly rest: string;
}

function sixIn(text: string): Address | string {
  if (text.includes('%')) return 'IP address with zone value is not allowed';
  const isOpen = text.startsWith('::');
  let here: Words | string = { words: [], gap: isOpen ? 0 : undefined, rest: isOpen ? text.slice(2) : text };
  while (typeof here !== 'string' && here.rest !== '' && here.words.length < 8) here = advanced(text, here);
  return typeof here === 'string' ? here : filled(text, here);
}

/** One word further, and over the colon after it. */
function advanced(text: string, { words, gap, rest }: Words): Words | string {
  const step = wordIn(text, rest, words.length);
  if (typeof step === 'string') return step;
  const all = [...words, ...step.words];
  if (step.rest === '') return { words: all, gap, rest: '' };
  if (!step.rest.startsWith(':')) return said(text, 'unexpected character, want colon', step.rest);
  if (step.rest === ':') return said(text, 'colon must be followed by more characters', step.rest);
  const after = step.rest.slice(1);
  if (!after.startsWith(':')) return { words: all, gap, rest: after };
  if (gap !== undefined) return said(text, 'multiple :: in address', after);
  return { words: all, gap: all.length, rest: after.slice(1) };
}

function wordIn(
  text: string,
  rest: string,
  count: number,
): { readonly words: readonly bigint[]; readonly rest: string } | string {
  const digits = /^[0-9a-fA-F]*/.exec(rest)?.[0] ?? '';
  if (digits.length > 4) return said(text, 'each group must have 4 or less digits', rest);
  if (digits === '') return said(text, 'each colon-separated field must have at least one digit', rest);
  if (rest[digits.length] !== '.') return { words: [BigInt(`0x${digits}`)], rest: rest.slice(digits.length) };
  if (count > 6)
    return said(text, 'too many hex fields to fit an embedded IPv4 at the end of the address', rest);
  const four = fourBits(rest);
  return typeof four === 'string'
    ? said(text, four, rest)
    : { words: [four >> 16n, four & 0xffffn], rest: '' };
}

function filled(text: string, { words, gap, rest }: Words): Address | string {
  if (rest !== '') return said(text, 'trailing garbage after address', rest);
  if (words.length < 8 && gap === undefined) return said(text, 'address string too short');
  if (words.length === 8 && gap !== undefined)
    return said(text, 'the :: must expand to at least one field of zeros');
  const start = gap ?? 8;
  const zeros = Array.from({ length: 8 - words.length }, () => 0n);
  const all = [...words.slice(0, start), ...zeros, ...words.slice(start)];
  return { family: 6, bits: all.reduce((bits, word) => (bits << 16n) | word, 0n) };
}

/** The canonical text: RFC 5952 for version 6. */
export function addressText({ family, bits }: Address): string {
  if (family === 4) return [24n, 16n, 8n, 0n].map((shift) => String((bits >> shift) & 255n)).join('.');
  const words = Array.from({ length: 8 }, (_word, index) => (bits >> BigInt(112 - 16 * index)) & 0xffffn);
  const { start, length } = longestZeros(words);
  const hex = (some: readonly bigint[]): string => some.map((word) => word.toString(16)).join(':');
  if (length < 2) return hex(words);
  return `${hex(words.slice(0, start))}::${hex(words.slice(start + length))}`;
}

function longestZeros(words: readonly bigint[]): { readonly start: number; readonly length: number } {
  let best = { start: 0, length: 0 };
  for (let start = 0; start < words.length; start += 1) {
    let length = 0;
    while (words[start + length] === 0n) length += 1;
    if (length > best.length) best = { start, length };
  }
  return best;
}

/** How many bits an address has. */
export function widthOf({ family }: Address): number {
  return family === 4 ? 32 : 128;
}

/** The address with all bits after a prefix cleared. */
export function masked(address: Address, prefix: number): Address {
  const rest = BigInt(widthOf(address) - prefix);
  return { ...address, bits: (address.bits >> rest) << rest };
}
