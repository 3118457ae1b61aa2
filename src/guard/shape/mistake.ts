import { pathText, type PathStep } from '../../lib/index.ts';

/** A part of an object that an API server would not take. */
export interface ShapeMistake {
  /** Of the part, or of what is missing. */
  readonly path: readonly PathStep[];
  readonly sentence: string;
}

/** What an API server would not take: `spec.hostPID` and what it is. */
export function mistake(path: readonly PathStep[], is: string): ShapeMistake {
  return { path, sentence: `${pathText(path)} is ${is}: the API server would not take it` };
}
