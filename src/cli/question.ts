import { createInterface } from 'node:readline/promises';
import { failure } from '../lib/index.ts';
import type { Session } from './session.ts';

/** Refuses to begin where nobody is there to be asked and --yes does not answer for them. */
export function needsAnswer(options: { readonly yes?: boolean }, verb: string): void {
  if (options.yes === true || process.stdin.isTTY) return;
  throw failure('TORYO_USAGE', { why: `nobody is there to ask: give --yes to ${verb} without a question` });
}

/** Asks on stderr; only the whole word "yes" is a yes. */
export async function isConfirmed(question: string, session: Session): Promise<boolean> {
  const lines = createInterface({ input: process.stdin, output: process.stderr });
  try {
    const answer = await lines.question(`${question} Only "yes" does: `, { signal: session.run.signal });
    return answer.trim() === 'yes';
  } catch {
    // Ctrl-C and Ctrl-D are an answer too.
    throw failure('TORYO_INTERRUPTED', { what: 'asking' });
  } finally {
    lines.close();
  }
}
