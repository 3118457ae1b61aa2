import { readdirSync, statSync } from 'node:fs';
import { mkdir, readFile, rm } from 'node:fs/promises';
import path from 'node:path';
import { text } from 'node:stream/consumers';
import { compareText, failure, reasonOf, yamlText } from '../../lib/index.ts';
import {
  importPolicies,
  podSecurityVersions,
  readPolicies,
  type ImportedPolicy,
  type PolicyFile,
  type PolicyImport,
} from '../../guard/index.ts';
import { importMarkdown, importText, namespaceFields } from '../policy-import-text.ts';
import { inputName } from '../manifest-files.ts';
import { jsonDiagnostics } from '../diagnostics-text.ts';
import { invalid } from '../repository.ts';
import type { Session } from '../session.ts';
import { replaceFile } from '../whole-file.ts';

export interface GuardImportOptions {
  readonly out?: string;
  readonly overwrite?: boolean;
  readonly exact?: boolean;
  readonly kubernetes?: string;
}

/** `toryo guard import`: PodSecurityPolicies and their bindings as profiles and assignments, and what differs. */
export async function guardImport(
  sources: readonly string[],
  options: GuardImportOptions,
  session: Session,
): Promise<number> {
  const version = knownVersion(options.kubernetes);
  const read = readPolicies(await filesOf(sources));
  if (read.value === undefined) {
    session.tell(read.diagnostics);
    return invalid;
  }
  const found = importPolicies(read.value, { version, isExact: options.exact === true });
  const diagnostics = [...read.diagnostics, ...found.diagnostics];
  const isData = session.format === 'json' || session.format === 'yaml';
  if (!isData) session.tell(diagnostics);
  const written = options.out === undefined ? '' : await write(options, options.out, found.profiles, session);
  print(found, diagnostics, session);
  session.say(written);
  return 0;
}

function knownVersion(wanted: string | undefined): string {
  const oldest = podSecurityVersions.oldest.slice(1);
  const newest = podSecurityVersions.newest.slice(1);
  const version = wanted ?? newest;
  if (!/^1\.\d+$/.test(version))
    throw failure('TORYO_USAGE', { why: `--kubernetes ${version}: a version is written 1.35` });
  if (minorOf(version) < minorOf(oldest) || minorOf(version) > minorOf(newest))
    throw failure('TORYO_USAGE', { why: `--kubernetes ${version}: known are ${oldest} to ${newest}` });
  return version;
}

const minorOf = (version: string): number => Number(version.split('.')[1]);

function print(
  found: PolicyImport,
  diagnostics: Parameters<typeof jsonDiagnostics>[0],
  session: Session,
): void {
  const { format } = session;
  if (format === 'json' || format === 'jsonl' || format === 'yaml') {
    const data = { ...dataOf(found), diagnostics: jsonDiagnostics(diagnostics) };
    if (format === 'yaml') session.print(yamlText(JSON.parse(JSON.stringify(data))));
    else session.print(`${JSON.stringify(data, null, format === 'json' ? 2 : 0)}\n`);
  } else if (format === 'name')
    session.print(
      newProfiles(found.profiles)
        .map((one) => `${one.imported.profile.name}\n`)
        .join(''),
    );
  else if (format === 'markdown') session.print(importMarkdown(found));
  else session.show(importText(found, session.style, format === 'wide'));
}

function dataOf({ profiles, assignments, unknown }: PolicyImport): object {
  return {
    profiles: profiles.map(({ policies, origin, imported, level, comparison, notes, document }) => ({
      policies,
      origin,
      profile: imported.profile.name,
      level,
      isEquivalent: comparison.differences.length === 0,
      asked: comparison.asked,
      differences: comparison.differences.map(({ cases, together: _together, example, ...one }) => ({
        ...one,
        cases: cases.length,
        pod: { apiVersion: 'v1', kind: 'Pod', ...example },
      })),
      notes,
      document,
    })),
    assignments: {
      everywhere: assignments.everywhere ?? null,
      namespaces: assignments.namespaces.map((one) => ({ ...one, write: namespaceFields(one) })),
      left: assignments.left,
      unknown,
    },
  };
}

/** Profiles that have a document of their own. */
function newProfiles(profiles: readonly ImportedPolicy[]): readonly ImportedPolicy[] {
  return profiles.filter((one) => one.origin !== 'contains');
}

const endings = /\.(ya?ml|json|jsonl)$/;

async function filesOf(sources: readonly string[]): Promise<readonly PolicyFile[]> {
  const names = sources.flatMap((source) => (source === '-' ? [source] : namesBelow(source)));
  return Promise.all(
    [...new Set(names)].map(async (file) =>
      file === '-'
        ? { file: inputName, text: await text(process.stdin) }
        : { file, text: await readFile(file, 'utf8') },
    ),
  );
}

function namesBelow(source: string): readonly string[] {
  const stats = statSync(source, { throwIfNoEntry: false });
  if (stats === undefined) throw failure('TORYO_USAGE', { why: `there is no ${source}` });
  if (!stats.isDirectory()) return [source];
  return readdirSync(source, { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile() && endings.test(entry.name))
    .map((entry) => path.join(entry.parentPath, entry.name))
    .filter((file) => !/(^|\/)(\.[^/.][^/]*|node_modules)\//.test(path.relative(source, file)))
    .toSorted(compareText);
}

/** Writes the profiles; says what was written. */
async function write(
  options: GuardImportOptions,
  out: string,
  profiles: readonly ImportedPolicy[],
  { style }: Session,
): Promise<string> {
  const files = new Map(
    newProfiles(profiles).map((one) => [
      path.join(out, 'profiles', `${one.imported.profile.name}.yaml`),
      one.document,
    ]),
  );
  const before = new Map(
    await Promise.all([...files.keys()].map(async (file) => [file, await textOf(file)] as const)),
  );
  const changed = [...files].filter(([file, document]) => before.get(file) !== document);
  const other = changed.filter(([file]) => before.get(file) !== undefined).map(([file]) => file);
  if (other.length > 0 && options.overwrite !== true) {
    const why = `${other.join(', ')} would be replaced, and nothing was written: --overwrite does it`;
    throw failure('TORYO_USAGE', { why });
  }
  await writeAll(changed, before, path.join(out, 'profiles'));
  const replaced = other.map((file) => `replaced ${file}\n`).join('');
  const noun = changed.length === 1 ? 'profile' : 'profiles';
  return `${replaced}${style('green', '✓')} ${changed.length} ${noun} written to ${path.join(out, 'profiles')}, ${files.size - changed.length} unchanged\n`;
}

/** Writes all files, or puts back what was there. */
async function writeAll(
  files: readonly (readonly [file: string, document: string])[],
  before: ReadonlyMap<string, string | undefined>,
  folder: string,
): Promise<void> {
  const done: string[] = [];
  try {
    await mkdir(folder, { recursive: true });
    for (const [file, document] of files) {
      await replaceFile(file, document);
      done.push(file);
    }
  } catch (error) {
    for (const file of done) {
      const old = before.get(file);
      await (old === undefined ? rm(file, { force: true }) : replaceFile(file, old));
    }
    throw failure('TORYO_OUTPUT', { why: `${folder}: ${reasonOf(error)}` });
  }
}

async function textOf(file: string): Promise<string | undefined> {
  const stats = statSync(file, { throwIfNoEntry: false });
  return stats === undefined ? undefined : readFile(file, 'utf8');
}
