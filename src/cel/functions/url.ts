import { traversal } from '../cost.ts';
import { encoded } from '../token.ts';
import { CelMap, CelObject, failed, sizeOf, type Value } from '../value.ts';
import { member, plain, textOf, type Row } from './row.ts';

interface Parts {
  readonly text: string;
  readonly scheme: string;
  readonly host: string;
  readonly path: string;
  readonly query: string;
}

/** A URL as Go's url.ParseRequestURI reads it. */
class Url extends CelObject {
  readonly typeName = 'kubernetes.URL';
  readonly parts: Parts;
  constructor(parts: Parts) {
    super();
    this.parts = parts;
  }
  equals(other: Value): boolean {
    return other instanceof Url && other.parts.text === this.parts.text;
  }
}

const form = /^(?:([a-zA-Z][a-zA-Z0-9+.-]*):)?(.*)$/s;
const hostForm = /^(?:[^\s@/<>"`^{}|\\]*@)?((?:\[[0-9a-fA-F:.%]+\]|[^\s:[\]<>"`^{}|\\/]*)(?::\d*)?)$/;

function urlIn(text: string): Url | string {
  const parts = text === '' ? 'empty url' : partsIn(text);
  if (typeof parts !== 'string') return new Url(parts);
  return `URL parse error during conversion from string: parse ${JSON.stringify(text)}: ${parts}`;
}

/** A fragment is not looked at. */
function partsIn(text: string): Parts | string {
  const [, scheme = '', rest = ''] = form.exec(text.replace(/#.*$/s, '')) ?? [];
  const opaque: Parts = { text, scheme: scheme.toLowerCase(), host: '', path: '', query: '' };
  if (!rest.startsWith('/')) return scheme === '' ? 'invalid URI for request' : opaque;
  const mark = rest.indexOf('?');
  const [before, query] = mark < 0 ? [rest, ''] : [rest.slice(0, mark), rest.slice(mark + 1)];
  const { authority, path } = authorityOf(before, scheme !== '');
  const host = hostForm.exec(authority)?.[1];
  if (host === undefined) return `invalid host ${JSON.stringify(authority)}`;
  if (/%(?![0-9a-fA-F]{2})/.test(path)) return 'invalid URL escape';
  return { ...opaque, host, path, query };
}

function authorityOf(
  text: string,
  hasScheme: boolean,
): { readonly authority: string; readonly path: string } {
  const hasHost = text.startsWith('//') && (hasScheme || !text.startsWith('///'));
  if (!hasHost) return { authority: '', path: text };
  const end = text.indexOf('/', 2);
  return end < 0
    ? { authority: text.slice(2), path: '' }
    : { authority: text.slice(2, end), path: text.slice(end) };
}

function urlOf(value: Value | undefined): Url | undefined {
  return value instanceof Url ? value : undefined;
}

function hostName(host: string): string {
  if (host.startsWith('[')) return host.slice(1, host.indexOf(']'));
  return host.split(':')[0] ?? '';
}

function portOf(host: string): string {
  return /:(\d*)$/.exec(host.replace(/^\[[^\]]*\]/, ''))?.[1] ?? '';
}

function escaped(path: string): string {
  return [...encoded(path)]
    .map((byte) => {
      const one = String.fromCodePoint(byte);
      const isPlain = /[A-Za-z0-9\-_.~$&+,/:;=@!'()*%[\]]/.test(one);
      return isPlain ? one : `%${byte.toString(16).toUpperCase().padStart(2, '0')}`;
    })
    .join('');
}

function queryOf(query: string): Value {
  const values = new Map<string, string[]>();
  for (const part of query.split('&')) {
    if (part === '' || part.includes(';')) continue;
    const [key = '', ...rest] = part.split('=');
    const [name, value] = [unescaped(key), unescaped(rest.join('='))];
    if (name === undefined || value === undefined) continue;
    values.set(name, [...(values.get(name) ?? []), value]);
  }
  return new CelMap(values);
}

function unescaped(text: string): string | undefined {
  try {
    return decodeURIComponent(text.replaceAll('+', ' '));
  } catch {
    return undefined;
  }
}

const accessors: readonly (readonly [name: string, read: (parts: Parts) => string])[] = [
  ['getScheme', ({ scheme }) => scheme],
  ['getHost', ({ host }) => host],
  ['getHostname', ({ host }) => hostName(host)],
  ['getPort', ({ host }) => portOf(host)],
  ['getEscapedPath', ({ path }) => escaped(path)],
];

const once = ([text = null]: readonly Value[]): number => traversal(sizeOf(text));

export const urlRows: readonly Row[] = [
  plain(
    'url',
    'string -> URL',
    ([text]) => {
      const url = urlIn(textOf(text));
      return typeof url === 'string' ? failed(url) : url;
    },
    { cost: once },
  ),
  plain('isURL', 'string -> bool', ([text]) => urlIn(textOf(text)) instanceof Url, { cost: once }),
  ...accessors.map(([name, read]) =>
    member(name, 'URL -> string', ([url]) => {
      const parts = urlOf(url)?.parts;
      return parts === undefined ? '' : read(parts);
    }),
  ),
  member('getQuery', 'URL -> map<string, list<string>>', ([url]) => queryOf(urlOf(url)?.parts.query ?? '')),
];
