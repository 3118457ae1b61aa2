import type { SecurityProfile } from '../../spec/index.ts';
import { fillValues, type FillValues } from './fill.ts';
import { safeSysctls } from '../pod-security/sysctls.ts';

/** Inclusive. */
export interface Range {
  readonly min: number;
  readonly max: number;
}

/** A rule about ids and the ranges that it allows. */
export interface Ids {
  readonly rule: 'MustRunAs' | 'MayRunAs' | 'RunAsAny';
  readonly ranges: readonly Range[];
}

/** What a pod may be, every default filled: what policies read on a cluster and `podViolations` reads here. */
export interface PodRules {
  readonly name: string;
  readonly privileged: boolean;
  readonly allowPrivilegeEscalation: boolean;
  readonly requiredDropCapabilities: readonly string[];
  readonly allowedCapabilities: readonly string[];
  readonly volumes: readonly string[];
  /** Without a slash at the end: the root is empty. */
  readonly hostPaths: readonly { readonly prefix: string; readonly readOnly: boolean }[];
  readonly csiDrivers: readonly string[];
  readonly flexDrivers: readonly string[];
  readonly hostNetwork: boolean;
  readonly hostIPC: boolean;
  readonly hostPID: boolean;
  readonly hostPorts: readonly Range[];
  readonly runAsUser: {
    readonly rule: 'MustRunAs' | 'MustRunAsNonRoot' | 'RunAsAny';
    readonly ranges: readonly Range[];
  };
  readonly runAsGroup: Ids;
  readonly supplementalGroups: Ids;
  readonly fsGroup: Ids;
  readonly seccomp: readonly string[];
  readonly appArmor: readonly string[];
  readonly seLinux: {
    readonly rule: 'MustBeUnset' | 'MustRunAs' | 'RunAsAny';
    readonly level: string;
    readonly role: string;
    readonly type: string;
    readonly user: string;
  };
  readonly procMountTypes: readonly string[];
  /** Names, or beginnings of names that end in `*`; the safe ones of the cluster's version are among them. */
  readonly sysctls: readonly string[];
  readonly forbiddenSysctls: readonly string[];
  readonly runtimeClasses: readonly string[];
  readonly probeHosts: boolean;
  readonly readOnlyRootFilesystem: boolean;
  /** What an image begins with; `['']` is any. */
  readonly imagePrefixes: readonly string[];
  readonly isDigestRequired: boolean;
  /** What is set where a pod says nothing. */
  readonly fill: FillValues;
}

/** A profile as rules for a cluster of one Kubernetes version (`1.35`; undefined: the oldest known list of safe kernel settings). */
export function podRules(profile: SecurityProfile, version: string | undefined): PodRules {
  const { images, seLinux } = profile;
  return {
    name: profile.name,
    privileged: profile.privileged,
    allowPrivilegeEscalation: profile.allowPrivilegeEscalation,
    requiredDropCapabilities: profile.requiredDropCapabilities,
    allowedCapabilities: profile.allowedCapabilities,
    volumes: profile.volumes,
    hostPaths: profile.allowedHostPaths.map((path) =>
      typeof path === 'string'
        ? { prefix: withoutSlash(path), readOnly: true }
        : { prefix: withoutSlash(path.pathPrefix), readOnly: path.readOnly },
    ),
    csiDrivers: profile.allowedCSIDrivers,
    flexDrivers: profile.allowedFlexVolumes,
    hostNetwork: profile.hostNetwork,
    hostIPC: profile.hostIPC,
    hostPID: profile.hostPID,
    hostPorts: profile.hostPorts,
    runAsUser: profile.runAsUser,
    runAsGroup: profile.runAsGroup,
    supplementalGroups: profile.supplementalGroups,
    fsGroup: profile.fsGroup,
    seccomp: profile.seccomp,
    appArmor: profile.appArmor,
    seLinux: {
      rule: seLinux.rule,
      level: seLinux.level ?? '',
      role: seLinux.role ?? '',
      type: seLinux.type ?? '',
      user: seLinux.user ?? '',
    },
    procMountTypes: profile.allowedProcMountTypes,
    sysctls: [...safeSysctls(version), ...profile.allowedUnsafeSysctls],
    forbiddenSysctls: profile.forbiddenSysctls,
    runtimeClasses: profile.runtimeClasses,
    probeHosts: profile.probeHosts,
    readOnlyRootFilesystem: profile.readOnlyRootFilesystem,
    imagePrefixes: images?.registries === undefined ? [''] : images.registries.flatMap(beginnings),
    isDigestRequired: images?.digest === 'required',
    fill: fillValues(profile),
  };
}

function withoutSlash(path: string): string {
  return path.replace(/\/+$/, '');
}

// `registry.example.com` must not let in `registry.example.com.evil.example`.
function beginnings(registry: string): readonly string[] {
  return registry.endsWith('/') ? [registry] : [`${registry}/`, `${registry}:`, `${registry}@`];
}
