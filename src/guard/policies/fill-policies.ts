import { guardKind, labels } from '../../lib/index.ts';
import type { KubeObject } from '../../objects/index.ts';
import type { Guard } from './guard.ts';
import { profileVariables } from './pod-policies.ts';
import { expressions, resourceRule, selectorOf } from './policy.ts';

const apiVersion = 'admissionregistration.k8s.io/v1';
const name = 'toryo-fill';

/** True where the API server serves MutatingAdmissionPolicies without a feature gate: from 1.36 on. */
export function isMutating(version: string | undefined): boolean {
  const [major = 0, minor = 0] = (version ?? '').split('.').map(Number);
  return major > 1 || (major === 1 && minor >= 36);
}

const add = (path: string, value: string): string => `JSONPatch{op: 'add', path: ${path}, value: ${value}}`;

// The same as `filledSpec` says, which a test proves on a real API server.
const value = (field: string): string => `variables.fill.${field}`;
const isUnsaid = (context: string, field: string): string =>
  `has(${value(field)}) && !${context}.?${field}.hasValue()`;

const own = 'c.?securityContext';
const whole = 'object.spec.?securityContext';
const mustEscalate = `(${own}.?privileged.orValue(false) || 'CAP_SYS_ADMIN' in ${own}.?capabilities.?add.orValue([]))`;
const needsDrop = `has(${value('drop')}) && size(${own}.?capabilities.?drop.orValue([])) == 0`;

/** What each container may be without, and when it is to get it. */
const containerFields: Readonly<Record<string, string>> = {
  allowPrivilegeEscalation: `${isUnsaid(own, 'allowPrivilegeEscalation')} && !${mustEscalate}`,
  readOnlyRootFilesystem: isUnsaid(own, 'readOnlyRootFilesystem'),
  runAsUser: `${isUnsaid(own, 'runAsUser')} && !${whole}.?runAsUser.hasValue()`,
  runAsGroup: `${isUnsaid(own, 'runAsGroup')} && !${whole}.?runAsGroup.hasValue()`,
};

/** CEL: patches for the containers of one list; what is missing on the way to a field is made first. */
function containerPatches(list: string): string {
  const base = `'/spec/${list}/' + string(i) + '/securityContext`;
  const each = (condition: string, patch: string): string =>
    `object.spec.?${list}.orValue([]).transformList(i, c, ${condition}, ${patch})`;
  const needs = [...Object.values(containerFields), needsDrop].map((one) => `(${one})`).join(' || ');
  return [
    each(`!has(c.securityContext) && (${needs})`, add(`${base}'`, '{}')),
    ...Object.entries(containerFields).map(([field, condition]) =>
      each(condition, add(`${base}/${field}'`, value(field))),
    ),
    each(`!${own}.?capabilities.hasValue() && ${needsDrop}`, add(`${base}/capabilities'`, '{}')),
    each(needsDrop, add(`${base}/capabilities/drop'`, value('drop'))),
  ].join(' + ');
}

/** CEL: patches for what all containers of a pod share. */
function podPatches(): string {
  const fields = ['seccompProfile', 'runAsNonRoot'] as const;
  const needs = (field: string): string => isUnsaid(whole, field);
  const when = (condition: string, patch: string): string => `(${condition} ? [${patch}] : [])`;
  return [
    when(
      `!has(object.spec.securityContext) && (${fields.map((field) => `(${needs(field)})`).join(' || ')})`,
      add(`'/spec/securityContext'`, 'Object.spec.securityContext{}'),
    ),
    ...fields.map((field) => when(needs(field), add(`'/spec/securityContext/${field}'`, value(field)))),
  ].join(' + ');
}

/**
 * Sets in Pods what their profile fills where nothing is said, as compiling does for what Toryo writes: for pods that operators make.
 * Nothing else is ever changed: no fsGroup, no supplementalGroups.
 */
export function fillPolicy(): KubeObject {
  const matches = { group: '', resources: ['pods'], operations: ['CREATE'] } as const;
  const patch = (expression: string) => ({ patchType: 'JSONPatch', jsonPatch: { expression } });
  return {
    apiVersion,
    kind: 'MutatingAdmissionPolicy',
    metadata: { name },
    spec: {
      failurePolicy: 'Fail',
      reinvocationPolicy: 'IfNeeded',
      paramKind: { apiVersion: guardKind.apiVersion, kind: guardKind.kind },
      matchConstraints: {
        matchPolicy: 'Equivalent',
        resourceRules: [resourceRule(matches)],
        namespaceSelector: selectorOf(),
      },
      matchConditions: expressions({ 'has-the-fields': `object.spec.?os.?name.orValue('') != 'windows'` }),
      variables: expressions({
        account: `object.spec.?serviceAccountName.orValue('') == '' ? 'default' : object.spec.serviceAccountName`,
        ...profileVariables,
        fill: 'variables.profile.?fill.orValue({})',
      }),
      mutations: [podPatches(), containerPatches('initContainers'), containerPatches('containers')].map(
        patch,
      ),
    },
  };
}

/** A binding for each Guard with a profile that fills something. A lost Guard fills nothing: the other policies refuse its pods. */
export function fillBindings(guards: readonly Guard[]): readonly KubeObject[] {
  return guards
    .filter(({ spec }) => spec.profiles.some(({ fill }) => Object.keys(fill).length > 0))
    .map((guard) => ({
      apiVersion,
      kind: 'MutatingAdmissionPolicyBinding',
      metadata: { name: `${name}.${guard.name}` },
      spec: {
        policyName: name,
        paramRef: { name: guard.name, parameterNotFoundAction: 'Allow' },
        matchResources: {
          matchPolicy: 'Equivalent',
          namespaceSelector: selectorOf({ matchLabels: { [labels.guard]: guard.name } }),
        },
      },
    }));
}
