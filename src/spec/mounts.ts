import { realpathSync, statSync } from 'node:fs';
import path from 'node:path';

/** Where the files of a repository stand: below its root, and folders of the root that stand elsewhere. */
export interface Ground {
  /** Absolute path of the repository's root. */
  readonly root: string;
  /** Name of a folder directly below the root -> absolute path of where it really stands. */
  readonly mounts: ReadonlyMap<string, string>;
}

/** Folders that may stand outside of the repository, and the variable of the environment that says where. */
export const mountVariables: ReadonlyMap<string, string> = new Map([['corpus', 'TORYO_CORPUS']]);

/** The mounted folder that a path of the repository begins with. */
export function mountOf(ground: Ground, file: string): string | undefined {
  const first = path.posix.normalize(file).split('/')[0] ?? '';
  return ground.mounts.has(first) ? first : undefined;
}

/** The absolute path of a file of the repository, which is named with `/` from the root. */
export function fileOf(ground: Ground, file: string): string {
  const mount = mountOf(ground, file);
  if (mount === undefined) return path.join(ground.root, file);
  const below = path.posix.normalize(file).slice(mount.length);
  return path.join(ground.mounts.get(mount) ?? '', below);
}

/** The absolute path of a regular file that is named from the root; `missing`, or `outside` when it leads out of the repository. */
export function repositoryFile(
  ground: Ground,
  file: string,
): { readonly absolute: string } | 'missing' | 'outside' {
  const normal = path.posix.normalize(file);
  if (path.posix.isAbsolute(normal) || normal === '..' || normal.startsWith('../')) return 'outside';
  const absolute = fileOf(ground, normal);
  if (statSync(absolute, { throwIfNoEntry: false })?.isFile() !== true) return 'missing';
  const top = realpathSync(ground.mounts.get(mountOf(ground, normal) ?? '') ?? ground.root);
  return realpathSync(absolute).startsWith(top + path.sep) ? { absolute } : 'outside';
}
