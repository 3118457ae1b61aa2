import { at, booleanAt, numberAt, stringAt } from '../../lib/index.ts';
import type { KubeObject } from '../manifest.ts';
import { conditionOf, whyOfCondition } from './conditions.ts';
import { failed, healthy, progressing, suspended, type Health } from './state.ts';

const unseen = progressing('its controller has not seen it yet');
const count = (object: KubeObject, field: string): number => numberAt(object, 'status', field) ?? 0;
const wantedOf = (object: KubeObject): number => numberAt(object, 'spec', 'replicas') ?? 1;
const isSeen = (object: KubeObject): boolean =>
  numberAt(object, 'status', 'observedGeneration') !== undefined;

const pods = (count: number): string => `${count} ${count === 1 ? 'pod' : 'pods'}`;

/** Deployment: every replica of this version and available, none of another version left. */
export function deployment(object: KubeObject): Health {
  const progress = conditionOf(object, 'Progressing');
  if (booleanAt(object, 'spec', 'paused') === true) return suspended('paused');
  if (progress?.reason === 'ProgressDeadlineExceeded') return failed(whyRefused(object) ?? progress.message);
  if (!isSeen(object)) return unseen;
  const late = lateReplicas(object);
  if (late !== undefined) return progressing(`${late}${suffix(object)}`);
  const off = [conditionOf(object, 'Available'), progress].find((one) => one?.status === 'False');
  if (off !== undefined) return progressing(whyOfCondition(off));
  const wanted = wantedOf(object);
  return healthy(`${wanted} of ${wanted} available`);
}

function lateReplicas(object: KubeObject): string | undefined {
  const wanted = wantedOf(object);
  const updated = count(object, 'updatedReplicas');
  if (updated < wanted) return `${updated} of ${wanted} pods are of this version`;
  const old = count(object, 'replicas') - updated;
  if (old > 0) return `${pods(old)} of the version before still ${old === 1 ? 'runs' : 'run'}`;
  const available = count(object, 'availableReplicas');
  return available < wanted ? `${available} of ${wanted} pods are available` : undefined;
}

function suffix(object: KubeObject): string {
  const why = whyRefused(object);
  return why === undefined ? '' : `: ${why}`;
}

/** Quota and admission refuse pods where nobody looks: in the condition of the controller that makes them. */
export function whyRefused(object: KubeObject): string | undefined {
  const condition = conditionOf(object, 'ReplicaFailure');
  return condition?.status === 'True' ? whyOfCondition(condition) : undefined;
}

/** StatefulSet: every replica ready, and of this version as far as its strategy wants them to be. */
export function statefulSet(object: KubeObject): Health {
  if (!isSeen(object)) return unseen;
  const wanted = wantedOf(object);
  const ready = count(object, 'readyReplicas');
  if (ready < wanted) return progressing(`${ready} of ${wanted} pods are ready`);
  if (stringAt(object, 'spec', 'updateStrategy', 'type') !== 'OnDelete') {
    const updated = updatedOf(object);
    const partition = numberAt(object, 'spec', 'updateStrategy', 'rollingUpdate', 'partition') ?? 0;
    if (updated < wanted - partition)
      return progressing(`${updated} of ${wanted - partition} pods are of this version`);
  }
  const extra = count(object, 'replicas') - wanted;
  return extra > 0 ? progressing(`${pods(extra)} too many`) : healthy(`${wanted} of ${wanted} ready`);
}

// With no change under way the two revisions are one, and its pods are counted as current.
function updatedOf(object: KubeObject): number {
  const isOne = at(object, 'status', 'currentRevision') === at(object, 'status', 'updateRevision');
  const updated = count(object, 'updatedReplicas');
  return isOne ? Math.max(updated, count(object, 'currentReplicas')) : updated;
}

/** DaemonSet: an available pod of this version on every node that it wants. */
export function daemonSet(object: KubeObject): Health {
  const wanted = numberAt(object, 'status', 'desiredNumberScheduled');
  if (!isSeen(object) || wanted === undefined) return unseen;
  const updated = count(object, 'updatedNumberScheduled');
  const isOnDelete = stringAt(object, 'spec', 'updateStrategy', 'type') === 'OnDelete';
  if (!isOnDelete && updated < wanted) return progressing(`${updated} of ${wanted} nodes have this version`);
  const available = Math.min(count(object, 'numberAvailable'), count(object, 'numberReady'));
  return available < wanted
    ? progressing(`${available} of ${wanted} nodes have an available pod`)
    : healthy(`${wanted} of ${wanted} nodes`);
}

/** ReplicaSet and ReplicationController: every replica there, ready and available. */
export function replicaSet(object: KubeObject): Health {
  const refused = whyRefused(object);
  if (refused !== undefined) return progressing(refused);
  if (!isSeen(object)) return unseen;
  const wanted = wantedOf(object);
  const available = Math.min(count(object, 'readyReplicas'), count(object, 'availableReplicas'));
  return available < wanted
    ? progressing(`${available} of ${wanted} pods are available`)
    : healthy(`${wanted} of ${wanted} available`);
}

/** Job: complete. */
export function job(object: KubeObject): Health {
  const failure = conditionOf(object, 'Failed');
  if (failure?.status === 'True') return failed(whyOfCondition(failure));
  if (conditionOf(object, 'Complete')?.status === 'True') return healthy('complete');
  if (booleanAt(object, 'spec', 'suspend') === true) return suspended();
  const done = `${count(object, 'succeeded')} of ${numberAt(object, 'spec', 'completions') ?? 1} pods have succeeded`;
  const lost = count(object, 'failed');
  return progressing(lost > 0 ? `${done}, ${lost} failed` : done);
}
