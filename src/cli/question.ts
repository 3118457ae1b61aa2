import { createInterface } from 'node:readline/promises';
import type { Session } from './session.ts';

/** Asks on stderr; only the whole word "yes" is a yes. */
export async function isConfirmed(question: string, session: Session): Promise<boolean> {
  const lines = createInterface({ input: process.stdin, output: process.stderr });
  try {
    const answer = await lines.question(`${question} Only "yes" does: `, { signal: session.run.signal });
    return answer.trim() === 'yes';
  } finally {
    lines.close();
  }
}
