import { describe, expect, it } from 'vitest';
import type { KubeObject } from './manifest.ts';
import { inShop, object, told } from './testing/references.ts';

const rbac = 'rbac.authorization.k8s.io/v1';
const admission = 'admissionregistration.k8s.io/v1';
const gateway = 'gateway.networking.k8s.io/v1';
const roleRef = (kind: string) => ({ apiGroup: 'rbac.authorization.k8s.io', kind, name: 'reader' });
const account = { kind: 'ServiceAccount', name: 'web', namespace: 'shop' };
const service = { namespace: 'shop', name: 'hooks' };

describe('these refer to', () => {
  it.each<[string, KubeObject, readonly string[]]>([
    [
      'RoleBinding',
      inShop(rbac, 'RoleBinding', 'b', { roleRef: roleRef('Role'), subjects: [account] }),
      ['Role/shop/reader (roleRef)', 'ServiceAccount/shop/web (subjects) optional'],
    ],
    [
      'ClusterRoleBinding',
      object(rbac, 'ClusterRoleBinding', 'b', { roleRef: roleRef('ClusterRole'), subjects: [account] }),
      ['ClusterRole/reader (roleRef)', 'ServiceAccount/shop/web (subjects) optional'],
    ],
    [
      'ServiceAccount',
      inShop('v1', 'ServiceAccount', 'a', { secrets: [{ name: 't' }], imagePullSecrets: [{ name: 'r' }] }),
      ['Secret/shop/t (secrets) optional', 'Secret/shop/r (imagePullSecrets) optional'],
    ],
    [
      'PersistentVolumeClaim',
      inShop('v1', 'PersistentVolumeClaim', 'p', {
        spec: {
          storageClassName: 'fast',
          volumeAttributesClassName: 'gold',
          volumeName: 'v',
          dataSource: { apiGroup: 'snapshot.storage.k8s.io', kind: 'VolumeSnapshot', name: 's' },
        },
      }),
      [
        'StorageClass/fast (storageClassName)',
        'VolumeAttributesClass/gold (storageClassName)',
        'PersistentVolume/v (volumeName)',
        'VolumeSnapshot/shop/s (dataSource)',
      ],
    ],
    [
      'PersistentVolume',
      object('v1', 'PersistentVolume', 'v', { spec: { storageClassName: 'fast' } }),
      ['StorageClass/fast (storageClassName)'],
    ],
    [
      'StorageClass',
      object('storage.k8s.io/v1', 'StorageClass', 'fast', { provisioner: 'ebs.csi.aws.com' }),
      ['CSIDriver/ebs.csi.aws.com (provisioner)'],
    ],
    [
      'StatefulSet',
      inShop('apps/v1', 'StatefulSet', 'db', {
        spec: {
          serviceName: 'db',
          volumeClaimTemplates: [{ metadata: { name: 'd' }, spec: { storageClassName: 'fast' } }],
        },
      }),
      ['Service/shop/db (serviceName)', 'StorageClass/fast (claim d)'],
    ],
    [
      'Ingress',
      inShop('networking.k8s.io/v1', 'Ingress', 'web', {
        spec: {
          ingressClassName: 'nginx',
          defaultBackend: { service: { name: 'rest' } },
          rules: [{ http: { paths: [{ backend: { service: { name: 'web' } } }] } }],
          tls: [{ secretName: 'cert' }],
        },
      }),
      [
        'IngressClass/nginx (ingressClassName)',
        'Service/shop/rest (backend)',
        'Service/shop/web (backend)',
        'Secret/shop/cert (tls) optional',
      ],
    ],
    [
      'IngressClass',
      object('networking.k8s.io/v1', 'IngressClass', 'alb', {
        spec: { parameters: { apiGroup: 'elbv2.k8s.aws', kind: 'IngressClassParams', name: 'p' } },
      }),
      ['IngressClassParams/p (parameters)'],
    ],
    [
      'Gateway',
      inShop(gateway, 'Gateway', 'g', {
        spec: { gatewayClassName: 'c', listeners: [{ tls: { certificateRefs: [{ name: 'cert' }] } }] },
      }),
      [
        'definition gateway.networking.k8s.io/v1 Gateway (Gateway of gateway.networking.k8s.io) ready',
        'GatewayClass/c (gatewayClassName)',
        'Secret/shop/cert (certificateRefs) optional',
      ],
    ],
    [
      'HTTPRoute',
      inShop(gateway, 'HTTPRoute', 'r', {
        spec: {
          parentRefs: [{ name: 'g', namespace: 'edge' }],
          rules: [{ backendRefs: [{ name: 'web', port: 80 }] }],
        },
      }),
      [
        'definition gateway.networking.k8s.io/v1 HTTPRoute (HTTPRoute of gateway.networking.k8s.io) ready',
        'Gateway/edge/g (parentRefs)',
        'Service/shop/web (backendRefs)',
      ],
    ],
    [
      'HorizontalPodAutoscaler',
      inShop('autoscaling/v2', 'HorizontalPodAutoscaler', 'h', {
        spec: { scaleTargetRef: { apiVersion: 'apps/v1', kind: 'StatefulSet', name: 'db' } },
      }),
      ['StatefulSet/shop/db (scaleTargetRef)'],
    ],
    [
      'VerticalPodAutoscaler',
      inShop('autoscaling.k8s.io/v1', 'VerticalPodAutoscaler', 'v', {
        spec: { targetRef: { apiVersion: 'apps/v1', kind: 'Deployment', name: 'web' } },
      }),
      [
        'definition autoscaling.k8s.io/v1 VerticalPodAutoscaler (VerticalPodAutoscaler of autoscaling.k8s.io) ready',
        'Deployment/shop/web (targetRef)',
      ],
    ],
    [
      'ScaledObject, whose target is a Deployment unless it says otherwise',
      inShop('keda.sh/v1alpha1', 'ScaledObject', 's', { spec: { scaleTargetRef: { name: 'web' } } }),
      [
        'definition keda.sh/v1alpha1 ScaledObject (ScaledObject of keda.sh) ready',
        'Deployment/shop/web (scaleTargetRef)',
      ],
    ],
    [
      'PodDisruptionBudget',
      inShop('policy/v1', 'PodDisruptionBudget', 'p', {
        spec: { selector: { matchLabels: { app: 'web' } } },
      }),
      ['pods of shop (selector) optional'],
    ],
    [
      'ValidatingWebhookConfiguration',
      object(admission, 'ValidatingWebhookConfiguration', 'w', {
        webhooks: [{ name: 'a.example.com', clientConfig: { service } }],
      }),
      [
        'Service/shop/hooks (webhook a.example.com)',
        'behind shop/hooks (pods behind Service/shop/hooks) ready',
      ],
    ],
    [
      'APIService',
      object('apiregistration.k8s.io/v1', 'APIService', 'v1.example.com', { spec: { service } }),
      ['Service/shop/hooks (service)', 'behind shop/hooks (pods behind Service/shop/hooks) ready'],
    ],
    [
      'ValidatingAdmissionPolicy',
      object(admission, 'ValidatingAdmissionPolicy', 'p', {
        spec: { paramKind: { apiVersion: 'example.com/v1', kind: 'Limit' } },
      }),
      ['definition example.com/v1 Limit (paramKind) ready'],
    ],
    [
      'ValidatingAdmissionPolicyBinding',
      object(admission, 'ValidatingAdmissionPolicyBinding', 'b', {
        spec: { policyName: 'p', paramRef: { name: 'strict' } },
      }),
      ['ValidatingAdmissionPolicy/p (policyName)', 'parameters strict (paramRef)'],
    ],
    [
      'FlowSchema',
      object('flowcontrol.apiserver.k8s.io/v1', 'FlowSchema', 'f', {
        spec: { priorityLevelConfiguration: { name: 'l' } },
      }),
      ['PriorityLevelConfiguration/l (priorityLevelConfiguration)'],
    ],
    [
      'ExternalSecret',
      inShop('external-secrets.io/v1', 'ExternalSecret', 'e', {
        spec: {
          secretStoreRef: { name: 'own' },
          data: [{ sourceRef: { storeRef: { kind: 'ClusterSecretStore', name: 'all' } } }],
        },
      }),
      [
        'definition external-secrets.io/v1 ExternalSecret (ExternalSecret of external-secrets.io) ready',
        'SecretStore/shop/own (secretStoreRef)',
        'ClusterSecretStore/all (secretStoreRef)',
      ],
    ],
    [
      'Certificate',
      inShop('cert-manager.io/v1', 'Certificate', 'c', {
        spec: { issuerRef: { kind: 'ClusterIssuer', name: 'ca' } },
      }),
      [
        'definition cert-manager.io/v1 Certificate (Certificate of cert-manager.io) ready',
        'ClusterIssuer/ca (issuerRef)',
      ],
    ],
    [
      'a token',
      {
        ...inShop('v1', 'Secret', 't', { type: 'kubernetes.io/service-account-token' }),
        metadata: {
          name: 't',
          namespace: 'shop',
          annotations: { 'kubernetes.io/service-account.name': 'web' },
        },
      },
      ['ServiceAccount/shop/web (its account)'],
    ],
    ['a Namespace: nothing', object('v1', 'Namespace', 'shop'), []],
    ['a ConfigMap: its namespace only', inShop('v1', 'ConfigMap', 'c'), []],
  ])('%s', (_kind, one, wanted) => {
    expect(told(one)).toEqual(wanted);
  });
});
