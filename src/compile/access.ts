import { tenantUserOf } from '../lib/index.ts';
import type { KubeObject } from '../objects/index.ts';
import type { Team, TenantOn } from '../spec/index.ts';
import { roleNames } from './roles.ts';

const rbac = 'rbac.authorization.k8s.io';

/** RoleBindings of a tenant's teams and of its own deployer, in each of its namespaces. */
export function accessObjects(tenant: string, on: TenantOn): readonly KubeObject[] {
  const deployer = { kind: 'User', name: tenantUserOf(tenant) };
  return on.namespaces.flatMap((namespace) => [
    binding(namespace.name, 'toryo:deploy', roleNames.deploy, deployer),
    ...(namespace.network === 'own'
      ? [binding(namespace.name, 'toryo:network', roleNames.network, deployer)]
      : []),
    ...on.teams.flatMap((team) => teamBindings(namespace.name, team)),
  ]);
}

function teamBindings(namespace: string, team: Team): readonly KubeObject[] {
  const subject =
    team.group === undefined ? { kind: 'User', name: team.user ?? '' } : { kind: 'Group', name: team.group };
  const words = [...new Set(team.can)].sort();
  return words.map((word) => binding(namespace, `toryo:team:${team.name}:${word}`, roleNames[word], subject));
}

function binding(
  namespace: string,
  name: string,
  role: string,
  subject: { readonly kind: string; readonly name: string },
): KubeObject {
  return {
    apiVersion: `${rbac}/v1`,
    kind: 'RoleBinding',
    metadata: { name, namespace },
    roleRef: { apiGroup: rbac, kind: 'ClusterRole', name: role },
    subjects: [{ apiGroup: rbac, ...subject }],
  };
}
