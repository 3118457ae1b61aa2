import { isEqual, isFailure } from '../lib/index.ts';
import {
  ownedFields,
  ownersOf,
  pathText,
  refOf,
  shownValue,
  stepsOf,
  valueAt,
  versionOf,
  withoutInherited,
  withoutManagedFields,
  withoutPath,
  writersOf,
  type FieldOwner,
  type KubeObject,
  type Step,
} from '../objects/index.ts';
import { conflictsOf, type FieldConflict, type KubeClient } from '../kube/index.ts';
import { decideOn, type OwnershipRule } from './ownership-decide.ts';
import type { FieldClaim, Prediction } from './world.ts';

/** An object to be written, and what of it was left to somebody else. */
export interface Settled {
  readonly object: KubeObject;
  readonly left: readonly FieldClaim[];
}

/** An object that others have written to, and how to ask about it. */
export interface Contested {
  /** What is wanted, in the version to be written. */
  readonly object: KubeObject;
  /** Who reads. */
  readonly client: KubeClient;
  /** Who writes. */
  readonly writer: KubeClient;
  readonly fieldManager: string;
  readonly rules: readonly OwnershipRule[];
  /** It is nobody's of this fleet yet: what people and Helm own in it would become ours. */
  readonly isForeign: boolean;
}

type Verdict = Pick<Prediction, 'object' | 'taken' | 'left' | 'stopped' | 'send'>;

const tries = 5;

/** Does again what was overtaken by somebody who wrote to the object after it was read, mostly to its status. */
export async function untilUndisturbed<T>(work: () => Promise<T>): Promise<T> {
  for (let attempt = 1; ; attempt += 1) {
    try {
      return await work();
    } catch (error) {
      if (attempt >= tries || !isFailure(error, 'TORYO_KUBE_CONFLICT')) throw error;
    }
  }
}

/** Decides field by field, and asks the server what it would store then. Undefined: the object went away meanwhile. */
export async function predictContested(one: Contested): Promise<Verdict | undefined> {
  return await untilUndisturbed(async () => {
    const live = await one.client.get(refOf(one.object), { version: versionOf(one.object.apiVersion) });
    return live === undefined ? undefined : await predictOver(live, one);
  });
}

async function predictOver(live: KubeObject, one: Contested): Promise<Verdict> {
  const conflicts = await conflictsWith(one.object, one);
  const contests = conflicts.map((conflict) => contestOf(conflict, one.object, live));
  const decided = Map.groupBy(contests, ({ steps, conflict }) =>
    decideOn({ kind: live.kind, steps, ...conflict }, one.rules),
  );
  const claims = (decision: 'take' | 'leave' | 'stop'): readonly FieldClaim[] =>
    (decided.get(decision) ?? []).map(({ claim }) => claim);
  const [taken, left, stopped] = [claims('take'), claims('leave'), claims('stop')];
  if (stopped.length > 0) return { taken, left, stopped };
  const object = (decided.get('leave') ?? []).reduce(
    (body, { steps }) => withoutPath(body, steps),
    one.object,
  );
  const inherits = one.isForeign ? inheritedFrom(live, one.rules) : new Set<string>();
  const predicted = await one.writer.apply(pinned(object, live), {
    fieldManager: one.fieldManager,
    force: taken.length > 0,
    dryRun: true,
  });
  const after = withoutInherited(predicted.object, inherits);
  return { object: withoutManagedFields(after), taken, left, send: { object, inherits } };
}

/** The object, to be written only over the state that was read. */
export function pinned(object: KubeObject, live: KubeObject): KubeObject {
  const { resourceVersion } = live.metadata;
  return { ...object, metadata: { ...object.metadata, resourceVersion } };
}

/** The fields that others have and that applying would change, as the server says. */
export async function conflictsWith(
  object: KubeObject,
  one: Pick<Contested, 'writer' | 'fieldManager'>,
): Promise<readonly FieldConflict[]> {
  try {
    await one.writer.apply(object, { fieldManager: one.fieldManager, dryRun: true });
    return [];
  } catch (error) {
    const conflicts = conflictsOf(error);
    if (conflicts.length === 0) throw error;
    return conflicts;
  }
}

interface Contest {
  readonly conflict: FieldConflict;
  readonly steps: readonly Step[];
  readonly claim: FieldClaim;
}

function contestOf(conflict: FieldConflict, object: KubeObject, live: KubeObject): Contest {
  const steps = stepsOf(conflict.field, object) ?? [conflict.field];
  // What was applied has no time in the server's answer.
  const found = ownersOf(live, steps).find((owner) => owner.manager === conflict.manager);
  return { conflict, steps, claim: claimOf({ ...found, ...conflict }, steps, object, live) };
}

function claimOf(
  owner: Pick<FieldOwner, 'manager' | 'time'>,
  steps: readonly Step[],
  object: KubeObject,
  live: KubeObject,
): FieldClaim {
  const path = pathText(steps);
  return {
    path,
    manager: owner.manager,
    ...(owner.time === undefined ? {} : { time: owner.time }),
    value: shownValue(live, path, valueAt(live, steps)),
    wanted: shownValue(live, path, valueAt(object, steps)),
  };
}

/**
 * Leaves out what is others' by the rules and is not what is wanted, as far as managedFields says so: then nobody need be
 * asked about it each time.
 */
export function settleLeft(
  object: KubeObject,
  live: KubeObject,
  { rules, fieldManager }: Pick<Contested, 'rules' | 'fieldManager'>,
): Settled {
  const contests = ownedFields(live).filter(({ owner, steps }) => {
    const wanted = valueAt(object, steps);
    return (
      wanted !== undefined &&
      owner.manager !== fieldManager &&
      !isEqual(wanted, valueAt(live, steps)) &&
      decideOn({ kind: live.kind, steps, ...owner }, rules) === 'leave'
    );
  });
  return {
    object: contests.reduce((body, { steps }) => withoutPath(body, steps), object),
    left: contests.map(({ owner, steps }) => claimOf(owner, steps, object, live)),
  };
}

/** Conflicts as claims: who has what, since when. */
export function claimsOf(
  conflicts: readonly FieldConflict[],
  object: KubeObject,
  live: KubeObject,
): readonly FieldClaim[] {
  return conflicts.map((conflict) => contestOf(conflict, object, live).claim);
}

/** Those from whom everything may be taken. */
export function inheritedFrom(live: KubeObject, rules: readonly OwnershipRule[]): ReadonlySet<string> {
  const writers = writersOf(live).filter((writer) => writer.subresource === undefined);
  const names = writers.map((writer) => writer.manager);
  return new Set(
    names.filter((manager) => decideOn({ kind: live.kind, steps: [], manager }, rules) === 'take'),
  );
}
