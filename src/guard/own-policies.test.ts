import { describe, expect, it } from 'vitest';
import type { KubeObject } from '../objects/index.ts';
import { Bounds } from './bounds.ts';
import { OwnPolicies } from './own-policies.ts';

const group = 'admissionregistration.k8s.io/v1';

/** A policy about pods, and its binding. */
const policy = (expression: string): readonly KubeObject[] => [
  {
    apiVersion: group,
    kind: 'ValidatingAdmissionPolicy',
    metadata: { name: 'own' },
    spec: {
      matchConstraints: {
        resourceRules: [
          { apiGroups: [''], apiVersions: ['v1'], operations: ['CREATE'], resources: ['pods'] },
        ],
      },
      validations: [{ expression, message: 'no' }],
    },
  },
  {
    apiVersion: group,
    kind: 'ValidatingAdmissionPolicyBinding',
    metadata: { name: 'own' },
    spec: { policyName: 'own', validationActions: ['Deny'] },
  },
  { apiVersion: 'v1', kind: 'Namespace', metadata: { name: 'shop' } },
];

const metadata = { name: 'web', namespace: 'shop' };
const spec = { containers: [{ name: 'web', image: 'web' }] };
const pod: KubeObject = { apiVersion: 'v1', kind: 'Pod', metadata, spec };
const deployment: KubeObject = {
  apiVersion: 'apps/v1',
  kind: 'Deployment',
  metadata,
  spec: { selector: { matchLabels: { a: 'b' } }, template: { metadata: { labels: { a: 'b' } }, spec } },
};
const bounds = new Bounds([
  {
    apiVersion: 'v1',
    kind: 'LimitRange',
    metadata: { name: 'usual', namespace: 'shop' },
    spec: { limits: [{ type: 'Container', default: { cpu: '1' } }] },
  },
]);

function outcome(expression: string, object: KubeObject, within?: Bounds): string {
  const { refused, unknowns } = new OwnPolicies(policy(expression), '1.35').verdictOn(object, within);
  return refused.length > 0 ? 'refused' : unknowns.length > 0 ? 'unknown' : 'allowed';
}

describe('policies of the fleet’s own', () => {
  it.each([pod, deployment])('see what LimitRanges give to pods of a $kind', (object) => {
    const limited = "object.spec.containers.all(c, 'cpu' in c.resources.limits)";
    expect(outcome(limited, object, bounds)).toBe('allowed');
    expect(outcome(limited, object)).toBe('refused');
    expect(outcome('!has(object.spec.containers[0].resources.limits)', object, new Bounds([]))).toBe(
      'allowed',
    );
  });

  it('do not take the name of a controller for that of its pods', () => {
    const named = "object.metadata.name == 'web'";
    expect(outcome(named, pod)).toBe('allowed');
    expect(outcome(named, deployment)).toBe('unknown');
    const owned = 'has(object.metadata.ownerReferences) && object.metadata.ownerReferences[0].controller';
    expect(outcome(owned, deployment)).toBe('allowed');
    expect(outcome(owned, pod)).toBe('refused');
  });
});
