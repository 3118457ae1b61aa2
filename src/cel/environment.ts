import type { Functions, Overload } from './declaration.ts';
import { macrosOf, type Macros } from './macros.ts';
import { functionRows } from './functions/index.ts';
import type { Type } from './type.ts';

/** Fields of the types that have some, by type and field. */
export type Fields = ReadonlyMap<string, ReadonlyMap<string, Type>>;

/** Where an expression is compiled: what it may name. */
export interface Environment {
  /** Minor version of Kubernetes whose functions are known, 36 for 1.36. */
  readonly minor: number;
  readonly variables: ReadonlyMap<string, Type>;
  readonly fields: Fields;
  readonly functions: Functions;
  /** Functions that come with a later version. */
  readonly later: ReadonlyMap<string, number>;
  readonly macros: Macros;
  /** True: literals may mix types, which Kubernetes does not let them. */
  readonly isMixed?: boolean;
}

/** The newest minor version that is known here. */
export const newestMinor = 37;

const cache = new Map<number, Pick<Environment, 'functions' | 'later'>>();

/** The environment of a minor version with variables of its own. */
export function environment(
  minor: number,
  variables: Readonly<Record<string, Type>>,
  fields: Fields = new Map(),
): Environment {
  const known = cache.get(minor) ?? functionsOf(minor);
  cache.set(minor, known);
  return { minor, variables: new Map(Object.entries(variables)), fields, ...known, macros: macrosOf(minor) };
}

function functionsOf(minor: number): Pick<Environment, 'functions' | 'later'> {
  const functions = new Map<string, Overload[]>();
  const later = new Map<string, number>();
  for (const [name, overload] of functionRows) {
    const isKnown = overload.since <= minor && minor < (overload.until ?? Infinity);
    if (!isKnown) later.set(name, Math.max(overload.since, later.get(name) ?? 0));
    else {
      const before = functions.get(name);
      if (before === undefined) functions.set(name, [overload]);
      else before.push(overload);
    }
  }
  return { functions, later };
}
