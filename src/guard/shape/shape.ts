import { at, isArray, isObject } from '../../lib/index.ts';
import { podSpecPath, type KubeObject } from '../../objects/index.ts';
import { fieldMistakes } from './fields.ts';
import { mistake, type ShapeMistake } from './mistake.ts';
import { podMistakes } from './pod-mistakes.ts';
import { badValues } from './pod-values.ts';

/**
 * What of a pod, or of what makes pods, an API server would not take: fields that it does not have or that are of another type, then
 * what is not valid together. `version`: `1.35`, of the newest API server that it is for.
 */
export function shapeMistakes(object: KubeObject, version?: string): readonly ShapeMistake[] {
  const path = podSpecPath(object);
  if (path === undefined) return [];
  const above = path.findIndex((_, index) => !isObject(at(object, ...path.slice(0, index + 1))));
  if (above >= 0) return [mistake(path.slice(0, above + 1), 'no object')];
  const containers = at(object, ...path, 'containers') ?? [];
  const isBare = isArray(containers) && containers.length === 0;
  return [
    ...(isBare ? [mistake([...path, 'containers'], 'empty, and a pod needs one container')] : []),
    ...fieldMistakes(object, version),
    ...podMistakes(object),
    ...badValues(object, path).map((one) => mistake(one.path, one.is)),
  ];
}
