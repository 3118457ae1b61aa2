import * as fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { KubeObject } from '../../objects/index.ts';
import { accessDiff, isSameAccess } from './difference.ts';
import { grantsOf } from './grant.ts';
import { canI, relationOf, type Relation } from './relation.ts';
import { accessSentences } from './sentences.ts';
import { userNamed } from './subject.ts';
import { binding, clusterRole, relation, rule, type Bound } from './testing/objects.ts';

const sentences = (before: Relation, after: Relation): readonly string[] =>
  accessSentences(accessDiff(before, after)).map(({ what, text }) => `${what}: ${text}`);
const nothing = relation();

const read = clusterRole('read', [rule('get list', 'pods configmaps')]);

describe('a difference', () => {
  it('tells what is gained and lost, namespaces and verbs together', () => {
    const before = relation(read, binding('read', 'Group dev', 'shop'), binding('read', 'Group dev', 'pay'));
    const wider = clusterRole('read', [rule('get list', 'pods configmaps'), rule('get', 'services')]);
    const after = relation(wider, binding('read', 'Group dev', 'shop'), binding('read', 'Group dev', 'web'));
    expect(sentences(before, after)).toEqual([
      'gained: group dev gains get on services in shop (RoleBinding/shop/read-Group dev -> ClusterRole/read)',
      'gained: group dev gains all of ClusterRole/read in web',
      'lost: group dev loses get, list on configmaps, pods in pay (RoleBinding/pay/read-Group dev -> ClusterRole/read)',
    ]);
  });

  it.each<[string, readonly KubeObject[], readonly KubeObject[]]>([
    [
      'another binding of the same',
      [binding('read', 'User ann', 'shop')],
      [binding('read', 'User ann', 'shop', 'new')],
    ],
    [
      'a role in two parts',
      [binding('read', 'User ann')],
      [
        clusterRole('one', [rule('get list', 'pods'), rule('list', 'configmaps')]),
        clusterRole('two', [rule('get', 'configmaps')]),
        binding('one', 'User ann'),
        binding('two', 'User ann'),
      ],
    ],
    [
      'what everybody may',
      [binding('read', 'Group system:authenticated')],
      [binding('read', 'Group system:authenticated'), binding('read', 'User ann', 'shop')],
    ],
    [
      'what service accounts of the namespace may',
      [binding('read', 'Group system:serviceaccounts:shop', 'shop')],
      [
        binding('read', 'Group system:serviceaccounts:shop', 'shop'),
        binding('read', 'ServiceAccount shop/web', 'shop'),
      ],
    ],
    [
      'what one may everywhere',
      [binding('read', 'User ann')],
      [binding('read', 'User ann'), binding('read', 'User ann', 'shop')],
    ],
  ])('is none for %s', (_about, before, after) => {
    expect(isSameAccess(accessDiff(relation(read, ...before), relation(read, ...after)))).toBe(true);
    expect(isSameAccess(accessDiff(relation(read, ...after), relation(read, ...before)))).toBe(true);
  });

  it('never takes a list for a wildcard', () => {
    const all = clusterRole('all', [rule('*', '*', { apiGroups: ['*'] })]);
    const some = clusterRole('some', [rule('get', '*', { apiGroups: ['*'] })]);
    const [narrow, wide] = [
      relation(some, binding('some', 'User ann')),
      relation(all, binding('all', 'User ann')),
    ];
    expect(accessDiff(narrow, wide).gained.map(({ verbs, resources }) => [verbs, resources])).toEqual([
      [['*'], ['*.*']],
    ]);
    expect(accessDiff(wide, narrow).gained).toEqual([]);
  });

  it('is silent about what every API server grants, unless somebody writes it anew', () => {
    const own = binding('read', 'User system:thing');
    const given = (...written: readonly KubeObject[]): Relation =>
      relationOf([grantsOf(written, [read, own])]);
    expect(isSameAccess(accessDiff(nothing, given()))).toBe(true);
    expect(isSameAccess(accessDiff(given(), given(read, own)))).toBe(true);
    const wider = clusterRole('read', [rule('get delete', 'pods')]);
    expect(accessDiff(given(), given(wider)).gained.map(({ verbs }) => verbs)).toEqual([['delete']]);
  });

  it('tells of a binding that only has the label of those that every API server makes', () => {
    const own = binding('read', 'User mallory');
    const labels = { 'kubernetes.io/bootstrapping': 'rbac-defaults' };
    const posing = { ...own, metadata: { ...own.metadata, labels } };
    expect(accessDiff(nothing, relation(read, posing)).gained).toHaveLength(1);
  });

  it('tells whole roles by name, in all namespaces at once, what they allow behind that, and no way less', () => {
    const edit = clusterRole('edit', [rule('create get', 'pods'), rule('get', 'secrets services')]);
    const bound = ['web', 'cart'].flatMap((namespace) => [
      binding('edit', 'Group dev', namespace),
      binding('read', 'Group dev', namespace),
    ]);
    const { parts, text } = accessSentences(accessDiff(nothing, relation(read, edit, ...bound))).at(-1) ?? {};
    expect(text).toBe('group dev gains all of ClusterRole/edit, ClusterRole/read in cart, web');
    const by = '(RoleBinding/web/edit-Group dev -> ClusterRole/edit and 3 more)';
    expect(parts).toEqual([
      `group dev gains create, get, list on pods in cart, web ${by}`,
      `group dev gains get on secrets, services in cart, web ${by}`,
      `group dev gains get, list on configmaps in cart, web ${by}`,
    ]);
    const { escalations, gained } = accessDiff(nothing, relation(read, edit, ...bound));
    expect(escalations.map(({ kind }) => kind)).toEqual(['secrets', 'pods']);
    expect(gained.map(({ roles }) => roles)).toEqual(
      Array.from({ length: 3 }, () => ['ClusterRole/edit', 'ClusterRole/read']),
    );
  });

  it('tells the rights that many roles give, rather than the roles', () => {
    const bound = ['web', 'cart'].flatMap((namespace) => [
      clusterRole(`in-${namespace}`, [rule('get list', 'pods')]),
      binding(`in-${namespace}`, 'Group dev', namespace),
    ]);
    expect(sentences(nothing, relation(...bound))).toEqual([
      'gained: group dev gains get, list on pods in cart, web (RoleBinding/web/in-web-Group dev -> ClusterRole/in-web and 1 more)',
    ]);
  });

  it('tells the rights of a role of which one had a part', () => {
    const edit = clusterRole('edit', [rule('create get', 'pods'), rule('get', 'services')]);
    const before = [read, edit, binding('read', 'Group dev', 'web')];
    expect(
      sentences(relation(...before), relation(...before, binding('edit', 'Group dev', 'web'))).slice(1),
    ).toEqual([
      'gained: group dev gains create on pods in web (RoleBinding/web/edit-Group dev -> ClusterRole/edit)',
      'gained: group dev gains get on services in web (RoleBinding/web/edit-Group dev -> ClusterRole/edit)',
    ]);
  });

  it('counts all bindings that it comes by, and names at most twelve namespaces', () => {
    const names = Array.from({ length: 14 }, (_none, index) => `n${String(index).padStart(2, '0')}`);
    const exec = clusterRole('exec', [rule('create', 'pods/exec')]);
    const after = relation(exec, ...names.map((name) => binding('exec', 'Group dev', name)));
    const place = `in ${names.slice(0, 12).join(', ')} and 2 more`;
    const by = '(RoleBinding/n00/exec-Group dev -> ClusterRole/exec and 13 more)';
    expect(sentences(nothing, after)).toEqual([
      `escalation: group dev can run commands in pods, with the rights of their service accounts, and read Secrets through them ${place}: create pods/exec ${by}`,
      `gained: group dev gains create on pods/exec ${place} ${by}`,
    ]);
  });

  it('says that a role is unknown', () => {
    expect(sentences(nothing, relation(binding('gone', 'User ann', 'shop')))).toEqual([
      'unknown: user ann gains in shop what a role allows that is not known here (RoleBinding/shop/gone-User ann -> ClusterRole/gone)',
    ]);
  });

  it('tells ways to become more before anything else, once for all namespaces', () => {
    const exec = clusterRole('exec', [rule('create get', 'pods/exec')]);
    const after = relation(exec, binding('exec', 'Group dev', 'a'), binding('exec', 'Group dev', 'b'));
    expect(sentences(nothing, after)).toEqual([
      'escalation: group dev can run commands in pods, with the rights of their service accounts, and read Secrets through them in a, b: create, get pods/exec (RoleBinding/a/exec-Group dev -> ClusterRole/exec and 1 more)',
      'gained: group dev gains create, get on pods/exec in a, b (RoleBinding/a/exec-Group dev -> ClusterRole/exec and 1 more)',
    ]);
    expect(sentences(after, nothing).at(-1)).toMatch(/^closed: group dev no longer can run/);
  });
});

describe('a way to be any service account', () => {
  const can = (...rules: readonly object[]): Relation =>
    relation(clusterRole('r', rules), binding('r', 'Group dev', 'shop'));
  const [secrets, pods] = [rule('create', 'secrets'), rule('create', 'pods')];
  const ways = (before: Relation, after: Relation): readonly string[] =>
    accessSentences(accessDiff(before, after))
      .filter(({ what }) => what === 'escalation' || what === 'closed')
      .map(({ what, text }) => `${what}: ${text.replace(/ \(.*/, '')}`);

  it('by Secrets is no news to who may start pods', () => {
    expect(ways(can(pods), can(pods, secrets))).toEqual([]);
    expect(ways(can(pods, secrets), can(pods))).toEqual([]);
  });

  it('by Secrets only is told, and that it closes', () => {
    const text = 'can be any service account in shop: create secrets';
    expect(ways(nothing, can(secrets))).toEqual([`escalation: group dev ${text}`]);
    expect(ways(can(secrets), nothing)).toEqual([`closed: group dev no longer ${text}`]);
  });

  it('by pods and by Secrets is told once', () => {
    const text = 'can be any service account, and read Secrets through pods in shop: create pods, secrets';
    expect(ways(nothing, can(secrets, pods))).toEqual([`escalation: group dev ${text}`]);
    expect(ways(can(secrets, pods), nothing)).toEqual([`closed: group dev no longer ${text}`]);
  });

  it('by pods is told although one by Secrets is there before and after', () => {
    const text = 'can start pods as any service account, and read Secrets through them in shop: create pods';
    expect(ways(can(secrets), can(secrets, pods))).toEqual([`escalation: group dev ${text}`]);
    expect(ways(can(secrets, pods), can(secrets))).toEqual([`closed: group dev no longer ${text}`]);
  });
});

const pick = <T>(...all: readonly T[]): fc.Arbitrary<T> => fc.constantFrom(...all);
const several = (...all: readonly string[]): fc.Arbitrary<string> =>
  fc.subarray([...all], { minLength: 1, maxLength: 2 }).map((some) => some.join(' '));
const rules = fc
  .record({
    verbs: several('get', 'list', 'create', '*'),
    resources: several('pods', 'pods/exec', 'secrets', '*/exec', '*'),
    names: fc.subarray(['a', 'b']),
    group: pick('', 'apps', '*'),
  })
  .map(({ verbs, resources, names, group }) =>
    rule(verbs, resources, { apiGroups: [group], ...(names.length === 0 ? {} : { resourceNames: names }) }),
  );
const subjects = pick<Bound>(
  'User ann',
  'Group dev',
  'Group system:authenticated',
  'ServiceAccount shop/web',
);
const worlds = fc
  .array(
    fc.record({
      rules: fc.array(rules, { minLength: 1, maxLength: 2 }),
      who: subjects,
      at: pick(undefined, 'shop', 'pay'),
    }),
    {
      maxLength: 5,
    },
  )
  .map((parts) =>
    parts.flatMap(({ rules: some, who, at }, index) => [
      clusterRole(`r-${index}`, some),
      binding(`r-${index}`, who, at, `b-${index}`),
    ]),
  );
const requests = fc.record({
  verb: pick('get', 'list', 'create', 'frob'),
  group: pick('', 'apps', 'batch'),
  resource: pick('pods', 'secrets', 'nodes'),
  subresource: pick('', 'exec'),
  namespace: pick('', 'shop', 'pay'),
  name: pick('', 'a', 'c'),
});
const whos = pick(
  [userNamed('ann')],
  [userNamed('bob'), { kind: 'Group' as const, name: 'dev' }],
  [userNamed('system:serviceaccount:shop:web')],
);
const everybody = { kind: 'Group' as const, name: 'system:authenticated' };

describe('for all relations', () => {
  it('nothing is gained from a relation to itself, and what one way gains the other way loses', () => {
    fc.assert(
      fc.property(worlds, worlds, (left, right) => {
        const [one, other] = [relation(...left), relation(...right)];
        expect(isSameAccess(accessDiff(one, relation(...left)))).toBe(true);
        const [there, back] = [accessDiff(one, other), accessDiff(other, one)];
        expect(there.gained).toEqual(back.lost);
        expect(there.lost).toEqual(back.gained);
        expect(there.escalations).toEqual(back.closed);
      }),
    );
  });

  it('together two allow what one of them allows', () => {
    fc.assert(
      fc.property(worlds, worlds, requests, whos, (left, right, request, who) => {
        const may = (...sources: readonly (readonly KubeObject[])[]): boolean =>
          canI(relationOf(sources.map((one) => grantsOf(one))), who, request).allowed;
        expect(may(left, right)).toBe(may(left) || may(right));
      }),
    );
  });

  it('a difference without gains allows nothing new', () => {
    fc.assert(
      fc.property(worlds, worlds, requests, whos, (left, right, request, who) => {
        const [one, other] = [relation(...left), relation(...right)];
        const { gained } = accessDiff(one, other);
        const all = [...who, everybody];
        const isNew = canI(other, all, request).allowed && !canI(one, all, request).allowed;
        if (isNew) expect(gained).not.toEqual([]);
      }),
      { numRuns: 500 },
    );
  });
});
