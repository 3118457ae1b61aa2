import { readFileSync } from 'node:fs';
import { parseJson, stringAt } from '../../lib/index.ts';
import type { Session } from '../session.ts';

/** The package's version. */
export function packageVersion(): string {
  return (
    stringAt(parseJson(readFileSync(new URL('../../../package.json', import.meta.url), 'utf8')), 'version') ??
    'unknown'
  );
}

/** `toryo version`. */
export function version(session: Session): Promise<number> {
  const data = { toryo: packageVersion(), node: process.version };
  session.print(
    session.format === 'json' ? `${JSON.stringify(data)}\n` : `toryo ${data.toryo} (Node.js ${data.node})\n`,
  );
  return Promise.resolve(0);
}
