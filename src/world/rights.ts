import { isEqual, listAt, platformTenant, stringAt, tenantUserOf, type Known } from '../lib/index.ts';
import { keyOf, refOf, type KubeObject, type Manifest, type RefKey } from '../objects/index.ts';

/** The user that a manifest is written as: an App of a tenant as its tenant, everything else as Toryo (undefined). */
export function writerOf(manifest: Pick<Manifest, 'owner'>): string | undefined {
  const { owner } = manifest;
  if ('addon' in owner || owner.app === undefined || owner.tenant === platformTenant) return undefined;
  return tenantUserOf(owner.tenant);
}

/** What tenants' users may do on a cluster now, compared with what the bundle gives them. */
export interface Rights {
  /** False: the API server does not have all of them yet, and would refuse what it will let in after the apply. */
  areThere(user: string, namespace: string | undefined): boolean;
}

const joinsDeploy = 'toryo.dev/aggregate-to-deploy';

/** Reads from a bundle which rights tenants get, and from what is live whether they have them. */
export function rightsIn(
  manifests: readonly Manifest[],
  live: ReadonlyMap<RefKey, Known<KubeObject | undefined>>,
): Rights {
  const isStored = (object: KubeObject): boolean => {
    const found = live.get(keyOf(refOf(object)));
    if (found?.is !== 'known' || found.value === undefined) return false;
    // A controller fills an aggregated role, a moment after it was made.
    if (object['aggregationRule'] !== undefined) return listAt(found.value, 'rules').length > 0;
    return object['rules'] === undefined || isEqual(object['rules'], found.value['rules']);
  };
  const objects = manifests.map((manifest) => manifest.object);
  const roles = new Map(objects.filter(isClusterRole).map((role) => [role.metadata.name, role]));
  const hasBase = [...roles.values()]
    .filter((role) => role.metadata.labels?.[joinsDeploy] === 'true')
    .every(isStored);
  const bindings = objects.filter((object) => object.kind === 'RoleBinding');
  return {
    areThere: (user, namespace) => {
      // Nothing of a tenant's is without a namespace: what it may not do at all, the server may say now.
      if (namespace === undefined) return true;
      const own = bindings.filter((one) => one.metadata.namespace === namespace && names(one, user));
      const given = own.flatMap((one) => roles.get(stringAt(one, 'roleRef', 'name') ?? '') ?? []);
      return hasBase && [...own, ...given].every(isStored);
    },
  };
}

function isClusterRole(object: KubeObject): boolean {
  return object.kind === 'ClusterRole';
}

function names(binding: KubeObject, user: string): boolean {
  return listAt(binding, 'subjects').some(
    (subject) => stringAt(subject, 'kind') === 'User' && stringAt(subject, 'name') === user,
  );
}
