import * as fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { defaultAccess } from '../catalog/index.ts';
import { grantsOf } from '../guard/index.ts';
import type { KubeObject } from '../objects/index.ts';
import { clusterRoles } from './roles.ts';

const nested = ['view', 'edit', 'admin'] as const;
const newest = '1.36';
/** What the API server’s own view reads and ours does not: the namespace itself, and what no App is made of. */
const unread = [
  '/bindings',
  '/namespaces',
  '/namespaces/status',
  '/replicationcontrollers/scale',
  '/replicationcontrollers/status',
  'resource.k8s.io/resourceclaims',
  'resource.k8s.io/resourceclaims/status',
  'resource.k8s.io/resourceclaimtemplates',
];
/** Of the API server’s own edit: what has words of its own (exec, secrets), and what teams have no need to write. */
const unwritten = [
  '/events',
  '/pods/attach',
  '/pods/exec',
  '/pods/portforward',
  '/pods/proxy',
  '/replicationcontrollers',
  '/secrets',
  '/serviceaccounts',
  '/serviceaccounts/token',
  '/services/proxy',
  'apps/daemonsets',
  'apps/deployments/rollback',
  'apps/replicasets',
  'apps/replicasets/scale',
  'coordination.k8s.io/leases',
  'events.k8s.io/events',
  'networking.k8s.io/networkpolicies',
];

const bound = (role: string): KubeObject => ({
  apiVersion: 'rbac.authorization.k8s.io/v1',
  kind: 'RoleBinding',
  metadata: { name: role, namespace: 'shop' },
  roleRef: { kind: 'ClusterRole', name: role },
  subjects: [{ kind: 'User', name: 'ann' }],
});

/** `group/resource` of all that a role allows, with each verb. */
function rightsOf(objects: readonly KubeObject[], name: string): ReadonlySet<string> {
  const { grants } = grantsOf([...objects, bound(name)]);
  return new Set(
    grants
      .filter((one) => one.namespace === 'shop')
      .flatMap(({ rule: { verbs, groups, resources } }) =>
        [...groups].flatMap((group) =>
          [...resources].flatMap((resource) => [...verbs].map((verb) => `${verb} ${group}/${resource}`)),
        ),
      ),
  );
}

/** Resources of which the first has a verb that the second does not have. */
function beyond(first: ReadonlySet<string>, second: ReadonlySet<string>): readonly string[] {
  const more = [...first].filter((right) => !second.has(right)).map((right) => right.split(' ')[1] ?? '');
  return [...new Set(more)].filter((resource) => !resource.startsWith('extensions/')).sort();
}

const someOf = (words: readonly string[]) => fc.uniqueArray(fc.constantFrom(...words), { minLength: 1 });
const part = fc.record({
  joins: someOf([...nested, 'deploy']),
  verbs: someOf(['get', 'list', 'create', '*']),
  resources: someOf(['widgets', 'widgets/status', 'gadgets', '*']),
});

describe('the ClusterRoles of every cluster', () => {
  it('are nested whatever is added to them: view in edit, edit in admin', () => {
    fc.assert(
      fc.property(fc.array(part, { maxLength: 4 }), (parts) => {
        const added = parts.map(({ joins, verbs, resources }, index) => ({
          apiVersion: 'rbac.authorization.k8s.io/v1',
          kind: 'ClusterRole',
          metadata: {
            name: `part-${index}`,
            labels: Object.fromEntries(joins.map((join) => [`toryo.dev/aggregate-to-${join}`, 'true'])),
          },
          rules: [{ apiGroups: ['example.com'], resources, verbs }],
        }));
        const objects = [...clusterRoles(), ...added];
        const [view, edit, admin] = nested.map((word) => rightsOf(objects, `toryo:${word}`));
        expect(view!.size).toBeGreaterThan(0);
        expect(beyond(view!, edit!)).toEqual([]);
        expect(beyond(edit!, admin!)).toEqual([]);
      }),
    );
  });

  it.each(nested)('differ from the API server’s own %s only where that is meant', (word) => {
    const ours = rightsOf(clusterRoles(), `toryo:${word}`);
    const theirs = rightsOf(defaultAccess(newest), word);
    expect(beyond(theirs, ours)).toEqual((word === 'view' ? unread : [...unread, ...unwritten]).toSorted());
    expect(beyond(ours, theirs)).toEqual(
      word === 'admin' ? [] : ['rbac.authorization.k8s.io/rolebindings', 'rbac.authorization.k8s.io/roles'],
    );
  });
});
