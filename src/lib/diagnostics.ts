import { isFailure } from './errors.ts';
import type { en } from './text/en.ts';

/** Where something was written. Line and column count from 1; path is the field, e.g. `spec.pools[0].name`. */
export interface Origin {
  readonly file: string;
  readonly line: number;
  readonly column: number;
  readonly path: string;
}

/** Every code that the catalogue has a sentence for. */
export type DiagnosticCode = keyof typeof en.diagnostics;

type Arguments<C extends DiagnosticCode> = Parameters<(typeof en.diagnostics)[C]['message']>[0];

/** A value of the fleet that decides something, and where it stands. */
export interface Reason {
  /** `SecurityProfile/restricted`, `Namespace/shop-web`. */
  readonly subject: string;
  /** Below the profile's spec, or in the namespace: `images.digest`. */
  readonly field: string;
  readonly value: unknown;
  /** False: the field is left out, `value` is its default, and `at` is the place of what leaves it out. */
  readonly isWritten: boolean;
  readonly at: Origin;
}

/** The user's mistake, as data. The sentence is made where it is shown. */
export interface Diagnostic {
  readonly code: DiagnosticCode;
  readonly severity: 'error' | 'warning' | 'note';
  readonly args: Readonly<Record<string, string | number>>;
  readonly at: Origin;
  /** What of the fleet makes it one, where that stands elsewhere. */
  readonly why?: readonly Reason[];
}

/** `value` is undefined if and only if a diagnostic is an error. */
export interface Checked<T> {
  readonly value: T | undefined;
  /** What errors left whole: later stages find mistakes in it, and nothing else comes of it. */
  readonly sound?: T | undefined;
  readonly diagnostics: readonly Diagnostic[];
}

/** A mistake that stops the command. */
export function problem<C extends DiagnosticCode>(code: C, at: Origin, args: Arguments<C>): Diagnostic {
  return { code, severity: 'error', args, at };
}

/** Something to know that stops nothing. */
export function warning<C extends DiagnosticCode>(code: C, at: Origin, args: Arguments<C>): Diagnostic {
  return { code, severity: 'warning', args, at };
}

/** Something that may well be as it is meant. */
export function note<C extends DiagnosticCode>(code: C, at: Origin, args: Arguments<C>): Diagnostic {
  return { code, severity: 'note', args, at };
}

/** True when no diagnostic is an error. */
export function isClean(diagnostics: readonly Diagnostic[]): boolean {
  return diagnostics.every((diagnostic) => diagnostic.severity !== 'error');
}

/** A value with what was found on the way; it is only what is sound when anything found is an error. */
export function checked<T>(value: T, diagnostics: readonly Diagnostic[]): Checked<T> {
  return isClean(diagnostics) ? { value, diagnostics } : { value: undefined, sound: value, diagnostics };
}

/** Goes on with the next stage, which judges all that this one left whole, and keeps the diagnostics of both. */
export async function andThen<T, U>(
  from: Checked<T>,
  next: (value: T) => Checked<U> | Promise<Checked<U>>,
): Promise<Checked<U>> {
  if (from.value !== undefined) {
    const to = await next(from.value);
    return { ...to, diagnostics: [...from.diagnostics, ...to.diagnostics] };
  }
  const to = from.sound === undefined ? undefined : await tried(from.sound, next);
  if (to === undefined) return { value: undefined, diagnostics: from.diagnostics };
  const diagnostics = [...from.diagnostics, ...to.diagnostics];
  return { value: undefined, sound: to.value ?? to.sound, diagnostics };
}

/** A stage that only looks for more mistakes: that it cannot, for want of a tool, does not hide those that are known. */
async function tried<T, U>(
  sound: T,
  next: (value: T) => Checked<U> | Promise<Checked<U>>,
): Promise<Checked<U> | undefined> {
  try {
    return await next(sound);
  } catch (error) {
    if (!isFailure(error) || isFailure(error, 'TORYO_INTERRUPTED')) throw error;
    return undefined;
  }
}

/** By file, line, column, then code: the order in which people read. */
export function inReadingOrder(diagnostics: readonly Diagnostic[]): readonly Diagnostic[] {
  return diagnostics.toSorted(
    (left, right) =>
      compareText(left.at.file, right.at.file) ||
      left.at.line - right.at.line ||
      left.at.column - right.at.column ||
      compareText(left.code, right.code),
  );
}

/** What a message names before it only counts. */
const namedAtMost = 3;

/** What differs in nothing but its cluster is one mistake: 500 clusters, one message that names the first of them. */
export function oncePerCause(diagnostics: readonly Diagnostic[]): readonly Diagnostic[] {
  const groups = new Map<string, { readonly first: Diagnostic; readonly clusters: Set<string> }>();
  for (const one of diagnostics) {
    const { cluster, ...args } = one.args;
    const { file, line, column, path } = one.at;
    const key = JSON.stringify([one.code, one.severity, file, line, column, path, args, one.why]);
    const group = groups.get(key) ?? { first: one, clusters: new Set() };
    if (cluster !== undefined) group.clusters.add(String(cluster));
    groups.set(key, group);
  }
  return [...groups.values()].map(({ first, clusters }) =>
    clusters.size < 2 ? first : { ...first, args: { ...first.args, cluster: listed([...clusters]) } },
  );
}

/** The first names, and how many more there are. */
export function listed(names: readonly string[]): string {
  const shown = names.slice(0, namedAtMost);
  return names.length > shown.length
    ? `${shown.join(', ')} and ${names.length - shown.length} more`
    : shown.join(', ');
}

/** Compares by UTF-16 code unit: the same on every machine, whatever its language. */
export function compareText(left: string, right: string): number {
  if (left === right) return 0;
  return left < right ? -1 : 1;
}
