import { readFile } from 'node:fs/promises';
import { homedir } from 'node:os';
import { delimiter, dirname, join, resolve } from 'node:path';
import {
  failure,
  isObject,
  known,
  listAt,
  objectAt,
  parseYaml,
  reasonOf,
  stringAt,
  unknown,
  type JsonObject,
  type Known,
} from '../lib/index.ts';

/** One cluster, user or context of a kubeconfig, and the file that it stands in. */
export interface KubeconfigEntry {
  readonly file: string;
  /** For messages: `users[admin].user`. */
  readonly path: string;
  readonly fields: JsonObject;
  /** Texts of the files that the fields name, by field. One that cannot be read matters only when it is used. */
  readonly texts: ReadonlyMap<string, Known<string>>;
}

/** Several files merged as kubectl merges them: the first that says something wins. */
export interface Kubeconfig {
  readonly files: readonly string[];
  readonly currentContext: string | undefined;
  readonly contexts: ReadonlyMap<string, KubeconfigEntry>;
  readonly clusters: ReadonlyMap<string, KubeconfigEntry>;
  readonly users: ReadonlyMap<string, KubeconfigEntry>;
}

/** The files that kubectl would read: KUBECONFIG, else ~/.kube/config. */
export function kubeconfigFiles(env: Readonly<Record<string, string | undefined>>): readonly string[] {
  const named = (env['KUBECONFIG'] ?? '').split(delimiter).filter((file) => file !== '');
  if (named.length > 0) return [...new Set(named)];
  return [join(env['HOME'] ?? homedir(), '.kube', 'config')];
}

interface Sections {
  readonly file: string;
  readonly currentContext: string | undefined;
  readonly contexts: readonly Named[];
  readonly clusters: readonly Named[];
  readonly users: readonly Named[];
}

interface Named {
  readonly name: string;
  readonly entry: KubeconfigEntry;
}

/** Reads and merges kubeconfig files. Files that do not exist are left out unless none exists. Throws TORYO_KUBECONFIG naming file and field. */
export async function readKubeconfig(files: readonly string[]): Promise<Kubeconfig> {
  const read = await Promise.all(files.map((file) => readSections(resolve(file))));
  const found = read.filter((sections) => sections !== undefined);
  if (found.length === 0) throw kubeconfigFailure(files.join(delimiter), 'there is no such file');
  return {
    files: found.map((sections) => sections.file),
    currentContext: found.find((sections) => sections.currentContext !== undefined)?.currentContext,
    contexts: merged(found.map((sections) => sections.contexts)),
    clusters: merged(found.map((sections) => sections.clusters)),
    users: merged(found.map((sections) => sections.users)),
  };
}

/** The error of a kubeconfig; `why` names the field. */
export function kubeconfigFailure(file: string, why: string, cause?: unknown): Error {
  return failure('TORYO_KUBECONFIG', { file, why }, { cause });
}

function merged(lists: readonly (readonly Named[])[]): ReadonlyMap<string, KubeconfigEntry> {
  const entries = new Map<string, KubeconfigEntry>();
  for (const { name, entry } of lists.flat()) if (!entries.has(name)) entries.set(name, entry);
  return entries;
}

async function readSections(file: string): Promise<Sections | undefined> {
  const text = await textOf(file);
  if (text === undefined) return undefined;
  const content = contentOf(text, file);
  const current = stringAt(content, 'current-context');
  return {
    file,
    currentContext: current === '' ? undefined : current,
    contexts: await section(file, content, 'contexts'),
    clusters: await section(file, content, 'clusters'),
    users: await section(file, content, 'users'),
  };
}

function contentOf(text: string, file: string): JsonObject {
  const { value: documents, diagnostics } = parseYaml(text, file);
  for (const { at, args } of diagnostics)
    throw kubeconfigFailure(`${file}:${at.line}:${at.column}`, `not YAML: ${Object.values(args).join(' ')}`);
  const content = documents?.[0]?.value ?? {};
  if (isObject(content)) return content;
  throw kubeconfigFailure(file, 'it is not a mapping of fields');
}

async function textOf(file: string): Promise<string | undefined> {
  try {
    return await readFile(file, 'utf8');
  } catch (error) {
    if (error instanceof Error && 'code' in error && error.code === 'ENOENT') return undefined;
    throw kubeconfigFailure(file, reasonOf(error), error);
  }
}

const fileFields = ['certificate-authority', 'client-certificate', 'client-key'] as const;

async function section(
  file: string,
  content: JsonObject,
  plural: 'contexts' | 'clusters' | 'users',
): Promise<readonly Named[]> {
  const singular = plural.slice(0, -1);
  const seen = new Set<string>();
  const found = listAt(content, plural).map((item, index) => {
    const name = stringAt(item, 'name');
    if (name === undefined) throw kubeconfigFailure(file, `${plural}[${index}].name is missing`);
    if (seen.has(name)) throw kubeconfigFailure(file, `${plural}[${index}].name: ${name} is there twice`);
    seen.add(name);
    return { name, path: `${plural}[${name}].${singular}`, fields: objectAt(item, singular) };
  });
  return await Promise.all(
    found.map(async ({ name, path, fields }) => ({
      name,
      entry: { file, path, fields, texts: await namedTexts(file, fields) },
    })),
  );
}

async function namedTexts(file: string, fields: JsonObject): Promise<ReadonlyMap<string, Known<string>>> {
  const texts = new Map<string, Known<string>>();
  for (const field of fileFields) {
    const named = stringAt(fields, field);
    // The embedded form wins, as in kubectl.
    const isEmbedded = (stringAt(fields, `${field}-data`) ?? '') !== '';
    if (named === undefined || named === '' || isEmbedded) continue;
    texts.set(field, await readKnown(resolve(dirname(file), named)));
  }
  return texts;
}

async function readKnown(file: string): Promise<Known<string>> {
  try {
    return known(await readFile(file, 'utf8'));
  } catch (error) {
    return unknown(reasonOf(error));
  }
}
