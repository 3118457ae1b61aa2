import path from 'node:path';
import { build, type Built, type Reading } from '../toryo.ts';
import type { Session } from './session.ts';

/** How the command line reads a repository: the environment, and the corpus where TORYO_CORPUS says. */
export function readingFor(session: Session, allowCode = true): Reading {
  const corpus = session.env['TORYO_CORPUS'];
  const mounts = new Map(corpus === undefined || corpus === '' ? [] : [['corpus', path.resolve(corpus)]]);
  return { env: session.env, allowCode, mounts };
}

/** Reads, renders and compiles; undefined after mistakes, which are told. Warnings are told too. */
export async function openFleet(
  root: string,
  session: Session,
  allowCode = true,
): Promise<Built | undefined> {
  const built = await build(root, readingFor(session, allowCode), session.run);
  const hasErrors = session.tell(built.diagnostics);
  return hasErrors ? undefined : built.value;
}

/** Exit code of a configuration that cannot be used. */
export const invalid = 2;
