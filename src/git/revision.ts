import path from 'node:path';
import { failure } from '../lib/index.ts';
import { withFolder, type Outside } from './program.ts';
import { git, gitOutput, prefixOf, withoutFilters } from './repository.ts';

/** A commit as people name it: `main`, `v1.2`, `HEAD~3`, `origin/main`, `main@{1}`; never an option or a range. */
const revisionName = /^\w[\w./@{}~^+-]*$/;

/**
 * Does the work with the folder as it was in a commit, and removes that copy afterwards. Undefined where no commit has that
 * name. The copy has all of the repository, without submodules; the repository's own index and files stay as they are.
 */
export async function withRevision<T>(
  root: string,
  name: string,
  outside: Outside,
  work: (folder: string, commit: string) => Promise<T>,
): Promise<T | undefined> {
  if (!revisionName.test(name) || name.includes('..')) return undefined;
  const prefix = await prefixOf(root, outside);
  if (prefix === undefined) return undefined;
  const found = await git(
    root,
    ['rev-parse', '--verify', '--quiet', '--end-of-options', `${name}^{commit}`],
    outside,
  );
  if (found.exit !== 0) return undefined;
  const commit = found.output.trim();
  await refuseMissing(root, { commit, prefix, name }, outside);
  return withFolder(outside.env, async (folder) => {
    const files = path.join(folder, 'files');
    const options = {
      settings: await withoutFilters(root, outside),
      env: { GIT_INDEX_FILE: path.join(folder, 'index') },
    };
    const top = (await gitOutput(root, ['rev-parse', '--show-toplevel'], outside)).replace(/\n$/, '');
    await gitOutput(top, ['read-tree', commit], outside, options);
    await gitOutput(top, ['checkout-index', '--all', '--quiet', `--prefix=${files}/`], outside, options);
    return work(path.join(files, prefix), commit);
  });
}

async function refuseMissing(
  root: string,
  { commit, prefix, name }: { readonly commit: string; readonly prefix: string; readonly name: string },
  outside: Outside,
): Promise<void> {
  if (prefix === '') return;
  const found = await git(root, ['rev-parse', '--verify', '--quiet', `${commit}:${prefix}`], outside);
  if (found.exit !== 0) {
    const why = `${name} has no folder ${prefix.replace(/\/$/, '')}`;
    throw failure('TORYO_GIT', { program: 'git', why });
  }
}
