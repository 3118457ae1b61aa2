import type { SecurityProfile } from '../../spec/index.ts';
import { strictestProfile } from '../../spec/index.ts';
import { podSecurityLevel, type PodSecurityLevel } from '../pod-security/profile-level.ts';
import { capabilitiesNamed, renamedText } from './capability-words.ts';
import { fieldWordOf } from './confinement.ts';
import type { AnnotatedProfiles, Psp } from './policy.ts';

/** A profile made from policies, and what people should know of its fields. */
export interface ImportedProfile {
  readonly profile: SecurityProfile;
  /** Field -> why it is what it is, where it is not what the policy says in the same words. */
  readonly reasons: Readonly<Record<string, string>>;
  /** What the policy wrote into pods and the profile does not. */
  readonly unwritten: readonly string[];
}

/** How a policy is imported. */
export interface ImportOptions {
  /** The profile's name. */
  readonly name: string;
  /** True: what the policy leaves open stays open, although Pod Security then guards nothing. */
  readonly isExact: boolean;
}

type Spec = Omit<SecurityProfile, 'name' | 'from'>;
type Reasons = Readonly<Record<string, string>>;

/**
 * The profile that says what a policy says. Where the policy leaves AppArmor, SELinux, seccomp or the hosts of probes open and
 * nothing else keeps its namespace from level baseline or restricted, the profile closes them: `reasons` says so.
 */
export function profileOf(policy: Psp, options: ImportOptions): ImportedProfile {
  const exact = exactProfile(policy, options.name);
  const closed = options.isExact ? undefined : closedProfile(policy, exact);
  const { profile, reasons } = closed ?? { profile: exact, reasons: {} };
  const fill = fillOf(policy, profile);
  return {
    profile: { ...profile, fill },
    reasons: { ...exactReasons(policy), ...reasons },
    unwritten: unwrittenOf(policy, fill),
  };
}

function exactProfile(policy: Psp, name: string): SecurityProfile {
  const kinds = policy.volumes.filter((kind) => kind !== 'none');
  const has = (kind: string): boolean => kinds.includes(kind) || kinds.includes('*');
  const names = (listed: readonly string[], kind: string): string[] =>
    listed.length > 0 ? [...listed] : has(kind) ? ['*'] : [];
  const paths = policy.allowedHostPaths.length > 0 ? policy.allowedHostPaths : anyPath;
  const spec = {
    privileged: policy.privileged,
    allowPrivilegeEscalation: policy.allowPrivilegeEscalation,
    requiredDropCapabilities: capabilitiesNamed(policy.requiredDropCapabilities),
    allowedCapabilities: capabilitiesNamed(addableOf(policy)),
    volumes: kinds,
    allowedHostPaths: has('hostPath') ? [...paths] : [],
    allowedCSIDrivers: names(
      policy.allowedCSIDrivers.map((one) => one.name),
      'csi',
    ),
    allowedFlexVolumes: names(
      policy.allowedFlexVolumes.map((one) => one.driver),
      'flexVolume',
    ),
    hostNetwork: policy.hostNetwork,
    hostIPC: policy.hostIPC,
    hostPID: policy.hostPID,
    hostPorts: policy.hostPorts,
    ...identities(policy),
    seccomp: seccompWords(policy.seccomp),
    appArmor: policy.appArmor.allowed?.map(fieldWordOf).filter((word) => word !== '') ?? ['*'],
    seLinux: labels(policy),
    allowedProcMountTypes:
      policy.allowedProcMountTypes.length === 0 ? ['Default'] : policy.allowedProcMountTypes,
    allowedUnsafeSysctls: policy.allowedUnsafeSysctls,
    forbiddenSysctls: policy.forbiddenSysctls,
    runtimeClasses: policy.runtimeClass?.allowedRuntimeClassNames ?? ['*'],
    probeHosts: true,
    readOnlyRootFilesystem: policy.readOnlyRootFilesystem,
  } satisfies Partial<Spec>;
  return { ...strictestProfile(name, policy.from), ...spec };
}

/** What containers may add: a policy let in what it added itself. */
function addableOf({ allowedCapabilities, defaultAddCapabilities }: Psp): readonly string[] {
  return [...allowedCapabilities, ...defaultAddCapabilities];
}

const anyPath = [{ pathPrefix: '/', readOnly: false }] as const;

function identities(policy: Psp): Pick<Spec, 'runAsUser' | 'runAsGroup' | 'supplementalGroups' | 'fsGroup'> {
  const { runAsUser, runAsGroup, supplementalGroups, fsGroup } = policy;
  // A policy never refused a pod without groups: it wrote one.
  const may = (ids: Psp['fsGroup']): Spec['fsGroup'] =>
    ids.rule === 'RunAsAny' ? { rule: 'RunAsAny', ranges: [] } : { rule: 'MayRunAs', ranges: ids.ranges };
  return {
    runAsUser: {
      rule: runAsUser.rule,
      ranges: runAsUser.rule === 'MustRunAs' ? runAsUser.ranges : [],
    },
    runAsGroup: {
      rule: runAsGroup.rule,
      ranges: runAsGroup.rule === 'RunAsAny' ? [] : runAsGroup.ranges,
    },
    supplementalGroups: may(supplementalGroups),
    fsGroup: may(fsGroup),
  };
}

/** The words of a profile for what annotations allow: what was written where nothing is said stands first, which is what fills. */
function seccompWords({ usual, allowed = [] }: AnnotatedProfiles): string[] {
  if (allowed.length === 0) return ['Unset'];
  const first = usual === '' || !isAmong(allowed, usual) ? [] : [usual];
  const words = [...first, ...allowed].map((one) => (one === '' ? 'Unset' : fieldWordOf(one)));
  return [...new Set(words)];
}

const isAmong = (allowed: readonly string[], one: string): boolean =>
  allowed.includes('*') || allowed.includes(one);

function labels({ seLinux }: Psp): Spec['seLinux'] {
  if (seLinux.rule === 'RunAsAny') return { rule: 'RunAsAny' };
  const said = Object.entries(seLinux.seLinuxOptions ?? {}).filter(([, value]) => value !== '');
  return { rule: 'MustRunAs', ...Object.fromEntries(said) };
}

interface Closed {
  readonly profile: SecurityProfile;
  readonly reasons: Reasons;
}

/** Levels worth closing what the policy leaves open for, the better first. */
const worthwhile: readonly PodSecurityLevel[] = ['restricted', 'baseline'];

function closedProfile(policy: Psp, exact: SecurityProfile): Closed | undefined {
  const isArmorOpen = policy.appArmor.allowed === undefined;
  const isLabelOpen = policy.seLinux.rule === 'RunAsAny';
  const isSeccompSilent = (policy.seccomp.allowed ?? []).length === 0 && policy.seccomp.usual === '';
  return worthwhile
    .map((level): Closed => {
      const why = (what: string): string => `${what}; closed so that Pod Security ${level} holds`;
      const isFilled = level === 'restricted' && isSeccompSilent;
      return {
        profile: {
          ...exact,
          probeHosts: false,
          ...(isArmorOpen ? { appArmor: ['RuntimeDefault', 'Localhost'] } : {}),
          ...(isLabelOpen ? { seLinux: { rule: 'MustBeUnset' as const } } : {}),
          ...(isFilled ? { seccomp: ['RuntimeDefault'] } : {}),
        },
        reasons: {
          ...(isArmorOpen ? { appArmor: why('the policy says nothing of AppArmor') } : {}),
          ...(isLabelOpen ? { seLinux: why('seLinux RunAsAny') } : {}),
          ...(isFilled ? { seccomp: why('no seccomp annotation: a pod could not set any') } : {}),
        },
      };
    })
    .find(({ profile }, index) => podSecurityLevel(profile) === worthwhile[index]);
}

function exactReasons(policy: Psp): Reasons {
  const { seccomp, appArmor, runtimeClass, allowedHostPaths, volumes } = policy;
  const groups = (field: 'supplementalGroups' | 'fsGroup'): Reasons =>
    policy[field].rule === 'MustRunAs'
      ? { [field]: 'MustRunAs wrote the first of the ranges into pods without one and refused none' }
      : {};
  const isAnyPath = allowedHostPaths.length === 0 && (volumes.includes('hostPath') || volumes.includes('*'));
  return {
    ...groups('supplementalGroups'),
    ...groups('fsGroup'),
    ...(isAnyPath ? { allowedHostPaths: 'no allowedHostPaths: every path' } : {}),
    ...(runtimeClass === undefined ? { runtimeClasses: 'no runtimeClass: every class' } : {}),
    ...(appArmor.allowed === undefined
      ? { appArmor: 'no AppArmor annotation: every profile' }
      : { appArmor: 'from the AppArmor annotations' }),
    seccomp:
      seccomp.allowed === undefined
        ? 'no seccomp annotation: a pod may not set any; add RuntimeDefault to let pods have it'
        : 'from the seccomp annotations',
    probeHosts: 'a PodSecurityPolicy does not look at probes',
    ...reasonOf('allowedCapabilities', [
      ...(policy.defaultAddCapabilities.length > 0 ? ['with defaultAddCapabilities'] : []),
      ...renamedText(addableOf(policy)),
    ]),
    ...reasonOf('requiredDropCapabilities', renamedText(policy.requiredDropCapabilities)),
  };
}

function reasonOf(field: keyof Spec, parts: readonly string[]): Reasons {
  return parts.length === 0 ? {} : { [field]: parts.join('; ') };
}

/** What the policy wrote into pods that said nothing, as far as `fill` can. */
function fillOf(policy: Psp, profile: SecurityProfile): Spec['fill'] {
  const { runAsUser, runAsGroup } = policy;
  const isNeverRoot = podSecurityLevel(profile) === 'restricted' || runAsUser.rule === 'MustRunAsNonRoot';
  const { usual, allowed = [] } = policy.seccomp;
  const isWritten = usual !== '' && isAmong(allowed, usual);
  const isSeccompFilled = isWritten || (profile.seccomp[0] === 'RuntimeDefault' && isSilent(policy.seccomp));
  const isClosed = policy.defaultAllowPrivilegeEscalation === false || !policy.allowPrivilegeEscalation;
  const wanted = {
    seccomp: isSeccompFilled,
    runAsNonRoot: isNeverRoot,
    runAsUser: runAsUser.rule === 'MustRunAs',
    runAsGroup: runAsGroup.rule === 'MustRunAs',
    allowPrivilegeEscalation: isClosed,
    dropCapabilities: policy.requiredDropCapabilities.length > 0,
    readOnlyRootFilesystem: policy.readOnlyRootFilesystem,
  };
  return fillable.filter((word) => wanted[word]);
}

const fillable = [
  'seccomp',
  'runAsNonRoot',
  'runAsUser',
  'runAsGroup',
  'allowPrivilegeEscalation',
  'dropCapabilities',
  'readOnlyRootFilesystem',
] as const satisfies Spec['fill'];

const isSilent = ({ usual, allowed }: AnnotatedProfiles): boolean =>
  usual === '' && (allowed ?? []).length === 0;

function unwrittenOf(policy: Psp, fill: Spec['fill']): readonly string[] {
  const group = (field: 'supplementalGroups' | 'fsGroup'): readonly string[] =>
    policy[field].rule === 'MustRunAs' ? [`${field}: ${policy[field].ranges[0]?.min ?? ''}`] : [];
  const { seLinux, appArmor, runtimeClass, seccomp } = policy;
  return [
    ...group('supplementalGroups'),
    ...group('fsGroup'),
    ...(seLinux.rule === 'MustRunAs' ? ['seLinuxOptions'] : []),
    ...(appArmor.usual === '' ? [] : [`AppArmor profile ${appArmor.usual}`]),
    ...(seccomp.usual === '' || fill.includes('seccomp') ? [] : [`seccomp profile ${seccomp.usual}`]),
    ...(runtimeClass?.defaultRuntimeClassName === undefined
      ? []
      : [`runtimeClassName: ${runtimeClass.defaultRuntimeClassName}`]),
    ...capabilitiesNamed(policy.defaultAddCapabilities).map((one) => `capability ${one}`),
  ];
}
