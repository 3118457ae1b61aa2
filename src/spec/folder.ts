import { type Dirent, readdirSync, realpathSync, statSync } from 'node:fs';
import path from 'node:path';
import { at, compareText, failure, problem, type Diagnostic, type Origin } from '../lib/index.ts';

/** A file of the repository: its path from the root with `/`, and its size in bytes. */
export interface RepositoryFile {
  readonly file: string;
  readonly size: number;
}

/** Everything below the root that could be read, in the order of names, and the links that could not be followed. */
export interface Folder {
  readonly files: readonly RepositoryFile[];
  readonly diagnostics: readonly Diagnostic[];
}

const skipped = new Set(['node_modules']);

/** Lists a repository. Dot-folders and node_modules are not part of a fleet; links must stay inside and may not loop. */
export function listFolder(root: string): Folder {
  const files: RepositoryFile[] = [];
  const diagnostics: Diagnostic[] = [];
  const top = realpathSync(root);
  const visit = (folder: string, real: string, above: readonly string[]): void => {
    for (const entry of entriesOf(path.join(root, folder))) {
      if (entry.name.startsWith('.') || skipped.has(entry.name)) continue;
      const file = folder === '' ? entry.name : `${folder}/${entry.name}`;
      const found = followed({ entry, file, root, top, above: [...above, real] }, diagnostics);
      if (found === 'folder') visit(file, realpathSync(path.join(root, file)), [...above, real]);
      else if (found !== undefined) files.push({ file, size: found });
    }
  };
  visit('', top, []);
  return { files, diagnostics };
}

function entriesOf(folder: string): readonly Dirent[] {
  try {
    return readdirSync(folder, { withFileTypes: true }).sort((a, b) => compareText(a.name, b.name));
  } catch (error) {
    const why = `${folder} cannot be read (${String(at(error, 'code'))}): name the folder of a fleet`;
    throw failure('TORYO_USAGE', { why });
  }
}

interface Entry {
  readonly entry: Dirent;
  readonly file: string;
  readonly root: string;
  readonly top: string;
  readonly above: readonly string[];
}

function followed(one: Entry, diagnostics: Diagnostic[]): 'folder' | number | undefined {
  const { entry, file, root, top, above } = one;
  const absolute = path.join(root, file);
  if (entry.isDirectory()) return 'folder';
  if (entry.isFile()) return statSync(absolute).size;
  if (!entry.isSymbolicLink()) return irregular(file, diagnostics);
  const target = realTarget(absolute);
  if (!path.isAbsolute(target) || above.includes(target)) {
    const where = path.isAbsolute(target) ? 'back to itself' : target;
    diagnostics.push(problem('TRY-SPEC-031', fileOrigin(file), { path: file, where }));
    return undefined;
  }
  if (target !== top && !target.startsWith(top + path.sep)) {
    diagnostics.push(problem('TRY-SPEC-030', fileOrigin(file), { path: file }));
    return undefined;
  }
  const stat = statSync(absolute);
  return stat.isDirectory() ? 'folder' : stat.size;
}

// A pipe or a device would be waited for; one that looks like a document must not be passed over in silence.
function irregular(file: string, diagnostics: Diagnostic[]): undefined {
  if (/\.(ya?ml|json|ts)$/.test(file))
    diagnostics.push(problem('TRY-SPEC-039', fileOrigin(file), { why: `${file} is no regular file` }));
  return undefined;
}

/** Where a link leads, absolute; `nowhere` and `back to itself` when it leads to no file. */
function realTarget(absolute: string): string {
  try {
    return realpathSync(absolute);
  } catch (error) {
    return at(error, 'code') === 'ELOOP' ? 'back to itself' : 'nowhere';
  }
}

/** The beginning of a file. */
export function fileOrigin(file: string): Origin {
  return { file, line: 1, column: 1, path: '' };
}
