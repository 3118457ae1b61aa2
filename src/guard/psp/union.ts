import type { SecurityProfile } from '../../spec/index.ts';
import type { Ground } from './differences/aspect.ts';
import { everyAspect } from './differences/comparison.ts';
import { policiesAsked } from './differences/together.ts';
import type { Psp } from './policy.ts';

/** The policy that lets in whatever one of the others does; undefined when none does. */
export function containingPolicy(ground: Ground): Psp | undefined {
  const asked = policiesAsked(ground);
  const answers = everyAspect.flatMap((aspect) =>
    aspect
      .variations(ground)
      .map((variation) => asked.map((isLetIn) => isLetIn(new Map([[aspect.name, variation]])))),
  );
  return ground.policies.find((_policy, mine) =>
    answers.every((row) => row[mine] === true || row.every((isIn) => !isIn)),
  );
}

type Spec = Omit<SecurityProfile, 'name' | 'from'>;

const united = <T>(lists: readonly (readonly T[])[]): T[] => [
  ...new Map(lists.flat().map((one) => [JSON.stringify(one), one])).values(),
];

/** A profile that lets in what any of some profiles does; it is the least one that fields can say, so it may let in more. */
export function mergedProfile(
  name: string,
  profiles: readonly [SecurityProfile, ...SecurityProfile[]],
): SecurityProfile {
  const all = <K extends keyof Spec>(field: K): readonly Spec[K][] => profiles.map((one) => one[field]);
  const some = (field: 'privileged' | 'hostNetwork' | 'hostIPC' | 'hostPID' | 'probeHosts'): boolean =>
    all(field).includes(true);
  return {
    ...profiles[0],
    name,
    privileged: some('privileged'),
    allowPrivilegeEscalation: all('allowPrivilegeEscalation').includes(true),
    requiredDropCapabilities: leastDropped(all('requiredDropCapabilities')),
    allowedCapabilities: united(all('allowedCapabilities')),
    volumes: united(all('volumes')),
    allowedHostPaths: united(all('allowedHostPaths')),
    allowedCSIDrivers: united(all('allowedCSIDrivers')),
    allowedFlexVolumes: united(all('allowedFlexVolumes')),
    hostNetwork: some('hostNetwork'),
    hostIPC: some('hostIPC'),
    hostPID: some('hostPID'),
    hostPorts: united(all('hostPorts')),
    runAsUser: loosestUser(all('runAsUser')),
    runAsGroup: loosestIds(all('runAsGroup')),
    supplementalGroups: loosestIds(all('supplementalGroups')),
    fsGroup: loosestIds(all('fsGroup')),
    seccomp: united(all('seccomp')),
    appArmor: united(all('appArmor')),
    seLinux: loosestLabel(all('seLinux')),
    allowedProcMountTypes: united(all('allowedProcMountTypes')),
    allowedUnsafeSysctls: united(all('allowedUnsafeSysctls')),
    forbiddenSysctls: inAll(all('forbiddenSysctls')),
    runtimeClasses: united(all('runtimeClasses')),
    probeHosts: some('probeHosts'),
    readOnlyRootFilesystem: all('readOnlyRootFilesystem').every((one) => one),
    fill: inAll(all('fill')),
  };
}

const inAll = <T>(lists: readonly (readonly T[])[]): T[] =>
  united(lists).filter((one) => lists.every((list) => list.includes(one)));

function leastDropped(lists: readonly (readonly string[])[]): string[] {
  const isDropped = (list: readonly string[], one: string): boolean =>
    list.includes(one) || list.includes('ALL');
  return united(lists).filter((one) => lists.every((list) => isDropped(list, one)));
}

function loosestUser(all: readonly Spec['runAsUser'][]): Spec['runAsUser'] {
  const rules = new Set(all.map((one) => one.rule));
  const ranges = united(all.map((one) => one.ranges));
  if (rules.has('RunAsAny')) return { rule: 'RunAsAny', ranges: [] };
  if (!rules.has('MustRunAsNonRoot')) return { rule: 'MustRunAs', ranges };
  return { rule: ranges.some(({ min }) => min === 0) ? 'RunAsAny' : 'MustRunAsNonRoot', ranges: [] };
}

function loosestIds(all: readonly Spec['fsGroup'][]): Spec['fsGroup'] {
  const rules = new Set(all.map((one) => one.rule));
  if (rules.has('RunAsAny')) return { rule: 'RunAsAny', ranges: [] };
  const ranges = united(all.map((one) => one.ranges));
  return { rule: rules.has('MayRunAs') ? 'MayRunAs' : 'MustRunAs', ranges };
}

function loosestLabel(all: readonly Spec['seLinux'][]): Spec['seLinux'] {
  const asked = united([all.filter((one) => one.rule !== 'MustBeUnset')]);
  const [only] = asked;
  if (only === undefined) return { rule: 'MustBeUnset' };
  return asked.length === 1 ? only : { rule: 'RunAsAny' };
}
