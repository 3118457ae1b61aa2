import type { SecurityProfile } from '../../spec/index.ts';

type Change = (profile: SecurityProfile) => Partial<SecurityProfile>;

/** What a profile would say if a rule did not hold; rules that Pod Security knows nothing of are left out. */
const changes: Readonly<Record<string, Change>> = {
  'TRY-SEC-010': () => ({ privileged: true }),
  'TRY-SEC-011': () => ({ allowPrivilegeEscalation: true }),
  'TRY-SEC-012': () => ({ runAsUser: { rule: 'RunAsAny', ranges: [] } }),
  'TRY-SEC-016': () => ({ requiredDropCapabilities: [] }),
  'TRY-SEC-017': () => ({ allowedCapabilities: ['*'] }),
  'TRY-SEC-018': () => ({ volumes: ['*'] }),
  'TRY-SEC-019': ({ volumes }) => ({ volumes: [...volumes, 'hostPath'] }),
  'TRY-SEC-020': () => ({ hostNetwork: true, hostIPC: true, hostPID: true }),
  'TRY-SEC-021': () => ({ hostPorts: [{ min: 1, max: 65_535 }] }),
  'TRY-SEC-022': () => ({ seccomp: ['*'] }),
  'TRY-SEC-023': () => ({ appArmor: ['*'] }),
  'TRY-SEC-024': () => ({ seLinux: { rule: 'RunAsAny' } }),
  'TRY-SEC-025': () => ({ allowedProcMountTypes: ['*'] }),
  'TRY-SEC-026': () => ({ allowedUnsafeSysctls: ['*'] }),
  'TRY-SEC-032': () => ({ probeHosts: true }),
  'TRY-SEC-033': () => ({ privileged: true }),
};

/** The profile as it is where rules are waived: what Pod Security's level must let in too. */
export function loosenedProfile(profile: SecurityProfile, rules: readonly string[]): SecurityProfile {
  const loose = { ...profile };
  for (const rule of rules) Object.assign(loose, changes[rule]?.(loose));
  return loose;
}

/** True for rules that Pod Security's level follows: a Waiver of one may lower it. */
export function isPodSecurityRule(rule: string): boolean {
  return Object.hasOwn(changes, rule);
}
