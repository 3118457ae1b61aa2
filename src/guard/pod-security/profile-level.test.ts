import * as fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { strictestProfile, type SecurityProfile } from '../../spec/index.ts';
import { loosest, podSecurityLevel, podSecurityLevels } from './profile-level.ts';

const strictest = strictestProfile('strictest', { file: 'p.yaml', line: 1, column: 1, path: '' });

// Pod Security Standards, https://kubernetes.io/docs/concepts/security/pod-security-standards/
const cases: readonly (readonly [string, Partial<SecurityProfile>, string])[] = [
  ['nothing', {}, 'restricted'],
  ['NET_BIND_SERVICE', { allowedCapabilities: ['NET_BIND_SERVICE'] }, 'restricted'],
  ['csi volumes', { volumes: ['csi', 'ephemeral'] }, 'restricted'],
  ['a local seccomp profile', { seccomp: ['Localhost/a.json'] }, 'restricted'],
  ['users from 1000', { runAsUser: { rule: 'MustRunAs', ranges: [{ min: 1000, max: 2000 }] } }, 'restricted'],
  ['users from 0', { runAsUser: { rule: 'MustRunAs', ranges: [{ min: 0, max: 2000 }] } }, 'baseline'],
  ['any user', { runAsUser: { rule: 'RunAsAny', ranges: [] } }, 'baseline'],
  ['privilege escalation', { allowPrivilegeEscalation: true }, 'baseline'],
  ['capabilities kept', { requiredDropCapabilities: [] }, 'baseline'],
  ['CHOWN', { allowedCapabilities: ['CHOWN'] }, 'baseline'],
  ['nfs volumes', { volumes: ['nfs'] }, 'baseline'],
  ['SYS_ADMIN', { allowedCapabilities: ['SYS_ADMIN'] }, 'privileged'],
  ['privileged containers', { privileged: true }, 'privileged'],
  ['the node’s network', { hostNetwork: true }, 'privileged'],
  ['the node’s IPC', { hostIPC: true }, 'privileged'],
  ['the node’s processes', { hostPID: true }, 'privileged'],
  ['ports of the node', { hostPorts: [{ min: 80, max: 80 }] }, 'privileged'],
  ['host paths', { volumes: ['hostPath'] }, 'privileged'],
  ['any volume', { volumes: ['*'] }, 'privileged'],
  ['probes of other hosts', { probeHosts: true }, 'privileged'],
  ['any SELinux options', { seLinux: { rule: 'RunAsAny' } }, 'privileged'],
  ['a container’s SELinux type', { seLinux: { rule: 'MustRunAs', type: 'container_t' } }, 'restricted'],
  ['unsafe kernel settings', { allowedUnsafeSysctls: ['kernel.msg*'] }, 'privileged'],
  ['no AppArmor', { appArmor: ['Unconfined'] }, 'privileged'],
  ['no seccomp', { seccomp: ['Unconfined'] }, 'privileged'],
];

describe('podSecurityLevel', () => {
  it.each(cases)('a profile that allows %s', (_what, fields, level) => {
    expect(podSecurityLevel({ ...strictest, ...fields })).toBe(level);
  });

  it('never gets stricter when a profile allows more', () => {
    const part = fc.constantFrom(...cases.map(([, fields]) => fields));
    fc.assert(
      fc.property(part, part, (one, two) => {
        const rank = (fields: Partial<SecurityProfile>): number =>
          podSecurityLevels.indexOf(podSecurityLevel({ ...strictest, ...fields }));
        const keys = new Set(Object.keys(one));
        if (Object.keys(two).some((key) => keys.has(key))) return;
        expect(rank({ ...one, ...two })).toBeGreaterThanOrEqual(Math.max(rank(one), rank(two)));
      }),
    );
  });
});

describe('loosest', () => {
  it('is the loosest, and restricted where there are none', () => {
    expect(loosest(['restricted', 'baseline'])).toBe('baseline');
    expect(loosest(['privileged', 'restricted'])).toBe('privileged');
    expect(loosest([])).toBe('restricted');
  });
});
