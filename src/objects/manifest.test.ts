import * as fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import {
  isKubeObject,
  keyOf,
  ownerFrom,
  ownerLabel,
  ownerName,
  refFrom,
  refOf,
  titleOf,
  type Owner,
} from './index.ts';

const label = fc.stringMatching(/^[a-z0-9]([-a-z0-9]{0,20}[a-z0-9])?$/);
const group = fc.oneof(fc.constant(''), fc.constant('apps'), fc.constant('rbac.authorization.k8s.io'));
const name = fc.oneof(label, fc.constantFrom('toryo:view', 'v1beta1.metrics.k8s.io', 'a/b', 'system:node'));
const ref = fc.oneof(
  fc.record({ group, kind: fc.constantFrom('Deployment', 'Role'), namespace: label, name }),
  fc.record({ group, kind: fc.constantFrom('Namespace', 'ClusterRole'), name }),
);
const owner: fc.Arbitrary<Owner> = fc.oneof(
  fc.record({ tenant: label }),
  fc.record({ tenant: label, app: label }),
  fc.record({ addon: label }),
);

describe('a ref', () => {
  it('is read back from its key', () => {
    fc.assert(
      fc.property(ref, (one) => {
        expect(refFrom(keyOf(one))).toEqual(one);
      }),
    );
  });

  it('has a key of its own', () => {
    fc.assert(
      fc.property(ref, ref, (one, other) => {
        expect(keyOf(one) === keyOf(other)).toBe(
          JSON.stringify(refFrom(keyOf(one))) === JSON.stringify(refFrom(keyOf(other))),
        );
      }),
    );
  });

  it.each(['', 'a', 'a/b', 'a/b/c', 'a//c/d'])('is not read from %j', (text) => {
    expect(refFrom(text)).toBeUndefined();
  });

  it('is made of an object', () => {
    const object = {
      apiVersion: 'apps/v1',
      kind: 'Deployment',
      metadata: { name: 'web', namespace: 'shop' },
    };
    expect(titleOf(refOf(object))).toBe('Deployment/shop/web');
    expect(keyOf(refOf(object))).toBe('apps/Deployment/shop/web');
  });
});

describe('an owner', () => {
  it('is read back from its name', () => {
    fc.assert(
      fc.property(owner, (one) => {
        expect(ownerFrom(ownerName(one))).toEqual(one);
      }),
    );
  });

  it.each(['', 'App', 'App/a', 'App/a/b/c', 'Tenant/a/b', 'Addon/', 'Cluster/a', 'App//b'])(
    'is not read from %j',
    (text) => {
      expect(ownerFrom(text)).toBeUndefined();
    },
  );

  it('has a label that Kubernetes takes', () => {
    const long = fc.stringMatching(/^[a-z0-9][-a-z0-9]{0,61}[a-z0-9]$/);
    fc.assert(
      fc.property(long, long, (tenant, app) => {
        expect(ownerLabel({ tenant, app })).toMatch(/^[a-z0-9]([-a-z0-9.]{0,61}[a-z0-9])?$/);
      }),
    );
  });
});

describe('isKubeObject', () => {
  it.each([
    [{ apiVersion: 'v1', kind: 'Pod', metadata: { name: 'a' } }, true],
    [{ apiVersion: 'v1', kind: 'Pod', metadata: { name: 'a', namespace: 3 } }, false],
    [{ apiVersion: 'v1', kind: 'Pod' }, false],
    [{ kind: 'Pod', metadata: { name: 'a' } }, false],
    [[], false],
    [null, false],
  ])('%j', (value, answer) => {
    expect(isKubeObject(value)).toBe(answer);
  });
});
