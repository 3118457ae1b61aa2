import { compareText } from '../../lib/index.ts';

/** `"a", "b"`: as the API server quotes, which escapes nothing. */
export function quoted(values: readonly string[]): string {
  return values.map((value) => `"${value}"`).join(', ');
}

/** Each value once, sorted as text (so that port 10 stands before port 9). */
export function sortedOnce(values: Iterable<string>): readonly string[] {
  return [...new Set(values)].sort(compareText);
}

/** `one` for a count of one, else `many`. */
export function plural(count: number, one: string, many = `${one}s`): string {
  return count === 1 ? one : many;
}

/** `container "a"`, `containers "a", "b"`. */
export function containersNamed(names: readonly string[]): string {
  return `${plural(names.length, 'container')} ${quoted(names)}`;
}

/** `pod`, `container "a"`, `pod and containers "a", "b"`: who of a pod set something. */
export function settersNamed(isPod: boolean, names: readonly string[]): string {
  return [...(isPod ? ['pod'] : []), ...(names.length > 0 ? [containersNamed(names)] : [])].join(' and ');
}
