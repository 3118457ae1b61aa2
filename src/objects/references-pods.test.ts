import { describe, expect, it } from 'vitest';
import { referencesOf } from './references.ts';
import { deployment, inShop, textOf, told } from './testing/references.ts';

describe('a pod template refers to', () => {
  const container = (fields: object): object => ({ containers: [{ name: 'main', ...fields }] });
  const volume = (fields: object): object => ({ volumes: [{ name: 'data', ...fields }] });

  it.each<[string, object, readonly string[]]>([
    [
      'a Secret of a variable',
      container({ env: [{ name: 'PW', valueFrom: { secretKeyRef: { name: 'db', key: 'a' } } }] }),
      ['Secret/shop/db (env PW)'],
    ],
    [
      'an optional ConfigMap of a variable',
      container({
        env: [{ name: 'PW', valueFrom: { configMapKeyRef: { name: 'db', key: 'a', optional: true } } }],
      }),
      ['ConfigMap/shop/db (env PW) optional'],
    ],
    [
      'sources of all variables',
      container({ envFrom: [{ secretRef: { name: 'a' } }, { configMapRef: { name: 'b', optional: true } }] }),
      ['Secret/shop/a (envFrom)', 'ConfigMap/shop/b (envFrom) optional'],
    ],
    [
      'what init containers use',
      { initContainers: [{ name: 'i', envFrom: [{ secretRef: { name: 'a' } }] }] },
      ['Secret/shop/a (envFrom)'],
    ],
    ['a Secret as a volume', volume({ secret: { secretName: 's' } }), ['Secret/shop/s (volume data)']],
    [
      'an optional ConfigMap as a volume',
      volume({ configMap: { name: 'c', optional: true } }),
      ['ConfigMap/shop/c (volume data) optional'],
    ],
    [
      'a claim',
      volume({ persistentVolumeClaim: { claimName: 'p' } }),
      ['PersistentVolumeClaim/shop/p (volume data)'],
    ],
    [
      'the class of an ephemeral volume',
      volume({ ephemeral: { volumeClaimTemplate: { spec: { storageClassName: 'fast' } } } }),
      ['StorageClass/fast (volume data)'],
    ],
    [
      'projected sources',
      volume({ projected: { sources: [{ secret: { name: 'a' } }, { configMap: { name: 'b' } }] } }),
      ['Secret/shop/a (volume data)', 'ConfigMap/shop/b (volume data)'],
    ],
    [
      'a provider of secrets',
      volume({ csi: { driver: 'd', volumeAttributes: { secretProviderClass: 'p' } } }),
      ['SecretProviderClass/shop/p (volume data)'],
    ],
    ['pull secrets', { imagePullSecrets: [{ name: 'r' }] }, ['Secret/shop/r (imagePullSecrets) optional']],
    ['an account', { serviceAccountName: 'web' }, ['ServiceAccount/shop/web (serviceAccountName)']],
    ['a priority', { priorityClassName: 'high' }, ['PriorityClass/high (priorityClassName)']],
    ['a runtime', { runtimeClassName: 'gvisor' }, ['RuntimeClass/gvisor (runtimeClassName)']],
    [
      'resource claims',
      { resourceClaims: [{ resourceClaimName: 'a' }, { resourceClaimTemplateName: 'b' }] },
      ['ResourceClaim/shop/a (resourceClaims)', 'ResourceClaimTemplate/shop/b (resourceClaims)'],
    ],
  ])('%s', (_what, pod, wanted) => {
    expect(told(deployment('web', pod))).toEqual(wanted);
  });

  it('its namespace, and the rules that hold there', () => {
    const all = referencesOf(deployment('web', {})).map((one) => `${textOf(one.to)} (${one.by})`);
    expect(all).toEqual([
      'Namespace/shop (namespace)',
      'every NetworkPolicy of shop (isolation)',
      'every ResourceQuota of shop (quota)',
      'every LimitRange of shop (limits)',
      'every ValidatingAdmissionPolicyBinding (policy)',
      'every MutatingAdmissionPolicyBinding (policy)',
    ]);
  });

  it.each([
    ['v1', 'Pod', ['spec']],
    ['apps/v1', 'StatefulSet', ['spec', 'template', 'spec']],
    ['apps/v1', 'DaemonSet', ['spec', 'template', 'spec']],
    ['apps/v1', 'ReplicaSet', ['spec', 'template', 'spec']],
    ['batch/v1', 'Job', ['spec', 'template', 'spec']],
    ['batch/v1', 'CronJob', ['spec', 'jobTemplate', 'spec', 'template', 'spec']],
  ])('whatever makes it: %s %s', (apiVersion, kind, path) => {
    const rest = path.reduceRight<object>((inner, step) => ({ [step]: inner }), {
      serviceAccountName: 'web',
    });
    expect(told(inShop(apiVersion, kind, 'web', rest))).toEqual([
      'ServiceAccount/shop/web (serviceAccountName)',
    ]);
  });
});
