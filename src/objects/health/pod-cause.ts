import { listAt, stringAt } from '../../lib/index.ts';
import type { KubeObject } from '../manifest.ts';
import { conditionOf, whyOfCondition } from './conditions.ts';
import { causeOfContainer, containersOf, lastLine } from './container-cause.ts';

/** What a reader fetched about one object that is not healthy; a list is empty where nothing was asked or allowed. */
export interface Related {
  /** The pods of the object, those of its older versions too. */
  readonly pods: readonly KubeObject[];
  /** Events about the object, its suspected pod or the claims, whatever `questionsAbout` asked for. */
  readonly events: readonly KubeObject[];
  /** Claims of the object's namespace. */
  readonly claims: readonly KubeObject[];
  /** Nodes that the pods run on. */
  readonly nodes: readonly KubeObject[];
}

/** Why one pod is not ready, to follow its name; undefined when nothing says so. */
export function causeOfPod(pod: KubeObject, related: Related): string | undefined {
  const events = eventsAbout(pod, related.events);
  const said =
    causeOfDeletion(pod) ??
    causeOfEviction(pod) ??
    causeOfPlace(pod, related) ??
    causeOfContainers(pod, events);
  return said ?? causeOfNode(pod, related) ?? causeOfStart(events) ?? causeOfProbe(pod, events);
}

/** True where events may say more than the pod does: it waits without a reason, is not ready, or cannot pull for a reason unsaid. */
export function isReticent(pod: KubeObject): boolean {
  const alone = { pods: [], events: [], claims: [], nodes: [] };
  const said =
    causeOfDeletion(pod) ?? causeOfEviction(pod) ?? causeOfPlace(pod, alone) ?? causeOfContainers(pod, []);
  return said === undefined || /^cannot pull [^ ]+$/.test(said);
}

/** Why an object that is being deleted is still there. */
export function causeOfDeletion(object: KubeObject): string | undefined {
  if (object.metadata['deletionTimestamp'] === undefined) return undefined;
  const finalizers = listAt(object, 'metadata', 'finalizers').filter((one) => typeof one === 'string');
  if (finalizers.length > 0) return `is being deleted and waits for ${finalizers.join(', ')}`;
  return 'is being deleted';
}

function causeOfEviction(pod: KubeObject): string | undefined {
  if (stringAt(pod, 'status', 'phase') !== 'Failed') return undefined;
  const [reason, message] = [stringAt(pod, 'status', 'reason'), stringAt(pod, 'status', 'message')];
  if (reason === undefined && message === undefined) return undefined;
  return `was stopped: ${message ?? reason ?? ''}`;
}

function causeOfPlace(pod: KubeObject, related: Related): string | undefined {
  if (stringAt(pod, 'spec', 'nodeName') !== undefined) return undefined;
  const scheduled = conditionOf(pod, 'PodScheduled');
  if (scheduled?.reason === 'SchedulingGated') return 'is held back by a scheduling gate';
  const said = causeOfVolume(pod, related);
  if (said !== undefined || scheduled?.status !== 'False') return said;
  return `has no node: ${places(whyOfCondition(scheduled))}`;
}

// `0/3 nodes are available: 1 Insufficient cpu, 2 node(s) … . preemption: …`: what preemption thought helps nobody.
function places(message: string): string {
  const [reasons = ''] = message.split(/\.? *(?:no new claims|preemption:)/);
  return reasons.replace(/^0\/(\d+) nodes are available: /, 'of $1 nodes, ').replace(/\.$/, '');
}

function causeOfVolume(pod: KubeObject, related: Related): string | undefined {
  const names = claimsOf(pod);
  const claim = related.claims.find(
    (one) => names.includes(one.metadata.name) && stringAt(one, 'status', 'phase') !== 'Bound',
  );
  return claim === undefined
    ? undefined
    : `waits for its volume: claim ${claim.metadata.name} is ${causeOfClaim(claim, related.events)}`;
}

/** True for a pod that has no node yet and mounts claims: while one is not bound, nothing else matters. */
export function isWaitingForVolumes(pod: KubeObject): boolean {
  return stringAt(pod, 'spec', 'nodeName') === undefined && claimsOf(pod).length > 0;
}

function claimsOf(pod: KubeObject): readonly string[] {
  return listAt(pod, 'spec', 'volumes').flatMap((volume) => {
    const name = stringAt(volume, 'persistentVolumeClaim', 'claimName');
    return name === undefined ? [] : [name];
  });
}

/** Why a claim is not bound: its class, and what its provisioner said. */
export function causeOfClaim(claim: KubeObject, events: readonly KubeObject[]): string {
  const storageClass = stringAt(claim, 'spec', 'storageClassName');
  const where =
    storageClass === undefined ? 'no class and the cluster has no default one' : `class ${storageClass}`;
  const said = eventsAbout(claim, events).find((one) => stringAt(one, 'type') === 'Warning');
  const why = said === undefined ? '' : `: ${lastLine(stringAt(said, 'message') ?? '')}`;
  return `not bound (${where})${why}`;
}

function causeOfContainers(pod: KubeObject, events: readonly KubeObject[]): string | undefined {
  const messages = events.map((one) => stringAt(one, 'message') ?? '');
  for (const container of containersOf(pod)) {
    const said = causeOfContainer(container, messages);
    if (said !== undefined) return said;
  }
  return undefined;
}

function causeOfNode(pod: KubeObject, related: Related): string | undefined {
  const name = stringAt(pod, 'spec', 'nodeName');
  const node = related.nodes.find((one) => one.metadata.name === name);
  const ready = node === undefined ? undefined : conditionOf(node, 'Ready');
  return ready === undefined || ready.status === 'True'
    ? undefined
    : `is on node ${name}, which is not ready: ${lastLine(whyOfCondition(ready))}`;
}

const startReasons = new Set([
  'FailedMount',
  'FailedAttachVolume',
  'FailedCreatePodSandBox',
  'NetworkNotReady',
]);

function causeOfStart(events: readonly KubeObject[]): string | undefined {
  const event = events.find((one) => startReasons.has(stringAt(one, 'reason') ?? ''));
  return event === undefined ? undefined : `cannot start: ${lastLine(stringAt(event, 'message') ?? '')}`;
}

function causeOfProbe(pod: KubeObject, events: readonly KubeObject[]): string | undefined {
  const event = events.find((one) => stringAt(one, 'reason') === 'Unhealthy');
  if (event !== undefined) return `runs and is not ready: ${lastLine(stringAt(event, 'message') ?? '')}`;
  const ready = conditionOf(pod, 'Ready');
  if (ready === undefined || ready.status === 'True') return undefined;
  const phase = stringAt(pod, 'status', 'phase') === 'Running' ? 'runs and is not ready' : 'is not ready';
  return ready.message === '' && ready.reason === '' ? phase : `${phase}: ${whyOfCondition(ready)}`;
}

/** The events about one object, the latest first. */
export function eventsAbout(object: KubeObject, events: readonly KubeObject[]): readonly KubeObject[] {
  const uid = stringAt(object, 'metadata', 'uid');
  return events
    .filter((one) =>
      uid === undefined
        ? stringAt(one, 'involvedObject', 'name') === object.metadata.name
        : stringAt(one, 'involvedObject', 'uid') === uid,
    )
    .sort((left, right) => timeOf(right).localeCompare(timeOf(left)));
}

function timeOf(event: KubeObject): string {
  return (
    stringAt(event, 'series', 'lastObservedTime') ??
    stringAt(event, 'lastTimestamp') ??
    stringAt(event, 'eventTime') ??
    ''
  );
}
