import { describe, expect, it } from 'vitest';
import { dutiesOf } from './duties.ts';
import { escalationsOf } from './escalation.ts';
import { resourceFrom, resourceGroups } from './resource.ts';
import { subjectTitle } from './subject.ts';
import { binding, clusterRole, relation, rule } from './testing/objects.ts';

const rbac = { apiGroups: ['rbac.authorization.k8s.io'] };
const admission = { apiGroups: ['admissionregistration.k8s.io'] };
const identity = { apiGroups: ['authentication.k8s.io'] };
const kindsOf = (rules: readonly object[], namespace?: string): readonly string[] =>
  escalationsOf(relation(clusterRole('r', rules), binding('r', 'User ann', namespace))).map((edge) =>
    edge.name === undefined ? edge.kind : `${edge.kind} ${edge.name}`,
  );

describe('ways to become more', () => {
  it.each<[string, object, readonly string[]]>([
    ['bind', rule('bind', 'clusterroles', rbac), ['bind']],
    ['escalate', rule('escalate', 'roles', rbac), ['escalate']],
    ['impersonate', rule('impersonate', 'serviceaccounts'), ['impersonate']],
    ['impersonate extras', rule('impersonate', 'userextras/scopes', identity), ['impersonate']],
    ['impersonate within bounds', rule('impersonate:user-info', 'users', identity), ['impersonate']],
    ['impersonate uids of another group', rule('impersonate', 'uids userextras/a'), []],
    ['exec', rule('create', 'pods/exec'), ['exec']],
    ['exec by get, for WebSockets', rule('get', 'pods/exec'), ['exec']],
    ['attach by a wildcard', rule('create', '*/attach'), ['exec']],
    ['debug', rule('patch', 'pods/ephemeralcontainers'), ['exec']],
    ['secrets', rule('list', 'secrets'), ['secrets']],
    ['secrets of a name', rule('get', 'secrets', { resourceNames: ['tls'] }), ['secrets tls']],
    ['secrets in the answer to a change', rule('patch', 'secrets'), ['secrets']],
    ['secrets in the answer to a deletion', rule('delete', 'secrets'), ['secrets']],
    ['secrets cannot be read by replacing them', rule('update', 'secrets'), []],
    ['tokens', rule('create', 'serviceaccounts/token'), ['tokens']],
    ['tokens of a name', rule('create', 'serviceaccounts/token', { resourceNames: ['ci'] }), ['tokens ci']],
    ['pods', rule('create', 'pods'), ['pods']],
    ['Secrets that get tokens', rule('create', 'secrets'), ['accounts']],
    ['Secrets of a name cannot be made', rule('create', 'secrets', { resourceNames: ['a'] }), []],
    ['pods of a name cannot be made', rule('create', 'pods', { resourceNames: ['a'] }), []],
    ['a controller', rule('patch', 'deployments', { apiGroups: ['apps'] }), ['pods']],
    ['kubelets', rule('get', 'nodes/proxy'), ['nodes']],
    [
      'certificates',
      rule('update', 'certificatesigningrequests/approval', { apiGroups: ['certificates.k8s.io'] }),
      ['certificates'],
    ],
    ['admission', rule('delete', 'validatingadmissionpolicybindings', admission), ['admission']],
    ['webhooks', rule('patch', 'mutatingwebhookconfigurations', admission), ['admission']],
    ['mutating policies', rule('create', 'mutatingadmissionpolicies', admission), ['admission']],
    ['API services', rule('create', 'apiservices', { apiGroups: ['apiregistration.k8s.io'] }), ['apis']],
    [
      'API services of a name',
      rule('update', 'apiservices', { apiGroups: ['apiregistration.k8s.io'], resourceNames: ['v1.apps'] }),
      ['apis v1.apps'],
    ],
    [
      'conversion webhooks',
      rule('patch', 'customresourcedefinitions', { apiGroups: ['apiextensions.k8s.io'] }),
      ['definitions'],
    ],
    ['guards', rule('patch', 'guards', { apiGroups: ['toryo.dev'] }), ['admission']],
    ['profiles of accounts', rule('use', 'guards', { apiGroups: ['toryo.dev'] }), ['profiles']],
    ['guarding labels', rule('guard', 'namespaces'), ['profiles']],
    ['labels of namespaces', rule('patch', 'namespaces'), ['namespaces']],
    ['labels of namespaces by their status', rule('update', 'namespaces/status'), ['namespaces']],
    ['volumes', rule('create', 'persistentvolumes'), ['volumes']],
    ['roles', rule('update', 'rolebindings', rbac), ['roles']],
    ['reading is none', rule('get list watch', 'pods configmaps'), []],
    ['another group is none', rule('create', 'pods', { apiGroups: ['example.com'] }), []],
  ])('%s', (_about, text, kinds) => {
    expect(kindsOf([text])).toEqual(kinds);
  });

  it('has all of them for who may do everything, and in a namespace none of what has no namespace', () => {
    const all = [rule('*', '*', { apiGroups: ['*'] })];
    expect(kindsOf(all)).toHaveLength(17);
    expect(kindsOf(all, 'shop')).toEqual([
      'escalate',
      'bind',
      'impersonate',
      'namespaces',
      'tokens',
      'secrets',
      'exec',
      'pods',
      'accounts',
      'roles',
    ]);
  });
});

describe('any service account by pods and by Secrets', () => {
  const edges = (...rules: readonly object[]): readonly (readonly string[])[] =>
    dutiesOf(relation(clusterRole('r', rules), binding('r', 'User ann', 'shop'))).escalations.map((edge) => [
      `${edge.kind} ${edge.name ?? ''}`.trim(),
      ...edge.what,
    ]);

  it('is one edge with its ways', () => {
    expect(edges(rule('create', 'secrets'), rule('create', 'pods'))).toEqual([
      ['identities', 'create pods', 'create secrets'],
    ]);
  });

  it('is an edge of its own beside pods of a name only', () => {
    expect(edges(rule('create', 'secrets'), rule('patch', 'pods', { resourceNames: ['web'] }))).toEqual([
      ['pods web', 'patch pods'],
      ['accounts', 'create secrets'],
    ]);
  });
});

describe('who does what', () => {
  it('is answered from rights, once for all namespaces with the same', () => {
    const { duties, escalations } = dutiesOf(
      relation(
        clusterRole('deploy', [rule('create patch', 'deployments', { apiGroups: ['apps'] })]),
        clusterRole('nodes', [rule('patch', 'nodes')]),
        clusterRole('tls', [rule('get', 'secrets', { resourceNames: ['tls'] })]),
        binding('deploy', 'Group dev', 'b'),
        binding('deploy', 'Group dev', 'a'),
        binding('nodes', 'Group ops'),
        binding('nodes', 'Group dev', 'a'),
        binding('tls', 'ServiceAccount a/web', 'a'),
      ),
    );
    const rows = duties.map(({ title, rows: all }) => [
      title,
      ...all.map((row) => [subjectTitle(row.subject), row.namespaces.join(' '), row.what.join(', ')]),
    ]);
    expect(rows).toEqual([
      ['Who deploys', ['group dev', 'a b', 'deployments']],
      ['Who operates apps', ['group dev', 'a b', 'restart']],
      ['Who operates clusters', ['group ops', '', 'nodes']],
      [
        'Who can read secrets',
        ['group dev', 'a b', 'through pods'],
        ['service account a/web', 'a', 'get (tls)'],
      ],
      ['Who can run commands in pods'],
    ]);
    expect(escalations.map((edge) => [edge.kind, edge.name, edge.namespaces.join(' ')])).toEqual([
      ['secrets', 'tls', 'a'],
      ['pods', undefined, 'a b'],
    ]);
  });
});

describe('a resource', () => {
  const groups = resourceGroups([
    {
      apiVersion: 'apiextensions.k8s.io/v1',
      kind: 'CustomResourceDefinition',
      metadata: { name: 'boats.example.com' },
      spec: { group: 'example.com', names: { plural: 'boats' } },
    },
  ]);
  it.each([
    ['pods', { group: '', resource: 'pods' }],
    ['pods/exec', { group: '', resource: 'pods', subresource: 'exec' }],
    ['deployments', { group: 'apps', resource: 'deployments' }],
    ['deployments.apps/scale', { group: 'apps', resource: 'deployments', subresource: 'scale' }],
    ['boats', { group: 'example.com', resource: 'boats' }],
    ['cats.example.org', { group: 'example.org', resource: 'cats' }],
    ['*', { group: '*', resource: '*' }],
    ['*.*', { group: '*', resource: '*' }],
  ])('%s is read', (text, wanted) => {
    expect(resourceFrom(text, groups)).toEqual(wanted);
  });

  it('that is none is told with what is near', () => {
    expect(resourceFrom('sercets', groups)).toContain('did you mean secrets?');
    expect(resourceFrom('quux', groups)).toBe(
      'there is no resource quux here: write its plural with its group, quux.GROUP',
    );
    expect(resourceFrom('a b', groups)).toContain('is no resource');
  });
});
