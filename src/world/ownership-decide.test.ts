import { describe, expect, it } from 'vitest';
import { decideOn, isKept, rulesFor } from './ownership-decide.ts';

const replicas = { kind: 'Deployment', steps: ['spec', 'replicas'] };
const bundle = {
  kind: 'ValidatingWebhookConfiguration',
  steps: ['webhooks', { key: { name: 'a' } }, 'clientConfig', 'caBundle'],
};

describe('without a rule of the fleet', () => {
  it.each([
    ['kubectl-edit', undefined, 'take'],
    ['kubectl', 'scale', 'take'],
    ['kubectl-client-side-apply', undefined, 'take'],
    ['helm', undefined, 'take'],
    ['helm-controller', undefined, 'stop'],
    ['node-fetch', undefined, 'take'],
    ['before-first-apply', undefined, 'take'],
    ['kube-controller-manager', 'scale', 'leave'],
    ['kube-controller-manager', undefined, 'stop'],
    ['keda-operator', undefined, 'leave'],
    ['vpa-updater', undefined, 'leave'],
    ['argocd-controller', undefined, 'stop'],
    ['toryo-rival', undefined, 'stop'],
  ] as const)('replicas that %s wrote (%s): %s', (manager, subresource, decision) => {
    const contest = { ...replicas, manager, ...(subresource === undefined ? {} : { subresource }) };
    expect(decideOn(contest, [])).toBe(decision);
  });

  it('leaves certificates to who injects them, and nothing else', () => {
    expect(decideOn({ ...bundle, manager: 'cert-manager-cainjector' }, [])).toBe('leave');
    expect(decideOn({ ...replicas, manager: 'cert-manager-cainjector' }, [])).toBe('stop');
  });
});

describe('rules of the fleet', () => {
  it('come first, and the first that matches decides', () => {
    const rules = [
      { managers: ['kubectl-edit'], fields: ['spec.replicas'], kinds: ['StatefulSet'], decide: 'leave' },
      { managers: ['kubectl*'], fields: ['spec'], decide: 'stop' },
      { managers: ['*'], decide: 'take' },
    ] as const;
    const by = (manager: string, kind = 'Deployment') => decideOn({ ...replicas, kind, manager }, rules);
    expect(by('kubectl-edit')).toBe('stop');
    expect(by('kubectl-edit', 'StatefulSet')).toBe('leave');
    expect(by('argocd-controller')).toBe('take');
  });

  it('match names as they are written, but for *', () => {
    const rules = [{ managers: ['a.b*'], decide: 'take' }] as const;
    expect(decideOn({ ...replicas, manager: 'axb' }, rules)).toBe('stop');
    expect(decideOn({ ...replicas, manager: 'a.b(c)' }, rules)).toBe('take');
  });

  it('can keep a field from autoscalers', () => {
    const contest = { ...replicas, manager: 'kube-controller-manager', subresource: 'scale' };
    expect(isKept(contest, [])).toBe(false);
    expect(isKept(contest, [{ managers: ['*'], fields: ['spec.replicas'], decide: 'take' }])).toBe(true);
    expect(isKept(contest, [{ managers: ['*'], decide: 'leave' }])).toBe(false);
  });
});

describe('what guards a namespace', () => {
  const leaving = [{ managers: ['*'], decide: 'leave' }] as const;
  const by = (marks: Readonly<Record<string, string>>, label: string) => {
    const object = { apiVersion: 'v1', kind: 'Namespace', metadata: { name: 'shop-web', labels: marks } };
    const contest = { kind: 'Namespace', steps: ['metadata', 'labels', label], manager: 'curl' };
    return [decideOn(contest, rulesFor(object, [])), decideOn(contest, rulesFor(object, leaving))];
  };

  it.each(['toryo.dev/guard', 'pod-security.kubernetes.io/warn'])(
    'is taken back from everybody where Toryo makes the namespace, whatever the fleet says: %s',
    (label) => expect(by({ 'toryo.dev/tenant': 'shop' }, label)).toEqual(['take', 'take']),
  );

  it('is the decision of the fleet where a manifest brings the namespace', () => {
    expect(by({ 'toryo.dev/managed': 'true' }, 'pod-security.kubernetes.io/warn')).toEqual(['stop', 'leave']);
  });
});
