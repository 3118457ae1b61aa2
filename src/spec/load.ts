import { statSync } from 'node:fs';
import path from 'node:path';
import { inReadingOrder, isClean, problem, type Checked, type Run } from '../lib/index.ts';
import { localTarget } from './app-rules.ts';
import type { Fleet } from './fleet.ts';
import { evaluate, fleetCode, type Evaluation } from './evaluation.ts';
import { fileOrigin, listFolder, type RepositoryFile } from './folder.ts';
import { lockFolder, readLock } from './lock.ts';
import { readDocuments, strayFiles, type Reading } from './reading.ts';
import { resolve } from './resolution.ts';
import { kinds } from './schema/index.ts';

/** How a repository is read. */
export interface LoadOptions {
  /** False refuses a fleet written in TypeScript, for pull requests from strangers. */
  readonly allowCode?: boolean;
  /** Folders directly below the root that stand elsewhere: name -> absolute path. */
  readonly mounts?: ReadonlyMap<string, string>;
  /** Texts that stand for files as they would be: path from the root -> text. */
  readonly texts?: ReadonlyMap<string, string>;
}

/** Reads a fleet repository. The only place of this room that touches files; it never asks the network. */
export async function load(root: string, run: Run, options: LoadOptions = {}): Promise<Checked<Fleet>> {
  const absolute = path.resolve(root);
  const found = statSync(absolute, { throwIfNoEntry: false });
  if (found?.isDirectory() !== true) {
    const why = found === undefined ? `there is no folder ${root}` : `${root} is a file: name its folder`;
    return { value: undefined, diagnostics: [problem('TRY-SPEC-043', fileOrigin(root), { why })] };
  }
  const folder = listFolder(absolute);
  const lock = readLock(absolute, folder.files);
  const files = folder.files.filter((one) => !one.file.startsWith(`${lockFolder}/`));
  const reading = withCode(
    readDocuments(absolute, files, options.texts ?? new Map()),
    await codeOf(absolute, files, run, options),
  );
  const fleet = resolve({
    root: absolute,
    mounts: options.mounts ?? new Map(),
    documents: reading.documents,
    unread: reading.unread,
    lock: lock.lock,
    unreadLocks: new Set(lock.diagnostics.map(({ at }) => path.posix.basename(at.file))),
    now: run.now(),
  });
  const sources = sourceFolders(fleet.sound);
  const stray =
    !isClean(reading.diagnostics) || hidesSources(fleet)
      ? [] // what a source that could not be read would read is not known
      : strayFiles(absolute, reading.others, (file) => isInOneOf(file, sources));
  const diagnostics = inReadingOrder([
    ...folder.diagnostics,
    ...lock.diagnostics,
    ...reading.diagnostics,
    ...fleet.diagnostics,
    ...stray,
  ]);
  return isClean(diagnostics)
    ? { value: fleet.value, diagnostics }
    : { ...fleet, value: undefined, diagnostics };
}

/** True where mistakes hide which files some source or gate reads. */
function hidesSources({ value, sound }: Checked<Fleet>): boolean {
  if (value !== undefined || sound === undefined) return false;
  const isLeft = sound.leftOut?.titles.some((title) =>
    /^(App|Addon|Cluster|ClusterTemplate|Fleet)\//.test(title),
  );
  return isLeft === true || [...sound.apps, ...sound.addons].some(({ on }) => on.size === 0);
}

/** What `fleet.ts` at the root defines; undefined where there is none. */
async function codeOf(
  root: string,
  files: readonly RepositoryFile[],
  run: Run,
  options: LoadOptions,
): Promise<Evaluation | undefined> {
  if (!files.some((one) => one.file === fleetCode)) return undefined;
  if (options.allowCode !== false) return evaluate(root, run);
  return {
    documents: [],
    diagnostics: [problem('TRY-CODE-002', fileOrigin(fleetCode), { file: fleetCode })],
  };
}

function withCode(reading: Reading, code: Evaluation | undefined): Reading {
  if (code === undefined) return reading;
  // Code that failed may have been about to define anything: nothing is called missing because of it.
  const unread = isClean(code.diagnostics) ? [] : kinds.map((kind) => ({ kind, name: '' }));
  return {
    documents: [...reading.documents, ...code.documents],
    unread: [...reading.unread, ...unread],
    others: reading.others,
    diagnostics: [...reading.diagnostics, ...code.diagnostics],
  };
}

/** Folders and files that some source or gate reads, from the root; a kustomization's bases may stand beside it. */
function sourceFolders(fleet: Fleet | undefined): ReadonlySet<string> {
  if (fleet === undefined) return new Set();
  const found = new Set(jobFiles(fleet));
  for (const app of fleet.apps) for (const on of app.on.values()) add(app.folder, localTarget(on.source));
  for (const addon of fleet.addons) {
    for (const on of addon.on.values()) if (on.from !== 'catalog') add(addon.folder, localTarget(on.from));
  }
  return found;

  function add(folder: string, [field, target]: readonly [readonly string[], string | undefined]): void {
    if (target === undefined) return;
    // An overlay reads its bases, which stand anywhere below the App's own folder.
    found.add(field[0] === 'kustomize' ? folder : path.posix.normalize(path.posix.join(folder, target)));
  }
}

function jobFiles(fleet: Fleet): readonly string[] {
  const questions = fleet.waves.flatMap((wave) => wave.gates.map((gate) => gate.question));
  return questions.flatMap((question) => (question.kind === 'job' ? [question.file] : []));
}

// Upwards from the file: a few look-ups, however many sources there are.
function isInOneOf(file: string, sources: ReadonlySet<string>): boolean {
  for (let here = file; here !== '.'; here = path.posix.dirname(here)) if (sources.has(here)) return true;
  return sources.has('.');
}
