import { traversal } from '../cost.ts';
import { CelObject, failed, Optional, sizeOf, type Value } from '../value.ts';
import { instantIn, isDate } from './instant.ts';
import { member, plain, textOf, type Row } from './row.ts';

interface Kind {
  /** What is wrong with a text, in the words of k8s.io/apimachinery; empty when nothing is. */
  readonly problems: (text: string) => readonly string[];
  /** How long its regular expression counts in costs. */
  readonly length: number;
}

/** `format.dns1123Label()` and the others. */
class Format extends CelObject {
  readonly typeName = 'kubernetes.NamedFormat';
  readonly name: string;
  readonly kind: Kind;
  constructor(name: string, kind: Kind) {
    super();
    this.name = name;
    this.kind = kind;
  }
  equals(other: Value): boolean {
    return other instanceof Format && other.name === this.name;
  }
}

interface Shape {
  readonly pattern: string;
  readonly most: number;
  readonly what: string;
  readonly examples: readonly string[];
}

const label = String.raw`[a-z0-9]([-a-z0-9]*[a-z0-9])?`;
const ends = 'and must start and end with an alphanumeric character';
const qualified = '([A-Za-z0-9][-A-Za-z0-9_.]*)?[A-Za-z0-9]';

const shapes = {
  label: {
    pattern: label,
    most: 63,
    what: `a lowercase RFC 1123 label must consist of lower case alphanumeric characters or '-', ${ends}`,
    examples: ['my-name', '123-abc'],
  },
  subdomain: {
    pattern: String.raw`${label}(\.${label})*`,
    most: 253,
    what: `a lowercase RFC 1123 subdomain must consist of lower case alphanumeric characters, '-' or '.', ${ends}`,
    examples: ['example.com'],
  },
  old: {
    pattern: '[a-z]([-a-z0-9]*[a-z0-9])?',
    most: 63,
    what: "a DNS-1035 label must consist of lower case alphanumeric characters or '-', start with an alphabetic character, and end with an alphanumeric character",
    examples: ['my-name', 'abc-123'],
  },
  name: {
    pattern: qualified,
    most: 63,
    what: `must consist of alphanumeric characters, '-', '_' or '.', ${ends}`,
    examples: ['MyName', 'my.name', '123-abc'],
  },
  value: {
    pattern: `(${qualified})?`,
    most: 63,
    what: `a valid label must be an empty string or consist of alphanumeric characters, '-', '_' or '.', ${ends}`,
    examples: ['MyValue', 'my_value', '12345'],
  },
} as const satisfies Readonly<Record<string, Shape>>;

/** What is wrong with the value of a label. */
export function labelProblems(text: string): readonly string[] {
  return problemsOf(shapes.value, text);
}

function problemsOf(shape: Shape, text: string): readonly string[] {
  const isShaped = new RegExp(`^(?:${shape.pattern})$`).test(text) && !text.includes('\n');
  return [
    ...(text.length > shape.most ? [`must be no more than ${shape.most} characters`] : []),
    ...(isShaped ? [] : [shapeText(shape)]),
  ];
}

function shapeText({ what, examples, pattern }: Shape): string {
  const named = examples.map((one) => `'${one}', `).join(' or ');
  return `${what} (e.g. ${named}regex used for validation is '${pattern}')`;
}

/** What stands before a generated end: a dash at its end will not be the last. */
function beforeRest(text: string): string {
  return text.length > 1 && text.endsWith('-') ? `${text.slice(0, -2)}a` : text;
}

/** What is wrong with a qualified name, like the key of a label. */
export function nameProblems(text: string): readonly string[] {
  const parts = text.split('/');
  const [name = ''] = parts.slice(-1);
  if (parts.length > 2) {
    const optional = "with an optional DNS subdomain prefix and '/' (e.g. 'example.com/MyName')";
    return [`a qualified name ${shapeText(shapes.name)} ${optional}`];
  }
  const [prefix] = parts.length === 2 ? parts : [];
  const before = prefix === undefined ? [] : prefixProblems(prefix);
  if (name === '') return [...before, 'name part must be non-empty', `name part ${shapeText(shapes.name)}`];
  return [...before, ...problemsOf(shapes.name, name).map((one) => `name part ${one}`)];
}

function prefixProblems(prefix: string): readonly string[] {
  if (prefix === '') return ['prefix part must be non-empty'];
  return problemsOf(shapes.subdomain, prefix).map((one) => `prefix part ${one}`);
}

const shaped = (shape: Shape, length: number): Kind => ({
  length,
  problems: (text) => problemsOf(shape, text),
});
const shapedPrefix = (shape: Shape, length: number): Kind => ({
  length,
  problems: (text) => problemsOf(shape, beforeRest(text)),
});
const tested = (name: string, length: number, isOne: (text: string) => boolean): Kind => ({
  length,
  problems: (text) => (isOne(text) ? [] : [`invalid ${name}`]),
});

const base64 = /^(?:[A-Za-z0-9+/]{4})*(?:[A-Za-z0-9+/]{2}==|[A-Za-z0-9+/]{3}=)?$/;
const uuid = /^[0-9a-f]{8}-?[0-9a-f]{4}-?[0-9a-f]{4}-?[0-9a-f]{4}-?[0-9a-f]{12}$/i;
const uri = /^(?:[a-zA-Z][a-zA-Z0-9+.-]*:[^\s]+|\/[^\s]*)$/;

function isDay(text: string): boolean {
  const [, year, month, day] = /^(\d{4})-(\d\d)-(\d\d)$/.exec(text) ?? [];
  return year !== undefined && isDate(Number(year), Number(month), Number(day));
}

const kinds: Readonly<Record<string, Kind>> = {
  dns1123Label: shaped(shapes.label, 30),
  dns1123Subdomain: shaped(shapes.subdomain, 60),
  dns1035Label: shaped(shapes.old, 30),
  qualifiedName: { length: 60, problems: nameProblems },
  dns1123LabelPrefix: shapedPrefix(shapes.label, 30),
  dns1123SubdomainPrefix: shapedPrefix(shapes.subdomain, 60),
  dns1035LabelPrefix: shapedPrefix(shapes.old, 30),
  labelValue: shaped(shapes.value, 40),
  uri: tested('uri', 1000, (text) => uri.test(text)),
  uuid: tested('uuid', 60, (text) => uuid.test(text)),
  byte: tested('base64', 60, (text) => base64.test(text)),
  date: tested('date', 60, isDay),
  datetime: tested('datetime', 60, (text) => instantIn(text.replace(/^(\S{10})[t ]/, '$1T')) !== undefined),
};

function validated([format, text]: readonly Value[]): Value {
  if (!(format instanceof Format)) return failed('no such overload');
  const problems = format.kind.problems(textOf(text));
  return problems.length === 0 ? new Optional() : new Optional(problems);
}

function cost([format, text = null]: readonly Value[]): number {
  const length = format instanceof Format ? format.kind.length : 0;
  return traversal(1 + sizeOf(text)) * Math.ceil(length * 0.25);
}

const rows: readonly Row[] = [
  ...Object.entries(kinds).map(([name, kind]) =>
    plain(`format.${name}`, '-> Format', () => new Format(name, kind)),
  ),
  plain('format.named', 'string -> optional<Format>', ([name]) => {
    const kind = Object.hasOwn(kinds, textOf(name)) ? kinds[textOf(name)] : undefined;
    return kind === undefined ? new Optional() : new Optional(new Format(textOf(name), kind));
  }),
  member('validate', 'Format, string -> optional<list<string>>', validated, { cost }),
];

/** Named formats, since 1.31. */
export const formatRows: readonly Row[] = rows.map(([name, overload]) => [name, { ...overload, since: 31 }]);
