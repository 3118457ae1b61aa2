import { readdirSync, readFileSync, realpathSync, statSync } from 'node:fs';
import path from 'node:path';
import { compareText, problem, sha256, type Diagnostic, type Origin } from '../lib/index.ts';
import { fileOf, type Ground } from '../spec/index.ts';

/** A file that a tool may read: its path from the root, and the SHA-256 of its bytes. */
export interface Input {
  readonly file: string;
  readonly digest: string;
}

/** All files below some folders, and the links that lead out of the repository. */
export interface Inputs {
  readonly files: readonly Input[];
  readonly diagnostics: readonly Diagnostic[];
}

const skipped = new Set(['.git', 'node_modules']);

/** Everything below the folders (or single files) that a tool could read, in the order of names. */
export function inputsBelow(ground: Ground, targets: readonly string[]): Inputs {
  const files = new Map<string, Input>();
  const diagnostics: Diagnostic[] = [];
  const tops = groundTops(ground);
  const visit = (file: string, above: readonly string[]): void => {
    const absolute = realTarget(fileOf(ground, file));
    if (absolute === undefined || above.includes(absolute) || files.has(file)) return;
    if (!tops.some((top) => isWithin(absolute, top))) {
      diagnostics.push(problem('TRY-SPEC-030', firstLine(file), { path: file }));
      return;
    }
    if (!statSync(absolute).isDirectory()) {
      files.set(file, { file, digest: sha256(readFileSync(absolute)) });
      return;
    }
    for (const name of readdirSync(absolute).sort(compareText))
      if (!skipped.has(name)) visit(path.posix.join(file, name), [...above, absolute]);
  };
  for (const target of targets) visit(target, []);
  return { files: [...files.values()], diagnostics };
}

/** The real folders that files of the repository may stand in. */
function groundTops(ground: Ground): readonly string[] {
  return [ground.root, ...ground.mounts.values()].flatMap((top) => realTarget(top) ?? []);
}

/** The repository's name for an absolute path; undefined when it stands outside. */
export function repositoryPath(ground: Ground, absolute: string): string | undefined {
  for (const [name, mounted] of ground.mounts) {
    const top = realTarget(mounted);
    if (top !== undefined && isWithin(absolute, top))
      return path.posix.join(name, path.relative(top, absolute));
  }
  const top = realTarget(ground.root);
  return top !== undefined && isWithin(absolute, top) ? path.relative(top, absolute) : undefined;
}

/** The text with absolute paths below the repository written as the repository calls them. */
export function withoutMachinePaths(ground: Ground, text: string): string {
  const mounts = [...ground.mounts].flatMap(([name, at]) => [
    [`${at}/`, `${name}/`],
    [`${realTarget(at) ?? at}/`, `${name}/`],
  ]);
  const roots = [ground.root, realTarget(ground.root) ?? ground.root].map((top) => [`${top}/`, '']);
  let short = text;
  for (const [from = '', to = ''] of [...mounts, ...roots]) short = short.replaceAll(from, to);
  return short;
}

/** Line 1 of a file: where its objects come from when no line is known. */
export function firstLine(file: string): Origin {
  return { file, line: 1, column: 1, path: '' };
}

function isWithin(absolute: string, top: string): boolean {
  return absolute === top || absolute.startsWith(top + path.sep);
}

// A link to nothing is told when the repository is loaded.
function realTarget(absolute: string): string | undefined {
  try {
    return realpathSync(absolute);
  } catch {
    return undefined;
  }
}
