import { claimedKeyOf, failure } from '../lib/index.ts';
import type { Outside } from './program.ts';
import { commitId, cutCommits, git, gitOutput } from './repository.ts';

/** Somebody who has a part in a commit: author, committer or co-author. */
export interface Author {
  readonly name: string;
  readonly email: string;
  /** Fingerprint of the SSH key that the committer's signature names; not verified. */
  readonly signer?: string;
}

/** Commits that a question is about: those of head that base does not have; of head alone when base is left out. */
export interface Range {
  readonly base?: string | undefined;
  readonly head: string;
}

/**
 * Everybody who has a part in the commits, each once. A commit that only approves (it has the trailer Toryo-Approve and changes
 * no file) is left out. Throws TORYO_GIT when the commits are not all here: who is missing might be the one that matters.
 */
export async function authorsBetween(
  root: string,
  range: Range,
  outside: Outside,
): Promise<readonly Author[]> {
  const commits = await commitsIn(root, range, outside);
  const authors = new Map<string, Author>();
  for (const author of commits.flatMap(authorsOf))
    authors.set(`${author.email.toLowerCase()} ${author.signer ?? ''}`, author);
  return [...authors.values()];
}

/** The ids of the commits of a range, verified to be all here. */
export async function revisionsOf(root: string, range: Range, outside: Outside): Promise<readonly string[]> {
  const [head, base] = await Promise.all(
    [range.head, range.base].map(async (name) => {
      const id = name === undefined ? undefined : await commitId(root, name, outside);
      if (name !== undefined && id === undefined) throw missing(`commit ${name} is not here`);
      return id;
    }),
  );
  return head === undefined ? [] : base === undefined ? [head] : [head, `^${base}`];
}

function missing(why: string): Error {
  const next = 'fetch the whole history (git fetch --unshallow; fetch-depth: 0 in a GitHub workflow)';
  return failure('TORYO_GIT', { program: 'git', why: `${why}: ${next}` });
}

interface Commit {
  readonly id: string;
  readonly parents: readonly string[];
  /** Header lines without what continues them. */
  readonly header: readonly string[];
  readonly signature: string;
  readonly message: string;
}

async function commitsIn(root: string, range: Range, outside: Outside): Promise<readonly Commit[]> {
  const revisions = await revisionsOf(root, range, outside);
  const isRange = range.base !== undefined;
  const text = await gitOutput(
    root,
    ['rev-list', '--header', ...(isRange ? [] : ['--first-parent', '--max-count=100']), ...revisions],
    outside,
  );
  const commits = text
    .split('\0')
    .filter((record) => record.trim() !== '')
    .map(commitFrom);
  if (!commits.every(isReadable))
    throw failure('TORYO_GIT', { program: 'git', why: 'a commit of the range cannot be read' });
  const cut = isRange ? await cutCommits(root, outside) : new Set<string>();
  if (commits.some(({ id }) => cut.has(id)))
    throw missing('some of the commits are not in this shallow clone');
  const changing: Commit[] = [];
  for (const commit of commits) {
    if (await isOnlyApproval(root, commit, outside)) continue;
    changing.push(commit);
    if (!isRange) break;
  }
  return changing;
}

/** Reads a record of `git rev-list --header`: the commit as it is stored, its message moved in by four spaces. */
function commitFrom(record: string): Commit {
  const end = record.indexOf('\n\n');
  const [id = '', ...lines] = (end === -1 ? record : record.slice(0, end)).split('\n');
  const header = lines.filter((line) => !line.startsWith(' '));
  const first = lines.findIndex((line) => line.startsWith('gpgsig'));
  const after = first === -1 ? [] : lines.slice(first + 1);
  const more = after.findIndex((line) => !line.startsWith(' '));
  const signature = [
    lines[first]?.replace(/^\S+ /, '') ?? '',
    ...(more === -1 ? after : after.slice(0, more)).map((line) => line.slice(1)),
  ].join('\n');
  const parents = header.filter((line) => line.startsWith('parent ')).map((line) => line.slice(7));
  const message = end === -1 ? '' : record.slice(end + 2).replaceAll(/^ {4}/gm, '');
  return { id, parents, header, signature, message };
}

/** Without this an author could be missed: rather no answer. */
function isReadable({ id, header }: Commit): boolean {
  const has = (role: string): boolean =>
    header.some((line) => line.startsWith(`${role} `) && line.includes('<'));
  return /^[0-9a-f]{40,64}$/.test(id) && has('author') && has('committer');
}

function authorsOf(commit: Commit): readonly Author[] {
  const key = claimedKeyOf(commit.signature);
  const signer = 'why' in key ? {} : { signer: key.fingerprint };
  const people = commit.header.flatMap((line) => {
    const [, role, name = '', email = ''] = /^(author|committer) (.*?) ?<([^>]*)>/.exec(line) ?? [];
    return role === undefined ? [] : [{ name, email, ...(role === 'committer' && signer) }];
  });
  // Wherever such a line stands in the message: rather one author too many.
  const others = [...commit.message.matchAll(/^[ \t]*co-authored-by:[ \t]*(.*?)[ \t]*<([^>\n]*)>/gim)];
  return [...people, ...others.map(([, name = '', email = '']) => ({ name, email }))];
}

async function isOnlyApproval(root: string, commit: Commit, outside: Outside): Promise<boolean> {
  if (commit.parents.length !== 1 || !/^Toryo-Approve:/im.test(commit.message)) return false;
  const trees = await git(
    root,
    ['rev-parse', '--verify', '--quiet', `${commit.parents[0] ?? ''}^{tree}`],
    outside,
  );
  return trees.exit === 0 && commit.header.includes(`tree ${trees.output.trim()}`);
}
