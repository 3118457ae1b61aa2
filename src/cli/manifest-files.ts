import { existsSync, readdirSync, readFileSync, statSync } from 'node:fs';
import path from 'node:path';
import { text } from 'node:stream/consumers';
import { compareText, failure, type Diagnostic } from '../lib/index.ts';
import { readManifests } from '../render/index.ts';
import type { Asked } from '../toryo.ts';

/** What standard input is called in messages. */
export const inputName = 'stdin';

/** Objects of some files that are whole, and the mistakes in the others. */
export interface ReadFiles {
  readonly asked: readonly Asked[];
  readonly diagnostics: readonly Diagnostic[];
}

/** Reads files of manifests as `kubectl create` takes them; `-` is standard input. Throws TORYO_USAGE for a file that is not there, and one that holds nothing. */
export async function readFiles(files: readonly string[]): Promise<ReadFiles> {
  const read = await Promise.all([...new Set(files)].map(readOne));
  return {
    asked: read.flatMap(({ asked }) => asked),
    diagnostics: read.flatMap(({ diagnostics }) => diagnostics),
  };
}

async function readOne(file: string): Promise<ReadFiles> {
  const isInput = file === '-';
  if (!isInput && !existsSync(file)) throw failure('TORYO_USAGE', { why: `there is no file ${file}` });
  const name = isInput ? inputName : file;
  const content = isInput ? await text(process.stdin) : readFileSync(file, 'utf8');
  const { value, sound = value ?? [], diagnostics } = readManifests(content, name, { isGenerated: true });
  if (sound.length === 0 && diagnostics.length === 0)
    throw failure('TORYO_USAGE', { why: `${name} holds no manifest` });
  return { asked: sound, diagnostics };
}

const endings = /\.(ya?ml|json)$/;

/** True for what is there and is a folder. */
export function isFolder(name: string): boolean {
  return statSync(name, { throwIfNoEntry: false })?.isDirectory() === true;
}

/** Files of manifests that stand in a folder itself, in the order of names. Throws TORYO_USAGE when there is none. */
export function filesIn(folder: string): readonly string[] {
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
