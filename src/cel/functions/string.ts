import { traversal } from '../cost.ts';
import { charactersOf, failed, sizeOf, type Value } from '../value.ts';
import { formatted } from './text-format.ts';
import { intOf, itemsOf, member, plain, textOf, type Row } from './row.ts';

const once = ([text = null]: readonly Value[]): number => traversal(sizeOf(text));
const twice = ([text = null]: readonly Value[]): number => traversal(sizeOf(text), 2);
const ofResult = (_args: readonly Value[], result: Value): number => traversal(sizeOf(result), 2);

const characters = (text: Value | undefined): readonly string[] => charactersOf(textOf(text));

/** The first place at which some characters stand in others, counted in characters; -1 for none. */
function place(
  { within, wanted }: { readonly within: readonly string[]; readonly wanted: readonly string[] },
  places: Iterable<number>,
): bigint {
  for (const at of places) if (wanted.every((one, index) => within[at + index] === one)) return BigInt(at);
  return -1n;
}

function* counting(from: number, to: number): Generator<number> {
  const step = from <= to ? 1 : -1;
  for (let at = from; step > 0 ? at <= to : at >= to; at += step) yield at;
}

function indexOf([text, part, from]: readonly Value[]): Value {
  const search = { within: characters(text), wanted: characters(part) };
  const start = from === undefined ? 0 : Number(intOf(from));
  if (start < 0 || start > search.within.length) return failed(`index out of range: ${start}`);
  const last = search.within.length - search.wanted.length;
  return last < start ? -1n : place(search, counting(start, last));
}

function lastIndexOf([text, part, from]: readonly Value[]): Value {
  const search = { within: characters(text), wanted: characters(part) };
  const start = from === undefined ? search.within.length : Number(intOf(from));
  if (start < 0 || start > search.within.length) return failed(`index out of range: ${start}`);
  const last = Math.min(start, search.within.length - search.wanted.length);
  return last < 0 ? -1n : place(search, counting(last, 0));
}

function substring([text, from, to]: readonly Value[]): Value {
  const all = characters(text);
  const [start, end] = [Number(intOf(from)), to === undefined ? all.length : Number(intOf(to))];
  if (start < 0 || start > all.length) return failed(`index out of range: ${start}`);
  if (end < 0 || end > all.length) return failed(`index out of range: ${end}`);
  if (start > end) return failed(`invalid substring range. start: ${start}, end: ${end}`);
  return all.slice(start, end).join('');
}

function charAt([text, index]: readonly Value[]): Value {
  const all = characters(text);
  const at = Number(intOf(index));
  return at < 0 || at > all.length ? failed(`index out of range: ${at}`) : (all[at] ?? '');
}

function replaced([text, from, to, limit]: readonly Value[]): Value {
  const most = limit === undefined ? -1 : Number(intOf(limit));
  const parts = from === '' ? ['', ...characters(text), ''] : textOf(text).split(textOf(from));
  const count = most < 0 ? parts.length - 1 : Math.min(most, parts.length - 1);
  const kept = parts.slice(0, count + 1).join(textOf(to));
  const rest = parts.slice(count + 1).map((part) => `${textOf(from)}${part}`);
  return `${kept}${rest.join('')}`;
}

function split([text, by, limit]: readonly Value[]): Value {
  const most = limit === undefined ? -1 : Number(intOf(limit));
  if (most === 0) return [];
  const parts = by === '' ? characters(text) : textOf(text).split(textOf(by));
  if (most < 0 || parts.length <= most) return parts;
  return [...parts.slice(0, most - 1), parts.slice(most - 1).join(textOf(by))];
}

function joined([list, by]: readonly Value[]): Value {
  const texts = itemsOf(list);
  const isRight = texts.every((one) => typeof one === 'string');
  return isRight ? texts.join(textOf(by)) : failed('no such overload');
}

const escapes: Readonly<Record<string, string>> = {
  '\u0007': String.raw`\a`,
  '\b': String.raw`\b`,
  '\f': String.raw`\f`,
  '\n': String.raw`\n`,
  '\r': String.raw`\r`,
  '\t': String.raw`\t`,
  '\u000B': String.raw`\v`,
  '\\': String.raw`\\`,
  '"': String.raw`\"`,
};

const quoted = ([text]: readonly Value[]): Value =>
  `"${characters(text)
    .map((one) => escapes[one] ?? one)
    .join('')}"`;

const ascii =
  (pattern: RegExp, change: (text: string) => string) =>
  ([text]: readonly Value[]) =>
    textOf(text).replaceAll(pattern, change);

const white =
  /^[\t\n\v\f\r \u0085\u00A0\u1680\u2000-\u200A\u2028\u2029\u202F\u205F\u3000]+|[\t\n\v\f\r \u0085\u00A0\u1680\u2000-\u200A\u2028\u2029\u202F\u205F\u3000]+$/g;

const tests: readonly Row[] = [
  member('contains', 'string, string -> bool', ([text, part]) => textOf(text).includes(textOf(part)), {
    id: 'contains_string',
  }),
  member('startsWith', 'string, string -> bool', ([text, part]) => textOf(text).startsWith(textOf(part)), {
    id: 'starts_with_string',
  }),
  member('endsWith', 'string, string -> bool', ([text, part]) => textOf(text).endsWith(textOf(part)), {
    id: 'ends_with_string',
  }),
];

export const stringRows: readonly Row[] = [
  ...tests,
  member('charAt', 'string, int -> string', charAt),
  member('indexOf', 'string, string -> int', indexOf, { cost: once }),
  member('indexOf', 'string, string, int -> int', indexOf, { cost: once }),
  member('lastIndexOf', 'string, string -> int', lastIndexOf, { cost: once }),
  member('lastIndexOf', 'string, string, int -> int', lastIndexOf, { cost: once }),
  member('join', 'list<string> -> string', joined, { cost: ofResult }),
  member('join', 'list<string>, string -> string', joined, { cost: ofResult }),
  member(
    'lowerAscii',
    'string -> string',
    ascii(/[A-Z]/g, (one) => one.toLowerCase()),
    { cost: once },
  ),
  member(
    'upperAscii',
    'string -> string',
    ascii(/[a-z]/g, (one) => one.toUpperCase()),
    { cost: once },
  ),
  member('replace', 'string, string, string -> string', replaced, { cost: twice }),
  member('replace', 'string, string, string, int -> string', replaced, { cost: twice }),
  member('split', 'string, string -> list<string>', split, { cost: twice }),
  member('split', 'string, string, int -> list<string>', split, { cost: twice }),
  member('substring', 'string, int -> string', substring, { cost: once }),
  member('substring', 'string, int, int -> string', substring, { cost: once }),
  member('trim', 'string -> string', ([text]) => textOf(text).replaceAll(white, ''), { cost: once }),
  member('format', 'string, list<dyn> -> string', ([text, args]) => formatted(textOf(text), itemsOf(args)), {
    id: 'format_string',
    since: 29,
  }),
  plain('strings.quote', 'string -> string', quoted, { since: 29, cost: once }),
];
