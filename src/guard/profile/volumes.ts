import { at, isObject, listAt, stringAt, type JsonObject } from '../../lib/index.ts';
import { includesOrAll } from './host.ts';
import { kindsOf, type RuledPod } from './pod.ts';
import { volumesWhere, type Offence, type PodRule } from './rule.ts';
import type { PodRules } from './rules.ts';

const celKinds = `(size(v) == 1 ? ['emptyDir'] : v.filter(k, k != 'name')).filter(k, !('*' in variables.profile.volumes || k in variables.profile.volumes))`;

/**
 * The volume that the API server adds to a pod for the token of its service account: no source of a manifest's own, so that its name
 * opens nothing.
 */
function isTokenVolume(name: string, own: JsonObject): boolean {
  if (!name.startsWith('kube-api-access-') || !isObject(own['projected'])) return false;
  return listAt(own, 'projected', 'sources').every(
    (source) =>
      isObject(at(source, 'serviceAccountToken')) ||
      isObject(at(source, 'downwardAPI')) ||
      at(source, 'configMap', 'name') === 'kube-root-ca.crt',
  );
}

const celTokenVolume = `(v.name.startsWith('kube-api-access-') && has(v.projected) && v.projected.?sources.orValue([]).all(s, has(s.serviceAccountToken) || has(s.downwardAPI) || s.?configMap.?name.orValue('') == 'kube-root-ca.crt'))`;

const kinds: PodRule = {
  code: 'TRY-SEC-018',
  field: 'volumes',
  says: 'must not be of a kind outside the list',
  offences: (pod, rules) =>
    pod.volumes.flatMap(({ name, path, own }) =>
      kindsOf(own)
        .filter((kind) => !includesOrAll(rules.volumes, kind) && !isTokenVolume(name, own))
        .map((kind) => ({
          subject: `volume ${name}`,
          detail: kind,
          path: [...path, kind],
          actual: own[kind],
        })),
    ),
  cel: volumesWhere('TRY-SEC-018', `size(${celKinds}) > 0 && !${celTokenVolume}`, celKinds),
};

/** True when every mount of a volume is read-only. */
function isOnlyRead(pod: RuledPod, volume: string): boolean {
  const mounts = pod.containers.flatMap(({ own }) => listAt(own, 'volumeMounts'));
  return mounts.every((mount) => at(mount, 'name') !== volume || at(mount, 'readOnly') === true);
}

function pathOffences(pod: RuledPod, { hostPaths }: PodRules): readonly Offence[] {
  return pod.volumes.flatMap(({ name, path, own }) => {
    const host = stringAt(own, 'hostPath', 'path');
    if (host === undefined) return [];
    const isIn = hostPaths.some(
      ({ prefix, readOnly }) => `${host}/`.startsWith(`${prefix}/`) && (!readOnly || isOnlyRead(pod, name)),
    );
    const where = [...path, 'hostPath', 'path'];
    return isIn ? [] : [{ subject: `volume ${name}`, detail: host, path: where, actual: host }];
  });
}

// Read once for all volumes: one question for every pair of a volume and a mount would exceed the budget of large pods.
const celWritten = `variables.containers.map(c, c.?volumeMounts.orValue([]).filter(m, !m.?readOnly.orValue(false)).map(m, m.name)).filter(names, size(names) > 0)`;
const celOnlyRead = `!variables.written.exists(names, v.name in names)`;

/** CEL variables that rules about volumes read. */
export const volumeVariables: Readonly<Record<string, string>> = { written: celWritten };

const hostPaths: PodRule = {
  code: 'TRY-SEC-019',
  field: 'allowedHostPaths',
  says: 'must not be a path of the node outside the list, or mounted to be written where it may only be read',
  offences: pathOffences,
  cel: volumesWhere(
    'TRY-SEC-019',
    `has(v.hostPath) && !variables.profile.hostPaths.exists(h, (v.hostPath.path + '/').startsWith(h.prefix + '/') && (!h.readOnly || ${celOnlyRead}))`,
    '[v.hostPath.path]',
  ),
};

function driverOffences(pod: RuledPod, rules: PodRules): readonly Offence[] {
  return pod.volumes.flatMap(({ name, path, own }) =>
    (['csi', 'flexVolume'] as const).flatMap((kind) => {
      const driver = stringAt(own, kind, 'driver');
      const allowed = kind === 'csi' ? rules.csiDrivers : rules.flexDrivers;
      if (driver === undefined || includesOrAll(allowed, driver)) return [];
      const field = kind === 'csi' ? 'allowedCSIDrivers' : 'allowedFlexVolumes';
      const where = [...path, kind, 'driver'];
      return [{ subject: `volume ${name}`, detail: driver, field, path: where, actual: driver }];
    }),
  );
}

const celOutside = (field: string, list: string) =>
  `has(v.${field}) && !('*' in variables.profile.${list} || v.${field}.driver in variables.profile.${list})`;

const drivers: PodRule = {
  code: 'TRY-SEC-030',
  field: 'allowedCSIDrivers',
  says: 'must not be of a driver outside the list',
  offences: driverOffences,
  cel: volumesWhere(
    'TRY-SEC-030',
    `(${celOutside('csi', 'csiDrivers')}) || (${celOutside('flexVolume', 'flexDrivers')})`,
    '[has(v.csi) ? v.csi.driver : v.flexVolume.driver]',
  ),
};

/** Which volumes a pod may have. */
export const volumeRules: readonly PodRule[] = [kinds, hostPaths, drivers];
