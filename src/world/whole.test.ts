import { describe, expect, it } from 'vitest';
import type { KubeObject } from '../objects/index.ts';
import { hasStrays } from './whole.ts';

const policy = (name: string, spec: unknown): KubeObject => ({
  apiVersion: 'networking.k8s.io/v1',
  kind: 'NetworkPolicy',
  metadata: { name, namespace: 'shop-web' },
  spec,
});
const deny = { podSelector: {}, policyTypes: ['Ingress', 'Egress'] };

describe('what is beside the fields of what is wholly ours', () => {
  it.each([
    ['as it is stored', 'toryo-default-deny', deny, deny, false],
    ['a rule more', 'toryo-default-deny', deny, { ...deny, ingress: [{}] }, true],
    ["a rule more in a tenant's own policy", 'mine', deny, { ...deny, ingress: [{}] }, false],
    [
      'what the API server leaves out and adds',
      'toryo-egress-internet',
      { ...deny, egress: [{ to: [{ ipBlock: { cidr: '::/0', except: [] } }], ports: [{ port: 53 }] }] },
      { ...deny, egress: [{ to: [{ ipBlock: { cidr: '::/0' } }], ports: [{ port: 53, protocol: 'TCP' }] }] },
      false,
    ],
  ])('%s', (_what, name, wanted, stored, expected) => {
    expect(hasStrays(policy(name, stored), policy(name, wanted))).toBe(expected);
  });
});
