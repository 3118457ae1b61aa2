import { existsSync, readdirSync, readFileSync, statSync } from 'node:fs';
import path from 'node:path';
import { text } from 'node:stream/consumers';
import { compareText, failure, isClean, problem, type Diagnostic } from '../lib/index.ts';
import { readManifests } from '../render/index.ts';
import type { Asked } from '../toryo.ts';

/** What standard input is called in messages. */
export const inputName = 'stdin';

/** Objects of some files that are whole, and the mistakes in the others. */
export interface ReadFiles {
  readonly asked: readonly Asked[];
  readonly diagnostics: readonly Diagnostic[];
  /** Names of files of which nothing, or not everything, could be read. */
  readonly unread: readonly string[];
}

/**
 * Reads files of manifests as `kubectl create` takes them; `-` is standard input, of a folder those in it that hold manifests.
 * Throws TORYO_USAGE for a file that is not there, and for a folder without manifests.
 */
export async function readFiles(names: readonly string[]): Promise<ReadFiles> {
  const read = await Promise.all(
    [...new Set(names)].map(async (name) => (isFolder(name) ? inFolder(name) : named(name))),
  );
  return joined(read);
}

function joined(read: readonly ReadFiles[]): ReadFiles {
  return {
    asked: read.flatMap(({ asked }) => asked),
    diagnostics: read.flatMap(({ diagnostics }) => diagnostics),
    unread: [...new Set(read.flatMap(({ unread }) => unread))],
  };
}

async function named(file: string): Promise<ReadFiles> {
  const isInput = file === '-';
  if (!isInput && !existsSync(file)) throw failure('TORYO_USAGE', { why: `there is no file ${file}` });
  const name = isInput ? inputName : file;
  const read = readText(isInput ? await text(process.stdin) : readFileSync(file, 'utf8'), name);
  if (!isNothing(read)) return read;
  const at = { file: name, line: 1, column: 1, path: '' };
  return { asked: [], diagnostics: [problem('TRY-OBJ-015', at, { file: name })], unread: [name] };
}

/** Of files that nobody named, those without manifests are passed over: a folder holds documents of Toryo too. */
function inFolder(folder: string): ReadFiles {
  const read = joined(filesIn(folder).map((file) => readText(readFileSync(file, 'utf8'), file)));
  if (isNothing(read)) throw failure('TORYO_USAGE', { why: `${folder} holds no manifest` });
  return read;
}

function readText(content: string, name: string): ReadFiles {
  const { value, sound = value ?? [], diagnostics } = readManifests(content, name, { isGenerated: true });
  return { asked: sound, diagnostics, unread: isClean(diagnostics) ? [] : [name] };
}

function isNothing({ asked, diagnostics }: ReadFiles): boolean {
  return asked.length === 0 && diagnostics.length === 0;
}

const endings = /\.(ya?ml|json)$/;

/** True for what is there and is a folder. */
export function isFolder(name: string): boolean {
  return statSync(name, { throwIfNoEntry: false })?.isDirectory() === true;
}

/** Files of manifests that stand in a folder itself, in the order of names. Throws TORYO_USAGE when there is none. */
function filesIn(folder: string): readonly string[] {
  const files = readdirSync(folder, { withFileTypes: true })
    .filter((entry) => !entry.isDirectory() && !entry.name.startsWith('.') && endings.test(entry.name))
    .map(({ name }) => path.join(folder, name))
    .toSorted(compareText);
  if (files.length === 0)
    throw failure('TORYO_USAGE', { why: `${folder} holds no file of manifests (.yaml, .yml, .json)` });
  return files;
}

/** True for a folder with a document of kind Fleet in it or below. */
export function isFleet(folder: string): boolean {
  const entries = readdirSync(folder, { withFileTypes: true })
    .filter(({ name }) => !name.startsWith('.') && name !== 'node_modules')
    .map((entry) => path.join(folder, entry.name));
  const isFound = entries.some(
    (file) => /\.(ya?ml|json|ts)$/.test(file) && !isFolder(file) && namesFleet(file),
  );
  return isFound || entries.some((entry) => isFolder(entry) && isFleet(entry));
}

function namesFleet(file: string): boolean {
  const content = existsSync(file) ? readFileSync(file, 'utf8') : '';
  return /\bkind['"]?:\s*['"]?Fleet\b|\bdefineFleet\b/.test(content);
}
