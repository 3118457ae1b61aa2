import { initFleet } from '../../spec/index.ts';
import type { Session } from '../session.ts';

/** `toryo init`: a fleet repository to begin with. */
export async function init(
  folder: string,
  options: { readonly template: 'minimal' | 'acme' },
  session: Session,
): Promise<number> {
  const files = await initFleet(options.template, folder);
  session.say(
    `${session.style('green', '✓')} ${files.length} files in ${folder}, from template ${options.template}\n`,
  );
  session.say(`  toryo check ${folder}\n  toryo apply ${folder}\n`);
  return 0;
}
