import { encoded, unknown } from '../../cel/index.ts';
import { isArray, isObject, listAt, objectAt, stringsAt, type JsonObject } from '../../lib/index.ts';
import { groupOf, isBuiltIn, type KubeObject } from '../../objects/index.ts';
import { withSchemaDefaults } from './schema-defaults.ts';
import { changed, filled, ownPodSpec, podTemplate, within } from './pod-defaults.ts';

type Change = (value: JsonObject) => JsonObject;

const unset = (field: string) => unknown(`${field} is set by the API server`);

function deployment(spec: JsonObject): JsonObject {
  const strategy = filled(spec['strategy'], { type: 'RollingUpdate' });
  const rolling = filled(strategy['rollingUpdate'], { maxSurge: '25%', maxUnavailable: '25%' });
  const isRolling = strategy['type'] === 'RollingUpdate';
  return within(
    {
      progressDeadlineSeconds: 600,
      replicas: 1,
      revisionHistoryLimit: 10,
      ...spec,
      strategy: isRolling ? { ...strategy, rollingUpdate: rolling } : strategy,
    },
    'template',
    podTemplate,
  );
}

const updated = (spec: JsonObject, rollingUpdate: JsonObject): JsonObject => {
  const strategy = filled(spec['updateStrategy'], { type: 'RollingUpdate' });
  if (strategy['type'] !== 'RollingUpdate') return { ...spec, updateStrategy: strategy };
  return {
    ...spec,
    updateStrategy: { ...strategy, rollingUpdate: filled(strategy['rollingUpdate'], rollingUpdate) },
  };
};

function statefulSet(spec: JsonObject): JsonObject {
  const claim: Change = (one) => ({
    apiVersion: 'v1',
    kind: 'PersistentVolumeClaim',
    status: { phase: 'Pending' },
    ...within(one, 'spec', (claimed) => filled(claimed, { volumeMode: 'Filesystem' })),
  });
  const retention = { whenDeleted: 'Retain', whenScaled: 'Retain' };
  const whole = {
    podManagementPolicy: 'OrderedReady',
    replicas: 1,
    revisionHistoryLimit: 10,
    ...updated(spec, { partition: 0 }),
    persistentVolumeClaimRetentionPolicy: filled(spec['persistentVolumeClaimRetentionPolicy'], retention),
  };
  return changed(whole, [
    ['template', podTemplate],
    ['volumeClaimTemplates', claim],
  ]);
}

function job(spec: JsonObject): JsonObject {
  const defaults = {
    backoffLimit: 6,
    manualSelector: false,
    completionMode: 'NonIndexed',
    suspend: false,
    podReplacementPolicy: 'TerminatingOrFailed',
  };
  const counts =
    spec['completions'] === undefined && spec['parallelism'] === undefined ? { completions: 1 } : {};
  const selector = spec['manualSelector'] === true ? {} : { selector: unset('spec.selector') };
  return within({ ...defaults, ...counts, parallelism: 1, ...selector, ...spec }, 'template', podTemplate);
}

function cronJob(spec: JsonObject): JsonObject {
  const defaults = {
    concurrencyPolicy: 'Allow',
    failedJobsHistoryLimit: 1,
    successfulJobsHistoryLimit: 3,
    suspend: false,
  };
  const template: Change = (one) => within(one, 'spec', (own) => within(own, 'template', podTemplate));
  return within(filled(spec, defaults), 'jobTemplate', (one) => ({ metadata: {}, ...template(one) }));
}

/** Addresses and node ports are given out by the API server. */
function service(spec: JsonObject): JsonObject {
  const type = spec['type'] ?? 'ClusterIP';
  const isOutside = type === 'NodePort' || type === 'LoadBalancer';
  const names = ['clusterIP', 'clusterIPs', 'ipFamilies', 'ipFamilyPolicy'];
  const own = type === 'ExternalName' ? [] : names.map((field) => [field, unset(`spec.${field}`)]);
  const port: Change = (one) => ({
    protocol: 'TCP',
    targetPort: one['port'],
    ...(isOutside ? { nodePort: unset('spec.ports.nodePort') } : {}),
    ...one,
  });
  const whole = {
    sessionAffinity: 'None',
    type,
    ...(type === 'ExternalName' ? {} : { internalTrafficPolicy: 'Cluster' }),
    ...(isOutside ? { externalTrafficPolicy: 'Cluster' } : {}),
    ...(type === 'LoadBalancer' ? { allocateLoadBalancerNodePorts: true } : {}),
    ...Object.fromEntries(own),
    ...spec,
  };
  return within(whole, 'ports', port);
}

function networkPolicy(spec: JsonObject): JsonObject {
  const types = ['Ingress', ...(listAt(spec, 'egress').length > 0 ? ['Egress'] : [])];
  const rule: Change = (one) => within(one, 'ports', (port) => filled(port, { protocol: 'TCP' }));
  return changed(filled(spec, { policyTypes: types }), [
    ['ingress', rule],
    ['egress', rule],
  ]);
}

function claim(spec: JsonObject): JsonObject {
  return filled(spec, { volumeMode: 'Filesystem', storageClassName: unset('spec.storageClassName') });
}

function secret(object: JsonObject): JsonObject {
  const { stringData, ...rest } = filled(object, { type: 'Opaque' });
  const texts = Object.entries(stringsAt({ stringData }, 'stringData'));
  if (texts.length === 0) return rest;
  const data = Object.fromEntries(
    texts.map(([key, text]) => [key, btoa(String.fromCodePoint(...encoded(text)))]),
  );
  return { ...rest, data: { ...objectAt(rest, 'data'), ...data } };
}

const rbac = 'rbac.authorization.k8s.io';

function binding(object: JsonObject): JsonObject {
  const subject: Change = (one) => (one['kind'] === 'ServiceAccount' ? one : filled(one, { apiGroup: rbac }));
  return changed(object, [
    ['roleRef', (role) => filled(role, { apiGroup: rbac })],
    ['subjects', subject],
  ]);
}

const spec =
  (change: Change, status: JsonObject = {}): Change =>
  (object) => ({ ...within(object, 'spec', change), status });

const daemons = ['currentNumberScheduled', 'desiredNumberScheduled', 'numberMisscheduled', 'numberReady'];

function daemonSet(object: JsonObject): JsonObject {
  const annotations = { 'deprecated.daemonset.template.generation': '1' };
  const change: Change = (one) =>
    within(
      { revisionHistoryLimit: 10, ...updated(one, { maxSurge: 0, maxUnavailable: 1 }) },
      'template',
      podTemplate,
    );
  const status = Object.fromEntries(daemons.map((field) => [field, 0]));
  return within(spec(change, status)(object), 'metadata', (metadata) => ({
    ...metadata,
    annotations: { ...annotations, ...objectAt(metadata, 'annotations') },
  }));
}

/** The pods of a Job are found by labels that the API server makes. */
function wholeJob(object: JsonObject): JsonObject {
  const { name } = objectAt(object, 'metadata');
  const uid = unset('the label controller-uid');
  const made = {
    'batch.kubernetes.io/controller-uid': uid,
    'batch.kubernetes.io/job-name': name,
    'controller-uid': uid,
    'job-name': name,
  };
  const labelled: Change = (one) => ({ ...one, labels: { ...objectAt(one, 'labels'), ...made } });
  const whole = spec(job)(object);
  if (objectAt(object, 'spec')['manualSelector'] === true) return whole;
  return changed(whole, [
    ['metadata', labelled],
    ['spec', (one) => within(one, 'template', (own) => within(own, 'metadata', labelled))],
  ]);
}

function wholeClaim(object: JsonObject): JsonObject {
  const whole = { ...within(object, 'spec', claim), status: { phase: 'Pending' } };
  const protection = 'kubernetes.io/pvc-protection';
  return within(whole, 'metadata', (metadata) => ({
    ...metadata,
    finalizers: [...listAt(metadata, 'finalizers').filter((one) => one !== protection), protection],
  }));
}

function namespace(object: JsonObject): JsonObject {
  const name = objectAt(object, 'metadata')['name'];
  const whole = within(object, 'metadata', (metadata) => ({
    ...metadata,
    labels: { ...objectAt(metadata, 'labels'), 'kubernetes.io/metadata.name': name },
  }));
  return {
    ...whole,
    spec: filled(object['spec'], { finalizers: ['kubernetes'] }),
    status: { phase: 'Active' },
  };
}

/** What the API server makes of the kinds that people write most, by `group/Kind`. */
const changes: Readonly<Record<string, Change>> = {
  '/Pod': spec(ownPodSpec, { phase: 'Pending', qosClass: unset('status.qosClass') }),
  'apps/Deployment': spec(deployment),
  'apps/StatefulSet': spec(statefulSet, { availableReplicas: 0, replicas: 0 }),
  'apps/DaemonSet': daemonSet,
  'apps/ReplicaSet': spec((one) => within(filled(one, { replicas: 1 }), 'template', podTemplate), {
    replicas: 0,
  }),
  'batch/Job': wholeJob,
  'batch/CronJob': spec(cronJob),
  '/Service': spec(service, { loadBalancer: {} }),
  '/PersistentVolumeClaim': wholeClaim,
  '/Secret': secret,
  '/Namespace': namespace,
  'networking.k8s.io/NetworkPolicy': (object) => within(object, 'spec', networkPolicy),
  'rbac.authorization.k8s.io/RoleBinding': binding,
  'rbac.authorization.k8s.io/ClusterRoleBinding': binding,
  'scheduling.k8s.io/PriorityClass': (object) => filled(object, { preemptionPolicy: 'PreemptLowerPriority' }),
  'storage.k8s.io/StorageClass': (object) =>
    filled(object, { reclaimPolicy: 'Delete', volumeBindingMode: 'Immediate' }),
};

/** Maps that are not kept when they are empty; an empty struct is. */
const emptyMaps: ReadonlySet<string> = new Set([
  'annotations',
  'binaryData',
  'data',
  'labels',
  'limits',
  'matchLabels',
  'nodeSelector',
  'requests',
]);

/**
 * A manifest as policies see it: without nulls and empty maps, with the API server's defaults for the kinds that people write most.
 * A custom object gets those of its CustomResourceDefinition. Defaults of other kinds are not known here: their fields stay as they
 * are written. What the API server chooses by itself is unknown.
 */
export function servedForm(object: KubeObject, definition: KubeObject | undefined): JsonObject {
  if (!isBuiltIn(object)) return withSchemaDefaults(object, definition);
  const change = changes[`${groupOf(object.apiVersion)}/${object.kind}`];
  const kept = keptOf(object);
  return change === undefined ? kept : change(kept);
}

function keptOf(object: JsonObject): JsonObject {
  const entries = Object.entries(object).flatMap(([field, value]) => {
    const isEmpty = isObject(value) && emptyMaps.has(field) && Object.keys(value).length === 0;
    return value === null || value === undefined || isEmpty ? [] : [[field, keptValue(value)] as const];
  });
  return Object.fromEntries(entries);
}

function keptValue(value: unknown): unknown {
  if (isArray(value)) return value.map(keptValue);
  return isObject(value) ? keptOf(value) : value;
}
