import { at, booleanAt, isObject, listAt, parseJson, stringAt } from '../../lib/index.ts';
import type { KubeObject } from '../manifest.ts';
import {
  conditionOf,
  conditionsIn,
  conditionsOf,
  fromCondition,
  whyOfCondition,
  type Condition,
} from './conditions.ts';
import { pod } from './pod.ts';
import { failed, healthy, progressing, suspended, unsure, type Health, type Rule } from './state.ts';
import { daemonSet, deployment, job, replicaSet, statefulSet } from './workloads.ts';

/** How one kind, or several alike, are judged, and what to tell people about it. */
export interface Row {
  /** `group/Kind`; a group or kind may be `*`, or start with `*.`. */
  readonly kinds: readonly string[];
  /** When it is healthy, to follow "healthy when"; and what else there is to know. */
  readonly says: string;
  readonly rule: Rule;
}

/** The kinds of Kubernetes itself that are more than stored. */
export const builtInRows: readonly Row[] = [
  {
    kinds: ['apps/Deployment'],
    says: 'all replicas are of this version and available, and no pod of another version is left; failed after its progress deadline; paused never blocks',
    rule: deployment,
  },
  {
    kinds: ['apps/StatefulSet'],
    says: 'all replicas are ready and, above the partition, of this version (not asked of `OnDelete`)',
    rule: statefulSet,
  },
  {
    kinds: ['apps/DaemonSet'],
    says: 'every wanted node has an available pod of this version (not asked of `OnDelete`)',
    rule: daemonSet,
  },
  {
    kinds: ['apps/ReplicaSet', '/ReplicationController'],
    says: 'all replicas are ready and available',
    rule: replicaSet,
  },
  { kinds: ['batch/Job'], says: 'complete; suspended never blocks', rule: job },
  {
    kinds: ['batch/CronJob'],
    says: 'stored; unknown when its last run did not succeed',
    rule: cronJob,
  },
  {
    kinds: ['/Pod'],
    says: 'ready, or succeeded where its `restartPolicy` lets it end; failed when it failed, crashes again and again, cannot get its image or has had no node for 15 s',
    rule: pod,
  },
  {
    kinds: ['/PersistentVolumeClaim'],
    says: 'bound; unknown while no pod uses it and its class waits for the first consumer',
    rule: claim,
  },
  {
    kinds: ['/PersistentVolume'],
    says: 'available or bound',
    rule: (object) => {
      const phase = stringAt(object, 'status', 'phase');
      return phase === 'Failed'
        ? failed(stringAt(object, 'status', 'message') ?? 'phase is Failed')
        : healthy();
    },
  },
  { kinds: ['/Service'], says: 'stored; of type LoadBalancer, when it has an address', rule: service },
  { kinds: ['/Namespace'], says: 'active', rule: namespace },
  { kinds: ['/Node'], says: 'condition Ready is True', rule: condition('Ready') },
  {
    kinds: ['networking.k8s.io/Ingress', 'extensions/Ingress'],
    says: 'it has an address; unknown until then, for not every controller writes one',
    rule: (object) =>
      hasAddress(object) ? healthy() : unsure('no address yet: is there a controller for its class?'),
  },
  {
    kinds: ['apiextensions.k8s.io/CustomResourceDefinition'],
    says: 'established; failed when its names are taken or its schema is not structural',
    rule: definition,
  },
  {
    kinds: ['apiregistration.k8s.io/APIService'],
    says: 'condition Available is True',
    rule: condition('Available'),
  },
  {
    kinds: ['autoscaling/HorizontalPodAutoscaler'],
    says: 'it can scale its target and has its figures; unknown while figures are missing',
    rule: autoscaler,
  },
  {
    kinds: ['policy/PodDisruptionBudget'],
    says: 'seen by its controller; failed when its controller cannot count its pods',
    rule: budget,
  },
  {
    kinds: [
      'admissionregistration.k8s.io/ValidatingWebhookConfiguration',
      'admissionregistration.k8s.io/MutatingWebhookConfiguration',
    ],
    says: 'stored; unknown while a webhook that is a Service has no CA bundle',
    rule: webhooks,
  },
];

/** Healthy when the condition is True; a reason that waiting does not cure is a failure only where `fromCondition` says so. */
function condition(type: string): Rule {
  return (object) => {
    const found = conditionOf(object, type);
    if (found === undefined) return progressing(`condition ${type} is not there yet`);
    return found.status === 'True' ? healthy() : progressing(whyOfCondition(found));
  };
}

function cronJob(object: KubeObject): Health {
  if (booleanAt(object, 'spec', 'suspend') === true) return suspended();
  const [ran, succeeded] = ['lastScheduleTime', 'lastSuccessfulTime'].map((field) =>
    stringAt(object, 'status', field),
  );
  const isRunning = listAt(object, 'status', 'active').length > 0;
  if (ran === undefined || succeeded === undefined || isRunning || succeeded >= ran) return healthy();
  return unsure(`its last run, at ${ran}, did not succeed`);
}

const provisioners = [
  'volume.kubernetes.io/storage-provisioner',
  'volume.beta.kubernetes.io/storage-provisioner',
];

function claim(object: KubeObject): Health {
  const phase = stringAt(object, 'status', 'phase');
  if (phase === undefined) return progressing('its controller has not seen it yet');
  if (phase === 'Bound') return healthy('bound');
  if (phase === 'Lost') return failed('its volume is lost');
  // A class that waits for the first consumer provisions nothing until a pod that uses the claim has a node.
  const isProvisioned = provisioners.some((name) => object.metadata.annotations?.[name] !== undefined);
  return isProvisioned
    ? progressing('not bound yet')
    : unsure('not bound: no pod uses it yet, or nothing provisions its class');
}

function hasAddress(object: KubeObject): boolean {
  return listAt(object, 'status', 'loadBalancer', 'ingress').length > 0;
}

function service(object: KubeObject): Health {
  const isWaiting = stringAt(object, 'spec', 'type') === 'LoadBalancer' && !hasAddress(object);
  return isWaiting ? progressing('no address from the load balancer yet') : healthy();
}

function namespace(object: KubeObject): Health {
  return stringAt(object, 'status', 'phase') === 'Terminating' ? progressing('is being deleted') : healthy();
}

function definition(object: KubeObject): Health {
  const isTrue = (type: string): boolean => conditionOf(object, type)?.status === 'True';
  if (isTrue('Terminating')) return progressing('is being deleted');
  const names = conditionOf(object, 'NamesAccepted');
  if (names?.status === 'False')
    return failed(`its names are taken (condition NamesAccepted is False): ${whyOfCondition(names)}`);
  const schema = conditionOf(object, 'NonStructuralSchema');
  if (schema?.status === 'True') return failed(`its schema is not structural: ${whyOfCondition(schema)}`);
  const established = conditionOf(object, 'Established');
  const isStuck = established?.status === 'False' && established.reason !== 'Installing';
  if (isStuck) return failed(whyOfCondition(established));
  return isTrue('Established') ? healthy() : progressing('not established yet');
}

const conditionsAnnotation = 'autoscaling.alpha.kubernetes.io/conditions';

// autoscaling/v1 has no conditions: the server puts them into an annotation.
function autoscalerConditions(object: KubeObject): readonly Condition[] {
  const annotated = parseJson(object.metadata.annotations?.[conditionsAnnotation] ?? '');
  return Array.isArray(annotated) ? conditionsIn(annotated) : conditionsOf(object);
}

function autoscaler(object: KubeObject): Health {
  const conditions = autoscalerConditions(object);
  const named = (type: string): Condition | undefined => conditions.find((one) => one.type === type);
  const scalable = named('AbleToScale');
  if (scalable !== undefined && scalable.status !== 'True') return fromCondition(scalable);
  const active = named('ScalingActive');
  if (active?.status === 'False' && active.reason !== 'ScalingDisabled') return unsure(active.message);
  return scalable === undefined ? progressing('its controller has not looked at its target yet') : healthy();
}

function budget(object: KubeObject): Health {
  if (!isObject(at(object, 'status'))) return progressing('its controller has not seen it yet');
  const broken = conditionsOf(object).find((one) => one.reason === 'SyncFailed');
  return broken === undefined ? healthy() : failed(whyOfCondition(broken));
}

function webhooks(object: KubeObject): Health {
  const bare = listAt(object, 'webhooks').find(
    (one) =>
      isObject(at(one, 'clientConfig', 'service')) &&
      (stringAt(one, 'clientConfig', 'caBundle') ?? '') === '',
  );
  return bare === undefined
    ? healthy()
    : unsure(`webhook ${stringAt(bare, 'name') ?? ''} has no CA bundle yet: nothing can call it`);
}
