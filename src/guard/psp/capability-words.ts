import { capabilities, capabilityWritten } from '../../objects/index.ts';
import type { Psp } from './policy.ts';

/** The fields of a policy that list capabilities. */
export const capabilityFields = [
  'requiredDropCapabilities',
  'defaultAddCapabilities',
  'allowedCapabilities',
] as const satisfies readonly (keyof Psp)[];

/**
 * A capability of a policy as a profile names it; undefined for a word that is none. Runtimes took `net_admin` for NET_ADMIN and `all` for
 * ALL, Docker `CAP_NET_ADMIN` too, and none `CAP_ALL`: read as ALL it would let in far more than it did.
 */
export function capabilityNamed(word: string): string | undefined {
  if (word === '*') return word;
  const written = capabilityWritten(word);
  const isReal = capabilities.includes(written) && (written !== 'ALL' || word.toUpperCase() === 'ALL');
  return isReal ? written : undefined;
}

/** Capabilities of a policy in the words of profiles, each once; what is none stays as it stands. */
export function capabilitiesNamed(words: readonly string[]): string[] {
  return [...new Set(words.map((word) => capabilityNamed(word) ?? word))];
}

/** `CAP_NET_ADMIN is NET_ADMIN here`, of words that a policy writes in another way. */
export function renamedText(words: readonly string[]): readonly string[] {
  return [...new Set(words)].flatMap((word) => {
    const named = capabilityNamed(word);
    return named === undefined || named === word ? [] : [`${word} of the policy is ${named} here`];
  });
}
