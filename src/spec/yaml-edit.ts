import { isAlias, isCollection, isMap, isScalar, isSeq, parseAllDocuments, type Node } from 'yaml';
import {
  at,
  isArray,
  isEqual,
  isObject,
  isString,
  parseYaml,
  yamlText,
  type PathStep,
} from '../lib/index.ts';

/** A value that is set in a document: a field's, or the item behind the last of a list. */
export interface YamlEdit {
  readonly path: readonly PathStep[];
  /** JSON. */
  readonly value: unknown;
}

/**
 * Sets values in the one document that is wanted. Every other character stays: comments, quotes, order, line ends. Undefined
 * when the result would not say exactly what is meant: where an anchor is shared, or the text is too unusual to edit.
 */
export function editedYaml(
  text: string,
  isWanted: (document: unknown) => boolean,
  edits: readonly YamlEdit[],
): string | undefined {
  let result = text;
  for (const edit of edits) {
    const next = editedOnce(result, isWanted, edit);
    if (next === undefined) return undefined;
    result = next;
  }
  const [before, after] = [documentsIn(text), documentsIn(result)];
  const wanted = before?.map((document) =>
    isWanted(document)
      ? edits.reduce((value, { path, value: set }) => withAt(value, path, set), document)
      : document,
  );
  return after !== undefined && isEqual(wanted, after) ? result : undefined;
}

function documentsIn(text: string): readonly unknown[] | undefined {
  return parseYaml(text, '').value?.map((document) => document.value);
}

/** The value with another one at a path; what is missing on the way is made. */
function withAt(value: unknown, [step, ...rest]: readonly PathStep[], set: unknown): unknown {
  if (step === undefined) return set;
  const inner = withAt(at(value, step), rest, set);
  if (isString(step)) return { ...(isObject(value) ? value : {}), [step]: inner };
  const list = isArray(value) ? value : [];
  return step < list.length ? list.with(step, inner) : [...list, inner];
}

interface Spot {
  readonly node: Node;
  /** What is not there below the node; empty: the node itself is replaced. */
  readonly missing: readonly PathStep[];
  readonly found: readonly PathStep[];
  readonly isFlow: boolean;
}

function editedOnce(
  text: string,
  isWanted: (document: unknown) => boolean,
  { path, value }: YamlEdit,
): string | undefined {
  const documents = parseAllDocuments(text);
  const document = [...documents].find((one) => one.errors.length === 0 && isWanted(one.toJS()));
  if (document === undefined || document.contents === null) return undefined;
  const spot = spotOf(document.contents, path);
  if (spot === undefined) return undefined;
  const [step, ...rest] = spot.missing;
  if (isCollection(spot.node) && step !== undefined) {
    const inner = withAt(undefined, rest, value);
    return spot.node.flow === true
      ? insertedInFlow(text, spot.node, step, inner)
      : insertedInBlock(text, spot.node, step, inner);
  }
  // An alias stands for all that its anchor has.
  const whole = withAt(at(document.toJS(), ...spot.found), spot.missing, value);
  return replaced(text, spot, whole);
}

function spotOf(root: Node, path: readonly PathStep[]): Spot | undefined {
  let node = root;
  let isFlow = false;
  for (const [index, step] of path.entries()) {
    const spot = { node, missing: path.slice(index), found: path.slice(0, index), isFlow };
    if (!isCollection(node)) return spot;
    isFlow ||= node.flow === true;
    if (!node.has(step)) return { ...spot, isFlow };
    const next: unknown = node.get(step, true);
    if (!isScalar(next) && !isAlias(next) && !isCollection(next)) return undefined;
    node = next;
  }
  return { node, missing: [], found: path, isFlow };
}

function replaced(text: string, { node, isFlow }: Spot, value: unknown): string | undefined {
  if (!node.range) return undefined;
  const [start, end] = node.range;
  const old = text.slice(start, end);
  const space = start > 0 && text[start - 1] === ':' ? ' ' : '';
  const lineEnd = old.endsWith('\n') ? newline(text) : '';
  return `${text.slice(0, start)}${space}${scalarText(value, old, isFlow)}${lineEnd}${text.slice(end)}`;
}

/** In the quotes of what was there before; without, where that reads back as the same text. */
function scalarText(value: unknown, old: string, isFlow: boolean): string {
  if (!isString(value)) return flowText(value, old.startsWith('"'));
  if (old.startsWith('"')) return JSON.stringify(value);
  if (old.startsWith("'") && !/[\n\r]/.test(value)) return `'${value.replaceAll("'", "''")}'`;
  const isPlain = yamlText(value) === `${value}\n` && !(isFlow && /[,[\]{}]/.test(value));
  return isPlain ? value : JSON.stringify(value);
}

/** JSON with spaces, and words without quotes where they need none: `{ environment: production, web: "r/web:1" }`. */
function flowText(value: unknown, isJson: boolean): string {
  if (isArray(value)) return `[${value.map((item) => flowText(item, isJson)).join(', ')}]`;
  if (isString(value)) return wordText(value, isJson);
  if (!isObject(value)) return JSON.stringify(value);
  const pairs = Object.entries(value).map(
    ([key, item]) => `${wordText(key, isJson)}: ${flowText(item, isJson)}`,
  );
  return pairs.length === 0 ? '{}' : `{ ${pairs.join(', ')} }`;
}

/** Without quotes where nobody can take it for something else. */
function wordText(text: string, isJson: boolean): string {
  const isPlain = !isJson && /^[\w./-]+$/.test(text) && yamlText(text) === `${text}\n`;
  return isPlain ? text : JSON.stringify(text);
}

type Collection = Extract<Node, { items: unknown[] }>;

function insertedInFlow(text: string, node: Collection, step: PathStep, value: unknown): string | undefined {
  if (!node.range) return undefined;
  const [start, end] = node.range;
  const isJson = /^\uFEFF?\s*\{\s*"/.test(text) || /^\{\s*"/.test(text.slice(start, end));
  const entry = isSeq(node)
    ? flowText(value, isJson)
    : `${wordText(String(step), isJson)}: ${flowText(value, isJson)}`;
  const [first, last] = [beginningOf(node.items.at(-1)), endOf(node)];
  if (first === undefined || last === undefined) {
    const [open, close] = isSeq(node) ? ['[', ']'] : ['{ ', ' }'];
    return `${text.slice(0, start)}${open}${entry}${close}${text.slice(end)}`;
  }
  const before = text.slice(text.lastIndexOf('\n', first - 1) + 1, first);
  const gap = before.trim() === '' && text.slice(start, first).includes('\n') ? newline(text) + before : ' ';
  return `${text.slice(0, last)},${gap}${entry}${text.slice(last)}`;
}

function insertedInBlock(text: string, node: Collection, step: PathStep, value: unknown): string | undefined {
  const begins = isSeq(node) ? node.range?.[0] : beginningOf(node.items[0]);
  const last = endOf(node);
  if (begins === undefined || last === undefined) return undefined;
  const pad = ' '.repeat(begins - text.lastIndexOf('\n', begins - 1) - 1);
  const lines = isSeq(node) ? itemLines(value) : entryLines(String(step), value);
  const written = lines.map((line) => (line === '' ? '' : pad + line)).join(newline(text));
  const where = endOfLines(text, last, pad.length);
  const isOpen = where > 0 && text[where - 1] !== '\n';
  return `${text.slice(0, where)}${isOpen ? newline(text) : ''}${written}${newline(text)}${text.slice(where)}`;
}

function newline(text: string): string {
  return text.includes('\r\n') ? '\r\n' : '\n';
}

/** Behind the line of what ends there, and behind comments that are indented as deep as what is inserted. */
function endOfLines(text: string, last: number, indent: number): number {
  const next = (from: number): number => {
    const found = text.indexOf('\n', from);
    return found < 0 ? text.length : found + 1;
  };
  let end = text[last - 1] === '\n' ? last : next(last);
  for (;;) {
    const [, spaces] = /^( *)#/.exec(text.slice(end, next(end))) ?? [];
    if (spaces === undefined || spaces.length < Math.max(1, indent)) return end;
    end = next(end);
  }
}

/** Where an item or the key of an entry begins. */
function beginningOf(item: unknown): number | undefined {
  const node = isObject(item) && 'key' in item ? item['key'] : item;
  return isScalar(node) || isAlias(node) || isCollection(node) ? node.range?.[0] : undefined;
}

/** Where the last thing in a node ends, before what follows it on its line. */
function endOf(node: unknown): number | undefined {
  if (
    isScalar(node) ||
    isAlias(node) ||
    (isCollection(node) && node.flow === true && node.items.length === 0)
  )
    return node.range?.[1];
  if (!isCollection(node)) return undefined;
  const last: unknown = node.items.at(-1);
  if (!isMap(node)) return whole(last);
  const [key, value] = [at(last, 'key'), at(last, 'value')];
  return whole(value) ?? whole(key);
}

function whole(node: unknown): number | undefined {
  return isCollection(node) && node.flow === true ? node.range?.[1] : endOf(node);
}

/** Lines of `key: value` in block style; what selects stands on one line. */
function entryLines(key: string, value: unknown): readonly string[] {
  const name = wordText(key, false);
  if (key === 'select') return [`${name}: ${flowText(value, false)}`];
  if (isObject(value) && Object.keys(value).length > 0) return [`${name}:`, ...mapLines(value).map(indented)];
  if (isArray(value) && value.some(isObject)) return [`${name}:`, ...value.flatMap(itemLines).map(indented)];
  return yamlText({ [key]: value })
    .trimEnd()
    .split('\n');
}

function mapLines(value: Readonly<Record<string, unknown>>): readonly string[] {
  return Object.entries(value).flatMap(([key, item]) => entryLines(key, item));
}

function itemLines(value: unknown): readonly string[] {
  const lines =
    isObject(value) && Object.keys(value).length > 0
      ? mapLines(value)
      : yamlText(value).trimEnd().split('\n');
  return lines.map((line, index) => (index === 0 ? `- ${line}` : indented(line)));
}

function indented(line: string): string {
  return line === '' ? '' : `  ${line}`;
}
