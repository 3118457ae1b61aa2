import { describe, expect, it } from 'vitest';
import type { KubeObject } from './manifest.ts';
import { webhookRisks } from './webhooks.ts';

const rule = { apiGroups: [''], apiVersions: ['v1'], operations: ['CREATE'], resources: ['pods'] };
const service = { namespace: 'guard', name: 'guard' };

function webhook(fields: object): KubeObject {
  return {
    apiVersion: 'admissionregistration.k8s.io/v1',
    kind: 'ValidatingWebhookConfiguration',
    metadata: { name: 'guard' },
    webhooks: [{ name: 'guard.example.com', rules: [rule], clientConfig: { service }, ...fields }],
  };
}
const namespace = (name: string, labels: Record<string, string> = {}): KubeObject => ({
  apiVersion: 'v1',
  kind: 'Namespace',
  metadata: { name, labels },
});
const backend: readonly KubeObject[] = [
  {
    apiVersion: 'v1',
    kind: 'Service',
    metadata: service,
    spec: { selector: { app: 'guard' } },
  },
  {
    apiVersion: 'apps/v1',
    kind: 'Deployment',
    metadata: service,
    spec: { template: { metadata: { labels: { app: 'guard', checked: 'yes' } }, spec: {} } },
  },
];
const notIn = (...values: readonly string[]): object => ({
  matchExpressions: [{ key: 'kubernetes.io/metadata.name', operator: 'NotIn', values }],
});
const places = (fields: object, more: readonly KubeObject[] = []): string | undefined =>
  / in (.*) when it does not answer/.exec(
    webhookRisks([webhook(fields), ...backend, ...more])[0]?.why ?? '',
  )?.[1];

describe('a webhook that fails closed', () => {
  it('says what would happen and what to exclude', () => {
    expect(webhookRisks([webhook({}), ...backend]).map((one) => one.why)).toEqual([
      'ValidatingWebhookConfiguration/guard: webhook guard.example.com refuses pods in kube-system and guard when it does not answer: while its own pods are down, nothing lets them start again. Exclude them in its namespaceSelector (kubernetes.io/metadata.name NotIn [kube-system, guard]), or set failurePolicy: Ignore',
    ]);
  });

  it.each<[string, object, string | undefined]>([
    ['covers both without selectors', {}, 'kube-system and guard'],
    [
      'covers both with every kind',
      { rules: [{ ...rule, apiGroups: ['*'], resources: ['*/*'] }] },
      'kube-system and guard',
    ],
    [
      'covers the cluster without a Service of its own',
      { clientConfig: { url: 'https://example.com' } },
      'kube-system',
    ],
    ['leaves out what its selector does', { namespaceSelector: notIn('kube-system') }, 'guard'],
    ['leaves out both', { namespaceSelector: notIn('kube-system', 'guard') }, undefined],
    [
      'that is asked for by a label of pods',
      { objectSelector: { matchLabels: { inject: 'yes' } } },
      undefined,
    ],
    ['that its own pods ask for', { objectSelector: { matchLabels: { checked: 'yes' } } }, 'guard'],
    ['with conditions', { matchConditions: [{ name: 'a', expression: 'true' }] }, undefined],
    ['for its own kinds', { rules: [{ ...rule, apiGroups: ['example.com'], resources: ['*'] }] }, undefined],
    ['for deletions', { rules: [{ ...rule, operations: ['DELETE'] }] }, undefined],
    ['for cluster-scoped kinds', { rules: [{ ...rule, scope: 'Cluster' }] }, undefined],
    ['that fails open', { failurePolicy: 'Ignore' }, undefined],
  ])('%s', (_about, fields, wanted) => {
    expect(places(fields)).toBe(wanted);
  });

  it('by a label that its own namespace has', () => {
    const namespaceSelector = { matchLabels: { guarded: 'yes' } };
    expect(places({ namespaceSelector }, [namespace('guard')])).toBeUndefined();
    expect(places({ namespaceSelector }, [namespace('guard', { guarded: 'yes' })])).toBe('guard');
  });
});
