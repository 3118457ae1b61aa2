import path from 'node:path';
import type { Checked } from '../lib/index.ts';
import { build, type Built, type Reading } from '../toryo.ts';
import { countText } from './diagnostics-text.ts';
import type { Session } from './session.ts';

/** How the command line reads a repository: the environment, and the corpus where TORYO_CORPUS says. */
export function readingFor(session: Session, allowCode = true): Reading {
  const corpus = session.env['TORYO_CORPUS'];
  const mounts = new Map(corpus === undefined || corpus === '' ? [] : [['corpus', path.resolve(corpus)]]);
  return { env: session.env, allowCode, mounts };
}

/** How a fleet is opened: warnings in full, or counted; a fleet written in TypeScript, or not. */
interface Opening {
  readonly showsWarnings?: boolean;
  /** Which of several fleets it is, `before`. */
  readonly side?: string;
}

/** Reads, renders and compiles; undefined after mistakes, which are told. Warnings are told, or counted. */
export async function openFleet(
  root: string,
  session: Session,
  opening: Opening = {},
): Promise<Built | undefined> {
  return told(await build(root, readingFor(session), session.run), session, opening);
}

/** The value, undefined after mistakes, which are told; warnings are told, or counted. */
export function told<T>(
  { value, diagnostics }: Checked<T>,
  session: Session,
  opening: Opening = {},
): T | undefined {
  const isShown = opening.showsWarnings === true || value === undefined;
  if (isShown) session.tell(diagnostics);
  else if (diagnostics.length > 0) {
    const pronoun = diagnostics.length === 1 ? 'it' : 'them';
    const side = opening.side === undefined ? '' : `${opening.side}: `;
    session.say(`${side}${countText(diagnostics)}: \`toryo check\` shows ${pronoun}\n`);
  }
  return value;
}

/** Exit code of a configuration that cannot be used. */
export const invalid = 2;
