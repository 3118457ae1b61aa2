import { readFileSync, statSync } from 'node:fs';
import path from 'node:path';
import {
  at,
  isString,
  listAt,
  parseYaml,
  problem,
  type Diagnostic,
  type PathStep,
  type YamlDocument,
} from '../lib/index.ts';
import { fileOf, mountOf, type Ground } from '../spec/index.ts';

/** The folders that a kustomization reads, itself first, and what in them cannot be read here. */
export interface Reach {
  readonly folders: readonly string[];
  readonly diagnostics: readonly Diagnostic[];
}

const names = ['kustomization.yaml', 'kustomization.yml', 'Kustomization'];
/** Fields whose entries are folders or files of manifests. */
const sources = ['resources', 'bases', 'components'] as const;
/** Fields whose entries are folders, files or YAML written in place. */
const plugins = ['generators', 'transformers', 'validators'] as const;

/** Follows a kustomization through its bases and components before the tool starts: the tool would clone or download. */
export function reachOf(ground: Ground, start: string): Reach {
  const folders: string[] = [];
  const diagnostics: Diagnostic[] = [];
  const open = [path.posix.normalize(start)];
  for (let folder = open.pop(); folder !== undefined; folder = open.pop()) {
    if (folders.includes(folder)) continue;
    folders.push(folder);
    const document = readKustomization(ground, folder, diagnostics);
    if (document === undefined) continue;
    diagnostics.push(...remoteFiles(document));
    for (const entry of entriesOf(document)) open.push(...follow(ground, folder, entry, diagnostics));
  }
  return { folders, diagnostics };
}

/** The kustomization file of a folder, from the root. */
export function kustomizationFile(ground: Ground, folder: string): string | undefined {
  return names
    .map((name) => path.posix.join(folder, name))
    .find((file) => kindOf(fileOf(ground, file)) === 'file');
}

function readKustomization(
  ground: Ground,
  folder: string,
  diagnostics: Diagnostic[],
): YamlDocument | undefined {
  const file = kustomizationFile(ground, folder);
  if (file === undefined) return undefined; // the tool says so, and where it looked
  const parsed = parseYaml(readFileSync(fileOf(ground, file), 'utf8'), file);
  diagnostics.push(...parsed.diagnostics);
  return parsed.value?.[0];
}

interface Entry {
  readonly text: string;
  readonly document: YamlDocument;
  readonly steps: readonly PathStep[];
  readonly isSource: boolean;
}

function entriesOf(document: YamlDocument): readonly Entry[] {
  return [...sources, ...plugins].flatMap((field) =>
    listAt(document.value, field).flatMap((text, index) => {
      if (!isString(text) || text.includes('\n')) return [];
      const isSource = sources.some((one) => one === field);
      return [{ text, document, steps: [field, index], isSource }];
    }),
  );
}

function follow(ground: Ground, folder: string, entry: Entry, diagnostics: Diagnostic[]): readonly string[] {
  const { text, document, steps } = entry;
  const where = document.locate(steps);
  if (isRemote(text)) {
    diagnostics.push(problem('TRY-RENDER-005', where, { what: text }));
    return [];
  }
  const target = path.posix.join(folder, text);
  const isOutside = text.startsWith('/') || target === '..' || target.startsWith('../');
  if (isOutside || mountOf(ground, target) !== mountOf(ground, folder)) {
    diagnostics.push(problem('TRY-SPEC-030', where, { path: text }));
    return [];
  }
  const kind = kindOf(fileOf(ground, target));
  if (kind === undefined && entry.isSource)
    diagnostics.push(problem('TRY-SPEC-029', where, { path: text, suggestion: '' }));
  return kind === 'folder' ? [target.replace(/\/$/, '')] : [];
}

/** What kustomize would clone or download: URLs, scp-like addresses, known hosts, and anything with a revision. */
function isRemote(text: string): boolean {
  return /^[a-z+]+:\/\/|^git::|^[\w.-]+@[\w.-]+:|^github\.com[/:]|[?&](ref|version)=/i.test(text);
}

/** Files that the tool would fetch by HTTP: patches, generators' files, schemas. */
function remoteFiles(document: YamlDocument): readonly Diagnostic[] {
  const found: Diagnostic[] = [];
  const lists = ['crds', 'configurations', 'patchesStrategicMerge'].map((field) => [field]);
  const withPath = ['patches', 'patchesJson6902', 'replacements'].flatMap((field) =>
    listAt(document.value, field).map((_item, index): readonly PathStep[] => [field, index, 'path']),
  );
  const generated = ['configMapGenerator', 'secretGenerator'].flatMap((field) =>
    listAt(document.value, field).flatMap((_item, index) =>
      ['files', 'envs', 'env'].map((key): readonly PathStep[] => [field, index, key]),
    ),
  );
  for (const steps of [...lists, ...withPath, ...generated, ['openapi', 'path']]) {
    const value = at(document.value, ...steps);
    const texts = isString(value) ? [value] : listAt(document.value, ...steps);
    const remote = texts.find((text) => isString(text) && /^([\w.-]+=)?https?:\/\//i.test(text));
    if (isString(remote)) found.push(problem('TRY-RENDER-005', document.locate(steps), { what: remote }));
  }
  return found;
}

function kindOf(absolute: string): 'file' | 'folder' | undefined {
  const found = statSync(absolute, { throwIfNoEntry: false });
  if (found === undefined) return undefined;
  return found.isDirectory() ? 'folder' : 'file';
}
