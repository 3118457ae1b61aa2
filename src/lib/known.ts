/** What was asked of the world. Unknown is never zero and never a pass. */
export type Known<T> =
  | { readonly is: 'known'; readonly value: T }
  | { readonly is: 'unknown'; readonly why: string };

/** A value that was read. */
export function known<T>(value: T): Known<T> {
  return { is: 'known', value };
}

/** A value that could not be read, and why, in one sentence for people. */
export function unknown(why: string): { readonly is: 'unknown'; readonly why: string } {
  return { is: 'unknown', why };
}

/** The value that was read; undefined where it could not be, or where nobody asked for it. */
export function knownValue<T>(found: Known<T> | undefined): T | undefined {
  return found?.is === 'known' ? found.value : undefined;
}
