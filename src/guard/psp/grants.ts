import { isString, listAt, objectAt, stringAt, stringsAt } from '../../lib/index.ts';
import { groupOf, selects, type KubeObject } from '../../objects/index.ts';

/** Who may use a policy: what a binding says. */
export interface PolicyGrant {
  /** A name, or `*` for every policy. */
  readonly policy: string;
  readonly kind: 'ServiceAccount' | 'Group' | 'User';
  readonly name: string;
  /** Of the service account; empty for groups and users. */
  readonly accountNamespace: string;
  /** Where it holds; undefined: everywhere. */
  readonly namespace: string | undefined;
  /** `ClusterRoleBinding/psp-restricted`. */
  readonly via: string;
  readonly binding: KubeObject;
}

/** A binding to a role that is not among the objects. */
export interface UnknownBinding {
  readonly binding: KubeObject;
  /** `RoleBinding/shop/psp-use`. */
  readonly via: string;
  readonly role: string;
}

const isRbac = (object: KubeObject, ...kinds: readonly string[]): boolean =>
  kinds.includes(object.kind) && groupOf(object.apiVersion) === 'rbac.authorization.k8s.io';

/** Every right to use a policy that roles and bindings give. */
export function policyGrants(objects: readonly KubeObject[]): readonly PolicyGrant[] {
  const roles = rolesIn(objects);
  return bindingsIn(objects).flatMap((binding) => {
    const role = roleOf(binding, roles);
    if (role === undefined) return [];
    const namespace = namespaceOf(binding);
    const via = viaOf(binding);
    const policies = [...new Set(usedPolicies(rulesOf(role, roles)))];
    return listAt(binding, 'subjects').flatMap((subject) =>
      policies.map((policy) => ({ policy, ...subjectOf(subject), namespace, via, binding })),
    );
  });
}

/** Bindings whose role nobody here knows; no role that Kubernetes itself brings as `system:` gives use of policies. */
export function unknownBindings(objects: readonly KubeObject[]): readonly UnknownBinding[] {
  const roles = rolesIn(objects);
  return bindingsIn(objects).flatMap((binding) => {
    const role = stringAt(binding, 'roleRef', 'name') ?? '';
    if (role.startsWith('system:') || roleOf(binding, roles) !== undefined) return [];
    return [{ binding, via: viaOf(binding), role }];
  });
}

function rolesIn(objects: readonly KubeObject[]): readonly KubeObject[] {
  return objects.filter((one) => isRbac(one, 'ClusterRole', 'Role'));
}

function bindingsIn(objects: readonly KubeObject[]): readonly KubeObject[] {
  return objects.filter((one) => isRbac(one, 'ClusterRoleBinding', 'RoleBinding'));
}

/** Where a binding holds; undefined: everywhere. */
function namespaceOf({ kind, metadata }: KubeObject): string | undefined {
  return kind === 'RoleBinding' ? (metadata.namespace ?? 'default') : undefined;
}

function viaOf(binding: KubeObject): string {
  const namespace = namespaceOf(binding);
  return `${binding.kind}/${namespace === undefined ? '' : `${namespace}/`}${binding.metadata.name}`;
}

function roleOf(binding: KubeObject, roles: readonly KubeObject[]): KubeObject | undefined {
  const kind = stringAt(binding, 'roleRef', 'kind');
  const name = stringAt(binding, 'roleRef', 'name');
  const namespace = kind === 'Role' ? binding.metadata.namespace : undefined;
  return roles.find(
    (one) => one.kind === kind && one.metadata.name === name && one.metadata.namespace === namespace,
  );
}

/** The rules of a role; of one that is put together from others, theirs too: in Git nobody has filled them in. */
function rulesOf(role: KubeObject, roles: readonly KubeObject[]): readonly unknown[] {
  const selectors = listAt(role, 'aggregationRule', 'clusterRoleSelectors');
  const parts = roles.filter(
    (one) =>
      one !== role &&
      one.kind === 'ClusterRole' &&
      selectors.some((selector) => selects(selector, stringsAt(one, 'metadata', 'labels'))),
  );
  return [role, ...parts].flatMap((one) => listAt(one, 'rules'));
}

function usedPolicies(rules: readonly unknown[]): readonly string[] {
  return rules.flatMap((rule) => {
    const has = (field: string, ...words: readonly string[]): boolean =>
      listAt(rule, field).some((one) => one === '*' || (isString(one) && words.includes(one)));
    const isUse =
      has('verbs', 'use') &&
      has('resources', 'podsecuritypolicies') &&
      has('apiGroups', 'policy', 'extensions');
    const names = listAt(rule, 'resourceNames').filter(isString);
    return isUse ? (names.length === 0 ? ['*'] : names) : [];
  });
}

const accountUser = /^system:serviceaccount:([^:]+):([^:]+)$/;

function subjectOf(subject: unknown): Pick<PolicyGrant, 'kind' | 'name' | 'accountNamespace'> {
  const { kind, name, namespace } = objectAt(subject);
  const text = isString(name) ? name : '';
  if (kind === 'ServiceAccount')
    return { kind, name: text, accountNamespace: isString(namespace) ? namespace : '' };
  const [, home, account] = accountUser.exec(text) ?? [];
  if (kind === 'User' && home !== undefined && account !== undefined)
    return { kind: 'ServiceAccount', name: account, accountNamespace: home };
  return { kind: kind === 'Group' ? 'Group' : 'User', name: text, accountNamespace: '' };
}

/** A service account; without a name: any of its namespace that has no rights of its own. */
export interface Account {
  readonly namespace: string;
  readonly name: string | undefined;
}

/** The grants that a service account's pods have in its namespace. */
export function grantsOf(account: Account, grants: readonly PolicyGrant[]): readonly PolicyGrant[] {
  const groups = new Set([
    'system:serviceaccounts',
    `system:serviceaccounts:${account.namespace}`,
    'system:authenticated',
  ]);
  return grants.filter((grant) => {
    if (grant.namespace !== undefined && grant.namespace !== account.namespace) return false;
    if (grant.kind === 'Group') return groups.has(grant.name);
    return (
      grant.kind === 'ServiceAccount' &&
      grant.name === account.name &&
      grant.accountNamespace === account.namespace
    );
  });
}

/** Service accounts of the controllers that make pods for everybody. */
const makers = new Set([
  'cronjob-controller',
  'daemon-set-controller',
  'deployment-controller',
  'job-controller',
  'replicaset-controller',
  'replication-controller',
  'statefulset-controller',
]);

/** True for a grant that every pod of its scope has, because those who make pods have it. */
export function isMakers(grant: PolicyGrant): boolean {
  const isController =
    grant.kind === 'ServiceAccount' && grant.accountNamespace === 'kube-system' && makers.has(grant.name);
  const isGroup = grant.kind === 'Group' && grant.name === 'system:serviceaccounts:kube-system';
  return (
    isController || isGroup || (grant.kind === 'User' && grant.name === 'system:kube-controller-manager')
  );
}
