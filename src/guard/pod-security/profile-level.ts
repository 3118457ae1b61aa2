import type { SecurityProfile } from '../../spec/index.ts';
import { baselineCapabilities, restrictedCapabilities } from './privileges.ts';
import { restrictedVolumes } from './volumes.ts';

/** Pod Security levels, the strictest first. */
export const podSecurityLevels = ['restricted', 'baseline', 'privileged'] as const;

export type PodSecurityLevel = (typeof podSecurityLevels)[number];

/** The strictest level that admits every pod the profile admits (Pod Security Standards of Kubernetes). */
export function podSecurityLevel(profile: SecurityProfile): PodSecurityLevel {
  if (!isBaseline(profile)) return 'privileged';
  return isRestricted(profile) ? 'restricted' : 'baseline';
}

function isBaseline(profile: SecurityProfile): boolean {
  const isHostFree =
    !profile.hostNetwork && !profile.hostIPC && !profile.hostPID && profile.hostPorts.length === 0;
  const hasNoHostPath = !profile.volumes.some((volume) => volume === 'hostPath' || volume === '*');
  return (
    !profile.privileged &&
    !profile.probeHosts &&
    isHostFree &&
    hasNoHostPath &&
    isConfined(profile) &&
    profile.allowedUnsafeSysctls.length === 0 &&
    profile.allowedCapabilities.every((one) => baselineCapabilities.has(one))
  );
}

function isConfined(profile: SecurityProfile): boolean {
  return (
    !profile.seccomp.some((one) => one === 'Unconfined' || one === '*') &&
    hasKnownLabels(profile) &&
    profile.allowedProcMountTypes.every((one) => one === 'Default') &&
    profile.appArmor.every((one) => one === 'RuntimeDefault' || one.startsWith('Localhost'))
  );
}

function hasKnownLabels({ seLinux }: SecurityProfile): boolean {
  if (seLinux.rule !== 'MustRunAs') return seLinux.rule === 'MustBeUnset';
  const isOwn = (seLinux.user ?? '') !== '' || (seLinux.role ?? '') !== '';
  return !isOwn && containerTypes.has(seLinux.type ?? '');
}

// The type that 1.31 added is left out: the label may be of an older version.
const containerTypes: ReadonlySet<string> = new Set([
  '',
  'container_t',
  'container_init_t',
  'container_kvm_t',
]);

function isRestricted(profile: SecurityProfile): boolean {
  const isDropped =
    profile.requiredDropCapabilities.includes('ALL') &&
    profile.allowedCapabilities.every((one) => restrictedCapabilities.has(one));
  const isNonRoot =
    profile.runAsUser.rule === 'MustRunAsNonRoot' ||
    (profile.runAsUser.rule === 'MustRunAs' && profile.runAsUser.ranges.every((range) => range.min > 0));
  const isSeccomp = profile.seccomp.every((one) => one === 'RuntimeDefault' || one.startsWith('Localhost'));
  return (
    !profile.allowPrivilegeEscalation &&
    isDropped &&
    isNonRoot &&
    isSeccomp &&
    profile.volumes.every((volume) => restrictedVolumes.has(volume))
  );
}

/** The stricter of some levels; privileged when there are none. */
export function strictest(levels: readonly PodSecurityLevel[]): PodSecurityLevel {
  return podSecurityLevels.find((level) => levels.includes(level)) ?? 'privileged';
}

/** The looser of some levels; restricted when there are none. */
export function loosest(levels: readonly PodSecurityLevel[]): PodSecurityLevel {
  const index = Math.max(0, ...levels.map((level) => podSecurityLevels.indexOf(level)));
  return podSecurityLevels[index] ?? 'privileged';
}
