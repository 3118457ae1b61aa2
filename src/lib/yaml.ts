import {
  EVENT_ALIAS,
  EVENT_DOCUMENT,
  EVENT_MAPPING,
  EVENT_POP,
  EVENT_SCALAR,
  EVENT_SEQUENCE,
  getScalarValue,
  parseEvents,
  YAMLException,
  type Event as YamlEvent,
} from 'js-yaml';
import { problem, type Checked, type Diagnostic, type Origin } from './diagnostics.ts';
import { resolvePlain, type ScalarValue } from './yaml-scalar.ts';

/** A step into a document: a key or an index. */
export type PathStep = string | number;

/** One document of a file. Positions are made only when asked for: a fleet has millions of scalars and few mistakes. */
export interface YamlDocument {
  readonly value: unknown;
  /** Where the document begins; known without another look at the text. */
  readonly begins: Origin;
  /** Where the value at a path stands, or its key; the nearest enclosing thing when the path ends early. */
  locate(path: readonly PathStep[], part?: 'key' | 'value'): Origin;
  /** Where each item of the list at a path begins, in one look at the text; empty when the text has no list there. */
  itemsBegin(path: readonly PathStep[]): readonly Origin[];
  /** The unquoted text of the scalar at a path; undefined when it is quoted or no scalar. */
  plainText(path: readonly PathStep[]): string | undefined;
}

/** Nodes that aliases may expand to in one file: far above any real manifest, far below what hurts. */
const aliasLimit = 100_000;
const plainStyle = 1;

type Scalar = Extract<YamlEvent, { type: typeof EVENT_SCALAR }>;
type Collection = Extract<YamlEvent, { type: typeof EVENT_MAPPING | typeof EVENT_SEQUENCE }>;

/** Reads all documents of a file the way Kubernetes reads YAML. Empty documents are left out. Never throws for a mistake in the text. */
export function parseYaml(text: string, file: string): Checked<readonly YamlDocument[]> {
  const source = text.startsWith('\uFEFF') ? text.slice(1) : text;
  let events: YamlEvent[];
  try {
    events = parseEvents(source, {});
  } catch (error) {
    return { value: undefined, diagnostics: [syntaxProblem(error, source, file)] };
  }
  const reader = new Reader(source, file, events);
  const documents: YamlDocument[] = [];
  const begins = new LineCounter(source);
  for (const [index, document] of reader.readAll().entries()) {
    const { value, offset } = document;
    if (value !== undefined && value !== null)
      documents.push(new SourceDocument({ value, source, file, index, line: begins.lineAt(offset) }));
  }
  const { diagnostics } = reader;
  return { value: diagnostics.length === 0 ? documents : undefined, diagnostics };
}

class SourceDocument implements YamlDocument {
  readonly value: unknown;
  readonly begins: Origin;
  readonly #source: string;
  readonly #file: string;
  readonly #index: number;

  constructor(parts: { value: unknown; source: string; file: string; index: number; line: number }) {
    this.value = parts.value;
    this.begins = { file: parts.file, line: parts.line, column: 1, path: '' };
    this.#source = parts.source;
    this.#file = parts.file;
    this.#index = parts.index;
  }

  locate(path: readonly PathStep[], part: 'key' | 'value' = 'value'): Origin {
    const found = find(this.#source, this.#index, path);
    const offset = part === 'key' ? found.key : found.value;
    return originOf(this.#source, this.#file, offset, pathText(path));
  }

  itemsBegin(path: readonly PathStep[]): readonly Origin[] {
    const lines = new LineCounter(this.#source);
    return find(this.#source, this.#index, path).items.map((offset, index) => ({
      file: this.begins.file,
      line: lines.lineAt(offset),
      column: 1,
      path: pathText([...path, index]),
    }));
  }

  plainText(path: readonly PathStep[]): string | undefined {
    const { scalar } = find(this.#source, this.#index, path);
    if (scalar?.style !== plainStyle || scalar.valueStart < 0) return undefined;
    return this.#source.slice(scalar.valueStart, scalar.valueEnd);
  }
}

/** `spec.pools[0].name` of its steps. */
export function pathText(path: readonly PathStep[]): string {
  let text = '';
  for (const step of path) {
    if (typeof step === 'number') text += `[${step}]`;
    else if (/^[\w-]+$/.test(step)) text += text === '' ? step : `.${step}`;
    else text += `["${step}"]`;
  }
  return text;
}

/** Counts lines forward: many offsets in rising order cost one walk. */
class LineCounter {
  readonly #source: string;
  #line = 1;
  #next: number;

  constructor(source: string) {
    this.#source = source;
    this.#next = source.indexOf('\n');
  }

  lineAt(offset: number): number {
    while (this.#next >= 0 && this.#next < offset) {
      this.#line += 1;
      this.#next = this.#source.indexOf('\n', this.#next + 1);
    }
    return this.#line;
  }
}

function originOf(source: string, file: string, offset: number, path: string): Origin {
  const position = Math.max(0, Math.min(offset, source.length));
  let line = 1;
  let lineStart = 0;
  for (let next = source.indexOf('\n'); next >= 0 && next < position; next = source.indexOf('\n', next + 1)) {
    line += 1;
    lineStart = next + 1;
  }
  return { file, line, column: position - lineStart + 1, path };
}

function syntaxProblem(error: unknown, source: string, file: string): Diagnostic {
  if (!(error instanceof YAMLException)) throw error;
  const at = originOf(source, file, error.mark?.position ?? 0, '');
  if (error.reason.includes('tab characters')) return problem('TRY-YAML-002', at, {});
  return problem('TRY-YAML-001', at, { why: whyNot[error.reason] ?? error.reason });
}

/** The parser's words for what people wrote. */
const whyNot: Readonly<Record<string, string>> = {
  'nesting exceeded maxDepth (100)': 'more than 100 levels deep',
  'deficient indentation': 'a {, [ or quote that was opened above is not closed here',
};

/** Builds values from events: one walk, all mistakes collected. */
class Reader {
  readonly diagnostics: Diagnostic[] = [];
  readonly #source: string;
  readonly #file: string;
  readonly #events: readonly YamlEvent[];
  readonly #anchors = new Map<string, { value: unknown; nodes: number }>();
  #next = 0;
  #nodes = 0;
  #expanded = 0;

  constructor(source: string, file: string, events: readonly YamlEvent[]) {
    this.#source = source;
    this.#file = file;
    this.#events = events;
  }

  readAll(): { readonly value: unknown; readonly offset: number }[] {
    const documents: { value: unknown; offset: number }[] = [];
    while (this.#next < this.#events.length) {
      this.#next += 1; // the document event
      this.#anchors.clear();
      const first = this.#events[this.#next];
      documents.push({
        value: first?.type === EVENT_POP ? undefined : this.#node(),
        offset: offsetOf(first),
      });
      this.#next += 1; // its end
    }
    return documents;
  }

  #report(diagnostic: Diagnostic): undefined {
    this.diagnostics.push(diagnostic);
    return undefined;
  }

  #at(offset: number): Origin {
    return originOf(this.#source, this.#file, offset, '');
  }

  #node(): unknown {
    const event = this.#events[this.#next];
    this.#next += 1;
    if (event === undefined || event.type === EVENT_DOCUMENT || event.type === EVENT_POP) return null;
    if (event.type === EVENT_ALIAS) return this.#alias(event.anchorStart, event.anchorEnd);
    const before = this.#nodes;
    this.#nodes += 1;
    const value = this.#anchored(event);
    if (event.anchorStart >= 0) {
      const name = this.#source.slice(event.anchorStart, event.anchorEnd);
      this.#anchors.set(name, { value, nodes: this.#nodes - before });
    }
    return value;
  }

  #anchored(event: Scalar | Collection): unknown {
    if (event.type === EVENT_SCALAR) return this.#scalar(event);
    return event.type === EVENT_SEQUENCE ? this.#sequence() : this.#mapping();
  }

  #alias(start: number, end: number): unknown {
    const name = this.#source.slice(start, end);
    const anchor = this.#anchors.get(name);
    if (anchor === undefined)
      return this.#report(
        problem('TRY-YAML-001', this.#at(start), { why: `no anchor &${name} before this alias` }),
      );
    this.#expanded += anchor.nodes;
    this.#nodes += anchor.nodes;
    if (this.#expanded <= aliasLimit) return anchor.value;
    if (this.#expanded - anchor.nodes <= aliasLimit)
      this.#report(problem('TRY-YAML-004', this.#at(start), { limit: aliasLimit }));
    return null;
  }

  #sequence(): unknown[] {
    const items: unknown[] = [];
    while (this.#events[this.#next]?.type !== EVENT_POP) items.push(this.#node());
    this.#next += 1;
    return items;
  }

  #mapping(): Record<string, unknown> {
    const result: Record<string, unknown> = {};
    const seen = new Set<string>();
    const merges: unknown[] = [];
    while (this.#events[this.#next]?.type !== EVENT_POP) {
      const offset = offsetOf(this.#events[this.#next]);
      const isMerge = this.#isMergeKey();
      const key = this.#key(offset);
      const value = this.#node();
      if (key === undefined) continue;
      if (isMerge) merges.push(value);
      else if (seen.has(key)) this.#report(problem('TRY-YAML-003', this.#at(offset), { key }));
      else put(result, key, value);
      seen.add(key);
    }
    this.#next += 1;
    for (const merge of merges) mergeInto(result, merge, seen);
    return result;
  }

  #isMergeKey(): boolean {
    const event = this.#events[this.#next];
    return (
      event?.type === EVENT_SCALAR &&
      event.style === plainStyle &&
      getScalarValue(this.#source, event) === '<<'
    );
  }

  // Kubernetes turns a key of another type into text: `on: x` is the key "true".
  #key(offset: number): string | undefined {
    const key = this.#node();
    if (typeof key === 'string') return key;
    if (typeof key === 'boolean' || (typeof key === 'number' && Number.isFinite(key))) return String(key);
    return this.#report(problem('TRY-YAML-005', this.#at(offset), { key: JSON.stringify(key) ?? 'null' }));
  }

  #scalar(event: Scalar): ScalarValue {
    const text = getScalarValue(this.#source, event);
    const tag = event.tagStart < 0 ? '' : this.#source.slice(event.tagStart, event.tagEnd);
    if (tag !== '') return this.#tagged(tag, text, event);
    if (event.style !== plainStyle) return text;
    const value = resolvePlain(text);
    return this.#readable(value, text, event);
  }

  #readable(value: ScalarValue, text: string, event: Scalar): ScalarValue {
    if (typeof value !== 'number') return value;
    const isExact =
      Number.isFinite(value) &&
      (!Number.isInteger(value) || Number.isSafeInteger(value) || /[.eE]/.test(text));
    if (isExact) return value;
    this.#report(problem('TRY-YAML-006', this.#at(offsetOf(event)), { what: `the number ${text}` }));
    return null;
  }

  #tagged(tag: string, text: string, event: Scalar): ScalarValue {
    const name = tag.replace(/^(!!|!<tag:yaml\.org,2002:)/, '').replace(/>$/, '');
    if (name === 'str' || tag === '!') return text;
    if (name === 'binary') return Buffer.from(text, 'base64').toString('utf8');
    const value = ['int', 'float', 'bool', 'null'].includes(name)
      ? this.#readable(resolvePlain(text), text, event)
      : undefined;
    if (value !== undefined) return value;
    this.#report(problem('TRY-YAML-006', this.#at(offsetOf(event)), { what: `the tag ${tag}` }));
    return null;
  }
}

function put(target: Record<string, unknown>, key: string, value: unknown): void {
  // A plain assignment to __proto__ would change the object's prototype instead of adding a key.
  if (key === '__proto__')
    Object.defineProperty(target, key, { value, enumerable: true, configurable: true, writable: true });
  else target[key] = value;
}

function mergeInto(target: Record<string, unknown>, source: unknown, seen: Set<string>): void {
  const sources: unknown[] = Array.isArray(source) ? source : [source];
  for (const one of sources) {
    if (typeof one !== 'object' || one === null) continue;
    for (const [key, value] of Object.entries(one)) {
      if (!seen.has(key)) put(target, key, value);
      seen.add(key);
    }
  }
}

function offsetOf(event: YamlEvent | undefined): number {
  if (event === undefined) return 0;
  if (event.type === EVENT_SCALAR) return scalarOffset(event);
  if (event.type === EVENT_ALIAS) return event.anchorStart - 1;
  return 'start' in event ? event.start : 0;
}

function scalarOffset(event: Scalar): number {
  const starts = [event.valueStart, event.tagStart, event.anchorStart - 1].filter((start) => start >= 0);
  // The offset of a quoted or block scalar is that of its first character: the quote stands before it.
  const isQuoted = event.style === 2 || event.style === 3;
  return Math.min(...starts, Number.MAX_SAFE_INTEGER) - (isQuoted ? 1 : 0);
}

interface Found {
  key: number;
  value: number;
  scalar?: Scalar;
  /** Of a list. */
  readonly items: readonly number[];
}

/** Walks the events again to one path of one document. */
function find(source: string, document: number, path: readonly PathStep[]): Found {
  const events = parseEvents(source, {});
  let next = startOf(events, document) + 1;
  const first = offsetOf(events[next]);
  let found: Found = { key: first, value: first, items: [] };
  for (const step of path) {
    const child = childOf(source, events, next, step);
    if (child === undefined) return { key: found.key, value: found.key, items: [] };
    next = child.value;
    // An empty value has no place of its own: its key's serves.
    const value = offsetOf(events[next]);
    const key = offsetOf(events[child.key]);
    found = { key, value: value > source.length || value < 0 ? key : value, items: [] };
  }
  const event = events[next];
  if (event?.type === EVENT_SCALAR) return { ...found, scalar: event };
  return event?.type === EVENT_SEQUENCE ? { ...found, items: itemOffsets(events, next) } : found;
}

function itemOffsets(events: readonly YamlEvent[], list: number): readonly number[] {
  const offsets: number[] = [];
  for (let next = list + 1; events[next]?.type !== EVENT_POP; next = endOf(events, next))
    offsets.push(offsetOf(events[next]));
  return offsets;
}

function startOf(events: readonly YamlEvent[], document: number): number {
  let seen = -1;
  for (const [index, event] of events.entries()) {
    if (event.type === EVENT_DOCUMENT) seen += 1;
    if (seen === document) return index;
  }
  return 0;
}

function childOf(
  source: string,
  events: readonly YamlEvent[],
  parent: number,
  step: PathStep,
): { key: number; value: number } | undefined {
  const event = events[parent];
  const isMapping = event?.type === EVENT_MAPPING;
  if (!isMapping && event?.type !== EVENT_SEQUENCE) return undefined;
  let next = parent + 1;
  for (let index = 0; events[next]?.type !== EVENT_POP; index += 1) {
    const key = next;
    const value = isMapping ? endOf(events, key) : key;
    const isIt = isMapping ? keyText(source, events[key]) === String(step) : index === step;
    if (isIt) return { key, value };
    next = endOf(events, value);
  }
  return undefined;
}

function keyText(source: string, event: YamlEvent | undefined): string | undefined {
  if (event?.type !== EVENT_SCALAR) return undefined;
  const text = getScalarValue(source, event);
  return event.style === plainStyle ? String(resolvePlain(text)) : text;
}

function endOf(events: readonly YamlEvent[], start: number): number {
  let depth = 0;
  for (let index = start; index < events.length; index += 1) {
    const type = events[index]?.type;
    if (type === EVENT_MAPPING || type === EVENT_SEQUENCE) depth += 1;
    else if (type === EVENT_POP) depth -= 1;
    if (depth === 0) return index + 1;
  }
  return events.length;
}
