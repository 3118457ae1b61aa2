import { describe, expect, it } from 'vitest';
import { at, labels, listAt } from '../../lib/index.ts';
import { strictestProfile, type SecurityProfile } from '../../spec/index.ts';
import { guardOf, type Guard } from './guard.ts';
import { guardObjects } from './objects.ts';

const strict = strictestProfile('strict', { file: 'p.yaml', line: 1, column: 1, path: '' });

function guardFor(profile: SecurityProfile, accounts: Readonly<Record<string, SecurityProfile>> = {}): Guard {
  const name = 'shop';
  return guardOf({ name, profile, serviceAccounts: accounts, waivers: [], serviceTypes: [] }, '1.36');
}

function objectsOf(guard: Guard, version: string | undefined = '1.36') {
  const tried = [{ guard: { name: 'warn.strict', spec: guard.spec }, as: 'warn' as const }];
  return guardObjects({ enforced: [guard], tried, fallback: guard.spec, version });
}

const named = (guard: Guard, part: string, version?: string) =>
  objectsOf(guard, version).filter(({ kind, metadata }) => `${kind}/${metadata.name}`.includes(part));

describe('the objects that guard a cluster', () => {
  it('leave namespaces without the mark of Toryo alone, also where the kind of Guards is gone', () => {
    const policies = named(guardFor(strict), 'ValidatingAdmissionPolicy/');
    const open = policies.filter(
      (one) =>
        at(one, 'spec', 'matchConstraints', 'namespaceSelector', 'matchLabels', labels.managed) !== 'true',
    );
    expect(open.map(({ metadata }) => metadata.name)).toEqual(['toryo-namespaces', 'toryo-deletion']);
    for (const one of open) expect(at(one, 'spec', 'paramKind')).toBeUndefined();
  });

  it('refuse what is new without its Guard, and let what is there change', () => {
    const bindings = named(guardFor(strict), 'Binding/toryo-pod-users.');
    const read = bindings.map((one) => [
      one.metadata.name,
      at(one, 'spec', 'paramRef', 'parameterNotFoundAction'),
      listAt(one, 'spec', 'matchResources', 'resourceRules').flatMap((rule) => listAt(rule, 'operations'))
        .length,
    ]);
    expect(read).toEqual([
      ['toryo-pod-users.profile.strict', 'Deny', 4],
      ['toryo-pod-users.changes.profile.strict', 'Allow', 3],
      ['toryo-pod-users.warn.strict', 'Allow', 0],
      ['toryo-pod-users.unknown', 'Deny', 4],
      ['toryo-pod-users.changes.unknown', 'Allow', 3],
    ]);
  });

  it('ask who names a service account only where one has a profile of its own', () => {
    expect(named(guardFor(strict), 'Binding/toryo-service-accounts')).toEqual([]);
    const bindings = named(guardFor(strict, { speaker: strict }), 'Binding/toryo-service-accounts');
    expect(bindings.map(({ metadata }) => metadata.name)).toEqual([
      'toryo-service-accounts.namespace.shop',
      'toryo-service-accounts.changes.namespace.shop',
      'toryo-service-accounts.unknown',
      'toryo-service-accounts.changes.unknown',
    ]);
  });

  it('cover every way to change the labels of a namespace', () => {
    const [policy] = named(guardFor(strict), 'Policy/toryo-namespaces');
    const resources = listAt(policy, 'spec', 'matchConstraints', 'resourceRules').flatMap((rule) =>
      listAt(rule, 'resources'),
    );
    expect(resources).toEqual(['namespaces', 'namespaces/finalize', 'namespaces/status']);
  });

  it.each([
    ['1.36', 2],
    ['1.37', 2],
    ['2.0', 2],
    ['1.35', 0],
    ['', 0],
  ])('fill pods where the API server of %s can', (version, count) => {
    const filling = guardFor({ ...strict, fill: ['seccomp'] });
    expect(named(filling, 'MutatingAdmissionPolicy', version)).toHaveLength(count);
    expect(named(guardFor(strict), 'MutatingAdmissionPolicy', version)).toEqual([]);
  });
});
