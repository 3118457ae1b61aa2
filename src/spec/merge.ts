import {
  at,
  isArray,
  isObject,
  isString,
  type JsonObject,
  type Origin,
  type PathStep,
} from '../lib/index.ts';
import type { SourceDocument } from './document.ts';
import type { Place } from './validation.ts';

/** Fields that an override replaces as a whole: half of one source and half of another is neither. */
const replacedWhole = new Set(['source']);

/**
 * A patch laid over a value: mappings merge, lists of things with a `name` merge by name, other lists are replaced,
 * `null` removes.
 */
export function merge(base: unknown, patch: unknown): unknown {
  if (isObject(base) && isObject(patch)) return mergeObjects(base, patch);
  if (isArray(base) && isArray(patch) && isNamedList(base) && isNamedList(patch))
    return mergeNamed(base, patch);
  return isObject(patch) ? mergeObjects({}, patch) : patch;
}

function mergeObjects(base: JsonObject, patch: JsonObject): JsonObject {
  const result: Record<string, unknown> = { ...base };
  for (const [key, value] of Object.entries(patch)) {
    if (value === null) delete result[key];
    else result[key] = replacedWhole.has(key) ? value : merge(result[key], value);
  }
  return result;
}

function isNamedList(list: readonly unknown[]): boolean {
  return list.every((item) => isString(at(item, 'name')));
}

function mergeNamed(base: readonly unknown[], patch: readonly unknown[]): readonly unknown[] {
  const byName = new Map(base.map((item) => [at(item, 'name'), item]));
  for (const item of patch) byName.set(at(item, 'name'), merge(byName.get(at(item, 'name')), item));
  return [...byName.values()];
}

/** One thing that a merged value was laid together from: a document and where in it the layer begins. */
export interface Layer {
  readonly document: SourceDocument;
  readonly base: readonly PathStep[];
}

/** Finds the line that a part of a merged value came from: the last layer that says it. */
export class LayeredPlace implements Place {
  readonly #layers: readonly Layer[];
  readonly #merged: unknown;

  constructor(layers: readonly Layer[], merged: unknown) {
    this.#layers = layers;
    this.#merged = merged;
  }

  /** The place of a value that has less in its lists. */
  of(merged: unknown): LayeredPlace {
    return new LayeredPlace(this.#layers, merged);
  }

  locate(path: readonly PathStep[], part: 'key' | 'value' = 'value'): Origin {
    const found = this.#find(path);
    return { ...found.document.locate(found.path, part) };
  }

  plainText(path: readonly PathStep[]): string | undefined {
    const found = this.#find(path);
    return found.isWhole ? found.document.plainText(found.path) : undefined;
  }

  /** True when some layer says it; otherwise it is a default. */
  isWritten(path: readonly PathStep[]): boolean {
    return this.#find(path).isWhole;
  }

  #find(path: readonly PathStep[]): {
    document: SourceDocument;
    path: readonly PathStep[];
    isWhole: boolean;
  } {
    let best:
      | { document: SourceDocument; path: readonly PathStep[]; isWhole: boolean; length: number }
      | undefined;
    for (const layer of this.#layers.toReversed()) {
      const steps = this.#stepsIn(layer, path);
      const isWhole = steps.length === path.length;
      if (best === undefined || steps.length > best.length)
        best = { document: layer.document, path: [...layer.base, ...steps], isWhole, length: steps.length };
      if (isWhole) break;
    }
    if (best === undefined) throw new RangeError('a merged value has at least one layer');
    return best;
  }

  // An index of the merged list is another index in a layer: the names say which.
  #stepsIn(layer: Layer, path: readonly PathStep[]): readonly PathStep[] {
    const steps: PathStep[] = [];
    let here: unknown = at(layer.document.value, ...layer.base);
    let merged: unknown = this.#merged;
    for (const step of path) {
      merged = at(merged, step);
      const own = ownStep(here, step, at(merged, 'name'));
      here = own === undefined ? undefined : at(here, own);
      if (own === undefined || here === undefined) break;
      steps.push(own);
    }
    return steps;
  }
}

function ownStep(list: unknown, step: PathStep, name: unknown): PathStep | undefined {
  if (typeof step !== 'number' || !isArray(list) || !isString(name)) return step;
  const index = list.findIndex((item) => at(item, 'name') === name);
  return index < 0 ? undefined : index;
}
