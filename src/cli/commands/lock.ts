import { mkdir, readdir, rm } from 'node:fs/promises';
import path from 'node:path';
import { lockFolder } from '../../spec/index.ts';
import { buildAsWritten, type AsWritten, lockFiles, type Locked } from '../../toryo.ts';
import { invalid, readingFor, told } from '../repository.ts';
import type { Session } from '../session.ts';
import { replaceFile } from '../whole-file.ts';

/** What is locked, and whether it is written. */
export interface LockOptions {
  readonly check?: boolean;
  /** Images of every App and Addon. */
  readonly images?: boolean;
  /** True: all locked tags are asked for again; a list: those images. */
  readonly update?: true | readonly string[];
}

const differs = 5;

/** `toryo lock`: the only verb that writes toryo.lock. Nothing is written before everything is known. */
export async function lock(root: string, options: LockOptions, session: Session): Promise<number> {
  const isCheck = options.check === true;
  const asWritten = await openAsWritten(root, isCheck, session);
  if (asWritten === undefined) return invalid;
  const locked = await lockFiles(
    asWritten,
    {
      env: session.env,
      isEveryImage: options.images === true,
      isDry: isCheck,
      ...(options.update === undefined ? {} : { update: options.update === true ? 'all' : options.update }),
    },
    session.run,
  );
  const folder = path.join(root, lockFolder);
  const present = await readdir(folder).catch((): string[] => []);
  const changed = [...locked.files].filter(([, file]) => file.isChanged).map(([name]) => name);
  const stale = present.filter((name) => name.endsWith('.yaml') && !locked.files.has(name));
  session.print(
    [
      ...changed.map((name) => `write ${lockFolder}/${name}\n`),
      ...stale.map((name) => `remove ${lockFolder}/${name}\n`),
    ].join(''),
  );
  sayMoved(locked, session);
  if (isCheck) return changed.length + stale.length === 0 ? 0 : differs;
  await mkdir(folder, { recursive: true });
  for (const name of changed) await replaceFile(path.join(folder, name), locked.files.get(name)?.text ?? '');
  for (const name of stale) await rm(path.join(folder, name));
  session.say(
    `${session.style('green', '✓')} ${entriesText(locked.files.size)}, ${changed.length} written, ${stale.length} removed: commit ${lockFolder}\n`,
  );
  return 0;
}

async function openAsWritten(
  root: string,
  isCheck: boolean,
  session: Session,
): Promise<AsWritten | undefined> {
  const built = await buildAsWritten(root, readingFor(session), session.run);
  // What is not in toryo.lock is what this verb is there for.
  const diagnostics = built.diagnostics.filter(({ code }) => code !== 'TRY-LOCK-002');
  const asWritten = told({ ...built, diagnostics }, session);
  if (asWritten === undefined && !isCheck)
    session.say('nothing was written: correct these mistakes, and lock again\n');
  return asWritten;
}

const entriesText = (count: number): string => `${count} ${count === 1 ? 'entry' : 'entries'}`;

function sayMoved({ moved }: Locked, session: Session): void {
  for (const { owner, image, before, after } of moved)
    session.say(`${owner}: ${image} moved from ${before} to ${after}\n`);
}
