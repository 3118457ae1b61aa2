import { isObject, listAt, numberAt, objectAt, stringAt } from '../../../lib/index.ts';
import type { PodParts } from '../../../objects/index.ts';
import { safeSysctls } from '../../pod-security/sysctls.ts';
import { containersOf, contextOf } from '../pod.ts';
import { isBelow, isOnlyRead, kindOf, policedVolumes } from '../policy-volumes.ts';
import { isSetting } from '../validation.ts';
import { both, choices, flags, product, type Aspect, type Ground, type Variation } from './aspect.ts';
import { numberCase, numbersFor, rangesOf } from './identity.ts';

// One aspect: on the node's network every port of a container is the node's.
const network: Aspect = {
  name: 'network and ports of the node',
  variations: (ground) => {
    const numbers = numbersFor(rangesOf(ground, 'hostPorts'), [8080]).filter((one) => one > 0);
    const ports = numbers.flatMap((one) => [
      { container: { ports: [{ containerPort: one, hostPort: one }] } },
      { container: { ports: [{ containerPort: one }] } },
    ]);
    return product<Variation>([{}, ...ports], choices('spec', 'hostNetwork', [true])).map((parts) =>
      both(...parts),
    );
  },
  cases: (pod, ground) => {
    const shared = String(pod.spec['hostNetwork'] === true);
    const ranges = rangesOf(ground, 'hostPorts');
    const ports = containersOf(pod).flatMap(({ own }) => listAt(own, 'ports'));
    const numbers = ports.map((port) => numberAt(port, 'hostPort')).filter((one) => (one ?? 0) !== 0);
    return (numbers.length === 0 ? [undefined] : numbers).map(
      (one) => `${shared} ${numberCase(one, ranges)}`,
    );
  },
};

const shared = (name: string, field: 'hostIPC' | 'hostPID'): Aspect => ({
  name,
  variations: () => choices('spec', field, [true]),
  cases: (pod) => [String(pod.spec[field] === true)],
});

const kinds = [...policedVolumes, 'image'];

const mounted = (readOnly: boolean): Variation => ({
  container: { volumeMounts: [{ name: 'data', mountPath: '/data', ...(readOnly ? { readOnly } : {}) }] },
});

function prefixesOf({
  policies,
  profile,
}: Ground): readonly (readonly { prefix: string; readOnly: boolean }[])[] {
  const own = profile.allowedHostPaths.map((one) =>
    typeof one === 'string' ? { pathPrefix: one, readOnly: true } : one,
  );
  return [...policies.map((one) => one.allowedHostPaths), own].map((list) =>
    list.map(({ pathPrefix, readOnly }) => ({ prefix: pathPrefix, readOnly })),
  );
}

function pathsFor(ground: Ground): readonly string[] {
  const prefixes = prefixesOf(ground)
    .flat()
    .map((one) => one.prefix.replace(/\/+$/, ''))
    .filter((prefix) => prefix !== '');
  return [
    ...new Set([
      '/var/lib/other',
      '/srv/other',
      '/',
      ...prefixes.flatMap((one) => [one, `${one}/below`, `${one}beside`]),
    ]),
  ];
}

function driversOf({ policies, profile }: Ground, kind: string): readonly (readonly string[])[] {
  if (kind === 'csi')
    return [
      ...policies.map((one) => one.allowedCSIDrivers.map(({ name }) => name)),
      profile.allowedCSIDrivers,
    ];
  if (kind !== 'flexVolume') return [];
  return [
    ...policies.map((one) => one.allowedFlexVolumes.map(({ driver }) => driver)),
    profile.allowedFlexVolumes,
  ];
}

const asVolume = (source: object): Variation => ({ spec: { volumes: [{ name: 'data', ...source }] } });

function volumeCase(pod: PodParts, volume: unknown, ground: Ground): string {
  const kind = kindOf(objectAt(volume));
  const path = stringAt(volume, 'hostPath', 'path');
  const driver = stringAt(volume, kind, 'driver') ?? '';
  const drivers = driversOf(ground, kind).map((list) => list.includes(driver));
  if (path === undefined) return `${kind}${flags(...drivers)}`;
  const below = prefixesOf(ground)
    .flat()
    .map((one) => isBelow(path, one.prefix));
  return `${kind}${flags(...below)}${String(isOnlyRead(pod, stringAt(volume, 'name') ?? ''))}`;
}

const volumes: Aspect = {
  name: 'volumes',
  variations: (ground) => {
    const plain = kinds
      .filter((kind) => !['hostPath', 'csi', 'flexVolume'].includes(kind))
      .map((kind) => asVolume({ [kind]: {} }));
    const drivers = ['csi', 'flexVolume'].flatMap((kind) =>
      [...new Set(['other.example', ...driversOf(ground, kind).flat()])]
        .filter((driver) => driver !== '*')
        .map((driver) => asVolume({ [kind]: { driver } })),
    );
    const paths = product<Variation>(
      pathsFor(ground).map((path) => asVolume({ hostPath: { path } })),
      [{}, mounted(true), mounted(false)],
    ).map((parts) => both(...parts));
    return [{}, ...plain, ...drivers, ...paths];
  },
  cases: (pod, ground) => {
    const found = listAt(pod.spec, 'volumes').filter(isObject);
    return found.length === 0 ? ['none'] : found.map((volume) => volumeCase(pod, volume, ground));
  },
};

function settingCase(name: string, { policies, profile, version }: Ground): string {
  const said = [...policies, profile].flatMap((one) => [
    isSetting(one.allowedUnsafeSysctls, name),
    isSetting(one.forbiddenSysctls, name),
  ]);
  return flags(safeSysctls(version).includes(name), safeSysctls(undefined).includes(name), ...said);
}

const settings: Aspect = {
  name: 'kernel settings',
  variations: (ground) => {
    const patterns = [...ground.policies, ground.profile].flatMap((one) => [
      ...one.allowedUnsafeSysctls,
      ...one.forbiddenSysctls,
    ]);
    const names = [
      'vm.other',
      'fs.other',
      'kernel.other',
      'net.other',
      ...patterns.map((one) => one.replace(/\*$/, 'other')),
      ...safeSysctls(ground.version),
    ];
    const byCase = new Map(names.toReversed().map((one) => [settingCase(one, ground), one] as const));
    return choices(
      'context',
      'sysctls',
      [...byCase.values()].map((name) => [{ name, value: '1' }]),
    );
  },
  cases: (pod, ground) => {
    const names = listAt(contextOf(pod), 'sysctls').map((one) => stringAt(one, 'name') ?? '');
    return names.length === 0 ? ['none'] : names.map((name) => settingCase(name, ground));
  },
};

const runtimeClasses: Aspect = {
  name: 'runtime class',
  variations: ({ policies, profile }) => {
    const named = policies.flatMap((one) => one.runtimeClass?.allowedRuntimeClassNames ?? []);
    const names = new Set(['other', ...named, ...profile.runtimeClasses]);
    return choices(
      'spec',
      'runtimeClassName',
      [...names].filter((name) => name !== '*'),
    );
  },
  cases: (pod, { policies, profile }) => {
    const name = stringAt(pod.spec, 'runtimeClassName');
    if (name === undefined) return ['none'];
    const lists = [
      ...policies.map((one) => one.runtimeClass?.allowedRuntimeClassNames ?? ['*']),
      profile.runtimeClasses,
    ];
    return [flags(...lists.map((list) => list.includes(name) || list.includes('*')))];
  },
};

const probed = ['livenessProbe', 'readinessProbe', 'startupProbe'];
const hooked = ['postStart', 'preStop'];
const calls = ['httpGet', 'tcpSocket'];
const elsewhere = { host: '192.0.2.1', port: 80 };

const probes: Aspect = {
  name: 'hosts of probes',
  variations: () => [
    {},
    ...probed.flatMap((probe) => calls.map((call) => ({ container: { [probe]: { [call]: elsewhere } } }))),
    ...hooked.flatMap((hook) =>
      calls.map((call) => ({ container: { lifecycle: { [hook]: { [call]: elsewhere } } } })),
    ),
  ],
  cases: (pod) =>
    containersOf(pod).flatMap(({ own }) => {
      const actions = [
        ...probed.map((one) => own[one]),
        ...hooked.map((one) => objectAt(own, 'lifecycle')[one]),
      ];
      const isElsewhere = actions.some((action) =>
        calls.some((call) => (stringAt(action, call, 'host') ?? '') !== ''),
      );
      return [String(isElsewhere)];
    }),
};

/** What of the node a pod touches. */
export const nodeAspects: readonly Aspect[] = [
  network,
  shared('IPC of the node', 'hostIPC'),
  shared('processes of the node', 'hostPID'),
  volumes,
  settings,
  runtimeClasses,
  probes,
];

/** Everything but Linux: one more value of every pod. */
export const windows: Variation = { spec: { os: { name: 'windows' } } };
