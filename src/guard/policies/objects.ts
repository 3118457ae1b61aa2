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
import { fillBindings, fillPolicy, isMutating } from './fill-policies.ts';
import { bindingObject, policyObject, type BindingWish, type PolicyWish } from './policy.ts';

/** Guards of one cluster: those that refuse, and those that only tell. */
export interface ClusterGuards {
  readonly enforced: readonly Guard[];
  readonly tried: readonly { readonly guard: Guard; readonly as: 'warn' | 'audit' }[];
  /** What holds where a namespace of a tenant names no Guard that is known. */
  readonly fallback: GuardSpec;
  /** Of the cluster's API server, `1.35`; undefined when it is not known: then pods are held, not filled. */
  readonly version: string | undefined;
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
 * the MutatingAdmissionPolicy for what profiles fill where the cluster has that kind, and the probe that tells when all are active.
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
    ...fillObjects(guards),
  ];
  return [...objects, ...probeObjects(digestOf(objects))];
}

function fillObjects({ enforced, version }: ClusterGuards): readonly KubeObject[] {
  const made = isMutating(version) ? fillBindings(enforced) : [];
  return made.length === 0 ? [] : [fillPolicy(), ...made];
}

function probeObjects(digest: string): readonly KubeObject[] {
  const policy = probePolicy(digest);
  return [
    probeAccount(),
    guardObject(probeGuard, { digest }),
    policyObject(policy),
    bindingObject({
      policy,
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
    { policy: daemonPolicy, suffix: 'tenants', actions: deny, namespaces: tenants },
    { policy: namespacePolicy, suffix: 'all', actions: deny },
    { policy: claimDeletionPolicy, suffix: 'all', actions: deny },
    { policy: deletionPolicyOfCluster, suffix: 'all', actions: deny },
  ];
  return [
    ...forAll,
    ...guards.enforced.flatMap(({ name, spec }) =>
      enforcing(name, spec, { matchLabels: { [labels.guard]: name } }),
    ),
    ...guards.tried.flatMap(({ guard: { name }, as }) =>
      podPolicies.map((policy) => ({
        policy,
        suffix: name,
        guard: name,
        // What is only tried must not refuse, whatever happens to it.
        lost: 'Allow' as const,
        actions: as === 'warn' ? (['Audit', 'Warn'] as const) : (['Audit'] as const),
        namespaces: { matchLabels: { [labels.trial]: name } },
      })),
    ),
    ...enforcing(fallbackName, guards.fallback, unknown),
  ];
}

/**
 * Bindings of a Guard. When it is gone nothing new is let in, but what is there can be changed: controllers must be able to take
 * their finalizers off, else its namespace could never be deleted.
 */
function enforcing(
  guard: string,
  spec: GuardSpec,
  namespaces: NonNullable<BindingWish['namespaces']>,
): readonly BindingWish[] {
  const accounts = spec.serviceAccounts.length === 0 ? [] : [accountPolicy];
  return [...podPolicies, servicePolicy, ...accounts].flatMap((policy) => {
    const one = { policy, guard, actions: ['Deny'] as const, namespaces };
    return [
      { ...one, suffix: guard, only: 'new' as const },
      { ...one, suffix: `changes.${guard}`, only: 'changes' as const, lost: 'Allow' as const },
    ];
  });
}
