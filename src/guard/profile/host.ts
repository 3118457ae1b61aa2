import { at, isString, listAt, numberAt, objectAt, stringAt } from '../../lib/index.ts';
import type { RuledContainer, RuledPod } from './pod.ts';
import { containersWhere, podWhere, type Offence, type PodRule } from './rule.ts';
import type { PodRules } from './rules.ts';

const namespaces = ['hostNetwork', 'hostIPC', 'hostPID'] as const;

const hostNamespaces: PodRule = {
  code: 'TRY-SEC-020',
  field: 'hostNetwork',
  says: 'must not share namespaces of the node',
  offences: ({ spec }, rules) =>
    namespaces
      .filter((one) => spec[one] === true && !rules[one])
      .map((one) => ({ subject: 'pod', detail: one, field: one, path: [one], actual: true, fix: null })),
  cel: podWhere(
    'TRY-SEC-020',
    namespaces
      .map((one) => `(variables.pod.?${one}.orValue(false) && !variables.profile.${one})`)
      .join(' || '),
    `((variables.pod.?hostNetwork.orValue(false) && !variables.profile.hostNetwork ? ['hostNetwork'] : []) + (variables.pod.?hostIPC.orValue(false) && !variables.profile.hostIPC ? ['hostIPC'] : []) + (variables.pod.?hostPID.orValue(false) && !variables.profile.hostPID ? ['hostPID'] : []))`,
  ),
};

/** On the node's network a port of a container is one of the node's: the API server writes it so for pods. */
function nodePort(port: unknown, pod: RuledPod): number {
  const own = numberAt(port, 'hostPort') ?? 0;
  return own === 0 && pod.spec['hostNetwork'] === true ? (numberAt(port, 'containerPort') ?? 0) : own;
}

function portOffences(pod: RuledPod, { hostPorts }: PodRules): readonly Offence[] {
  return pod.containers.flatMap(({ name, path, own }) =>
    listAt(own, 'ports').flatMap((port, index) => {
      const number = nodePort(port, pod);
      if (number === 0 || hostPorts.some((range) => range.min <= number && number <= range.max)) return [];
      const where = [...path, 'ports', index, 'hostPort'];
      return [
        {
          subject: `container ${name}`,
          detail: String(number),
          path: where,
          actual: at(port, 'hostPort'),
          fix: null,
        },
      ];
    }),
  );
}

const celNodePort =
  'p.?hostPort.orValue(0) == 0 && variables.pod.?hostNetwork.orValue(false) ? p.containerPort : p.?hostPort.orValue(0)';
const celPorts = `c.?ports.orValue([]).map(p, ${celNodePort})`;
const celOutside = 'n != 0 && !variables.profile.hostPorts.exists(r, r.min <= n && n <= r.max)';

const hostPorts: PodRule = {
  code: 'TRY-SEC-021',
  field: 'hostPorts',
  says: 'must not take ports of the node outside the ranges',
  offences: portOffences,
  cel: containersWhere(
    'TRY-SEC-021',
    `${celPorts}.exists(n, ${celOutside})`,
    `${celPorts}.filter(n, ${celOutside}).map(n, string(n))`,
  ),
};

const probes = ['livenessProbe', 'readinessProbe', 'startupProbe'] as const;
const hooks = ['postStart', 'preStop'] as const;
const calls = ['httpGet', 'tcpSocket'] as const;

/** Every place of a container where a probe or hook may name a host, and the steps to it. */
const hostPlaces: readonly (readonly string[])[] = [
  ...probes.flatMap((probe) => calls.map((call) => [probe, call])),
  ...hooks.flatMap((hook) => calls.map((call) => ['lifecycle', hook, call])),
];

function hostOffences(container: RuledContainer): readonly Offence[] {
  return hostPlaces.flatMap((place) => {
    const host = stringAt(container.own, ...place, 'host') ?? '';
    if (host === '') return [];
    const path = [...container.path, ...place, 'host'];
    return [{ subject: `container ${container.name}`, detail: host, path, actual: host, fix: null }];
  });
}

const celHosts = `[${hostPlaces.map((place) => `c.?${place.join('.?')}.?host.orValue('')`).join(', ')}].filter(h, h != '')`;

const probeHosts: PodRule = {
  code: 'TRY-SEC-032',
  field: 'probeHosts',
  says: 'probes and hooks must not call another host',
  offences: (pod, rules) => (rules.probeHosts ? [] : pod.containers.flatMap(hostOffences)),
  cel: containersWhere('TRY-SEC-032', `!variables.profile.probeHosts && size(${celHosts}) > 0`, celHosts),
};

const runtimeClasses: PodRule = {
  code: 'TRY-SEC-031',
  field: 'runtimeClasses',
  says: 'must not name a runtime class outside the list',
  offences: ({ spec }, rules) => {
    const name = stringAt(spec, 'runtimeClassName');
    if (name === undefined || includesOrAll(rules.runtimeClasses, name)) return [];
    return [{ subject: 'pod', detail: name, path: ['runtimeClassName'], actual: name, fix: null }];
  },
  cel: podWhere(
    'TRY-SEC-031',
    `has(variables.pod.runtimeClassName) && !('*' in variables.profile.runtimeClasses || variables.pod.runtimeClassName in variables.profile.runtimeClasses)`,
    '[variables.pod.runtimeClassName]',
  ),
};

/** True when a list names a thing, or everything by `*`. */
export function includesOrAll(list: readonly string[], name: string): boolean {
  return list.includes('*') || list.includes(name);
}

function isNamed(name: string, patterns: readonly string[]): boolean {
  return patterns.some((one) => (one.endsWith('*') ? name.startsWith(one.slice(0, -1)) : name === one));
}

const celNamed = (list: string) =>
  `variables.profile.${list}.exists(p, p.endsWith('*') ? s.name.startsWith(p.substring(0, size(p) - 1)) : s.name == p)`;
const celSettings = `variables.context.?sysctls.orValue([]).filter(s, !(${celNamed('sysctls')} && !${celNamed('forbiddenSysctls')})).map(s, s.name)`;

const settings: PodRule = {
  code: 'TRY-SEC-026',
  field: 'allowedUnsafeSysctls',
  says: 'must not set kernel settings outside the list',
  offences: ({ securityContext }, rules) =>
    listAt(securityContext, 'sysctls').flatMap((one, index) => {
      const name = stringAt(one, 'name') ?? '';
      const isForbidden = isNamed(name, rules.forbiddenSysctls);
      if (isNamed(name, rules.sysctls) && !isForbidden) return [];
      return [
        {
          subject: 'pod',
          detail: name,
          field: isForbidden ? 'forbiddenSysctls' : 'allowedUnsafeSysctls',
          path: ['securityContext', 'sysctls', index],
          actual: objectAt(one),
          fix: null,
        },
      ];
    }),
  cel: podWhere('TRY-SEC-026', `size(${celSettings}) > 0`, celSettings),
};

/** What of the node a pod may touch. */
export const hostRules: readonly PodRule[] = [
  hostNamespaces,
  hostPorts,
  settings,
  runtimeClasses,
  probeHosts,
];

/** The strings of a list. */
export function textsAt(value: unknown, ...path: readonly (string | number)[]): readonly string[] {
  return listAt(value, ...path).filter(isString);
}
