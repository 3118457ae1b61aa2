import { nearest, stringAt } from '../../lib/index.ts';
import type { KubeObject } from '../../objects/index.ts';

/** A resource as rules name it. */
export interface ResourceName {
  readonly group: string;
  readonly resource: string;
  readonly subresource?: string;
}

/** Plurals of Kubernetes itself by group; of two with one name the first is meant. */
const builtIn: Readonly<Record<string, string>> = {
  '': 'bindings configmaps endpoints events groups limitranges namespaces nodes persistentvolumeclaims persistentvolumes pods podtemplates replicationcontrollers resourcequotas secrets serviceaccounts services users',
  apps: 'controllerrevisions daemonsets deployments replicasets statefulsets',
  batch: 'cronjobs jobs',
  autoscaling: 'horizontalpodautoscalers',
  policy: 'poddisruptionbudgets',
  'networking.k8s.io': 'ingressclasses ingresses ipaddresses networkpolicies servicecidrs',
  'discovery.k8s.io': 'endpointslices',
  'rbac.authorization.k8s.io': 'clusterrolebindings clusterroles rolebindings roles',
  'admissionregistration.k8s.io':
    'mutatingadmissionpolicies mutatingadmissionpolicybindings mutatingwebhookconfigurations validatingadmissionpolicies validatingadmissionpolicybindings validatingwebhookconfigurations',
  'apiextensions.k8s.io': 'customresourcedefinitions',
  'apiregistration.k8s.io': 'apiservices',
  'authentication.k8s.io': 'selfsubjectreviews tokenreviews uids',
  'authorization.k8s.io':
    'localsubjectaccessreviews selfsubjectaccessreviews selfsubjectrulesreviews subjectaccessreviews',
  'certificates.k8s.io': 'certificatesigningrequests clustertrustbundles podcertificaterequests signers',
  'coordination.k8s.io': 'leasecandidates leases',
  'flowcontrol.apiserver.k8s.io': 'flowschemas prioritylevelconfigurations',
  'node.k8s.io': 'runtimeclasses',
  'resource.k8s.io': 'deviceclasses resourceclaims resourceclaimtemplates resourceslices',
  'scheduling.k8s.io': 'priorityclasses',
  'storage.k8s.io':
    'csidrivers csinodes csistoragecapacities storageclasses volumeattachments volumeattributesclasses',
};

/** Plural -> groups that have it: those of Kubernetes, and of CustomResourceDefinitions among some objects. */
export function resourceGroups(objects: readonly KubeObject[]): ReadonlyMap<string, readonly string[]> {
  const groups = new Map<string, string[]>();
  const add = (plural: string, group: string): void => {
    const known = groups.get(plural) ?? [];
    if (!known.includes(group)) groups.set(plural, [...known, group]);
  };
  for (const [group, plurals] of Object.entries(builtIn))
    for (const plural of plurals.split(' ')) add(plural, group);
  for (const object of objects)
    if (object.kind === 'CustomResourceDefinition')
      add(stringAt(object, 'spec', 'names', 'plural') ?? '', stringAt(object, 'spec', 'group') ?? '');
  return groups;
}

/**
 * Reads `pods`, `pods/exec`, `deployments`, `deployments.apps/scale`, `*`; a text is why it is none. A group that is written
 * is believed; `pods.` is the core group.
 */
export function resourceFrom(
  text: string,
  groups: ReadonlyMap<string, readonly string[]>,
): ResourceName | string {
  const [, plural, group, subresource] = /^([^./\s]+)(?:\.([^/\s]*))?(?:\/(\S+))?$/.exec(text) ?? [];
  if (plural === undefined) return `${text} is no resource: write pods, pods/exec or deployments.apps`;
  const rest = { resource: plural, ...(subresource === undefined ? {} : { subresource }) };
  if (group !== undefined) return { group, ...rest };
  if (plural === '*') return { group: '*', ...rest };
  const [known] = groups.get(plural) ?? [];
  if (known !== undefined) return { group: known, ...rest };
  const near = nearest(plural, groups.keys());
  const meant = near === undefined ? '' : `did you mean ${near}? Else `;
  return `there is no resource ${plural} here: ${meant}write its plural with its group, ${plural}.GROUP`;
}
