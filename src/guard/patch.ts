import { at, isArray, isObject, type PathStep } from '../lib/index.ts';
import type { KubeObject } from '../objects/index.ts';
import type { Place } from './violation.ts';

/** One step of a JSON patch (RFC 6902). */
export interface PatchStep {
  readonly op: 'add' | 'replace' | 'remove';
  /** `/spec/template/spec/hostNetwork`. */
  readonly path: string;
  readonly value?: unknown;
}

/** The smallest change that makes a place right: what is missing above it is added with it. Undefined where no value alone is right. */
export function patchFor(object: KubeObject, { path, fix }: Place): PatchStep | undefined {
  if (fix === undefined) return undefined;
  const isThere = at(object, ...path) !== undefined;
  if (fix === null) return isThere ? { op: 'remove', path: pointer(path) } : undefined;
  if (isThere) return { op: 'replace', path: pointer(path), value: fix };
  // What is null counts as missing: `add` takes its place.
  const depth = path.findIndex(
    (_step, index) => (at(object, ...path.slice(0, index + 1)) ?? undefined) === undefined,
  );
  const missing = path.slice(depth + 1);
  // Below a text, a number or a list there is no field to add.
  if (!isObject(at(object, ...path.slice(0, depth)))) return undefined;
  return { op: 'add', path: pointer(path.slice(0, depth + 1)), value: nested(missing, fix) };
}

function nested(path: readonly PathStep[], value: unknown): unknown {
  return path.reduceRight((inner, step) => ({ [step]: inner }), value);
}

function pointer(path: readonly PathStep[]): string {
  return path.map((step) => `/${String(step).replaceAll('~', '~0').replaceAll('/', '~1')}`).join('');
}

/** Steps without those that another one says already, and those of one value put together. */
export function smallestPatch(object: KubeObject, places: readonly Place[]): readonly PatchStep[] {
  const byPath = new Map<string, PatchStep>();
  for (const place of places) {
    const step = patchFor(object, place);
    if (step === undefined) continue;
    const before = byPath.get(step.path);
    byPath.set(step.path, before === undefined ? step : { ...step, value: merged(before.value, step.value) });
  }
  return [...byPath.values()];
}

function merged(left: unknown, right: unknown): unknown {
  if (!isObject(left) || !isObject(right) || isArray(left) || isArray(right)) return right;
  const entries = Object.entries(right).map(([key, value]) => [key, merged(left[key], value)] as const);
  return { ...left, ...Object.fromEntries(entries) };
}
