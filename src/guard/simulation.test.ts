import { describe, expect, it } from 'vitest';
import { labels } from '../lib/index.ts';
import type { KubeObject, Manifest } from '../objects/index.ts';
import { mapPodSpec } from '../objects/index.ts';
import { strictestProfile, type SecurityProfile } from '../spec/index.ts';
import { guardObject, guardOf, type GuardWaiver } from './policies/guard.ts';
import { filledSpec } from './profile/fill.ts';
import { simulatedObjects, simulatedWriter } from './simulation.ts';
import { Guards } from './verdict.ts';

const from = { file: 'p.yaml', line: 1, column: 1, path: '' };
const strict = strictestProfile('strict', from);
const own: SecurityProfile = {
  ...strictestProfile('own', from),
  fill: ['seccomp', 'allowPrivilegeEscalation', 'dropCapabilities'],
};
const waiver: GuardWaiver = { name: 'root', rule: 'TRY-SEC-012', container: '', serviceAccount: '' };
const source: KubeObject = {
  apiVersion: 'apps/v1',
  kind: 'Deployment',
  metadata: { name: 'web', namespace: 'shop', labels: { [labels.owner]: 'app.shop.web' } },
  spec: {
    template: {
      spec: {
        containers: [{ name: 'web', image: 'x', securityContext: { readOnlyRootFilesystem: true } }],
      },
    },
  },
};
const pod = (namespace: string): KubeObject => ({
  apiVersion: 'v1',
  kind: 'Pod',
  metadata: { name: 'made', namespace },
  spec: {
    containers: [{ name: 'web', image: 'x', securityContext: { readOnlyRootFilesystem: true } }],
  },
});

function compiled(): { readonly live: KubeObject; readonly manifests: readonly Manifest[] } {
  const guard = guardOf(
    { name: 'shop', profile: own, serviceAccounts: {}, waivers: [waiver], serviceTypes: [] },
    '1.36',
  );
  const space: KubeObject = {
    apiVersion: 'v1',
    kind: 'Namespace',
    metadata: { name: 'shop', labels: { [labels.guard]: guard.name } },
  };
  let paths: readonly string[] = [];
  const live = mapPodSpec(source, (spec) => {
    const filled = filledSpec(spec, own);
    ({ paths } = filled);
    return filled.spec;
  });
  const owner = { tenant: 'shop', app: 'web' };
  const manifests = [space, guardObject(guard.name, guard.spec)].map((object) => ({ object, from, owner }));
  return { live, manifests: [...manifests, { object: live, from, owner, filled: paths }] };
}

function rulesUnder(profile: SecurityProfile, holds: boolean): readonly string[] {
  const { live, manifests } = compiled();
  const objects = simulatedObjects(
    manifests.map(({ object }) => object),
    { profile, version: '1.36', holds: () => holds },
  );
  const { object } = simulatedWriter(manifests, { profile, version: '1.36' })(live);
  return new Guards(objects, '1.36').verdictOn(object).violations.map(({ rule }) => rule);
}

describe('a profile that is tried', () => {
  it('does without what today’s profile fills and without Waivers that it does not let hold', () => {
    expect(rulesUnder(strict, false)).toEqual([
      'TRY-SEC-001',
      'TRY-SEC-011',
      'TRY-SEC-012',
      'TRY-SEC-016',
      'TRY-SEC-022',
    ]);
  });

  it('fills itself, and goes on with Waivers that hold', () => {
    expect(rulesUnder({ ...own, name: 'next' }, true)).toEqual([]);
    expect(rulesUnder({ ...own, name: 'next' }, false)).toEqual(['TRY-SEC-001', 'TRY-SEC-012']);
  });

  it('goes on with Waivers that only a trial in the namespace lets hold', () => {
    const shop = { name: 'shop', serviceAccounts: {}, serviceTypes: [] };
    const today = guardOf({ ...shop, profile: own, waivers: [] }, '1.36');
    const trial = guardOf({ ...shop, profile: strict, waivers: [waiver] }, '1.36', 'audit.');
    const marks = { [labels.guard]: today.name, [labels.trial]: trial.name };
    const space = { apiVersion: 'v1', kind: 'Namespace', metadata: { name: 'shop', labels: marks } };
    const objects = simulatedObjects(
      [space, guardObject(today.name, today.spec), guardObject(trial.name, trial.spec)],
      { profile: strict, version: '1.36', holds: () => true },
    );
    const verdict = new Guards(objects, '1.36').verdictOn(pod('shop'));
    expect(verdict.waived.map(({ waivers }) => waivers)).toEqual([['root']]);
  });

  it('leaves what somebody else wrote into an object since', () => {
    const { live, manifests } = compiled();
    const changed = mapPodSpec(live, (spec) => ({
      ...spec,
      securityContext: { seccompProfile: { type: 'Localhost', localhostProfile: 'audit.json' } },
    }));
    const { object } = simulatedWriter(manifests, { profile: strict, version: '1.36' })(changed);
    expect(object).toMatchObject({
      spec: { template: { spec: { securityContext: { seccompProfile: { type: 'Localhost' } } } } },
    });
  });

  it('says of which objects it does not know what they say themselves', () => {
    const { live, manifests } = compiled();
    const others = manifests.filter(({ object }) => object !== live);
    const on = (version: string) => simulatedWriter(others, { profile: strict, version });
    expect(on('1.35')(live).maybeFilledBy).toBe('own');
    expect(on('1.36')(pod('shop')).maybeFilledBy).toBe('own');
    // No policy fills Pods there.
    expect(on('1.35')(pod('shop')).maybeFilledBy).toBeUndefined();
    expect(
      simulatedWriter(manifests, { profile: strict, version: '1.36' })(live).maybeFilledBy,
    ).toBeUndefined();
  });
});
