import { annotations, fieldManagerOf, isFailure } from '../../lib/index.ts';
import type { Ref } from '../../objects/index.ts';
import type { KubeClient } from '../../kube/index.ts';

const guarded: ReadonlySet<string> = new Set([
  '/Namespace',
  '/PersistentVolumeClaim',
  'apiextensions.k8s.io/CustomResourceDefinition',
]);

/**
 * Lets one incarnation of an object be deleted where deletion is protected (TRY-SEC-045), right before it is. Killed between the two, the
 * object is still there and listed: the next apply does both again. Nothing is asked of other kinds.
 */
export async function permitDeletion(
  { subject, uid }: { readonly subject: Ref; readonly uid?: string | undefined },
  client: KubeClient,
  fleet: string,
): Promise<void> {
  if (!guarded.has(`${subject.group}/${subject.kind}`)) return;
  const metadata = {
    ...(uid === undefined ? {} : { uid }),
    annotations: { [annotations.delete]: subject.name },
  };
  try {
    await client.patch(
      subject,
      { metadata },
      { type: 'merge', fieldManager: `${fieldManagerOf(fleet)}-delete` },
    );
  } catch (error) {
    // What is gone needs no permit.
    if (!isFailure(error, 'TORYO_KUBE_NOT_FOUND')) throw error;
  }
}
