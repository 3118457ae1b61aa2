import { podRuleGroups } from '../profile/evaluation.ts';
import type { PodRule } from '../profile/rule.ts';
import { volumeVariables } from '../profile/volumes.ts';
import type { Matched, PolicyWish, Validation } from './policy.ts';

/** Everything that is a pod or makes some. */
export const podMakers: readonly Matched[] = [
  {
    group: '',
    resources: ['pods', 'replicationcontrollers', 'podtemplates'],
    operations: ['CREATE', 'UPDATE'],
  },
  { group: '', resources: ['pods/ephemeralcontainers'], operations: ['UPDATE'] },
  {
    group: 'apps',
    resources: ['daemonsets', 'deployments', 'replicasets', 'statefulsets'],
    operations: ['CREATE', 'UPDATE'],
  },
  { group: 'batch', resources: ['cronjobs', 'jobs'], operations: ['CREATE', 'UPDATE'] },
];

const podSpecOf = (object: string): string =>
  `(request.resource.resource == 'pods' ? ${object}.spec : request.resource.resource == 'podtemplates' ? ${object}.template.spec : request.resource.resource == 'cronjobs' ? ${object}.spec.jobTemplate.spec.template.spec : ${object}.spec.template.spec)`;

const imagesOf = (object: string): string =>
  `[${['containers', 'initContainers', 'ephemeralContainers'].map((list) => `${object}.spec.?${list}.orValue([]).map(c, c.name + ' ' + c.image)`).join(', ')}]`;

/**
 * What runs is not asked again for a change that does not touch it: a profile that became stricter must not keep anybody from
 * scaling, labelling or deleting. A ReplicationController may be without a template.
 */
export const isChanged = {
  'has-a-pod': `request.resource.resource != 'replicationcontrollers' || has(object.spec.template)`,
  'is-changed': `request.operation == 'CREATE' || (request.resource.resource == 'pods' ? ${imagesOf('object')} != ${imagesOf('oldObject')} : request.resource.resource == 'replicationcontrollers' && !has(oldObject.spec.template) ? true : ${podSpecOf('object')} != ${podSpecOf('oldObject')})`,
} as const;

/** What expressions about pods read; each is computed when it is needed, once. */
export const podVariables: Readonly<Record<string, string>> = {
  pod: podSpecOf('object'),
  account: `variables.pod.?serviceAccountName.orValue('') == '' ? 'default' : variables.pod.serviceAccountName`,
};

/** The profile of the pod's service account. */
export const profileVariables: Readonly<Record<string, string>> = {
  assigned: 'params.spec.serviceAccounts.filter(a, a.name == variables.account)',
  profile:
    'params.spec.profiles.filter(p, p.name == (size(variables.assigned) > 0 ? variables.assigned[0].profile : params.spec.profile))[0]',
};

const ruleVariables: Readonly<Record<string, string>> = {
  ...podVariables,
  ...profileVariables,
  annotations: `(request.resource.resource == 'pods' ? object.metadata.?annotations : request.resource.resource == 'podtemplates' ? object.template.?metadata.?annotations : request.resource.resource == 'cronjobs' ? object.spec.jobTemplate.spec.template.?metadata.?annotations : object.spec.template.?metadata.?annotations).orValue({})`,
  context: 'variables.pod.?securityContext.orValue({})',
  containers:
    'variables.pod.?initContainers.orValue([]) + variables.pod.containers + variables.pod.?ephemeralContainers.orValue([])',
  volumes: 'variables.pod.?volumes.orValue([])',
  ...volumeVariables,
  isWindows: `variables.pod.?os.?name.orValue('') == 'windows'`,
  waivers: `params.spec.waivers.filter(w, w.serviceAccount == '' || w.serviceAccount == variables.account)`,
};

/** `offenders012` of TRY-SEC-012. */
const offendersOf = ({ code }: PodRule): string => `offenders${code.slice(-3)}`;

function validationOf(rule: PodRule): Validation {
  const offenders = `variables.${offendersOf(rule)}`;
  return {
    expression: `size(${offenders}) == 0`,
    says: `'${rule.code} ${rule.says}: ' + ${offenders}.join(', ') + ' (profile ' + variables.profile.name + ')'`,
    briefly: `${rule.code} ${rule.says}`,
  };
}

function podPolicy(name: string, rules: readonly PodRule[]): PolicyWish {
  const offenders = Object.fromEntries(rules.map((rule) => [offendersOf(rule), rule.cel]));
  return {
    name,
    hasGuard: true,
    matches: podMakers,
    conditions: isChanged,
    variables: { ...ruleVariables, ...offenders },
    validations: rules.map(validationOf),
  };
}

/** The policies that hold pods, and what makes them, against their profiles. */
export const podPolicies: readonly PolicyWish[] = Object.entries(podRuleGroups).map(([group, rules]) =>
  podPolicy(`toryo-pod-${group}`, rules),
);
