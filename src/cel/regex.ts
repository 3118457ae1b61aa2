import { RE2JS } from 're2js';
import { failed, type CelError } from './value.ts';

const cache = new Map<string, RE2JS | string>();
const most = 1000;

/** A regular expression of RE2, or why it is none: look-around and back-references are refused. */
export function regexOf(pattern: string): RE2JS | CelError {
  const known = cache.get(pattern) ?? compiled(pattern);
  if (cache.size > most) cache.clear();
  cache.set(pattern, known);
  return typeof known === 'string' ? failed(known) : known;
}

export function isRegex(pattern: string): boolean {
  return regexOf(pattern) instanceof RE2JS;
}

function compiled(pattern: string): RE2JS | string {
  try {
    return RE2JS.compile(pattern);
  } catch (error) {
    return error instanceof Error ? error.message : String(error);
  }
}
