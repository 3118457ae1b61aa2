import {
  cpSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  renameSync,
  rmSync,
  writeFileSync,
} from 'node:fs';
import path from 'node:path';
import { fileURLToPath } from 'node:url';
import { failure, isDnsLabel, reasonOf } from '../lib/index.ts';

/** The examples that a repository can begin as. */
export type FleetTemplate = 'minimal' | 'acme';

/**
 * Copies a template into a new or empty folder: all of it, or nothing. Returns the files, relative to the folder. Throws
 * TORYO_USAGE when the folder has something in it or cannot be written.
 */
export async function initFleet(template: FleetTemplate, target: string): Promise<readonly string[]> {
  const from = fileURLToPath(new URL(`../../examples/${template}/`, import.meta.url));
  const folder = path.resolve(target);
  if (!existsSync(from)) throw failure('TORYO_USAGE', { why: `this package has no template ${template}` });
  refuseContent(folder, target);
  try {
    copyWhole(from, folder);
  } catch (error) {
    throw failure(
      'TORYO_USAGE',
      { why: `${target} cannot be written: ${reasonOf(error)}` },
      { cause: error },
    );
  }
  return filesBelow(folder);
}

function refuseContent(folder: string, target: string): void {
  if (!existsSync(folder)) return;
  const names = namesIn(folder, target).filter((name) => name !== '.git');
  if (names.length === 0) return;
  throw failure('TORYO_USAGE', {
    why: `${target} is not empty (${names.slice(0, 3).join(', ')}${names.length > 3 ? ', …' : ''}): choose a new folder`,
  });
}

function namesIn(folder: string, target: string): readonly string[] {
  try {
    return readdirSync(folder).sort();
  } catch (error) {
    throw failure('TORYO_USAGE', { why: `${target} is no folder` }, { cause: error });
  }
}

// Copied beside the target first: what fails half way leaves nothing behind.
function copyWhole(from: string, folder: string): void {
  mkdirSync(path.dirname(folder), { recursive: true });
  const beside = mkdtempSync(path.join(path.dirname(folder), '.toryo-init-'));
  try {
    cpSync(from, beside, { recursive: true });
    nameFleet(path.join(beside, 'fleet.yaml'), path.basename(folder));
    mkdirSync(folder, { recursive: true });
    for (const name of readdirSync(beside)) renameSync(path.join(beside, name), path.join(folder, name));
  } finally {
    rmSync(beside, { recursive: true, force: true });
  }
}

// Two fleets of one name would take each other's sandboxes and marks: the folder's name is the fleet's, where it can be one.
function nameFleet(file: string, name: string): void {
  if (!isDnsLabel(name)) return;
  const text = readFileSync(file, 'utf8');
  writeFileSync(file, text.replace(/(kind: Fleet\nmetadata: \{ name: )[a-z0-9-]+/, `$1${name}`));
}

function filesBelow(folder: string): readonly string[] {
  const entries = readdirSync(folder, { recursive: true, withFileTypes: true });
  return entries
    .filter((entry) => entry.isFile())
    .map((entry) => path.relative(folder, path.join(entry.parentPath, entry.name)).split(path.sep).join('/'))
    .filter((file) => !file.startsWith('.git/'))
    .sort();
}
