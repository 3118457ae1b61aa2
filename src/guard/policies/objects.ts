import { digestOf, labels, platformTenant, systemNamespace } from '../../lib/index.ts';
import type { KubeObject } from '../../objects/index.ts';
import { guardDefinition, guardObject, type Guard, type GuardSpec } from './guard.ts';
import {
  accountPolicy,
  claimDeletionPolicy,
  daemonPolicy,
  deletionPolicyOfCluster,
  namespacePolicy,
  probePolicy,
  servicePolicy,
} from './permit-policies.ts';
import { podPolicies } from './pod-policies.ts';
import { probeAccount, probeGuard, probeMark } from './probe.ts';
import { fallbackName } from './family.ts';
import { bindingObject, policyObject, type BindingWish, type PolicyWish } from './policy.ts';

/** Guards of one cluster: those that refuse, and those that only tell. */
export interface ClusterGuards {
  readonly enforced: readonly Guard[];
  readonly tried: readonly { readonly guard: Guard; readonly as: 'warn' | 'audit' }[];
  /** What holds where a namespace of a tenant names no Guard that is known. */
  readonly fallback: GuardSpec;
}

const policies: readonly PolicyWish[] = [
  ...podPolicies,
  accountPolicy,
  daemonPolicy,
  servicePolicy,
  namespacePolicy,
  claimDeletionPolicy,
  deletionPolicyOfCluster,
];

/**
 * Everything that guards a cluster, as objects: the kind of Guards, the Guards, a fixed set of ValidatingAdmissionPolicies, their bindings,
 * and the probe that tells when they are active.
 */
export function guardObjects(guards: ClusterGuards): readonly KubeObject[] {
  const named = [
    ...guards.enforced,
    ...guards.tried.map(({ guard }) => guard),
    { name: fallbackName, spec: guards.fallback },
  ];
  const objects = [
    guardDefinition(),
    ...named.map(({ name, spec }) => guardObject(name, spec)),
    ...policies.map(policyObject),
    ...bindings(guards).map(bindingObject),
  ];
  return [...objects, ...probeObjects(digestOf(objects))];
}

function probeObjects(digest: string): readonly KubeObject[] {
  const policy = probePolicy(digest);
  return [
    probeAccount(),
    guardObject(probeGuard, { digest }),
    policyObject(policy),
    bindingObject({
      policy: policy.name,
      suffix: 'system',
      guard: probeGuard,
      actions: ['Deny'],
      namespaces: { matchLabels: { [labels.namespaceName]: systemNamespace } },
      marks: probeMark(digest),
    }),
  ];
}

function bindings(guards: ClusterGuards): readonly BindingWish[] {
  const deny = ['Deny'] as const;
  const tenants = {
    matchExpressions: [{ key: labels.tenant, operator: 'NotIn', values: [platformTenant] }],
  };
  const names = guards.enforced.map(({ name }) => name);
  const unknown = {
    matchExpressions: [
      ...tenants.matchExpressions,
      { key: labels.guard, operator: 'NotIn', values: names.length === 0 ? [fallbackName] : names },
    ],
  };
  const forAll: readonly BindingWish[] = [
    { policy: daemonPolicy.name, suffix: 'tenants', actions: deny, namespaces: tenants },
    { policy: namespacePolicy.name, suffix: 'all', actions: deny },
    { policy: claimDeletionPolicy.name, suffix: 'all', actions: deny, namespaces: {} },
    { policy: deletionPolicyOfCluster.name, suffix: 'all', actions: deny },
  ];
  return [
    ...forAll,
    ...guards.enforced.flatMap(({ name, spec }) => {
      const namespaces = { matchLabels: { [labels.guard]: name } };
      return guardPolicies(spec).map((policy) => ({
        policy,
        suffix: name,
        guard: name,
        actions: deny,
        namespaces,
      }));
    }),
    ...guards.tried.flatMap(({ guard: { name }, as }) =>
      podPolicies.map((policy) => ({
        policy: policy.name,
        suffix: name,
        guard: name,
        actions: as === 'warn' ? (['Audit', 'Warn'] as const) : (['Audit'] as const),
        namespaces: { matchLabels: { [labels.trial]: name } },
      })),
    ),
    ...guardPolicies(guards.fallback).map((policy) => ({
      policy,
      suffix: fallbackName,
      guard: fallbackName,
      actions: deny,
      namespaces: unknown,
    })),
  ];
}

function guardPolicies(spec: GuardSpec): readonly string[] {
  const accounts = spec.serviceAccounts.length === 0 ? [] : [accountPolicy.name];
  return [...podPolicies.map(({ name }) => name), servicePolicy.name, ...accounts];
}
