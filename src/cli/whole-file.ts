import { randomUUID } from 'node:crypto';
import { open, realpath, rename, rm, stat } from 'node:fs/promises';
import path from 'node:path';
import { at } from '../lib/index.ts';

/**
 * Writes a file that is whole at every moment: a draft beside it takes its place when all of it is on the disk. Whatever goes
 * wrong, the old one is still there, or none.
 */
export async function replaceFile(name: string, text: string): Promise<void> {
  const before = await ifThere(() => stat(name));
  if (before !== undefined && !before.isFile()) throw new Error('it is no regular file');
  // A link stays one, and what it leads to is replaced.
  const file = before === undefined ? path.resolve(name) : await realpath(name);
  const draft = path.join(path.dirname(file), `.${path.basename(file)}.${randomUUID()}`);
  try {
    const handle = await open(draft, 'wx', before?.mode ?? 0o644);
    try {
      await handle.writeFile(text);
      await handle.sync();
    } finally {
      await handle.close();
    }
    await rename(draft, file);
  } catch (error) {
    await rm(draft, { force: true });
    throw error;
  }
}

async function ifThere<T>(ask: () => Promise<T>): Promise<T | undefined> {
  try {
    return await ask();
  } catch (error) {
    if (at(error, 'code') === 'ENOENT') return undefined;
    throw error;
  }
}
