import { at, booleanAt, isObject, listAt, numberAt, stringAt } from '../lib/index.ts';
import { groupOf, isBuiltIn, type KubeObject } from './manifest.ts';

/** Whether an object does what it is for. */
export interface Health {
  readonly state: 'healthy' | 'progressing' | 'failed' | 'unknown';
  readonly why: string;
}

const healthy = (why = ''): Health => ({ state: 'healthy', why });
const progressing = (why: string): Health => ({ state: 'progressing', why });
const failed = (why: string): Health => ({ state: 'failed', why });
const unsure = (why: string): Health => ({ state: 'unknown', why });

type Rule = (object: KubeObject) => Health;

/** What is healthy, by `group/Kind`; a kind without a rule is healthy as soon as it is stored. */
const rules: ReadonlyMap<string, Rule> = new Map<string, Rule>([
  ['apps/Deployment', deployment],
  ['apps/StatefulSet', statefulSet],
  ['apps/DaemonSet', daemonSet],
  ['apps/ReplicaSet', replicaSet],
  ['/ReplicationController', replicaSet],
  ['batch/Job', job],
  ['/Pod', pod],
  ['/PersistentVolumeClaim', claim],
  ['/Service', service],
  ['/Namespace', namespace],
  [
    'networking.k8s.io/Ingress',
    (object) =>
      listAt(object, 'status', 'loadBalancer', 'ingress').length > 0
        ? healthy()
        : unsure('no address yet: is there a controller for its class?'),
  ],
  ['apiextensions.k8s.io/CustomResourceDefinition', customResourceDefinition],
  ['apiregistration.k8s.io/APIService', (object) => byCondition(object, 'Available')],
  ['autoscaling/HorizontalPodAutoscaler', autoscaler],
]);

/** The health of an object as the API server has it. */
export function healthOf(object: KubeObject): Health {
  if (object.metadata['deletionTimestamp'] !== undefined) return progressing('is being deleted');
  const rule = rules.get(`${groupOf(object.apiVersion)}/${object.kind}`);
  const observed = numberAt(object, 'status', 'observedGeneration');
  const generation = numberAt(object, 'metadata', 'generation');
  if (observed !== undefined && generation !== undefined && observed < generation)
    return progressing('its controller has not seen the change yet');
  if (rule !== undefined) return rule(object);
  return isBuiltIn(object) ? healthy() : customResource(object);
}

function customResource(object: KubeObject): Health {
  const conditions = listAt(object, 'status', 'conditions');
  const stalled = conditions.find(
    (one) => stringAt(one, 'type') === 'Stalled' && stringAt(one, 'status') === 'True',
  );
  if (stalled !== undefined) return failed(stringAt(stalled, 'message') ?? 'stalled');
  const named = ['Ready', 'Available', 'Healthy', 'Succeeded'].find((type) =>
    conditions.some((one) => stringAt(one, 'type') === type),
  );
  if (named !== undefined) return byCondition(object, named);
  return isObject(at(object, 'status')) && conditions.length === 0
    ? healthy()
    : unsure('nothing has written its status');
}

/** The condition of a type, as a mapping; undefined when it is not there. */
export function conditionOf(
  object: KubeObject,
  type: string,
): { readonly status: string; readonly reason: string; readonly message: string } | undefined {
  const found = listAt(object, 'status', 'conditions').find((one) => stringAt(one, 'type') === type);
  if (found === undefined) return undefined;
  return {
    status: stringAt(found, 'status') ?? 'Unknown',
    reason: stringAt(found, 'reason') ?? '',
    message: stringAt(found, 'message') ?? '',
  };
}

function byCondition(object: KubeObject, type: string): Health {
  const condition = conditionOf(object, type);
  if (condition === undefined) return progressing(`condition ${type} is not there yet`);
  if (condition.status === 'True') return healthy();
  return progressing(condition.message || condition.reason || `${type} is ${condition.status}`);
}

function deployment(object: KubeObject): Health {
  const progress = conditionOf(object, 'Progressing');
  if (progress?.reason === 'ProgressDeadlineExceeded') return failed(whyPodsFail(object) ?? progress.message);
  const wanted = numberAt(object, 'spec', 'replicas') ?? 1;
  const count = (field: string): number => numberAt(object, 'status', field) ?? 0;
  if (numberAt(object, 'status', 'observedGeneration') === undefined)
    return progressing('its controller has not seen it yet');
  if (booleanAt(object, 'spec', 'paused') === true) return healthy('paused');
  if (count('updatedReplicas') < wanted)
    return progressing(`${count('updatedReplicas')} of ${wanted} pods are of this version${suffix(object)}`);
  if (count('replicas') > count('updatedReplicas'))
    return progressing(
      `${count('replicas') - count('updatedReplicas')} pods of the version before still run`,
    );
  if (count('availableReplicas') < wanted)
    return progressing(`${count('availableReplicas')} of ${wanted} pods are available${suffix(object)}`);
  return healthy(`${wanted} of ${wanted} available`);
}

function suffix(object: KubeObject): string {
  const why = whyPodsFail(object);
  return why === undefined ? '' : `: ${why}`;
}

// Quota and admission refuse pods where nobody looks: in the condition of the controller that makes them.
function whyPodsFail(object: KubeObject): string | undefined {
  const condition = conditionOf(object, 'ReplicaFailure');
  return condition?.status === 'True' ? condition.message : undefined;
}

function statefulSet(object: KubeObject): Health {
  const wanted = numberAt(object, 'spec', 'replicas') ?? 1;
  const ready = numberAt(object, 'status', 'readyReplicas') ?? 0;
  const updated = numberAt(object, 'status', 'updatedReplicas') ?? 0;
  const partition = numberAt(object, 'spec', 'updateStrategy', 'rollingUpdate', 'partition') ?? 0;
  if (numberAt(object, 'status', 'observedGeneration') === undefined)
    return progressing('its controller has not seen it yet');
  if (ready < wanted) return progressing(`${ready} of ${wanted} pods are ready`);
  const isOnDelete = stringAt(object, 'spec', 'updateStrategy', 'type') === 'OnDelete';
  if (!isOnDelete && updated < wanted - partition)
    return progressing(`${updated} of ${wanted - partition} pods are of this version`);
  return healthy(`${wanted} of ${wanted} ready`);
}

function daemonSet(object: KubeObject): Health {
  if (numberAt(object, 'status', 'observedGeneration') === undefined)
    return progressing('its controller has not seen it yet');
  const wanted = numberAt(object, 'status', 'desiredNumberScheduled') ?? 0;
  const updated = numberAt(object, 'status', 'updatedNumberScheduled') ?? 0;
  const available = numberAt(object, 'status', 'numberAvailable') ?? 0;
  const isOnDelete = stringAt(object, 'spec', 'updateStrategy', 'type') === 'OnDelete';
  if (!isOnDelete && updated < wanted) return progressing(`${updated} of ${wanted} nodes have this version`);
  return available < wanted
    ? progressing(`${available} of ${wanted} nodes have an available pod`)
    : healthy(`${wanted} of ${wanted} nodes`);
}

function replicaSet(object: KubeObject): Health {
  const wanted = numberAt(object, 'spec', 'replicas') ?? 1;
  const available = numberAt(object, 'status', 'availableReplicas') ?? 0;
  const why = whyPodsFail(object);
  if (why !== undefined) return failed(why);
  return available < wanted ? progressing(`${available} of ${wanted} pods are available`) : healthy();
}

function job(object: KubeObject): Health {
  const failure = conditionOf(object, 'Failed');
  if (failure?.status === 'True') return failed(failure.message || failure.reason);
  if (conditionOf(object, 'Complete')?.status === 'True') return healthy('complete');
  if (booleanAt(object, 'spec', 'suspend') === true) return healthy('suspended');
  return progressing(
    `${numberAt(object, 'status', 'succeeded') ?? 0} of ${numberAt(object, 'spec', 'completions') ?? 1} pods have succeeded`,
  );
}

function pod(object: KubeObject): Health {
  const phase = stringAt(object, 'status', 'phase');
  if (phase === 'Succeeded') return healthy('succeeded');
  if (phase === 'Failed') return failed(stringAt(object, 'status', 'message') ?? 'the pod failed');
  return byCondition(object, 'Ready');
}

const provisioner = 'volume.kubernetes.io/storage-provisioner';

function claim(object: KubeObject): Health {
  const phase = stringAt(object, 'status', 'phase');
  if (phase === 'Bound') return healthy('bound');
  if (phase === 'Lost') return failed('its volume is lost');
  // A class that waits for the first consumer provisions nothing until a pod that uses the claim has a node.
  const isProvisioned = at(object, 'metadata', 'annotations', provisioner) !== undefined;
  return isProvisioned
    ? progressing('not bound yet')
    : unsure('not bound: no pod uses it yet, or nothing provisions its class');
}

function service(object: KubeObject): Health {
  if (stringAt(object, 'spec', 'type') !== 'LoadBalancer') return healthy();
  return listAt(object, 'status', 'loadBalancer', 'ingress').length > 0
    ? healthy()
    : progressing('no address from the load balancer yet');
}

function namespace(object: KubeObject): Health {
  return stringAt(object, 'status', 'phase') === 'Terminating' ? failed('is being deleted') : healthy();
}

function customResourceDefinition(object: KubeObject): Health {
  const names = conditionOf(object, 'NamesAccepted');
  if (names?.status === 'False') return failed(names.message);
  return byCondition(object, 'Established');
}

function autoscaler(object: KubeObject): Health {
  const scalable = conditionOf(object, 'AbleToScale');
  if (scalable?.status === 'False') return progressing(scalable.message);
  const active = conditionOf(object, 'ScalingActive');
  if (active?.status === 'False' && active.reason !== 'ScalingDisabled') return unsure(active.message);
  return healthy();
}
