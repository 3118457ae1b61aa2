import type { KubeObject } from './manifest.ts';
import { isBuiltIn } from './manifest.ts';

/**
 * Kinds in the order in which they are written, the earliest first; what is not listed is a workload or an instance of a
 * custom kind. Each tier may refer to the tiers before it.
 */
const tiers: readonly (readonly string[])[] = [
  [
    'Namespace',
    'CustomResourceDefinition',
    'PriorityClass',
    'StorageClass',
    'RuntimeClass',
    'IngressClass',
    'GatewayClass',
    'CSIDriver',
    'VolumeAttributesClass',
  ],
  [
    'ServiceAccount',
    'ResourceQuota',
    'LimitRange',
    'NetworkPolicy',
    'ClusterRole',
    'Role',
    'ConfigMap',
    'Secret',
    'PersistentVolume',
    'PersistentVolumeClaim',
    'ValidatingAdmissionPolicy',
    'MutatingAdmissionPolicy',
  ],
  [
    'ClusterRoleBinding',
    'RoleBinding',
    'ValidatingAdmissionPolicyBinding',
    'MutatingAdmissionPolicyBinding',
    'Service',
  ],
  [],
  ['HorizontalPodAutoscaler', 'PodDisruptionBudget', 'Ingress', 'APIService'],
  ['MutatingWebhookConfiguration', 'ValidatingWebhookConfiguration'],
];

const workloadTier = 3;
const tierOfKind: ReadonlyMap<string, number> = new Map(
  tiers.flatMap((kinds, tier) => kinds.map((kind) => [kind, tier] as const)),
);

/** How many tiers there are. */
export const tierCount = tiers.length;

/** The tier in which an object is written; a custom kind that shares a built-in kind's name is still custom. */
export function tierOf(object: Pick<KubeObject, 'apiVersion' | 'kind'>): number {
  return isBuiltIn(object) ? (tierOfKind.get(object.kind) ?? workloadTier) : workloadTier;
}

/** Kinds that are never deleted without being named: with them goes what no apply brings back. */
export const protectedKinds: ReadonlySet<string> = new Set([
  'Namespace',
  'PersistentVolume',
  'PersistentVolumeClaim',
  'CustomResourceDefinition',
  'StatefulSet',
]);
