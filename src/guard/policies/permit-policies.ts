import { annotations, labels, probeName, systemNamespace } from '../../lib/index.ts';
import { isChanged, podMakers, podVariables } from './pod-policies.ts';
import type { PolicyWish } from './policy.ts';

/** Verb that lets a person name a service account with a profile of its own, on the Guard; the old verb of PodSecurityPolicy. */
const useVerb = 'use';

/** Verb that lets a person change the labels by which a namespace is guarded, on the namespace. */
const guardVerb = 'guard';

// With and without service accounts of their own for the controllers.
const isController = `request.userInfo.username == 'system:kube-controller-manager' || request.userInfo.username.startsWith('system:serviceaccount:kube-system:')`;

/**
 * Whoever may write a workload could borrow the rights of a service account that may be more than others in its namespace: only those
 * who may `use` the Guard name it, and the controllers that make pods of what was let in before.
 */
export const accountPolicy: PolicyWish = {
  name: 'toryo-service-accounts',
  hasGuard: true,
  matches: podMakers,
  conditions: isChanged,
  variables: podVariables,
  validations: [
    {
      expression: `!params.spec.serviceAccounts.exists(a, a.name == variables.account) || ${isController} || authorizer.group('toryo.dev').resource('guards').name(params.metadata.name).check('${useVerb}').allowed()`,
      says: `'TRY-SEC-040 only Toryo may name a service account with a profile of its own: ' + variables.account + ' (guard ' + params.metadata.name + ')'`,
      briefly: 'TRY-SEC-040 only Toryo may name a service account with a profile of its own',
    },
  ],
};

/** A DaemonSet reaches every node: none in a tenant's namespace. */
export const daemonPolicy: PolicyWish = {
  name: 'toryo-daemonsets',
  hasGuard: false,
  matches: [{ group: 'apps', resources: ['daemonsets'], operations: ['CREATE'] }],
  conditions: {},
  variables: {},
  validations: [
    {
      expression: 'false',
      says: `'TRY-SEC-041 only the platform may have DaemonSets: ' + object.metadata.name`,
      briefly: 'TRY-SEC-041 only the platform may have DaemonSets',
    },
  ],
};

/** Ways in from outside are given to a namespace, not taken. */
export const servicePolicy: PolicyWish = {
  name: 'toryo-services',
  hasGuard: true,
  matches: [{ group: '', resources: ['services'], operations: ['CREATE', 'UPDATE'] }],
  conditions: {
    'is-changed': `request.operation == 'CREATE' || object.spec.?type != oldObject.spec.?type || object.spec.?externalIPs != oldObject.spec.?externalIPs`,
  },
  variables: { type: `object.spec.?type.orValue('ClusterIP')` },
  validations: [
    {
      expression: `variables.type in ['ClusterIP', 'ExternalName'] || variables.type in params.spec.serviceTypes`,
      says: `'TRY-SEC-042 its namespace may not have Services of type ' + variables.type + ': ' + object.metadata.name`,
      briefly: 'TRY-SEC-042 its namespace may not have Services of this type',
    },
    {
      expression: `size(object.spec.?externalIPs.orValue([])) == 0`,
      says: `'TRY-SEC-043 Services may not have externalIPs: ' + object.metadata.name`,
      briefly: 'TRY-SEC-043 Services may not have externalIPs',
    },
  ],
};

const isGuarded = `k.startsWith('toryo.dev/') || k.startsWith('pod-security.kubernetes.io/')`;

// API servers go through maps in an order that is new each time: a sentence said twice would be two.
const guardLabels = [
  ...Object.values(labels).filter((label) => label.startsWith('toryo.dev/')),
  ...['enforce', 'audit', 'warn'].flatMap((mode) => [
    `pod-security.kubernetes.io/${mode}`,
    `pod-security.kubernetes.io/${mode}-version`,
  ]),
];

/** The labels by which a namespace is guarded, in the hands of those who may. */
export const namespacePolicy: PolicyWish = {
  name: 'toryo-namespaces',
  hasGuard: false,
  isOfCluster: true,
  // Labels can be changed through the subresources too.
  matches: [
    { group: '', resources: ['namespaces'], operations: ['CREATE', 'UPDATE'] },
    { group: '', resources: ['namespaces/finalize', 'namespaces/status'], operations: ['UPDATE'] },
  ],
  conditions: {
    'is-of-toryo': `object.metadata.?labels[?'${labels.managed}'].orValue('') == 'true' || (request.operation == 'UPDATE' && oldObject.metadata.?labels[?'${labels.managed}'].orValue('') == 'true')`,
  },
  variables: {
    now: 'object.metadata.?labels.orValue({})',
    was: `request.operation == 'CREATE' ? {} : oldObject.metadata.?labels.orValue({})`,
    changed: `variables.now.filter(k, (${isGuarded}) && variables.was[?k].orValue('') != variables.now[k]) + variables.was.filter(k, (${isGuarded}) && !(k in variables.now))`,
    named: `[${guardLabels.map((label) => `'${label}'`).join(', ')}].filter(k, k in variables.changed)`,
    told: `variables.named + variables.changed.filter(k, !(k in variables.named))`,
  },
  validations: [
    {
      expression: `size(variables.changed) == 0 || authorizer.group('').resource('namespaces').name(object.metadata.name).check('${guardVerb}').allowed()`,
      says: `'TRY-SEC-044 labels that guard a namespace are Toryo\\'s to change: ' + variables.told.join(', ')`,
      briefly: 'TRY-SEC-044 labels that guard a namespace are Toryo’s to change',
    },
  ],
};

const deleters = ['namespace-controller', 'generic-garbage-collector', 'statefulset-controller']
  .map((name) => `'system:serviceaccount:kube-system:${name}'`)
  .join(', ');

function deletionPolicy(
  name: string,
  matches: PolicyWish['matches'],
  isOurs: string | undefined,
): PolicyWish {
  const isDeleted = `!(request.userInfo.username in ['system:kube-controller-manager', ${deleters}]) && !has(oldObject.metadata.deletionTimestamp)`;
  return {
    name,
    hasGuard: false,
    ...(isOurs === undefined ? {} : { isOfCluster: true }),
    matches,
    conditions: {
      'is-deleted-by-a-person': isDeleted,
      ...(isOurs === undefined ? {} : { 'is-of-toryo': isOurs }),
    },
    variables: {},
    validations: [
      {
        expression: `oldObject.metadata.?annotations[?'${annotations.delete}'].orValue('') == oldObject.metadata.name`,
        says: `'TRY-SEC-045 it is protected; to delete it, annotate it first: ${annotations.delete}=' + oldObject.metadata.name`,
        briefly: 'TRY-SEC-045 it is protected from deletion',
      },
    ],
  };
}

/** Claims of guarded namespaces: data that no controller makes anew. */
export const claimDeletionPolicy = deletionPolicy(
  'toryo-deletion-claims',
  [{ group: '', resources: ['persistentvolumeclaims'], operations: ['DELETE'] }],
  undefined,
);

/** Namespaces and CustomResourceDefinitions that Toryo wrote: with each goes everything in it. */
export const deletionPolicyOfCluster = deletionPolicy(
  'toryo-deletion',
  [
    { group: '', resources: ['namespaces'], operations: ['DELETE'] },
    { group: 'apiextensions.k8s.io', resources: ['customresourcedefinitions'], operations: ['DELETE'] },
  ],
  `oldObject.metadata.?labels[?'${labels.managed}'].orValue('') == 'true'`,
);

/**
 * Refuses one pod that only a dry run may name, and says which policies are active: each API server takes a moment to learn them. The
 * digest stands in the policy and in its Guard, so that it is told only where both are known.
 */
export function probePolicy(digest: string): PolicyWish {
  return {
    name: 'toryo-probe',
    hasGuard: true,
    matches: [{ group: '', resources: ['pods'], operations: ['CREATE'] }],
    conditions: {
      'is-the-probe': `request.?dryRun.orValue(false) && object.metadata.name == '${probeName}' && object.metadata.namespace == '${systemNamespace}'`,
    },
    variables: {},
    validations: [
      {
        expression: 'false',
        says: `params.spec.digest == '${digest}' ? 'guards are active: ${digest}' : 'guards are not active yet'`,
        briefly: 'guards are not active yet',
      },
    ],
  };
}
