import type { KubeObject } from '../../../objects/index.ts';
import { grantsOf } from '../grant.ts';
import { relationOf, type Relation } from '../relation.ts';

const group = 'rbac.authorization.k8s.io';

/** A rule over the core group, unless others are named: `rule('get list', 'pods secrets')`. */
export function rule(verbs: string, resources: string, more: object = {}): object {
  return { verbs: verbs.split(' '), apiGroups: [''], resources: resources.split(' '), ...more };
}

/** A ClusterRole. */
export function clusterRole(
  name: string,
  rules: readonly object[],
  labels: Record<string, string> = {},
): KubeObject {
  return { apiVersion: `${group}/v1`, kind: 'ClusterRole', metadata: { name, labels }, rules };
}

/** A ClusterRole that is made of those with this label. */
export function aggregated(name: string, label: string, labels: Record<string, string> = {}): KubeObject {
  const aggregationRule = { clusterRoleSelectors: [{ matchLabels: { [label]: 'true' } }] };
  return { apiVersion: `${group}/v1`, kind: 'ClusterRole', metadata: { name, labels }, aggregationRule };
}

/** Who is bound, as `User ann`, `Group dev`, `ServiceAccount shop/web`. */
export type Bound = `${'User' | 'Group' | 'ServiceAccount'} ${string}`;

/** A binding of a ClusterRole; with a namespace only there. */
export function binding(role: string, who: Bound, namespace?: string, name = `${role}-${who}`): KubeObject {
  const [kind, whole = ''] = who.split(' ');
  const [space, account] = whole.split('/');
  const subject =
    kind === 'ServiceAccount' ? { kind, namespace: space, name: account } : { kind, name: whole };
  return {
    apiVersion: `${group}/v1`,
    kind: namespace === undefined ? 'ClusterRoleBinding' : 'RoleBinding',
    metadata: namespace === undefined ? { name } : { name, namespace },
    roleRef: { apiGroup: group, kind: 'ClusterRole', name: role },
    subjects: [subject],
  };
}

/** The relation of some objects. */
export const relation = (...objects: readonly KubeObject[]): Relation => relationOf([grantsOf(objects)]);
