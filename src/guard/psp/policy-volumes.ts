import { at, isObject, listAt, objectAt, stringAt, type JsonObject } from '../../lib/index.ts';
import { volumeKinds, type PodParts } from '../../objects/index.ts';
import type { Refusal } from './api-rules.ts';
import { containersOf } from './pod.ts';
import type { Psp } from './policy.ts';

/** The kinds of volumes that a PodSecurityPolicy knows; it refuses others, `*` or not. Volumes of images came after it. */
export const policedVolumes: readonly string[] = volumeKinds.filter((kind) => kind !== 'image');

/** Why a policy refuses the volumes of a pod. */
export function volumeRefusals(pod: PodParts, policy: Psp): readonly Refusal[] {
  return listAt(pod.spec, 'volumes').flatMap((volume) => {
    const name = stringAt(volume, 'name') ?? '';
    const kind = kindOf(objectAt(volume));
    const isListed = policy.volumes.includes('*') || policy.volumes.includes(kind);
    if (!policedVolumes.includes(kind) || !isListed)
      return [{ rule: 'volumes', sentence: `volumes of kind ${kind} are not allowed` }];
    return [...hostPath(pod, volume, policy), ...driver(volume, policy)].map((sentence) => ({
      rule: 'volumes',
      sentence: `${sentence} (volume ${name})`,
    }));
  });
}

/** The kind of a volume: its field that is an object; none is an emptyDir. */
export function kindOf(volume: JsonObject): string {
  const kinds = Object.keys(volume).filter((field) => isObject(volume[field]));
  return kinds.find((kind) => policedVolumes.includes(kind)) ?? kinds[0] ?? 'emptyDir';
}

/** True for a path, and for everything below it. */
export function isBelow(path: string, prefix: string): boolean {
  const [inner, outer] = [path, prefix].map((one) => one.replace(/\/$/, ''));
  return `${inner}/`.startsWith(`${outer}/`);
}

/** True when every mount of a volume, if there is one, is read-only. */
export function isOnlyRead(pod: PodParts, volume: string): boolean {
  return containersOf(pod).every(({ own }) =>
    listAt(own, 'volumeMounts').every(
      (mount) => at(mount, 'name') !== volume || at(mount, 'readOnly') === true,
    ),
  );
}

function hostPath(pod: PodParts, volume: unknown, policy: Psp): readonly string[] {
  const path = stringAt(volume, 'hostPath', 'path');
  if (path === undefined || policy.allowedHostPaths.length === 0) return [];
  const found = policy.allowedHostPaths.filter((one) => isBelow(path, one.pathPrefix));
  if (found.length === 0) return [`path ${path} of the node is not allowed`];
  const isReadable = found.some((one) => !one.readOnly) || isOnlyRead(pod, stringAt(volume, 'name') ?? '');
  return isReadable ? [] : [`path ${path} of the node may only be read`];
}

function driver(volume: unknown, policy: Psp): readonly string[] {
  const drivers = {
    csi: policy.allowedCSIDrivers.map((one) => one.name),
    flexVolume: policy.allowedFlexVolumes.map((one) => one.driver),
  };
  return Object.entries(drivers).flatMap(([kind, allowed]) => {
    const name = stringAt(volume, kind, 'driver');
    const isAllowed = name === undefined || allowed.length === 0 || allowed.includes(name);
    return isAllowed ? [] : [`driver ${name} is not allowed`];
  });
}
