import { describe, expect, it } from 'vitest';
import { grantsOf, viaText } from './grant.ts';
import { canI, identityOf, relationOf, whoCan } from './relation.ts';
import { ruleFrom, type AccessRequest } from './rule.ts';
import { groupNamed, subjectFrom, subjectKey, subjectTitle, userNamed, type Subject } from './subject.ts';
import { aggregated, binding, clusterRole, relation, rule } from './testing/objects.ts';

const ann = userNamed('ann');
const request = (verb: string, resource: string, more: object = {}): AccessRequest => {
  const [plural = '', subresource] = resource.split('/');
  return {
    verb,
    group: '',
    resource: plural,
    ...(subresource === undefined ? {} : { subresource }),
    ...more,
  };
};

describe('a rule', () => {
  it.each<[object, AccessRequest, boolean]>([
    [rule('get', 'pods'), request('get', 'pods'), true],
    [rule('get', 'pods'), request('get', 'pods/log'), false],
    [rule('get', 'pods/log'), request('get', 'pods'), false],
    [rule('*', '*'), request('frob', 'pods/exec', { name: 'a' }), true],
    [rule('*', '*'), request('get', 'deployments', { group: 'apps' }), false],
    [rule('get', 'pods/*'), request('get', 'pods/log'), false],
    [rule('get', '*/scale'), request('get', 'deployments/scale'), true],
    [rule('get', '*/scale'), request('get', 'deployments'), false],
    [rule('get', 'pods', { resourceNames: ['a'] }), request('get', 'pods', { name: 'a' }), true],
    [rule('get', 'pods', { resourceNames: ['a'] }), request('get', 'pods', { name: 'b' }), false],
    [rule('list', 'pods', { resourceNames: ['a'] }), request('list', 'pods'), false],
    [{ verbs: ['get'], nonResourceURLs: ['/api/*'] }, { verb: 'get', path: '/api/v1' }, true],
    [{ verbs: ['get'], nonResourceURLs: ['/api/*'] }, { verb: 'get', path: '/api' }, false],
    [{ verbs: ['get'], nonResourceURLs: ['*'] }, { verb: 'get', path: '/metrics' }, true],
    [{ verbs: ['get'], nonResourceURLs: ['*'] }, request('get', 'pods'), false],
  ])('%j says of %j: %s', (text, asked, isAllowed) => {
    const one = relation(clusterRole('r', [text]), binding('r', 'User ann'));
    expect(canI(one, [ann], asked).allowed).toBe(isAllowed);
  });

  it('is the same whatever the order of its words', () => {
    expect(ruleFrom(rule('get list', 'pods')).key).toBe(ruleFrom(rule('list get list', 'pods')).key);
  });
});

describe('a binding', () => {
  const read = clusterRole('read', [rule('get', 'pods'), { verbs: ['get'], nonResourceURLs: ['/x'] }]);

  it('in a namespace holds there only, and not for paths', () => {
    const one = relation(read, binding('read', 'User ann', 'shop'));
    const may = (asked: AccessRequest): boolean => canI(one, [ann], asked).allowed;
    expect(may(request('get', 'pods', { namespace: 'shop' }))).toBe(true);
    expect(may(request('get', 'pods', { namespace: 'pay' }))).toBe(false);
    expect(may(request('get', 'pods'))).toBe(false);
    expect(may({ verb: 'get', path: '/x' })).toBe(false);
  });

  it('of a service account is of its user name, and of the binding’s namespace when it says none', () => {
    const [role, bound] = [read, binding('read', 'ServiceAccount /web', 'shop')];
    const one = relation(role, { ...bound, subjects: [{ kind: 'ServiceAccount', name: 'web' }] });
    const who = userNamed('system:serviceaccount:shop:web');
    expect(canI(one, [who], request('get', 'pods', { namespace: 'shop' })).allowed).toBe(true);
    const other = relation(role, binding('read', 'User system:serviceaccount:shop:web'));
    expect(canI(other, [who], request('get', 'pods')).allowed).toBe(true);
  });

  it('of a role that nobody knows is unknown', () => {
    const { grants, unknown } = grantsOf([binding('gone', 'User ann', 'shop')]);
    expect(grants).toEqual([]);
    expect(unknown.map(({ via, namespace }) => [viaText(via), namespace])).toEqual([
      ['RoleBinding/shop/gone-User ann -> ClusterRole/gone', 'shop'],
    ]);
  });
});

describe('aggregation', () => {
  it('joins by labels, through other aggregated roles, and tells the way', () => {
    const one = relation(
      aggregated('all', 'up'),
      aggregated('some', 'part', { up: 'true' }),
      clusterRole('base', [rule('get', 'pods')], { part: 'true' }),
      clusterRole('other', [rule('get', 'secrets')]),
      binding('all', 'User ann'),
    );
    const answer = canI(one, [ann], request('get', 'pods'));
    expect(answer.why.map((grant) => viaText(grant.via))).toEqual([
      'ClusterRoleBinding/all-User ann -> ClusterRole/all -> ClusterRole/base',
    ]);
    expect(canI(one, [ann], request('get', 'secrets')).allowed).toBe(false);
  });

  it('in a ring ends', () => {
    const one = relation(
      aggregated('a', 'b', { a: 'true' }),
      aggregated('b', 'a', { b: 'true' }),
      clusterRole('base', [rule('get', 'pods')], { a: 'true' }),
      binding('a', 'User ann'),
    );
    expect(canI(one, [ann], request('get', 'pods')).allowed).toBe(true);
  });
});

describe('who can', () => {
  const one = relation(
    clusterRole('read', [rule('get', 'secrets')]),
    clusterRole('some', [rule('get', 'secrets', { resourceNames: ['tls', 'key'] })]),
    binding('read', 'Group dev', 'shop'),
    binding('read', 'Group dev', 'pay'),
    binding('read', 'User root'),
    binding('read', 'User root', 'shop'),
    binding('some', 'ServiceAccount shop/web', 'shop'),
  );
  const rows = (namespace?: string, name?: string): unknown =>
    whoCan(one, {
      verb: 'get',
      group: '',
      resource: 'secrets',
      ...(namespace === undefined ? {} : { namespace }),
      ...(name === undefined ? {} : { name }),
    }).map((holder) => [subjectTitle(holder.subject), holder.namespace ?? '*', holder.names.join(' ')]);

  it('anywhere, once for who may everywhere, with the names of those who may only some', () => {
    expect(rows()).toEqual([
      ['group dev', 'pay', ''],
      ['group dev', 'shop', ''],
      ['service account shop/web', 'shop', 'key tls'],
      ['user root', '*', ''],
    ]);
  });

  it('in a namespace, and of a name', () => {
    expect(rows('pay')).toEqual([
      ['group dev', 'pay', ''],
      ['user root', '*', ''],
    ]);
    expect(rows('shop', 'other')).toEqual([
      ['group dev', 'shop', ''],
      ['user root', '*', ''],
    ]);
  });
});

describe('a subject', () => {
  it.each([
    ['group:shop:dev', 'Group/shop:dev'],
    ['user:ann@example.com', 'User/ann@example.com'],
    ['serviceaccount:shop/web', 'ServiceAccount/shop/web'],
    ['sa:shop/web', 'ServiceAccount/shop/web'],
    ['user:system:serviceaccount:shop:web', 'ServiceAccount/shop/web'],
  ])('%s is %s', (text, key) => {
    expect(subjectKey(subjectFrom(text)!)).toBe(key);
  });

  it.each(['ann', 'serviceaccount:web', 'sa:a/b/c', 'sa:/b', 'group:'])('%s is none', (text) => {
    expect(subjectFrom(text)).toBeUndefined();
  });

  it('is what the API server and memberships make of it besides', () => {
    const role: Subject = { kind: 'User', name: 'arn:aws:iam::1:role/dev' };
    const via = [{ group: 'eks.amazonaws.com', kind: 'AccessEntry', name: role.name }];
    const one = relationOf([], [{ member: role, of: groupNamed('dev'), via }]);
    expect(identityOf(one, role).map(subjectKey).sort()).toEqual([
      'Group/dev',
      'Group/system:authenticated',
      'User/arn:aws:iam::1:role/dev',
    ]);
    const web = subjectFrom('sa:shop/web')!;
    expect(identityOf(one, web).map(subjectKey).sort()).toEqual([
      'Group/system:authenticated',
      'Group/system:serviceaccounts',
      'Group/system:serviceaccounts:shop',
      'ServiceAccount/shop/web',
    ]);
    expect(identityOf(one, userNamed('system:anonymous')).map(subjectKey)).toContain(
      'Group/system:unauthenticated',
    );
  });
});
