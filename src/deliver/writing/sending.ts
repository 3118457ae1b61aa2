import { canonical, failure, fieldManagerOf } from '../../lib/index.ts';
import {
  inheritedFields,
  refOf,
  titleOf,
  versionOf,
  type Inheritance,
  type KubeObject,
  type Manifest,
} from '../../objects/index.ts';
import type { Applied, KubeClient } from '../../kube/index.ts';
import {
  claimsOf,
  conflictsWith,
  hasStrays,
  pinned,
  replacerOf,
  replaceSpec,
  untilUndisturbed,
  type FieldClaim,
  type Prediction,
} from '../../world/index.ts';

/** Who writes, in which fleet's name. */
export interface Sender {
  readonly writer: KubeClient;
  readonly fleet: string;
}

/**
 * Writes an object as it was predicted: by force only where fields of others were planned to be taken or inherited, and
 * only over a state in which they are just these. Anything else that others did meanwhile is a failure.
 */
export async function send(
  manifest: Manifest,
  predicted: Prediction | undefined,
  sender: Sender,
): Promise<Applied> {
  const { object, inherits } = predicted?.send ?? { object: manifest.object, inherits: none };
  const taken = predicted?.taken ?? [];
  if (predicted?.replaces === true) await replaceStrays(object, sender);
  if (taken.length === 0 && inherits.size === 0)
    return await sender.writer.apply(object, { fieldManager: fieldManagerOf(sender.fleet) });
  return await untilUndisturbed(async () => {
    const live = await agreed(object, taken, sender);
    return await sendOver(live, { object, inherits }, sender);
  });
}

const none: ReadonlySet<string> = new Set();

/** Puts the wanted spec in place of what others made of it; what this makes ours goes over to what we apply. */
async function replaceStrays(object: KubeObject, { writer, fleet }: Sender): Promise<void> {
  const heir = fieldManagerOf(fleet);
  const version = versionOf(object.apiVersion);
  await untilUndisturbed(async () => {
    const live = await writer.get(refOf(object), { version });
    if (live === undefined || !hasStrays(live, object)) return;
    await replaceSpec({ object, writer, fieldManager: heir }, { live });
  });
  // The API server writes the status of a policy as soon as it changed.
  await untilUndisturbed(async () => {
    const live = await writer.get(refOf(object), { version });
    if (live !== undefined) await inherit(live, { from: new Set([replacerOf(heir)]), heir }, writer);
  });
}

/** The object as it is, if others have in it what the plan says. */
async function agreed(object: KubeObject, taken: readonly FieldClaim[], sender: Sender): Promise<KubeObject> {
  const live = await sender.writer.get(refOf(object), { version: versionOf(object.apiVersion) });
  if (live === undefined) throw changed(object, 'it was deleted');
  const one = { writer: sender.writer, fieldManager: fieldManagerOf(sender.fleet) };
  const found = claimsOf(await conflictsWith(object, one), object, live);
  const planned = new Set(taken.map(claimText));
  const news = found.find((claim) => !planned.has(claimText(claim)));
  if (news !== undefined) throw changed(object, `${news.manager} has written ${news.path}`);
  return live;
}

function claimText({ path, manager, time, value }: FieldClaim): string {
  return canonical([path, manager, time ?? '', value ?? null]);
}

function changed(object: KubeObject, why: string): Error {
  return failure('TORYO_CHANGED', { what: titleOf(refOf(object)), why }, { subject: titleOf(refOf(object)) });
}

async function sendOver(
  live: KubeObject,
  { object, inherits }: { readonly object: KubeObject; readonly inherits: ReadonlySet<string> },
  { writer, fleet }: Sender,
): Promise<Applied> {
  const heir = fieldManagerOf(fleet);
  const ours = await inherit(live, { from: inherits, heir }, writer);
  return await writer.apply(pinned(object, ours), { fieldManager: heir, force: true });
}

/** The object in which the heir has applied what others wrote. */
async function inherit(live: KubeObject, inheritance: Inheritance, writer: KubeClient): Promise<KubeObject> {
  const fields = inheritedFields(live, inheritance);
  if (fields === undefined) return live;
  return await writer.patch(
    refOf(live),
    [
      { op: 'replace', path: '/metadata/managedFields', value: fields },
      // Not `test`: the server calls a difference here what it is, a conflict.
      { op: 'replace', path: '/metadata/resourceVersion', value: live.metadata['resourceVersion'] },
    ],
    { type: 'json', version: versionOf(live.apiVersion), fieldManager: inheritance.heir },
  );
}
