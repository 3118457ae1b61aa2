import { at, isString, listAt, numberAt, objectAt, stringAt } from '../../lib/index.ts';
import type { PodParts } from '../../objects/index.ts';
import type { Refusal } from './api-rules.ts';
import { containerAppArmor, containerSeccomp, podSeccomp } from './confinement.ts';
import { containersOf, contextOf, effective, type PolicedContainer } from './pod.ts';
import type { Psp } from './policy.ts';
import { volumeRefusals } from './policy-volumes.ts';

type Ranges = Psp['hostPorts'];

const isIn = (ranges: Ranges, id: number): boolean => ranges.some(({ min, max }) => min <= id && id <= max);

const when = (isBroken: boolean, rule: string, sentence: string): readonly Refusal[] =>
  isBroken ? [{ rule, sentence }] : [];

/** Why a policy refuses a pod, which it has changed before (`mutatedBy`); none when it lets it in. */
export function policyRefusals(pod: PodParts, policy: Psp, safe: readonly string[]): readonly Refusal[] {
  return [
    ...wholeRefusals(pod, policy, safe),
    ...volumeRefusals(pod, policy),
    ...containersOf(pod).flatMap((container) => containerRefusals(pod, container, policy)),
  ];
}

const namespaces = ['hostNetwork', 'hostPID', 'hostIPC'] as const;

function wholeRefusals(pod: PodParts, policy: Psp, safe: readonly string[]): readonly Refusal[] {
  const context = contextOf(pod);
  const group = numberAt(context, 'fsGroup');
  const groups = listAt(context, 'supplementalGroups').filter((one) => typeof one === 'number');
  const runtimeClass = stringAt(pod.spec, 'runtimeClassName');
  return [
    ...groupRefusals('fsGroup', group === undefined ? [] : [group], policy.fsGroup),
    ...groupRefusals('supplementalGroups', groups, policy.supplementalGroups),
    ...seccompRefusals(podSeccomp(pod), policy, 'the pod'),
    ...labelRefusals(objectAt(context, 'seLinuxOptions'), policy, 'the pod'),
    ...namespaces.flatMap((one) =>
      when(pod.spec[one] === true && !policy[one], one, `${one} may not be used`),
    ),
    ...listAt(context, 'sysctls').flatMap((one) => sysctlRefusals(stringAt(one, 'name') ?? '', policy, safe)),
    ...when(
      runtimeClass !== undefined && !isClassAllowed(runtimeClass, policy),
      'runtimeClass',
      `runtime class ${runtimeClass ?? ''} is not allowed`,
    ),
  ];
}

function groupRefusals(
  rule: 'fsGroup' | 'supplementalGroups' | 'runAsGroup',
  ids: readonly number[],
  wanted: Psp['fsGroup'],
): readonly Refusal[] {
  if (wanted.rule === 'RunAsAny') return [];
  const outside = ids.filter((id) => !isIn(wanted.ranges, id));
  const isMissing = ids.length === 0 && wanted.rule === 'MustRunAs';
  return [
    ...when(isMissing, rule, `${rule} must be set`),
    ...when(outside.length > 0, rule, `${rule} ${outside.join(', ')} is outside the ranges`),
  ];
}

function seccompRefusals(profile: string, policy: Psp, who: string): readonly Refusal[] {
  const { allowed = [] } = policy.seccomp;
  if (allowed.includes('*') || allowed.includes(profile)) return [];
  if (allowed.length > 0)
    return [{ rule: 'seccomp', sentence: `seccomp profile "${profile}" of ${who} is not allowed` }];
  return when(profile !== '', 'seccomp', `a seccomp profile may not be set (${profile} of ${who})`);
}

function labelRefusals(said: unknown, { seLinux }: Psp, who: string): readonly Refusal[] {
  if (seLinux.rule === 'RunAsAny') return [];
  const { level, ...others } = { level: '', role: '', type: '', user: '', ...seLinux.seLinuxOptions };
  const of = (option: string): string => stringAt(said, option) ?? '';
  const wrong = Object.entries(others).filter(([option, value]) => of(option) !== value);
  const names = [...wrong.map(([option]) => option), ...(isSameLevel(of('level'), level) ? [] : ['level'])];
  return when(names.length > 0, 'seLinux', `SELinux ${names.join(', ')} of ${who} is another`);
}

/** Levels are the same when their categories are, in any order. */
export function isSameLevel(left: string, right: string): boolean {
  const sorted = (level: string): string =>
    level
      .split(':')
      .map((part) => part.split(',').toSorted().join(','))
      .join(':');
  return left === right || sorted(left) === sorted(right);
}

function isClassAllowed(name: string, { runtimeClass }: Psp): boolean {
  const allowed = runtimeClass?.allowedRuntimeClassNames ?? ['*'];
  return allowed.includes('*') || allowed.includes(name);
}

/** True when a pattern (`net.*`, `kernel.msgmax`) is meant by a setting's name. */
export function isSetting(patterns: readonly string[], name: string): boolean {
  return patterns.some((one) => (one.endsWith('*') ? name.startsWith(one.slice(0, -1)) : name === one));
}

function sysctlRefusals(name: string, policy: Psp, safe: readonly string[]): readonly Refusal[] {
  const isAllowed = safe.includes(name) || isSetting(policy.allowedUnsafeSysctls, name);
  const isForbidden = isSetting(policy.forbiddenSysctls, name);
  return when(isForbidden || !isAllowed, 'sysctls', `kernel setting ${name} is not allowed`);
}

function containerRefusals(pod: PodParts, container: PolicedContainer, policy: Psp): readonly Refusal[] {
  const { name, context } = container;
  const gid = effective(pod, container, 'runAsGroup');
  const label = effective(pod, container, 'seLinuxOptions');
  const mount = stringAt(context, 'procMount') ?? 'Default';
  const mounts = policy.allowedProcMountTypes.length === 0 ? ['Default'] : policy.allowedProcMountTypes;
  return [
    ...userRefusals(pod, container, policy),
    ...groupRefusals('runAsGroup', typeof gid === 'number' ? [gid] : [], policy.runAsGroup),
    ...labelRefusals(label, policy, `container ${name}`),
    ...armorRefusals(containerAppArmor(pod, container), policy, name),
    ...seccompRefusals(containerSeccomp(pod, container), policy, `container ${name}`),
    ...when(
      context['privileged'] === true && !policy.privileged,
      'privileged',
      'privileged containers are not allowed',
    ),
    ...when(!mounts.includes(mount), 'procMount', `/proc may not be mounted ${mount}`),
    ...capabilityRefusals(container, policy),
    ...portRefusals(container, policy),
    ...when(
      policy.readOnlyRootFilesystem && context['readOnlyRootFilesystem'] !== true,
      'readOnlyRootFilesystem',
      'readOnlyRootFilesystem must be true',
    ),
    ...when(
      !policy.allowPrivilegeEscalation && context['allowPrivilegeEscalation'] !== false,
      'allowPrivilegeEscalation',
      'gaining privileges is not allowed',
    ),
  ];
}

function userRefusals(pod: PodParts, container: PolicedContainer, { runAsUser }: Psp): readonly Refusal[] {
  const uid = effective(pod, container, 'runAsUser');
  if (runAsUser.rule === 'RunAsAny') return [];
  if (runAsUser.rule === 'MustRunAs') {
    const isInside = typeof uid === 'number' && isIn(runAsUser.ranges, uid);
    return when(!isInside, 'runAsUser', `user ${String(uid)} is outside the ranges`);
  }
  const nonRoot = effective(pod, container, 'runAsNonRoot');
  return [
    ...when(uid === undefined && nonRoot === undefined, 'runAsUser', 'a user that is not root must be set'),
    ...when(nonRoot === false, 'runAsUser', 'runAsNonRoot must not be false'),
    ...when(uid === 0, 'runAsUser', 'the user must not be 0'),
  ];
}

function armorRefusals(profile: string, { appArmor: { allowed } }: Psp, name: string): readonly Refusal[] {
  if (allowed === undefined || allowed.includes(profile)) return [];
  const sentence =
    profile === ''
      ? `an AppArmor profile must be set for container ${name}`
      : `AppArmor profile ${profile} of container ${name} is not allowed`;
  return [{ rule: 'appArmor', sentence }];
}

function capabilityRefusals({ context }: PolicedContainer, policy: Psp): readonly Refusal[] {
  if (policy.allowedCapabilities.includes('*')) return [];
  const allowed = new Set([...policy.allowedCapabilities, ...policy.defaultAddCapabilities]);
  const adds = listAt(context, 'capabilities', 'add').filter(isString);
  const drops = listAt(context, 'capabilities', 'drop');
  const missing = policy.requiredDropCapabilities.filter((one) => !drops.includes(one));
  return [
    ...adds
      .filter((one) => !allowed.has(one))
      .map((one) => ({ rule: 'capabilities', sentence: `capability ${one} may not be added` })),
    ...when(missing.length > 0, 'capabilities', `${missing.join(', ')} must be dropped`),
  ];
}

function portRefusals({ own }: PolicedContainer, { hostPorts }: Psp): readonly Refusal[] {
  return listAt(own, 'ports').flatMap((port) => {
    const number = numberAt(port, 'hostPort') ?? 0;
    return when(
      number > 0 && !isIn(hostPorts, number),
      'hostPorts',
      `port ${String(at(port, 'hostPort'))} of the node is outside the ranges`,
    );
  });
}
