import { pathText, type PathStep } from '../../lib/index.ts';

/** The sentence of what an API server would not take: `spec.hostPID` and what it is. */
export function mistake(path: readonly PathStep[], is: string): string {
  return `${pathText(path)} is ${is}: the API server would not take it`;
}
