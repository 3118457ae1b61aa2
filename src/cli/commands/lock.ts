import { mkdir, readdir, rm, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { lockFolder } from '../../spec/index.ts';
import { lockFiles } from '../../toryo.ts';
import { invalid, openFleet } from '../repository.ts';
import type { Session } from '../session.ts';

const differs = 5;

/** `toryo lock`: the only verb that writes toryo.lock. */
export async function lock(
  root: string,
  options: { readonly check?: boolean },
  session: Session,
): Promise<number> {
  const built = await openFleet(root, session);
  if (built === undefined) return invalid;
  const wanted = await lockFiles(built, session.env, session.run);
  const folder = path.join(root, lockFolder);
  const present = await readdir(folder).catch((): string[] => []);
  const changed = [...wanted].filter(([, file]) => file.isChanged).map(([name]) => name);
  const stale = present.filter((name) => name.endsWith('.yaml') && !wanted.has(name));
  session.print(
    [
      ...changed.map((name) => `write ${lockFolder}/${name}\n`),
      ...stale.map((name) => `remove ${lockFolder}/${name}\n`),
    ].join(''),
  );
  if (options.check === true) return changed.length + stale.length === 0 ? 0 : differs;
  await mkdir(folder, { recursive: true });
  for (const name of changed) await writeFile(path.join(folder, name), wanted.get(name)?.text ?? '');
  for (const name of stale) await rm(path.join(folder, name));
  session.say(
    `${session.style('green', '✓')} ${wanted.size} entries, ${changed.length} written, ${stale.length} removed: commit ${lockFolder}\n`,
  );
  return 0;
}
