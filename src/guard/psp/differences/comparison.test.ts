import * as fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { policies, policy, pod, pods } from '../../testing/policies.ts';
import { podSecurityLevel } from '../../pod-security/profile-level.ts';
import { profileOf } from '../profile.ts';
import type { Psp } from '../policy.ts';
import type { Ground } from './aspect.ts';
import { comparisonOf, isCovered } from './comparison.ts';
import { sidesOf } from './verdicts.ts';

const groundOf = (one: Psp, isExact = false): Ground => ({
  policies: [one],
  profile: profileOf(one, { name: 'imported', isExact }).profile,
  version: '1.35',
});

describe('what differs between a policy and its profile', () => {
  it('names a class for every generated pod that is answered differently', () => {
    let differing = 0;
    const many = fc.array(pods, { minLength: 60, maxLength: 60 });
    const property = fc.property(policies, many, fc.boolean(), (one, generated, isExact) => {
      const ground = groundOf(one, isExact);
      const { differences } = comparisonOf(ground);
      const sides = sidesOf(ground);
      for (const each of generated) {
        const [old, now] = [sides.policies(each).length === 0, sides.profile(each).length === 0];
        if (old === now) continue;
        differing += 1;
        if (!isCovered(each, ground, differences, old ? 'stricter' : 'looser'))
          throw new Error(JSON.stringify({ each, old: sides.policies(each), now: sides.profile(each) }));
      }
    });
    fc.assert(property, { numRuns: 10 });
    process.stderr.write(`pods answered differently ${differing}, all of them told\n`);
    expect(differing).toBeGreaterThan(0);
  });

  it('tells once that no Windows pod was let in', () => {
    const { differences } = comparisonOf(groundOf(policy({ allowedProcMountTypes: ['Unmasked'] }), true));
    expect(differences.map(({ aspect }) => aspect).toSorted()).toEqual([
      '/proc',
      'Windows pods',
      'seccomp annotations',
    ]);
  });

  it('shows a pod of each class that is really answered differently', () => {
    const property = fc.property(policies, (one) => {
      const ground = groundOf(one);
      const sides = sidesOf(ground);
      for (const { direction, example } of comparisonOf(ground).differences) {
        const isOldIn = sides.policies(example).length === 0;
        expect([isOldIn, sides.profile(example).length === 0]).toEqual([
          direction === 'stricter',
          direction === 'looser',
        ]);
      }
    });
    fc.assert(property, { numRuns: 4 });
  });

  it('finds none for a policy that says what a profile says', () => {
    const open = policy({
      privileged: true,
      allowedCapabilities: ['*'],
      volumes: ['emptyDir', 'hostPath'],
      hostNetwork: true,
      hostPID: true,
      hostIPC: true,
      hostPorts: [{ min: 0, max: 65_535 }],
    });
    const found = comparisonOf(groundOf(open)).differences;
    expect(found.map(({ aspect }) => aspect)).toEqual(['seccomp annotations']);
  });

  it('closes what a strict policy leaves open, so that Pod Security holds, and says so', () => {
    const strict = policy({
      allowPrivilegeEscalation: false,
      requiredDropCapabilities: ['ALL'],
      volumes: ['configMap', 'secret'],
      runAsUser: { rule: 'MustRunAsNonRoot' },
    });
    const ground = groundOf(strict);
    expect(podSecurityLevel(ground.profile)).toBe('restricted');
    expect(podSecurityLevel(groundOf(strict, true).profile)).toBe('privileged');
    const { differences } = comparisonOf(ground);
    const unconfined = pod({}, { securityContext: { appArmorProfile: { type: 'Unconfined' } } });
    expect(isCovered(unconfined, ground, differences, 'stricter')).toBe(true);
  });
});
