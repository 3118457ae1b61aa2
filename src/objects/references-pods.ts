import { at, booleanAt, listAt, stringAt } from '../lib/index.ts';
import type { KubeObject } from './manifest.ts';
import { podSpecOf } from './pods.ts';
import { named, namespaceOf, reference, type Reference } from './references-target.ts';

/** What the pods that an object makes need: configuration, storage, an account, and the rules that hold for them. */
export function podReferences(object: KubeObject): readonly Reference[] {
  const pod = podSpecOf(object);
  if (pod === undefined) return [];
  const namespace = namespaceOf(object);
  const core = (kind: string, name: unknown, by: string, isOptional = false): readonly Reference[] =>
    named({ group: '', kind, name: text(name), namespace }, by, { isOptional });
  const containers = ['initContainers', 'containers'].flatMap((list) => listAt(pod, list));
  return [
    ...containers.flatMap((container) => environment(container, core)),
    ...listAt(pod, 'volumes').flatMap((volume) => volumeReferences(volume, core, namespace)),
    ...listAt(pod, 'imagePullSecrets').flatMap((one) =>
      core('Secret', at(one, 'name'), 'imagePullSecrets', true),
    ),
    ...core('ServiceAccount', at(pod, 'serviceAccountName'), 'serviceAccountName'),
    ...named(
      { group: 'scheduling.k8s.io', kind: 'PriorityClass', name: stringAt(pod, 'priorityClassName') },
      'priorityClassName',
    ),
    ...named(
      { group: 'node.k8s.io', kind: 'RuntimeClass', name: stringAt(pod, 'runtimeClassName') },
      'runtimeClassName',
    ),
    ...listAt(pod, 'resourceClaims').flatMap((claim) => [
      ...named(
        { group: resources, kind: 'ResourceClaim', name: stringAt(claim, 'resourceClaimName'), namespace },
        'resourceClaims',
      ),
      ...named(
        {
          group: resources,
          kind: 'ResourceClaimTemplate',
          name: stringAt(claim, 'resourceClaimTemplateName'),
          namespace,
        },
        'resourceClaims',
      ),
    ]),
    ...rulesFor(namespace),
  ];
}

const resources = 'resource.k8s.io';

type Core = (kind: string, name: unknown, by: string, isOptional?: boolean) => readonly Reference[];

function text(value: unknown): string | undefined {
  return typeof value === 'string' ? value : undefined;
}

function environment(container: unknown, core: Core): readonly Reference[] {
  const one = (kind: string, from: unknown, by: string): readonly Reference[] =>
    core(kind, at(from, 'name'), by, booleanAt(from, 'optional') === true);
  return [
    ...listAt(container, 'env').flatMap((variable) => {
      const by = `env ${stringAt(variable, 'name') ?? ''}`;
      return [
        ...one('Secret', at(variable, 'valueFrom', 'secretKeyRef'), by),
        ...one('ConfigMap', at(variable, 'valueFrom', 'configMapKeyRef'), by),
      ];
    }),
    ...listAt(container, 'envFrom').flatMap((from) => [
      ...one('Secret', at(from, 'secretRef'), 'envFrom'),
      ...one('ConfigMap', at(from, 'configMapRef'), 'envFrom'),
    ]),
  ];
}

const secretsStore = 'secrets-store.csi.x-k8s.io';

function volumeReferences(volume: unknown, core: Core, namespace: string | undefined): readonly Reference[] {
  const by = `volume ${stringAt(volume, 'name') ?? ''}`;
  const isOptional = (from: unknown): boolean => booleanAt(from, 'optional') === true;
  const [secret, configMap] = [at(volume, 'secret'), at(volume, 'configMap')];
  const provider = stringAt(volume, 'csi', 'volumeAttributes', 'secretProviderClass');
  return [
    ...core('Secret', at(secret, 'secretName'), by, isOptional(secret)),
    ...core('ConfigMap', at(configMap, 'name'), by, isOptional(configMap)),
    ...core('PersistentVolumeClaim', at(volume, 'persistentVolumeClaim', 'claimName'), by),
    ...core('Secret', at(volume, 'csi', 'nodePublishSecretRef', 'name'), by),
    ...named({ group: secretsStore, kind: 'SecretProviderClass', name: provider, namespace }, by),
    ...storageReferences(at(volume, 'ephemeral', 'volumeClaimTemplate', 'spec'), by),
    ...listAt(volume, 'projected', 'sources').flatMap((source) => [
      ...core('Secret', at(source, 'secret', 'name'), by, isOptional(at(source, 'secret'))),
      ...core('ConfigMap', at(source, 'configMap', 'name'), by, isOptional(at(source, 'configMap'))),
    ]),
  ];
}

/** The classes that the spec of a PersistentVolumeClaim names. */
export function storageReferences(spec: unknown, by: string): readonly Reference[] {
  const group = 'storage.k8s.io';
  return [
    ...named({ group, kind: 'StorageClass', name: stringAt(spec, 'storageClassName') }, by),
    ...named({ group, kind: 'VolumeAttributesClass', name: stringAt(spec, 'volumeAttributesClassName') }, by),
  ];
}

/** Isolation, quota, defaults and policies hold for pods from their first moment only when they stand before them. */
function rulesFor(namespace: string | undefined): readonly Reference[] {
  const within = namespace === undefined ? {} : { namespace };
  const admission = 'admissionregistration.k8s.io';
  return [
    reference({ is: 'kind', group: 'networking.k8s.io', kind: 'NetworkPolicy', ...within }, 'isolation'),
    reference({ is: 'kind', group: '', kind: 'ResourceQuota', ...within }, 'quota'),
    reference({ is: 'kind', group: '', kind: 'LimitRange', ...within }, 'limits'),
    reference({ is: 'kind', group: admission, kind: 'ValidatingAdmissionPolicyBinding' }, 'policy'),
    reference({ is: 'kind', group: admission, kind: 'MutatingAdmissionPolicyBinding' }, 'policy'),
  ];
}
