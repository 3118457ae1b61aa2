import { isObject, listAt, stringAt, type JsonObject } from '../../lib/index.ts';
import type { Control, Refusal } from './control.ts';
import type { Pod } from './pod.ts';
import { plural, quoted, sortedOnce } from './words.ts';

/** Kinds of volume that level restricted lets in. */
export const restrictedVolumes: ReadonlySet<string> = new Set([
  'configMap',
  'csi',
  'downwardAPI',
  'emptyDir',
  'ephemeral',
  'image',
  'persistentVolumeClaim',
  'projected',
  'secret',
]);

/** The other kinds, which the API server knows by name. */
const otherVolumes = [
  'awsElasticBlockStore',
  'azureDisk',
  'azureFile',
  'cephfs',
  'cinder',
  'fc',
  'flexVolume',
  'flocker',
  'gcePersistentDisk',
  'gitRepo',
  'glusterfs',
  'hostPath',
  'iscsi',
  'nfs',
  'photonPersistentDisk',
  'portworxVolume',
  'quobyte',
  'rbd',
  'scaleIO',
  'storageos',
  'vsphereVolume',
] as const;

function volumesOf(pod: Pod): readonly JsonObject[] {
  return listAt(pod.spec, 'volumes').filter(isObject);
}

const has = (volume: JsonObject, kind: string): boolean =>
  volume[kind] !== undefined && volume[kind] !== null;

function named(volumes: readonly JsonObject[]): string {
  const names = volumes.map((volume) => stringAt(volume, 'name') ?? '');
  return `${plural(names.length, 'volume')} ${quoted(names)}`;
}

function hostPaths(pod: Pod): Refusal | undefined {
  const found = volumesOf(pod).filter((volume) => has(volume, 'hostPath'));
  return found.length === 0 ? undefined : { reason: 'hostPath volumes', detail: named(found) };
}

function otherKinds(pod: Pod): Refusal | undefined {
  const found = volumesOf(pod).filter((volume) => ![...restrictedVolumes].some((kind) => has(volume, kind)));
  if (found.length === 0) return undefined;
  const kinds = sortedOnce(
    found.map((volume) => otherVolumes.find((kind) => has(volume, kind)) ?? 'unknown'),
  );
  const uses = `${plural(found.length, 'uses', 'use')} restricted volume ${plural(kinds.length, 'type')}`;
  return { reason: 'restricted volume types', detail: `${named(found)} ${uses} ${quoted(kinds)}` };
}

/** What a pod may mount. */
export const volumeControls: readonly Control[] = [
  { id: 'hostPathVolumes', level: 'baseline', eras: [{ since: 0, refuse: hostPaths }] },
  {
    id: 'restrictedVolumes',
    level: 'restricted',
    replaces: ['hostPathVolumes'],
    eras: [{ since: 0, refuse: otherKinds }],
  },
];
