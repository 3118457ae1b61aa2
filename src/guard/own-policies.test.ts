import { describe, expect, it } from 'vitest';
import { objectAt } from '../lib/index.ts';
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

const few = [{ expression: 'object.spec.containers.size() > 1', message: 'too few' }];
const named = [{ expression: "object.metadata.name == 'web'", message: 'no' }];
const anything = [{ apiGroups: ['*'], apiVersions: ['*'], operations: ['CREATE'], resources: ['*'] }];

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

  it('do not know the name that an API server makes', () => {
    const generated = { ...pod, metadata: { ...metadata, name: 'web-*', generateName: 'web-' } };
    expect(outcome("object.metadata.name == 'web-*'", generated)).toBe('unknown');
    expect(outcome("!has(request.name) && object.metadata.generateName == 'web-'", generated)).toBe(
      'allowed',
    );
  });

  it('tell what is refused and what could not be evaluated', () => {
    const both = policy('object.spec.containers.size() > 1').map((one) =>
      one.kind === 'ValidatingAdmissionPolicy'
        ? { ...one, spec: { ...objectAt(one, 'spec'), validations: [...few, ...named] } }
        : one,
    );
    const { refused, unknowns } = new OwnPolicies(both, '1.35').verdictOn(deployment, undefined);
    expect(refused.map(({ sentence }) => sentence)).toEqual([expect.stringContaining('too few')]);
    expect(unknowns).toEqual([expect.stringContaining('what makes the pod names it')]);
  });

  it('tell once what they say of an object and of its pod', () => {
    const everywhere = policy("object.metadata.labels['a'] == 'c'").map((one) =>
      one.kind === 'ValidatingAdmissionPolicy'
        ? { ...one, spec: { ...objectAt(one, 'spec'), matchConstraints: { resourceRules: anything } } }
        : one,
    );
    const labelled = { ...deployment, metadata: { ...metadata, labels: { a: 'b' } } };
    const { refused } = new OwnPolicies(everywhere, '1.35').verdictOn(labelled, undefined);
    expect(refused).toHaveLength(1);
  });

  it.each([
    ['1.34', 'allowed'],
    ['1.35', 'refused'],
    [undefined, 'refused'],
  ])('see volumes from images where the API server keeps them: %s', (version, wanted) => {
    const volumes = [{ name: 'data', image: { reference: 'web' } }];
    const none =
      "object.spec.volumes.all(v, v.name != 'data') && object.spec.containers[0].volumeMounts.all(m, m.name != 'data')";
    const mounting = { name: 'web', image: 'web', volumeMounts: [{ name: 'data', mountPath: '/data' }] };
    const one = { ...pod, spec: { containers: [mounting], volumes } };
    const { refused } = new OwnPolicies(policy(none), version).verdictOn(one, undefined);
    expect(refused.length > 0 ? 'refused' : 'allowed').toBe(wanted);
  });
});
