import {
  accessDiff,
  accessSentences,
  grantsOf,
  isAccessObject,
  relationOf,
  type AccessSentence,
  type Relation,
} from '../../guard/index.ts';
import { keyOf, refOf, type KubeObject, type RefKey } from '../../objects/index.ts';
import type { Bundle } from '../../compile/index.ts';
import type { ClusterWorld } from '../../world/index.ts';
import { isWrite, type Change } from './change.ts';

type Objects = ReadonlyMap<RefKey, KubeObject>;

/**
 * What changes of Roles and bindings do to who may do what: live objects against those that will be there. Empty when no such
 * object changes. `builtIn` are those that every API server of the version makes.
 */
export function accessOf(
  bundle: Bundle,
  world: ClusterWorld | undefined,
  changes: readonly Change[],
  builtIn: readonly KubeObject[],
): readonly AccessSentence[] {
  const writes = changes
    .filter(isWrite)
    .filter(({ subject: { group, kind } }) => isAccessObject({ apiVersion: `${group}/v1`, kind }));
  if (writes.length === 0) return [];
  const before = liveObjects(world);
  const after = objectsAfter(before, { bundle, world }, writes);
  const relationWith = (objects: Objects): Relation => relationOf([grantsOf([...objects.values()], builtIn)]);
  const fresh = relationWith(after);
  return before.size === 0 ? [firstRights(fresh)] : accessSentences(accessDiff(relationWith(before), fresh));
}

function liveObjects(world: ClusterWorld | undefined): Objects {
  const found = [...(world?.live ?? [])].flatMap(([key, live]) =>
    live.is === 'known' && live.value !== undefined && isAccessObject(live.value)
      ? [[key, live.value] as const]
      : [],
  );
  return new Map(found);
}

function objectsAfter(
  before: Objects,
  { bundle, world }: { readonly bundle: Bundle; readonly world: ClusterWorld | undefined },
  writes: readonly Change[],
): Objects {
  const wanted = new Map(bundle.manifests.map(({ object }) => [keyOf(refOf(object)), object]));
  const after = new Map(before);
  for (const { action, subject } of writes) {
    const key = keyOf(subject);
    const object = action === 'delete' ? undefined : (world?.predicted.get(key)?.object ?? wanted.get(key));
    if (object === undefined) after.delete(key);
    else after.set(key, object);
  }
  return after;
}

/** On a cluster without anything of ours all is new: a page tells it better than a list. */
function firstRights({ holdings }: Relation): AccessSentence {
  const held = [...holdings.values()].filter(({ scopes }) =>
    [...scopes.values()].some((grants) => grants.some((grant) => !grant.isBuiltIn)),
  );
  const count = `${held.length} ${held.length === 1 ? 'subject gets its' : 'subjects get their'}`;
  return { what: 'gained', text: `${count} first rights here: \`toryo access page\` shows them` };
}
