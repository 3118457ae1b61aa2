import { readFile } from 'node:fs/promises';
import path from 'node:path';
import { isFailure, known, unknown, type Known, type Run } from '../lib/index.ts';
import { authorsBetween, isAncestor, repositoryFacts, type Author } from '../git/index.ts';
import { isPlanText } from '../spec/index.ts';
import type { Environment } from './looking.ts';

/** What Git says of a fleet repository as it is read. */
export interface History {
  readonly revision: string;
  /** Files differ from the commit; plans that lie there do not count, for a fleet is not made from them. */
  readonly isDirty: boolean;
}

/** A repository whose history can be asked. */
export interface Repository {
  readonly root: string;
  readonly env: Environment;
  readonly run: Run;
}

/** Asks Git; unknown where there is no repository, no commit or no git. */
export async function historyOf(repository: Repository): Promise<Known<History>> {
  try {
    const facts = await repositoryFacts(repository.root, repository);
    if (facts === undefined) return unknown('the fleet is in no Git repository with a commit');
    const isPlan = await Promise.all(
      facts.changes.map((file) => isPlanFile(path.join(repository.root, file))),
    );
    return known({ revision: facts.revision, isDirty: isPlan.includes(false) });
  } catch (error) {
    if (isFailure(error, 'TORYO_GIT')) return unknown(error.message);
    throw error;
  }
}

async function isPlanFile(file: string): Promise<boolean> {
  if (!file.endsWith('.json')) return false;
  const text = await readFile(file, 'utf8').catch(() => '');
  return isPlanText(text);
}

/** Everybody with a part in the commits since any of the bases; undefined as a base: since nobody knows when. */
export async function authorsSince(
  bases: ReadonlySet<string | undefined>,
  repository: Repository,
): Promise<Known<readonly Author[]>> {
  const { root } = repository;
  try {
    const lists = await Promise.all(
      [...bases].map((base) => authorsBetween(root, { base, head: 'HEAD' }, repository)),
    );
    const authors = lists.flat();
    return known([
      ...new Map(authors.map((one) => [`${one.email.toLowerCase()} ${one.signer ?? ''}`, one])).values(),
    ]);
  } catch (error) {
    if (isFailure(error, 'TORYO_GIT')) return unknown(error.message);
    throw error;
  }
}

/** The commit that is delivered: none where files differ from it, for then it is not what is delivered. */
export function commitOf(history: Known<History>): string | undefined {
  return history.is === 'known' && !history.value.isDirty ? history.value.revision : undefined;
}

/** Whether another holder's commit is in the history of ours. */
export async function isNewerThan(
  other: string,
  commit: string | undefined,
  repository: Repository,
): Promise<boolean> {
  if (commit === undefined || other === commit) return false;
  return (await isAncestor(repository.root, other, commit, repository)) === true;
}

/** What a plan says about where its fleet comes from. */
export interface Provenance {
  readonly revision: string;
  readonly isDirty: boolean;
  /** Everybody with a part in what the plan brings; left out where that is not known. */
  readonly authors?: readonly Author[];
}

/** Where a fleet comes from; undefined where Git does not know. */
export async function provenanceOf(
  bases: ReadonlySet<string | undefined>,
  repository: Repository,
): Promise<Provenance | undefined> {
  const history = await historyOf(repository);
  if (history.is === 'unknown') return undefined;
  const authors = await authorsSince(bases, repository);
  return { ...history.value, ...(authors.is === 'known' ? { authors: authors.value } : {}) };
}
