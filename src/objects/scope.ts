import type { KubeObject } from './manifest.ts';
import { groupOf } from './manifest.ts';
import { at, isArray, isObject, listAt, stringAt } from '../lib/index.ts';

/** Kinds without a namespace in every conformant cluster, as `group/Kind`. */
const clusterScoped: ReadonlySet<string> = new Set([
  '/Namespace',
  '/Node',
  '/PersistentVolume',
  '/ComponentStatus',
  'admissionregistration.k8s.io/MutatingWebhookConfiguration',
  'admissionregistration.k8s.io/ValidatingWebhookConfiguration',
  'admissionregistration.k8s.io/ValidatingAdmissionPolicy',
  'admissionregistration.k8s.io/ValidatingAdmissionPolicyBinding',
  'admissionregistration.k8s.io/MutatingAdmissionPolicy',
  'admissionregistration.k8s.io/MutatingAdmissionPolicyBinding',
  'apiextensions.k8s.io/CustomResourceDefinition',
  'apiregistration.k8s.io/APIService',
  'authentication.k8s.io/TokenReview',
  'authorization.k8s.io/SubjectAccessReview',
  'certificates.k8s.io/CertificateSigningRequest',
  'certificates.k8s.io/ClusterTrustBundle',
  'flowcontrol.apiserver.k8s.io/FlowSchema',
  'flowcontrol.apiserver.k8s.io/PriorityLevelConfiguration',
  'gateway.networking.k8s.io/GatewayClass',
  'internal.apiserver.k8s.io/StorageVersion',
  'networking.k8s.io/IngressClass',
  'networking.k8s.io/IPAddress',
  'networking.k8s.io/ServiceCIDR',
  'node.k8s.io/RuntimeClass',
  'rbac.authorization.k8s.io/ClusterRole',
  'rbac.authorization.k8s.io/ClusterRoleBinding',
  'resource.k8s.io/DeviceClass',
  'resource.k8s.io/ResourceSlice',
  'scheduling.k8s.io/PriorityClass',
  'storage.k8s.io/CSIDriver',
  'storage.k8s.io/CSINode',
  'storage.k8s.io/StorageClass',
  'storage.k8s.io/VolumeAttachment',
  'storage.k8s.io/VolumeAttributesClass',
]);

/** Scopes of custom kinds by `group/Kind`; true is namespaced. */
export type CustomScopes = ReadonlyMap<string, boolean>;

/** What the CustomResourceDefinitions among some objects say about scopes. */
export function customScopes(objects: Iterable<KubeObject>): CustomScopes {
  const scopes = new Map<string, boolean>();
  for (const object of objects) {
    if (object.kind !== 'CustomResourceDefinition') continue;
    const kind = stringAt(object, 'spec', 'names', 'kind');
    scopes.set(
      `${stringAt(object, 'spec', 'group') ?? ''}/${kind ?? ''}`,
      at(object, 'spec', 'scope') !== 'Cluster',
    );
  }
  return scopes;
}

/** True when objects of that kind live in a namespace; a custom kind that nobody defines here counts as namespaced. */
export function isNamespaced(
  object: { readonly apiVersion: string; readonly kind: string },
  custom: CustomScopes = new Map(),
): boolean {
  const key = `${groupOf(object.apiVersion)}/${object.kind}`;
  return custom.get(key) ?? !clusterScoped.has(key);
}

/** What is in a `List`; in a `PodList` is a Pod, also where it does not say so. Undefined for what is no list. */
export function listItems(value: unknown): readonly unknown[] | undefined {
  const kind = stringAt(value, 'kind') ?? '';
  if (!kind.endsWith('List') || !isArray(at(value, 'items'))) return undefined;
  const items = listAt(value, 'items');
  if (kind === 'List') return items;
  const implied = { apiVersion: at(value, 'apiVersion'), kind: kind.slice(0, -'List'.length) };
  return items.map((item) => (isObject(item) ? { ...implied, ...item } : item));
}

/** A list taken apart, and lists in it; anything else as it is. */
export function flattened(value: unknown): readonly unknown[] {
  return listItems(value)?.flatMap(flattened) ?? [value];
}
