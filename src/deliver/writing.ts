import { setTimeout as sleep } from 'node:timers/promises';
import { isFailure, tell, ToryoError, type Run } from '../lib/index.ts';
import {
  conditionOf,
  customScopes,
  groupOf,
  keyOf,
  ownerName,
  refOf,
  tierCount,
  tierOf,
  titleOf,
  versionOf,
  withoutManagedFields,
  withoutSecrets,
  type KubeObject,
  type Manifest,
  type RefKey,
} from '../objects/index.ts';
import type { KubeClient } from '../kube/index.ts';
import { writerOf, type Prediction } from '../world/index.ts';
import { send } from './sending.ts';

/** A write that did not happen, and why. */
export interface FailedWrite {
  readonly subject: string;
  /** Name of the owner of the object. */
  readonly owner: string;
  readonly error: ToryoError;
}

/** What was written: stored objects by key, and what failed. */
export interface Written {
  readonly stored: Map<RefKey, KubeObject>;
  readonly failures: FailedWrite[];
}

/** A cluster that is being written to. */
export interface Desk {
  readonly client: KubeClient;
  readonly fleet: string;
  /** What was predicted, by key: that is what is written. */
  readonly predicted: ReadonlyMap<RefKey, Prediction>;
  readonly run: Run;
  /** Roles or their bindings are among what is written: users may have to wait for what they were given. */
  readonly hasNewRights: boolean;
  /** Throws when the right to write was lost. */
  readonly check: () => void;
  /** Told after each write: how many are done. */
  readonly progress: () => void;
}

/** New rights reach the API server's authorizer a moment after they are stored. */
const rightsPause = 100;
const rightsTries = 50;
const establishPause = 100;
const establishTries = 300;

/** Writes manifests tier by tier, all of a tier side by side; stops after a tier with failures. */
export async function write(manifests: readonly Manifest[], desk: Desk): Promise<Written> {
  const written: Written = { stored: new Map(), failures: [] };
  for (let tier = 0; tier < tierCount && written.failures.length === 0; tier += 1) {
    const now = manifests.filter((manifest) => tierOf(manifest.object) === tier);
    await Promise.all(now.map((manifest) => writeOne(manifest, desk, written)));
    if (written.failures.length === 0) await establish(now, manifests, desk);
  }
  return written;
}

async function writeOne(manifest: Manifest, desk: Desk, written: Written): Promise<void> {
  const user = writerOf(manifest);
  const key = keyOf(refOf(manifest.object));
  const client = user === undefined ? desk.client : desk.client.as({ user });
  try {
    const applied = await withRights(
      () => {
        desk.check();
        return send(manifest, desk.predicted.get(key), { writer: client, fleet: desk.fleet });
      },
      user !== undefined && desk.hasNewRights,
      desk.run,
    );
    written.stored.set(key, withoutManagedFields(applied.object));
    desk.progress();
  } catch (error) {
    if (
      !isFailure(error) ||
      isFailure(
        error,
        'TORYO_INTERRUPTED',
        'TORYO_KUBE_UNREACHABLE',
        'TORYO_KUBE_UNAUTHENTICATED',
        'TORYO_LEASE_LOST',
      )
    )
      throw error;
    written.failures.push({
      subject: titleOf(refOf(manifest.object)),
      owner: ownerName(manifest.owner),
      error: concealed(error, manifest.object),
    });
  }
}

// What the server refuses it quotes, values of Secrets too.
function concealed(error: ToryoError, object: KubeObject): ToryoError {
  const message = withoutSecrets(error.message, object);
  if (message === error.message) return error;
  const { subject, cluster } = error;
  return new ToryoError(
    error.code,
    message,
    {},
    { ...(subject === undefined ? {} : { subject }), ...(cluster === undefined ? {} : { cluster }) },
  );
}

async function withRights<T>(call: () => Promise<T>, mayWait: boolean, run: Run): Promise<T> {
  for (let tries = 0; ; tries += 1) {
    try {
      return await call();
    } catch (error) {
      const isLackingRights =
        mayWait &&
        isFailure(error, 'TORYO_KUBE_FORBIDDEN') &&
        error.message.includes('cannot patch resource');
      if (!isLackingRights || tries >= rightsTries) throw error;
      await sleep(rightsPause, undefined, { signal: run.signal });
    }
  }
}

/** Waits until new kinds are served, where something here needs them. */
async function establish(now: readonly Manifest[], all: readonly Manifest[], desk: Desk): Promise<void> {
  const definitions = now.filter((manifest) => manifest.object.kind === 'CustomResourceDefinition');
  if (definitions.length === 0) return;
  tell(desk.run, {
    cluster: desk.client.cluster,
    subject: 'CustomResourceDefinition',
    verb: 'wait',
    state: 'started',
    of: definitions.length,
  });
  await Promise.all(definitions.map((manifest) => untilEstablished(manifest.object, desk)));
  const defined = customScopes(definitions.map((manifest) => manifest.object));
  const instances = all
    .map(({ object }) => ({
      group: groupOf(object.apiVersion),
      kind: object.kind,
      version: versionOf(object.apiVersion),
    }))
    .filter(({ group, kind }) => defined.has(`${group}/${kind}`));
  for (let tries = 0; tries < establishTries; tries += 1) {
    desk.client.forgetDiscovery();
    const discovery = await desk.client.discover();
    if (instances.every((instance) => discovery.resourceOf(instance) !== undefined)) return;
    await sleep(establishPause, undefined, { signal: desk.run.signal });
  }
}

async function untilEstablished(object: KubeObject, desk: Desk): Promise<void> {
  for (let tries = 0; tries < establishTries; tries += 1) {
    const live = await desk.client.get(refOf(object));
    if (live !== undefined && conditionOf(live, 'Established')?.status === 'True') return;
    await sleep(establishPause, undefined, { signal: desk.run.signal });
  }
}
