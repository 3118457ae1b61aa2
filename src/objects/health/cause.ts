import { listAt, numberAt, stringAt } from '../../lib/index.ts';
import { groupOf, type KubeObject } from '../manifest.ts';
import { conditionOf, conditionsOf, whyOfCondition } from './conditions.ts';
import { lastLine } from './container-cause.ts';
import {
  causeOfClaim,
  causeOfDeletion,
  causeOfPod,
  eventsAbout,
  isReticent,
  isWaitingForVolumes,
  type Related,
} from './pod-cause.ts';
import { whyRefused } from './workloads.ts';

/**
 * Why an object is not healthy, in one sentence that names the pod, claim or finalizer to look at:
 * `2 of 3 pods are not ready: web-7f9-x cannot pull registry/x:1.5 (not found)`. Undefined when what was fetched does not say.
 */
export function causeOf(object: KubeObject, related: Related): string | undefined {
  const deletion = causeOfDeletion(object);
  if (deletion !== undefined) return leftIn(object) ?? deletion;
  switch (`${groupOf(object.apiVersion)}/${object.kind}`) {
    case '/Pod':
      return causeOfPod(object, related);
    case '/PersistentVolumeClaim':
      return stringAt(object, 'status', 'phase') === 'Bound'
        ? undefined
        : causeOfClaim(object, related.events);
    case 'batch/Job':
      return causeOfJob(object, related);
    default:
      return isController(object) ? causeOfController(object, related) : warningAbout(object, related.events);
  }
}

/** What a reader has to ask besides the pods before `causeOf` can answer; nothing where the pods say it all. */
export interface Questions {
  /** Whose events. */
  readonly events?: KubeObject;
  /** Whether the claims of the namespace, and the events about them, say more. */
  readonly claims: boolean;
  /** The node that the suspect runs on. */
  readonly node?: string;
}

/** What to ask about an object, its pods known. */
export function questionsAbout(object: KubeObject, pods: readonly KubeObject[]): Questions {
  if (isLeaving(object)) return { claims: false };
  if (object.kind === 'Pod') return questionsAboutPod(object);
  if (!isController(object))
    return conditionsOf(object).length > 0 ? { claims: false } : { claims: false, events: object };
  const suspect = suspectOf(pods);
  const isShort = pods.length < wantedOf(object) && whyRefused(object) === undefined;
  return suspect === undefined || (isShort && isReticent(suspect))
    ? { claims: false, events: object }
    : questionsAboutPod(suspect);
}

function questionsAboutPod(pod: KubeObject): Questions {
  const node = stringAt(pod, 'spec', 'nodeName');
  const claims = isWaitingForVolumes(pod);
  if (!isReticent(pod)) return { claims };
  return { claims, events: pod, ...(node !== undefined && { node }) };
}

/** True for the kinds whose health is the health of their pods. */
export function isController(object: KubeObject): boolean {
  const kinds = [
    'apps/Deployment',
    'apps/StatefulSet',
    'apps/DaemonSet',
    'apps/ReplicaSet',
    '/ReplicationController',
    'batch/Job',
  ];
  return kinds.includes(`${groupOf(object.apiVersion)}/${object.kind}`);
}

// A namespace on its way out says itself what is left in it.
function leftIn(object: KubeObject): string | undefined {
  if (object.kind !== 'Namespace') return undefined;
  const stuck = conditionsOf(object).find((one) => one.status === 'True' && /Remain|Failure/.test(one.type));
  return stuck === undefined ? undefined : `is being deleted: ${whyOfCondition(stuck)}`;
}

/** The pod to blame, of several that are not ready: one that something is wrong with, of the newest version. */
function suspectOf(pods: readonly KubeObject[], related?: Partial<Related>): KubeObject | undefined {
  const known = { pods: [], events: [], claims: [], nodes: [], ...related };
  const unready = pods.filter((pod) => !isReady(pod) && stringAt(pod, 'status', 'phase') !== 'Succeeded');
  const rank = (pod: KubeObject): number =>
    isLeaving(pod) ? 2 : causeOfPod(pod, known) === undefined ? 1 : 0;
  const born = (pod: KubeObject): string => stringAt(pod, 'metadata', 'creationTimestamp') ?? '';
  return unready.sort((left, right) => rank(left) - rank(right) || born(right).localeCompare(born(left)))[0];
}

const isReady = (pod: KubeObject): boolean => conditionOf(pod, 'Ready')?.status === 'True';
const isLeaving = (pod: KubeObject): boolean => pod.metadata['deletionTimestamp'] !== undefined;

function causeOfController(object: KubeObject, related: Related): string | undefined {
  const living = related.pods.filter((pod) => !isLeaving(pod));
  const wanted = wantedOf(object);
  const missing = wanted - living.length;
  if (missing > 0) {
    const refusal = refusalOf(object, related.events);
    if (refusal !== undefined) return `${portion(missing, wanted)} missing: ${refusal}`;
  }
  const suspect = suspectOf(related.pods, related);
  const cause = suspect === undefined ? undefined : causeOfPod(suspect, related);
  if (suspect === undefined || cause === undefined) return undefined;
  const unready = living.filter((pod) => !isReady(pod)).length + Math.max(missing, 0);
  return `${portion(unready, Math.max(wanted, living.length))} not ready: ${suspect.metadata.name} ${cause}`;
}

function wantedOf(object: KubeObject): number {
  if (object.kind === 'DaemonSet') return numberAt(object, 'status', 'desiredNumberScheduled') ?? 0;
  return numberAt(object, 'spec', 'replicas') ?? 1;
}

function portion(part: number, whole: number): string {
  if (whole === 1) return 'its only pod is';
  return `${part} of ${whole} pods ${part === 1 ? 'is' : 'are'}`;
}

function causeOfJob(object: KubeObject, related: Related): string | undefined {
  const suspect = suspectOf(related.pods, related);
  const cause = suspect === undefined ? undefined : causeOfPod(suspect, related);
  if (suspect !== undefined && cause !== undefined) return `${suspect.metadata.name} ${cause}`;
  return related.pods.length > 0 ? undefined : refusalOf(object, related.events);
}

// A Deployment's condition says it; of the others only an event does.
function refusalOf(object: KubeObject, events: readonly KubeObject[]): string | undefined {
  const event = eventsAbout(object, events).find((one) => stringAt(one, 'reason') === 'FailedCreate');
  const text = whyRefused(object) ?? stringAt(event, 'message');
  return text === undefined ? undefined : quotaText(text);
}

/** `exceeded quota: NAME, requested: …, used: …, limited: …` says all there is; other refusals say it in their own words. */
function quotaText(text: string): string {
  const quota = /exceeded quota: (.+?), (requested: .*)$/s.exec(text);
  return quota === null ? lastLine(text) : `quota ${quota[1]} is full (${quota[2]})`;
}

function warningAbout(object: KubeObject, events: readonly KubeObject[]): string | undefined {
  const warning = eventsAbout(object, events).find((one) => stringAt(one, 'type') === 'Warning');
  const said = stringAt(warning, 'message');
  return said === undefined || listAt(object, 'status', 'conditions').length > 0 ? undefined : lastLine(said);
}
