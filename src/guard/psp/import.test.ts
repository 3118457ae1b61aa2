import * as fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { isEqual, objectAt, parseYaml, yamlText } from '../../lib/index.ts';
import { documentSchemas } from '../../spec/index.ts';
import { policies } from '../testing/policies.ts';
import { profileText } from './document.ts';
import { importPolicies } from './import.ts';
import { profileOf } from './profile.ts';
import { readPolicies } from './reading.ts';

const wish = { version: '1.35', isExact: false };
const any = { rule: 'RunAsAny' };
const whole = { runAsUser: any, seLinux: any, supplementalGroups: any, fsGroup: any };

const psp = (name: string, spec: object = {}, apiVersion = 'policy/v1beta1'): object => ({
  apiVersion,
  kind: 'PodSecurityPolicy',
  metadata: { name },
  spec: { ...whole, ...spec },
});

const rbac = 'rbac.authorization.k8s.io/v1';
const role = (name: string, resourceNames: readonly string[], metadata: object = {}): object => ({
  apiVersion: rbac,
  kind: 'ClusterRole',
  metadata: { name, ...metadata },
  rules: [{ apiGroups: ['policy'], resources: ['podsecuritypolicies'], verbs: ['use'], resourceNames }],
});
const binding = (name: string, subjects: readonly object[], namespace?: string): object => ({
  apiVersion: rbac,
  kind: namespace === undefined ? 'ClusterRoleBinding' : 'RoleBinding',
  metadata: { name, ...(namespace === undefined ? {} : { namespace }) },
  roleRef: { kind: 'ClusterRole', name, apiGroup: rbac },
  subjects,
});
const group = (name: string): object => ({ kind: 'Group', name });
const account = (name: string, namespace: string): object => ({ kind: 'ServiceAccount', name, namespace });

function imported(...objects: readonly object[]) {
  const text = objects.map((one) => yamlText(one)).join('---\n');
  const sources = readPolicies([{ file: 'all.yaml', text }]);
  if (sources.value === undefined) throw new Error(JSON.stringify(sources.diagnostics));
  return importPolicies(sources.value, wish);
}

const tight = psp('tight', { allowPrivilegeEscalation: false, volumes: ['secret'] });
const loose = psp('loose', {
  privileged: true,
  allowedCapabilities: ['*'],
  volumes: ['*'],
  hostNetwork: true,
});
const network = psp('network', { hostNetwork: true });

describe('an import', () => {
  it('gives every namespace what service accounts may use, and single ones more', () => {
    const { assignments } = imported(
      tight,
      loose,
      role('all', ['tight']),
      role('some', ['loose']),
      binding('all', [group('system:serviceaccounts')]),
      binding('some', [account('agent', 'tools'), { kind: 'User', name: 'ann' }], 'tools'),
    );
    expect(assignments.everywhere).toMatchObject({ profile: 'tight' });
    expect(assignments.namespaces).toMatchObject([
      {
        namespace: 'tools',
        usual: { profile: 'tight', via: ['ClusterRoleBinding/all'] },
        accounts: { agent: { profile: 'loose', policies: ['loose', 'tight'] } },
      },
    ]);
    expect(assignments.left).toEqual([expect.stringContaining('User ann')]);
  });

  it('keeps a RoleBinding to its namespace, and a group of service accounts to its own', () => {
    const { assignments } = imported(
      tight,
      loose,
      role('a', ['tight']),
      role('b', ['loose']),
      binding('a', [account('x', 'other')], 'here'),
      binding('b', [group('system:serviceaccounts:there')]),
    );
    const profiles = assignments.namespaces.map((one) => [one.namespace, one.usual.profile]);
    expect(profiles).toEqual([
      ['here', undefined],
      ['other', undefined],
      ['there', 'loose'],
    ]);
    expect(assignments.namespaces.every((one) => Object.keys(one.accounts).length === 0)).toBe(true);
  });

  it('counts what those who make pods may use, wildcards, and roles put together from others', () => {
    const parts = role('part', ['tight'], { labels: { for: 'whole' } });
    const sum = {
      apiVersion: rbac,
      kind: 'ClusterRole',
      metadata: { name: 'sum' },
      aggregationRule: { clusterRoleSelectors: [{ matchLabels: { for: 'whole' } }] },
      rules: [],
    };
    const all = {
      apiVersion: rbac,
      kind: 'ClusterRole',
      metadata: { name: 'admin' },
      rules: [{ apiGroups: ['*'], resources: ['*'], verbs: ['*'] }],
    };
    const { assignments } = imported(
      tight,
      loose,
      parts,
      sum,
      all,
      binding('sum', [account('replicaset-controller', 'kube-system')]),
      binding('admin', [account('root', 'ops')]),
    );
    expect(assignments.everywhere).toMatchObject({ policies: ['tight'] });
    const ops = assignments.namespaces.find((one) => one.namespace === 'ops');
    expect(ops?.accounts['root']?.policies).toEqual(['loose', 'tight']);
  });

  it('uses the policy that lets in whatever the others do, and tells whose changes plain pods had', () => {
    const filling = psp('a-first', { allowPrivilegeEscalation: false, readOnlyRootFilesystem: true });
    const { profiles } = imported(
      filling,
      psp('z-last', { readOnlyRootFilesystem: true, hostNetwork: true }),
      role('both', ['a-first', 'z-last']),
      binding('both', [group('system:serviceaccounts')]),
    );
    const both = profiles.at(-1);
    expect(both).toMatchObject({ origin: 'contains', policies: ['a-first', 'z-last'] });
    expect(both?.imported.profile.name).toBe('z-last');
    expect(both?.notes).toContainEqual(expect.stringMatching(/taken by a-first, the first by name/));
  });

  it('makes one profile of two policies that do not contain each other, and shows what it lets in besides', () => {
    const rooted = psp('rooted', { privileged: true, allowedCapabilities: ['*'] });
    const { profiles, assignments } = imported(
      network,
      rooted,
      role('both', ['network', 'rooted']),
      binding('both', [group('system:authenticated')]),
    );
    expect(assignments.everywhere?.profile).toBe('network-or-rooted');
    const merged = profiles.find((one) => one.origin === 'merged');
    expect(merged?.imported.profile).toMatchObject({ privileged: true, hostNetwork: true });
    const together = merged?.comparison.differences.map(({ aspect }) => aspect);
    expect(together).toContain('privileges and network and ports of the node');
  });

  it('gives two policies of one name two profiles, and says that bindings mean the first', () => {
    const { profiles, diagnostics } = imported(network, psp('network', {}), psp('under.dots'));
    expect(profiles.map((one) => one.imported.profile.name)).toEqual(['network', 'network-2', 'under-dots']);
    expect(diagnostics.map(({ code }) => code)).toEqual(['TRY-PSP-003']);
  });

  it('warns of a right to use what is not there', () => {
    const found = imported(network, role('a', ['gone']), binding('a', [group('system:authenticated')]));
    expect(found.diagnostics.map(({ code, at }) => `${code} ${at.line}`)).toEqual(['TRY-PSP-006 33']);
  });

  it('tells bindings whose role is not there, also beside others', () => {
    const unknown = binding('psp-use-a', [group('shop:dev'), group('system:authenticated')], 'shop');
    const known = [role('a', ['network']), binding('a', [group('system:authenticated')])];
    for (const others of [[], known]) {
      const found = imported(network, ...others, unknown, binding('system:auth', [group('ops')]));
      expect(found.diagnostics.map(({ code, args }) => [code, args['via'], args['role']])).toEqual([
        ['TRY-PSP-012', 'RoleBinding/shop/psp-use-a', 'psp-use-a'],
      ]);
      expect(found.unknown).toEqual(['RoleBinding/shop/psp-use-a']);
    }
  });

  it('says once what a binding says twice', () => {
    const twice = [group('ops'), group('ops')];
    const found = imported(network, role('a', ['network', 'gone']), binding('a', twice));
    expect(found.assignments.left.filter((text) => text.includes('under network'))).toHaveLength(1);
    expect(found.diagnostics.map(({ code }) => code)).toEqual(['TRY-PSP-006']);
  });

  it('names capabilities as pods do, and shows pods that are answered differently for it', () => {
    const { profiles } = imported(
      psp('loud', {
        allowedCapabilities: ['CAP_NET_ADMIN', 'NET_ADMIN', 'sys_time'],
        requiredDropCapabilities: ['kill'],
      }),
    );
    const [{ imported: made, comparison, document }] = profiles as [(typeof profiles)[0]];
    expect(made.profile).toMatchObject({
      allowedCapabilities: ['NET_ADMIN', 'SYS_TIME'],
      requiredDropCapabilities: ['KILL'],
    });
    expect(document).toContain(
      '# CAP_NET_ADMIN of the policy is NET_ADMIN here; sys_time of the policy is SYS_TIME here\n',
    );
    const told = comparison.differences
      .filter(({ aspect }) => aspect === 'capabilities')
      .map(({ direction, refusals }) => [direction, refusals.join(', ')]);
    expect(told).toContainEqual(['looser', 'capability SYS_TIME may not be added']);
    expect(told).toContainEqual(['stricter', expect.stringMatching(/\((CAP_NET_ADMIN|sys_time)\)/)]);
  });

  it('writes documents that say the profile and nothing else', () => {
    const property = fc.property(policies, fc.boolean(), (policy, isExact) => {
      const { profile, reasons } = profileOf(policy, { name: 'one', isExact });
      const text = profileText(profile, ['head'], reasons);
      const [document] = parseYaml(text, 'one.yaml').value ?? [];
      const read = documentSchemas.SecurityProfile.parse(document?.value);
      const { name: _name, from: _from, ...spec } = profile;
      expect(isEqual(objectAt(read, 'spec'), spec), text).toBe(true);
    });
    fc.assert(property, { numRuns: 100 });
  });
});
