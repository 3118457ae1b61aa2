import { fieldManagerOf, isArray, isFailure, labels, stringAt, type Instant } from '../../lib/index.ts';
import type { KubeObject } from '../../objects/index.ts';
import type { KubeClient } from '../../kube/index.ts';
import { uidOf } from '../../world/index.ts';
import type { Change } from '../plan/change.ts';
import { closingLabels, ownMarks } from '../plan/removal-plan.ts';

const tries = 5;

/** Lets an object go: our marks and our ownership of its fields go, all else stays. False when it is not there any more. */
export async function release(
  change: Change,
  client: KubeClient,
  fleet: string,
  at: Instant,
): Promise<boolean> {
  for (let turn = 1; ; turn += 1) {
    const live = await client.get(change.subject);
    if (live === undefined || uidOf(live) !== change.uid) return false;
    try {
      await client.patch(change.subject, withoutUs(live, change, fleet, at), {
        type: 'merge',
        fieldManager: `${fieldManagerOf(fleet)}-release`,
      });
      return true;
    } catch (error) {
      // Somebody wrote to it meanwhile: what they own is not to be lost.
      if (turn === tries || !isFailure(error, 'TORYO_KUBE_CONFLICT')) throw error;
    }
  }
}

function withoutUs(live: KubeObject, change: Change, fleet: string, at: Instant): object {
  const managers = live.metadata['managedFields'];
  const others = (isArray(managers) ? managers : []).filter(
    (one) => stringAt(one, 'manager') !== fieldManagerOf(fleet),
  );
  const marks = Object.fromEntries(ownMarks.map((mark) => [mark, null]));
  return {
    metadata: {
      resourceVersion: stringAt(live, 'metadata', 'resourceVersion'),
      labels: { ...marks, ...(change.release === 'kept' ? keptLabels(live, at) : {}) },
      // An empty list is taken for none given; one empty entry clears it.
      managedFields: others.length === 0 ? [{}] : others,
    },
  };
}

function keptLabels(live: KubeObject, at: Instant): Readonly<Record<string, string | null>> {
  return { ...closingLabels(live), [labels.kept]: at.slice(0, 10) };
}
