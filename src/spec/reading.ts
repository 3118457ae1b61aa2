import { readFileSync } from 'node:fs';
import path from 'node:path';
import {
  apiVersion,
  isObject,
  isString,
  nearest,
  parseYaml,
  problem,
  stringAt,
  warning,
  type Diagnostic,
  type JsonObject,
  type PathStep,
  type YamlDocument,
} from '../lib/index.ts';
import type { SourceDocument } from './document.ts';
import { fileOrigin, type RepositoryFile } from './folder.ts';
import type { Unread } from './registry.ts';
import { kinds, type Kind } from './schema/index.ts';
import { nameOfType } from './validation.ts';

/** The documents of a repository, and the files that hold none and that some source may read. */
export interface Reading {
  readonly documents: readonly SourceDocument[];
  readonly unread: readonly Unread[];
  readonly others: readonly RepositoryFile[];
  readonly diagnostics: readonly Diagnostic[];
}

const largest = 1_048_576;
const isYaml = /\.(ya?ml|json)$/;
const group = apiVersion.slice(0, apiVersion.indexOf('/'));
const ours = new RegExp(`^\\s*["']?apiVersion["']?\\s*:\\s*["']?${group.replaceAll('.', '\\.')}/`, 'm');

const planStart = new RegExp(
  `^\\s*\\{\\s*"apiVersion"\\s*:\\s*"${apiVersion}"\\s*,\\s*"kind"\\s*:\\s*"Plan"`,
);

/** True for a plan as `toryo plan --out` writes it: it may lie in the repository, and no fleet is made from it. */
export function isPlanText(text: string): boolean {
  return planStart.test(text);
}

/** Reads every document of ours; a file counts as ours when one of its documents says so, or seems to be meant so. */
export function readDocuments(
  root: string,
  files: readonly RepositoryFile[],
  texts: ReadonlyMap<string, string>,
): Reading {
  const documents: SourceDocument[] = [];
  const unread: Unread[] = [];
  const others: RepositoryFile[] = [];
  const diagnostics: Diagnostic[] = [];
  for (const one of files.filter(({ file }) => isYaml.test(file))) {
    const text = texts.get(one.file) ?? readFileSync(path.join(root, one.file), 'utf8');
    if (isPlanText(text)) continue;
    const isOurs = ours.test(text);
    if (isOurs && one.size > largest) {
      diagnostics.push(tooLarge(one));
      unread.push(...guessed(text));
    } else if (!isOurs && (one.size > largest || !isMeant(text))) others.push(one);
    else if (readFile(text, one.file, { documents, unread, diagnostics }) === 'mixed') others.push(one);
  }
  return { documents, unread, others, diagnostics };
}

function tooLarge({ file, size }: RepositoryFile): Diagnostic {
  const why = `a file of documents has ${(size / largest).toFixed(1)} MiB`;
  return problem('TRY-SPEC-039', fileOrigin(file), { why });
}

interface Found {
  readonly documents: SourceDocument[];
  readonly unread: Unread[];
  readonly diagnostics: Diagnostic[];
}

/** `mixed`: other documents stand in the file too, which some source may read. */
function readFile(text: string, file: string, found: Found): 'ours' | 'mixed' {
  const parsed = parseYaml(text, file);
  found.diagnostics.push(...parsed.diagnostics);
  if (parsed.value === undefined) found.unread.push(...guessed(text));
  let isMixed = false;
  for (const document of parsed.value ?? []) {
    if (isOfOthers(document.value)) isMixed = true;
    else readDocument(document, file, found);
  }
  return isMixed ? 'mixed' : 'ours';
}

function isOfOthers(value: unknown): boolean {
  const version = stringAt(value, 'apiVersion');
  return version !== undefined && !isNearOurs(version);
}

/** `toryo.dev/…`, and what a slip makes of it. */
function isNearOurs(version: string): boolean {
  const name = version.split('/')[0] ?? '';
  return /toryo/i.test(name) || nearest(name, [group]) !== undefined;
}

/** A text with a document of one of our kinds whose apiVersion is misspelt or missing. */
function isMeant(text: string): boolean {
  if (!/^kind:/m.test(text)) return false;
  return text.split(/^---.*$/m).some((document) => {
    const version = /^apiVersion:\s*["']?([^\s"']+)/m.exec(document)?.[1];
    const kind = kindIn(document);
    if (version !== undefined) return isNearOurs(version);
    return kind !== undefined && /^metadata:/m.test(document) && /^spec:/m.test(document);
  });
}

function kindIn(document: string): Kind | undefined {
  const written = /^kind:\s*["']?([A-Za-z]+)/m.exec(document)?.[1];
  return kinds.find((one) => one === written);
}

/** What a text that is not YAML seems to hold. */
function guessed(text: string): readonly Unread[] {
  return text.split(/^---.*$/m).flatMap((document) => {
    const written = /^kind:\s*["']?([A-Za-z]+)/m.exec(document)?.[1] ?? '';
    const kind = kinds.find((one) => one === nearest(written, kinds));
    const name = /^metadata:[\s\S]*?\bname:\s*["']?([^\s"',}]+)/m.exec(document)?.[1];
    const tenant = /^spec:[\s\S]*?\btenant:\s*["']?([^\s"',}]+)/m.exec(document)?.[1];
    return kind === undefined ? [] : [{ kind, name: name ?? '', tenant }];
  });
}

function readDocument(document: YamlDocument, file: string, found: Found): void {
  const { value } = document;
  if (!isObject(value)) {
    const args = { expected: 'a document with apiVersion and kind', found: nameOfType(value) };
    found.diagnostics.push(problem('TRY-SPEC-002', document.locate([]), args));
    return;
  }
  const kind = kinds.find((one) => one === value['kind']);
  const mistakes = [...versionMistake(document, value), ...kindMistake(document, value)];
  found.diagnostics.push(...mistakes);
  if (kind !== undefined && mistakes.length === 0)
    found.documents.push(yamlDocument(document, kind, value, file));
  else found.unread.push(...meantDocument(value));
}

function versionMistake(document: YamlDocument, value: JsonObject): readonly Diagnostic[] {
  const version = value['apiVersion'];
  if (version === apiVersion) return [];
  if (version === undefined) return [problem('TRY-SPEC-004', document.locate([]), { field: 'apiVersion' })];
  const args = { found: textOf(version), wanted: apiVersion };
  return [problem('TRY-SPEC-011', document.locate(['apiVersion']), args)];
}

function kindMistake(document: YamlDocument, value: JsonObject): readonly Diagnostic[] {
  const { kind } = value;
  if (kinds.some((one) => one === kind)) return [];
  if (kind === undefined) return [problem('TRY-SPEC-004', document.locate([]), { field: 'kind' })];
  const found = textOf(kind);
  const args = { found, suggestion: nearest(found, kinds) ?? '' };
  return [problem('TRY-SPEC-010', document.locate(['kind']), args)];
}

function meantDocument(value: JsonObject): readonly Unread[] {
  const kind = kinds.find((one) => one === nearest(textOf(value['kind']), kinds));
  const [name, tenant] = [stringAt(value, 'metadata', 'name') ?? '', stringAt(value, 'spec', 'tenant')];
  return kind === undefined ? [] : [{ kind, name, tenant }];
}

function yamlDocument(
  document: YamlDocument,
  kind: Kind,
  value: SourceDocument['value'],
  file: string,
): SourceDocument {
  return {
    kind,
    name: stringAt(value, 'metadata', 'name') ?? '',
    value,
    file,
    locate: (steps: readonly PathStep[], part?: 'key' | 'value') => document.locate(steps, part),
    plainText: (steps: readonly PathStep[]) => document.plainText(steps),
  };
}

function textOf(value: unknown): string {
  return isString(value) ? value : (JSON.stringify(value) ?? 'nothing');
}

/** Says which YAML files hold Kubernetes objects that no source reads, or cannot be read at all. */
export function strayFiles(
  root: string,
  others: readonly RepositoryFile[],
  isRead: (file: string) => boolean,
): readonly Diagnostic[] {
  return others
    .filter((one) => one.size <= largest && !isRead(one.file))
    .flatMap((one) => stray(root, one.file));
}

function stray(root: string, file: string): readonly Diagnostic[] {
  const parsed = parseYaml(readFileSync(path.join(root, file), 'utf8'), file);
  if (parsed.value === undefined) {
    const isTemplate = parsed.diagnostics.some((one) => one.code === 'TRY-YAML-005');
    return isTemplate ? [] : parsed.diagnostics;
  }
  const first = parsed.value.find(({ value }) => stringAt(value, 'kind') !== undefined && isOfOthers(value));
  if (first === undefined) return [];
  return [
    warning('TRY-SPEC-032', first.locate([]), { what: `${stringAt(first.value, 'kind') ?? ''} in ${file}` }),
  ];
}
