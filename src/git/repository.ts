import { existsSync, readFileSync } from 'node:fs';
import { realpath } from 'node:fs/promises';
import path from 'node:path';
import { failure, type ToryoError } from '../lib/index.ts';
import { lastWords, runProgram, withFolder, type Answer, type Environment, type Outside } from './program.ts';

/** What Git says of a folder. */
export interface RepositoryFacts {
  /** Full id of the commit that is checked out. */
  readonly revision: string;
  /** True when files below the folder differ from that commit. */
  readonly isDirty: boolean;
  /** Those files, from the folder: changed, removed or not in the commit (ignored ones too, for a fleet reads them). */
  readonly changes: readonly string[];
  /** Undefined when a commit is checked out and no branch, as CI does. */
  readonly branch?: string;
}

/**
 * Configuration for reading a repository whose .git folder may come from a stranger: nothing that it names is run, fetched or
 * believed. What cannot be set in general, the filters by name, is in `withoutFilters`.
 */
const careful: readonly (readonly [key: string, value: string])[] = [
  ['advice.graftFileDeprecated', 'false'],
  ['core.fsmonitor', 'false'],
  ['core.hooksPath', '/dev/null'],
  ['core.splitIndex', 'false'],
  ['core.ignoreStat', 'false'],
  ['i18n.logOutputEncoding', 'UTF-8'],
  ['log.showSignature', 'false'],
  ['protocol.allow', 'never'],
  ['safe.bareRepository', 'explicit'],
  ['status.submoduleSummary', 'false'],
  ['trailer.separators', ':'],
];

// Replacements and grafts show another history than the commits have; the rest would wait for a person or the network.
const fixed: Environment = {
  LC_ALL: 'C',
  GIT_ALLOW_PROTOCOL: 'none',
  GIT_GRAFT_FILE: '/dev/null',
  GIT_NO_LAZY_FETCH: '1',
  GIT_NO_REPLACE_OBJECTS: '1',
  GIT_OPTIONAL_LOCKS: '0',
  GIT_PAGER: 'cat',
  GIT_TERMINAL_PROMPT: '0',
};

/** Variables that lead git elsewhere (GIT_DIR in a hook, GIT_TRACE …) are dropped; where the person's configuration is, is kept. */
const kept = /^GIT_(EXEC_PATH|CEILING_DIRECTORIES|CONFIG_(GLOBAL|SYSTEM|NOSYSTEM|COUNT|(KEY|VALUE)_\d+))$/;

function gitEnvironment(env: Environment, settings: readonly (readonly [string, string])[]): Environment {
  const dropped = Object.keys(env).filter((name) => name.startsWith('GIT_') && !kept.test(name));
  const own = /^\d{1,4}$/.exec(env['GIT_CONFIG_COUNT'] ?? '')?.[0] ?? '0';
  const all = [...careful, ...settings];
  const pairs = all.flatMap(([key, value], index) => [
    [`GIT_CONFIG_KEY_${Number(own) + index}`, key] as const,
    [`GIT_CONFIG_VALUE_${Number(own) + index}`, value] as const,
  ]);
  return {
    ...Object.fromEntries(dropped.map((name) => [name, undefined])),
    ...fixed,
    ...Object.fromEntries(pairs),
    GIT_CONFIG_COUNT: String(Number(own) + all.length),
  };
}

/** Settings and variables of one call of git besides those that every call has. */
export interface GitOptions {
  readonly settings?: readonly (readonly [key: string, value: string])[];
  readonly env?: Environment;
}

const refused = /dubious ownership|unsafe repository|safe\.bareRepository|cannot change to/;

/** Runs git in a folder. Throws TORYO_GIT when git does not take the folder at all; other refusals are the answer. */
export async function git(
  root: string,
  args: readonly string[],
  outside: Outside,
  options: GitOptions = {},
): Promise<Answer> {
  const answer = await runProgram(
    {
      program: 'git',
      args: ['-C', root, ...args],
      env: { ...gitEnvironment(outside.env, options.settings ?? []), ...options.env },
    },
    outside,
  );
  if (answer.exit !== 0 && refused.test(answer.said)) throw gitFailure(answer);
  return answer;
}

/** The same, where git has no reason to refuse: throws TORYO_GIT with its last words when it does. */
export async function gitOutput(
  root: string,
  args: readonly string[],
  outside: Outside,
  options: GitOptions = {},
): Promise<string> {
  const answer = await git(root, args, outside, options);
  if (answer.exit !== 0) throw gitFailure(answer);
  return answer.output;
}

function gitFailure(answer: Answer): ToryoError {
  return failure('TORYO_GIT', { program: 'git', why: lastWords(answer) });
}

/** What is checked out in that folder, and whether it is that; undefined where there is no repository or no commit yet. */
export async function repositoryFacts(root: string, outside: Outside): Promise<RepositoryFacts | undefined> {
  const prefix = await prefixOf(root, outside);
  const revision = prefix === undefined ? undefined : await commitId(root, 'HEAD', outside);
  if (prefix === undefined || revision === undefined) return undefined;
  const branch = await git(root, ['symbolic-ref', '--quiet', '--short', 'HEAD'], outside);
  const changes = await changesIn(root, prefix, outside);
  return {
    revision,
    isDirty: changes.length > 0,
    changes,
    ...(branch.exit === 0 && { branch: branch.output.trim() }),
  };
}

/** Where the folder is in its work tree, `` or `a/b/`; undefined when no repository has it. */
export async function prefixOf(root: string, outside: Outside): Promise<string | undefined> {
  const found = await git(root, ['rev-parse', '--is-inside-work-tree', '--show-prefix'], outside);
  if (found.exit !== 0 && found.said.includes('not a git repository')) return undefined;
  const [isInside, prefix = ''] = found.output.split('\n');
  if (found.exit !== 0) throw gitFailure(found);
  const top = isInside === 'true' ? await gitOutput(root, ['rev-parse', '--show-toplevel'], outside) : '';
  // core.worktree may name other files than those that are read.
  const whole = top === '' ? '' : path.join(await realpath(top.replace(/\n$/, '')), prefix);
  if (path.resolve(whole) !== (await realpath(root))) {
    const why = `${root} is not in the work tree of its repository: check core.worktree and core.bare`;
    throw failure('TORYO_GIT', { program: 'git', why });
  }
  return prefix;
}

/** The full id of a commit; undefined when there is none of that name here. */
export async function commitId(root: string, name: string, outside: Outside): Promise<string | undefined> {
  if (!/^\w[\w./-]*$/.test(name) || name.includes('..')) return undefined;
  const found = await git(root, ['rev-parse', '--verify', '--quiet', `${name}^{commit}`], outside);
  return found.exit === 0 ? found.output.trim() : undefined;
}

/**
 * Compares the files with the commit by an index of its own: marks in the repository's index (assume-unchanged, skip-worktree)
 * or its remembered times cannot hide a change, and nothing is written there.
 */
async function changesIn(root: string, prefix: string, outside: Outside): Promise<readonly string[]> {
  const options = { settings: await withoutFilters(root, outside) };
  return withFolder(outside.env, async (folder) => {
    const env = { GIT_INDEX_FILE: path.join(folder, 'index') };
    await gitOutput(root, ['read-tree', 'HEAD'], outside, { ...options, env });
    const status = await gitOutput(
      root,
      [
        'status',
        '--porcelain',
        '-z',
        '--no-renames',
        '--untracked-files=all',
        '--ignored=matching',
        // A submodule has a configuration of its own: it is looked at as the repository that it is.
        '--ignore-submodules=dirty',
        '--',
        '.',
      ],
      outside,
      { ...options, env },
    );
    const entries = status.split('\0').filter((entry) => entry !== '');
    const changes = entries
      .map((entry) => ({ mark: entry.slice(0, 2), file: entry.slice(3 + prefix.length) }))
      .filter(({ mark, file }) => !['??', '!!'].includes(mark) || isOfFleet(file))
      .map(({ file }) => file);
    return [...changes, ...(await changesInSubmodules(root, outside))];
  });
}

/** What is not in the commit counts only where a fleet is read from: not in dot-folders and node_modules. */
function isOfFleet(file: string): boolean {
  return !file.split('/').some((part) => part.startsWith('.') || part === 'node_modules');
}

async function changesInSubmodules(root: string, outside: Outside): Promise<readonly string[]> {
  const tree = await gitOutput(root, ['ls-tree', '-r', '-z', 'HEAD', '.'], outside);
  const folders = tree
    .split('\0')
    .filter((line) => line.startsWith('160000 '))
    .map((line) => line.slice(line.indexOf('\t') + 1))
    .filter((folder) => existsSync(path.join(root, folder, '.git')));
  const changes = await Promise.all(
    folders.map(async (folder) => {
      const facts = await repositoryFacts(path.join(root, folder), outside);
      return (facts?.changes ?? []).map((file) => `${folder}/${file}`);
    }),
  );
  return changes.flat();
}

/**
 * A filter is a program that git runs on files. Those of the person's own configuration (Git LFS) stay; those that the
 * repository's configuration brings are switched off, so that their files count as changed.
 */
export async function withoutFilters(
  root: string,
  outside: Outside,
): Promise<readonly (readonly [string, string])[]> {
  const args = ['config', '--show-scope', '--name-only', '-z', '--get-regexp', String.raw`^filter\.`];
  const parts = (await git(root, args, outside)).output.split('\0');
  return parts.flatMap((scope, index) => {
    const key = parts[index + 1];
    const isOurs = index % 2 === 0 && key !== undefined && (scope === 'local' || scope === 'worktree');
    return isOurs ? [[key, ''] as const] : [];
  });
}

/** Whether one commit is in the history of the other; undefined when a commit, or the history between, is not here. */
export async function isAncestor(
  root: string,
  older: string,
  newer: string,
  outside: Outside,
): Promise<boolean | undefined> {
  const [first, last] = [await commitId(root, older, outside), await commitId(root, newer, outside)];
  if (first === undefined || last === undefined) return undefined;
  const answer = await git(root, ['merge-base', '--is-ancestor', first, last], outside);
  if (answer.exit === 0) return true;
  if (answer.exit !== 1) throw gitFailure(answer);
  return (await cutCommits(root, outside)).size > 0 ? undefined : false;
}

/** Commits of a shallow clone whose parents are not here. */
export async function cutCommits(root: string, outside: Outside): Promise<ReadonlySet<string>> {
  const file = await gitOutput(root, ['rev-parse', '--git-path', 'shallow'], outside);
  const absolute = path.resolve(root, file.replace(/\n$/, ''));
  return new Set(existsSync(absolute) ? readFileSync(absolute, 'utf8').split('\n').filter(Boolean) : []);
}
