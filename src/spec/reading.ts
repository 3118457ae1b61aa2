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
  type PathStep,
  type YamlDocument,
} from '../lib/index.ts';
import type { SourceDocument } from './document.ts';
import { fileOrigin, type RepositoryFile } from './folder.ts';
import { kinds, type Kind } from './schema/index.ts';

/** The documents of a repository, and the files that hold none and that some source may read. */
export interface Reading {
  readonly documents: readonly SourceDocument[];
  readonly others: readonly RepositoryFile[];
  readonly diagnostics: readonly Diagnostic[];
}

const largest = 1_048_576;
const isYaml = /\.(ya?ml|json)$/;
const group = apiVersion.slice(0, apiVersion.indexOf('/'));
const ours = new RegExp(`^\\s*["']?apiVersion["']?\\s*:\\s*["']?${group.replaceAll('.', '\\.')}/`, 'm');

/** Reads every document of ours; a file counts as ours when one of its lines says so. */
export function readDocuments(root: string, files: readonly RepositoryFile[]): Reading {
  const documents: SourceDocument[] = [];
  const others: RepositoryFile[] = [];
  const diagnostics: Diagnostic[] = [];
  for (const one of files) {
    if (!isYaml.test(one.file)) continue;
    if (one.size > largest) others.push(one);
    else {
      const text = readFileSync(path.join(root, one.file), 'utf8');
      if (ours.test(text)) readFile(text, one.file, documents, diagnostics);
      else others.push(one);
    }
  }
  return { documents, others, diagnostics };
}

function readFile(text: string, file: string, documents: SourceDocument[], diagnostics: Diagnostic[]): void {
  const parsed = parseYaml(text, file);
  diagnostics.push(...parsed.diagnostics);
  for (const document of parsed.value ?? []) {
    const read = readDocument(document, file, diagnostics);
    if (read !== undefined) documents.push(read);
  }
}

function readDocument(
  document: YamlDocument,
  file: string,
  diagnostics: Diagnostic[],
): SourceDocument | undefined {
  const { value } = document;
  if (!isObject(value)) {
    diagnostics.push(
      problem('TRY-SPEC-002', document.locate([]), {
        expected: 'a document with apiVersion and kind',
        found: 'something else',
      }),
    );
    return undefined;
  }
  const version = value['apiVersion'];
  if (version !== apiVersion) {
    diagnostics.push(
      problem('TRY-SPEC-011', document.locate(['apiVersion']), {
        found: textOf(version),
        wanted: apiVersion,
      }),
    );
    return undefined;
  }
  const kind = kinds.find((one) => one === value['kind']);
  if (kind === undefined) {
    const found = textOf(value['kind']);
    diagnostics.push(
      problem('TRY-SPEC-010', document.locate(['kind']), { found, suggestion: nearest(found, kinds) ?? '' }),
    );
    return undefined;
  }
  return yamlDocument(document, kind, value, file);
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
  const first = parsed.value.find(
    (one) => stringAt(one.value, 'kind') !== undefined && stringAt(one.value, 'apiVersion') !== undefined,
  );
  if (first === undefined) return looksLikeOurs(parsed.value, file);
  return [
    warning('TRY-SPEC-032', first.locate([]), { what: `${stringAt(first.value, 'kind') ?? ''} in ${file}` }),
  ];
}

/** A document with one of our kinds and no apiVersion was meant for us. */
function looksLikeOurs(documents: readonly YamlDocument[], file: string): readonly Diagnostic[] {
  const meant = documents.find((one) => kinds.some((kind) => kind === stringAt(one.value, 'kind')));
  if (meant === undefined) return [];
  return [problem('TRY-SPEC-004', { ...fileOrigin(file), ...meant.locate([]) }, { field: 'apiVersion' })];
}
