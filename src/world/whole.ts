import { isFailure, isObject } from '../lib/index.ts';
import { isWholeOurs } from '../guard/index.ts';
import {
  appliedUnchanged,
  isSpecStored,
  refOf,
  versionOf,
  withoutManagedFields,
  type KubeObject,
} from '../objects/index.ts';
import type { KubeClient } from '../kube/index.ts';
import type { Prediction } from './world.ts';

/**
 * True when applying `wanted` as `manager` is certain to change nothing, and, in what is wholly ours, nobody added anything to the spec
 * that applying would leave there.
 */
export function isUnchanged(live: KubeObject, wanted: KubeObject, manager: string): boolean {
  return appliedUnchanged(live, wanted, manager) && !hasStrays(live, wanted);
}

/** True when the spec of what is wholly ours is not just what is wanted: one condition more, and a policy holds nothing. */
export function hasStrays(stored: KubeObject, wanted: KubeObject): boolean {
  return isWholeOurs(refOf(wanted)) && !isSpecStored(wanted, stored);
}

/** Who writes specs whole: what is not handed over after that, because a run was killed, is taken back by a built-in rule. */
export function replacerOf(fieldManager: string): string {
  return `${fieldManager}/spec`;
}

/** Who would write what, and who asks. */
export interface Replacing {
  readonly object: KubeObject;
  readonly writer: KubeClient;
  readonly fieldManager: string;
}

/**
 * Writes the wanted spec in place of the one that is there, whoever owns what in it; with a live object, only over just that state.
 * Applying alone leaves what others added, and is refused where a set would hold both theirs and ours.
 */
export async function replaceSpec(
  { object, writer, fieldManager }: Replacing,
  over: { readonly live: KubeObject } | { readonly dryRun: true },
): Promise<KubeObject> {
  const body = [
    { op: 'replace', path: '/spec', value: object['spec'] },
    ...('live' in over
      ? [{ op: 'replace', path: '/metadata/resourceVersion', value: over.live.metadata['resourceVersion'] }]
      : []),
  ];
  const version = versionOf(object.apiVersion);
  const dryRun = 'dryRun' in over;
  return await writer.patch(refOf(object), body, {
    type: 'json',
    version,
    fieldManager: replacerOf(fieldManager),
    dryRun,
  });
}

/** The prediction, where applying would leave something of others in what is wholly ours: that its spec is replaced first. */
export async function withoutStrays(
  predicted: Prediction,
  live: KubeObject,
  one: Replacing,
): Promise<Prediction> {
  const { object, refused } = predicted;
  const isOver = refused === undefined ? object !== undefined && hasStrays(object, one.object) : true;
  if (!isOver || !hasStrays(live, one.object)) return predicted;
  const spec = await replacedSpec(one);
  if (spec === undefined) return predicted;
  const { refused: _refused, ...rest } = predicted;
  return { ...rest, object: { ...(object ?? withoutManagedFields(live)), spec }, replaces: true };
}

async function replacedSpec(one: Replacing): Promise<unknown> {
  try {
    const { spec } = await replaceSpec(one, { dryRun: true });
    return isObject(spec) ? spec : undefined;
  } catch (error) {
    // What was said of applying it says more.
    if (isFailure(error, 'TORYO_KUBE_INVALID', 'TORYO_KUBE_FORBIDDEN', 'TORYO_KUBE_NOT_FOUND'))
      return undefined;
    throw error;
  }
}
