import { at, isArray, isString, listAt, objectAt, stringAt, type PathStep } from '../../lib/index.ts';
import { podSpecPath, type KubeObject } from '../../objects/index.ts';
import { appArmorPrefix } from '../pod-security/pod.ts';
import { mistake, type ShapeMistake } from './mistake.ts';

const containerLists = ['initContainers', 'containers', 'ephemeralContainers'] as const;

interface PlacedContainer {
  readonly name: unknown;
  readonly own: unknown;
  readonly path: readonly PathStep[];
}

/** What an API server's validation refuses of a pod whose fields it can read: parts that name others which are not there, and fields of another system. */
export function podMistakes(object: KubeObject): readonly ShapeMistake[] {
  const path = podSpecPath(object) ?? [];
  const spec = at(object, ...path);
  const containers = containerLists.flatMap((list) =>
    listAt(spec, list).map((own, index) => ({ name: at(own, 'name'), own, path: [...path, list, index] })),
  );
  return [
    ...imageless(containers),
    ...namesakes(containers),
    ...looseMounts(object, spec, containers),
    ...looseProfiles(object, path, containers),
    ...foreignFields(spec, path, containers),
  ];
}

function imageless(containers: readonly PlacedContainer[]): readonly ShapeMistake[] {
  return containers.flatMap(({ own, path }) => {
    const image = at(own, 'image') ?? undefined;
    const is = image === undefined ? 'missing' : 'empty';
    const isGood = image !== undefined && image !== '';
    return isGood ? [] : [mistake([...path, 'image'], `${is}, and a container needs one`)];
  });
}

function namesakes(containers: readonly PlacedContainer[]): readonly ShapeMistake[] {
  const first = new Map(containers.toReversed().map((one) => [one.name, one]));
  return containers
    .filter((one) => isString(one.name) && one.name !== '' && first.get(one.name) !== one)
    .map((one) => mistake([...one.path, 'name'], 'the name of another container too'));
}

const mountLists = ['volumeMounts', 'volumeDevices'] as const;

/** Mounts whose volume is neither the pod's nor made of a claim template of its StatefulSet. */
function looseMounts(
  object: KubeObject,
  spec: unknown,
  containers: readonly PlacedContainer[],
): readonly ShapeMistake[] {
  const isSet = object.kind === 'StatefulSet';
  const templates = isSet ? listAt(object, 'spec', 'volumeClaimTemplates') : [];
  const volumes = new Set([
    ...listAt(spec, 'volumes').map((one) => at(one, 'name')),
    ...templates.map((one) => at(one, 'metadata', 'name')),
  ]);
  return containers.flatMap(({ own, path }) =>
    mountLists.flatMap((list) =>
      listAt(own, list).flatMap((mount, index) => {
        const name = at(mount, 'name');
        const place = [...path, list, index, 'name'];
        return volumes.has(name) ? [] : [mistake(place, 'the name of no volume of the pod')];
      }),
    ),
  );
}

/** AppArmor annotations for containers that are not there. */
function looseProfiles(
  object: KubeObject,
  path: readonly PathStep[],
  containers: readonly PlacedContainer[],
): readonly ShapeMistake[] {
  const place = [...path.slice(0, -1), 'metadata', 'annotations'];
  const names = new Set(containers.map(({ name }) => name));
  return Object.keys(objectAt(object, ...place))
    .filter((key) => key.startsWith(appArmorPrefix) && !names.has(key.slice(appArmorPrefix.length)))
    .map((key) => mistake([...place, key], 'about a container that the pod does not have'));
}

/** Fields that only pods of another system than Windows may have: of the pod, its securityContext, and those of its containers. */
const linuxOnly = {
  spec: ['hostPID', 'hostIPC', 'hostUsers', 'shareProcessNamespace'],
  both: ['runAsUser', 'runAsGroup', 'seccompProfile', 'appArmorProfile', 'seLinuxOptions'],
  pod: [
    'fsGroup',
    'fsGroupChangePolicy',
    'seLinuxChangePolicy',
    'supplementalGroups',
    'supplementalGroupsPolicy',
    'sysctls',
  ],
  container: [
    'allowPrivilegeEscalation',
    'capabilities',
    'privileged',
    'procMount',
    'readOnlyRootFilesystem',
  ],
} as const;

/** Said or not is not told apart for these: only true, and a list that is not empty, count. */
const told: Readonly<Record<string, (value: unknown) => boolean>> = {
  hostPID: (value) => value === true,
  hostIPC: (value) => value === true,
  sysctls: (value) => isArray(value) && value.length > 0,
};

function foreignFields(
  spec: unknown,
  path: readonly PathStep[],
  containers: readonly PlacedContainer[],
): readonly ShapeMistake[] {
  const system = stringAt(spec, 'os', 'name');
  if (system !== 'windows' && system !== 'linux') return [];
  const isWindows = system === 'windows';
  const context = (own: unknown, above: readonly PathStep[], fields: readonly string[]) =>
    saidAmong(
      at(own, 'securityContext'),
      [...above, 'securityContext'],
      isWindows ? fields : ['windowsOptions'],
    );
  const places = [
    ...(isWindows ? saidAmong(spec, path, linuxOnly.spec) : []),
    ...context(spec, path, [...linuxOnly.both, ...linuxOnly.pod]),
    ...containers.flatMap((one) => context(one.own, one.path, [...linuxOnly.both, ...linuxOnly.container])),
  ];
  return places.map((place) =>
    mistake(place, `nothing that a pod of ${isWindows ? 'Windows' : 'Linux'} may have`),
  );
}

function saidAmong(
  value: unknown,
  path: readonly PathStep[],
  fields: readonly string[],
): readonly (readonly PathStep[])[] {
  return fields
    .filter((field) => {
      const found = at(value, field);
      return (told[field] ?? ((one) => one !== undefined && one !== null))(found);
    })
    .map((field) => [...path, field]);
}
