import { at, isArray, isObject, type JsonObject } from '../../lib/index.ts';

/** The first minor version whose API servers keep volumes from images without being told to. */
const keptSince = 35;

/** True where an API server leaves volumes from images out of pods, as long as nobody turned its feature ImageVolume on. */
export function leavesImageVolumesOut(version: string | undefined): boolean {
  return Number(version?.split('.')[1] ?? keptSince) < keptSince;
}

function isImageVolume(volume: unknown): boolean {
  return isObject(at(volume, 'image'));
}

/** True for a pod's spec with a volume from an image. */
export function hasImageVolumes(spec: unknown): boolean {
  const volumes = at(spec, 'volumes');
  return isArray(volumes) && volumes.some(isImageVolume);
}

/** The spec with null for each volume from an image: the others keep their places. */
export function withImageVolumesBlank(spec: JsonObject): JsonObject {
  if (!hasImageVolumes(spec) || !isArray(spec['volumes'])) return spec;
  return { ...spec, volumes: spec['volumes'].map((one) => (isImageVolume(one) ? null : one)) };
}

const containerLists = ['initContainers', 'containers', 'ephemeralContainers'] as const;

/** The spec without volumes from images and without their mounts, as an API server leaves them out. */
export function withoutImageVolumes(spec: JsonObject): JsonObject {
  if (!hasImageVolumes(spec) || !isArray(spec['volumes'])) return spec;
  const names = new Set(spec['volumes'].filter(isImageVolume).map((one) => at(one, 'name')));
  const lists = containerLists
    .filter((list) => isArray(spec[list]))
    .map((list) => [list, withoutMounts(spec[list], names)] as const);
  const volumes = spec['volumes'].filter((one) => !isImageVolume(one));
  return { ...withList(spec, 'volumes', volumes), ...Object.fromEntries(lists) };
}

function withoutMounts(containers: unknown, names: ReadonlySet<unknown>): unknown {
  if (!isArray(containers)) return containers;
  return containers.map((one) => {
    const mounts = at(one, 'volumeMounts');
    if (!isObject(one) || !isArray(mounts)) return one;
    return withList(
      one,
      'volumeMounts',
      mounts.filter((mount) => !names.has(at(mount, 'name'))),
    );
  });
}

/** A list that is empty is not there. */
function withList(object: JsonObject, field: string, list: readonly unknown[]): JsonObject {
  const { [field]: _before, ...rest } = object;
  return list.length === 0 ? rest : { ...rest, [field]: list };
}
