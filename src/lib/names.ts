/** Every label, annotation, namespace and object name that Toryo writes; docs/reference/names.md lists them for users. */

/** apiVersion of every document of a fleet repository. */
export const apiVersion = 'toryo.dev/v1alpha1';

/** The namespace on each cluster that holds inventories and the cluster's identity. */
export const systemNamespace = 'toryo-system';

/** ConfigMap in the system namespace: which fleet and cluster this is. */
export const identityName = 'identity';

/** ConfigMap in the system namespace: who may approve changes here, as the fleet says that was applied last. */
export const approversName = 'approvers';

/** ConfigMap in the system namespace: approvals that were used here. */
export const approvalsName = 'approvals';

/** Lease in the system namespace: who is changing this cluster. */
export const leaseName = 'toryo';

/** ResourceQuota and LimitRange of a tenant's namespace. */
export const boundsName = 'toryo';

export const labels = {
  /** On every object that Toryo wrote. */
  managed: 'toryo.dev/managed',
  /** The owner's key as a label value, e.g. `app.shop.web`. */
  owner: 'toryo.dev/owner',
  tenant: 'toryo.dev/tenant',
  fleet: 'toryo.dev/fleet',
  /** On inventories: what this ConfigMap is. */
  component: 'toryo.dev/component',
  /** On kept manifests: the first characters of the digest that they are of. */
  revision: 'toryo.dev/revision',
  /** On what a removal kept: the day on which Toryo let it go. */
  kept: 'toryo.dev/kept',
  /** On namespaces: the Guard that its pods are held against, and the one that is only tried. */
  guard: 'toryo.dev/guard',
  trial: 'toryo.dev/trial',
  /** On the probe, a pod that only a dry run names: which guards it asks for. */
  probe: 'toryo.dev/probe',
  /** ApplySet membership (value: the id of the owner's inventory). */
  partOf: 'applyset.kubernetes.io/part-of',
  /** ApplySet parent (value: its own id). */
  applySetId: 'applyset.kubernetes.io/id',
  /** Set by the API server on every Namespace: what a namespace selector can rely on. */
  namespaceName: 'kubernetes.io/metadata.name',
} as const;

export const annotations = {
  applySetTooling: 'applyset.kubernetes.io/tooling',
  applySetGroupKinds: 'applyset.kubernetes.io/contains-group-kinds',
  applySetNamespaces: 'applyset.kubernetes.io/additional-namespaces',
  /** On the lease: the commit that its holder delivers, and who would like to have it instead. */
  commit: 'toryo.dev/commit',
  wantedBy: 'toryo.dev/wanted-by',
  /** On inventories: a person's word on the wave of the owner; each holds for one revision. */
  halted: 'toryo.dev/halted',
  promoted: 'toryo.dev/promoted',
  rollBack: 'toryo.dev/roll-back',
  /** On a namespace, claim or CustomResourceDefinition: its own name, which lets it be deleted. */
  delete: 'toryo.dev/delete',
  /** On tombstones: when, by whom and by which plan what is in them was deleted, and which piece of how many it is. */
  deletedAt: 'toryo.dev/deleted-at',
  deletedBy: 'toryo.dev/deleted-by',
  plan: 'toryo.dev/plan',
  piece: 'toryo.dev/piece',
} as const;

/** Kind of the objects that policies read: what pods of some namespaces may be. */
export const guardKind = { apiVersion: 'toryo.dev/v1alpha1', kind: 'Guard', plural: 'guards' } as const;

/** A pod in the system namespace that only a dry run names: refused once the policies are active. */
export const probeName = 'toryo-guard-probe';

/** Server-side apply's field manager: two fleets on one cluster conflict instead of sharing silently. */
export const fieldManagerOf = (fleet: string): string => `toryo-${fleet}`;

/** The field manager of what a person says about a wave: no apply takes it back. */
export const wishManager = 'toryo-wave';

/** The user that a tenant's objects are written as (impersonation). */
export const tenantUserOf = (tenant: string): string => `toryo:tenant:${tenant}`;

/** The tenant that owns platform namespaces and add-ons. */
export const platformTenant = 'platform';

/** Its name as an owner: of all Guards, and of the roles and rights that other owners stand on. */
export const platformOwner = `Tenant/${platformTenant}`;

const dnsLabel = /^[a-z0-9]([-a-z0-9]{0,61}[a-z0-9])?$/;

/** RFC 1123 label: at most 63 of a-z, 0-9 and '-', beginning and ending with a letter or digit. */
export function isDnsLabel(text: string): boolean {
  return dnsLabel.test(text);
}

const dnsSubdomain = /^[a-z0-9]([-a-z0-9]*[a-z0-9])?(\.[a-z0-9]([-a-z0-9]*[a-z0-9])?)*$/;

/** True for text that Kubernetes takes as the name of most objects: at most 253 characters, labels of any length with dots between them. */
export function isDnsSubdomain(text: string): boolean {
  return text.length <= 253 && dnsSubdomain.test(text);
}

/** Namespaces that belong to the built-in tenant platform. */
export function isPlatformNamespace(name: string): boolean {
  return name === 'default' || name === systemNamespace || name.startsWith('kube-');
}
