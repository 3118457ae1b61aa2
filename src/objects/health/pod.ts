import { listAt, numberAt, stringAt, type Instant } from '../../lib/index.ts';
import type { KubeObject } from '../manifest.ts';
import { conditionOf, whyOfCondition } from './conditions.ts';
import { failed, healthy, progressing, type Health } from './state.ts';

/** For this long nobody blames the scheduler: a node may be on its way, in seconds. */
const schedulingGrace = 15;

/** Pod: ready, or succeeded where it is to end. */
export function pod(object: KubeObject, now?: Instant): Health {
  const phase = stringAt(object, 'status', 'phase');
  if (phase === 'Succeeded') return healthy('succeeded');
  if (phase === 'Failed') return failed(whyEnded(object));
  const stuck = stuckContainer(object);
  if (stuck !== undefined) return failed(stuck);
  return homeless(object, now) ?? started(object);
}

function homeless(object: KubeObject, now: Instant | undefined): Health | undefined {
  const scheduled = conditionOf(object, 'PodScheduled');
  if (scheduled?.status !== 'False' || scheduled.reason !== 'Unschedulable') return undefined;
  const why = `no node for it: ${whyOfCondition(scheduled)}`;
  return isOld(object, now) ? failed(why) : progressing(why);
}

function started(object: KubeObject): Health {
  const ready = conditionOf(object, 'Ready');
  if (ready === undefined) return progressing('nothing runs it yet');
  if (ready.status !== 'True') return progressing(whyOfCondition(ready));
  return isEndless(object) ? healthy() : progressing('still running: it is to end');
}

function isEndless(object: KubeObject): boolean {
  return (stringAt(object, 'spec', 'restartPolicy') ?? 'Always') === 'Always';
}

function whyEnded(object: KubeObject): string {
  const said = stringAt(object, 'status', 'message') ?? stringAt(object, 'status', 'reason');
  if (said !== undefined) return said;
  for (const status of listAt(object, 'status', 'containerStatuses')) {
    const code = numberAt(status, 'state', 'terminated', 'exitCode') ?? 0;
    if (code !== 0) return `container ${stringAt(status, 'name') ?? ''} ended with exit code ${code}`;
  }
  return 'the pod failed';
}

// A pod that is to end is restarted by its Job, which counts; one that cannot get its image never starts.
function stuckContainer(object: KubeObject): string | undefined {
  const stuck = isEndless(object) ? /^Err|Error$|BackOff$|^Invalid/ : /^ErrImage|ImagePullBackOff$|^Invalid/;
  const statuses = ['initContainerStatuses', 'containerStatuses'].flatMap((field) =>
    listAt(object, 'status', field),
  );
  for (const status of statuses) {
    const reason = stringAt(status, 'state', 'waiting', 'reason') ?? '';
    const message = stringAt(status, 'state', 'waiting', 'message');
    const name = `container ${stringAt(status, 'name') ?? ''}`;
    if (stuck.test(reason)) return `${name} waits: ${message ?? reason}`;
    const code = numberAt(status, 'state', 'terminated', 'exitCode') ?? 0;
    if (isEndless(object) && code !== 0) return `${name} ended with exit code ${code}`;
  }
  return undefined;
}

// Without a clock nothing is old; without a time of birth everything is.
function isOld(object: KubeObject, now: Instant | undefined): boolean {
  if (now === undefined) return false;
  const born = stringAt(object, 'metadata', 'creationTimestamp');
  return born === undefined || Date.parse(now) - Date.parse(born) > schedulingGrace * 1000;
}
