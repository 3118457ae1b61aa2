import { fieldManagerOf, type Known } from '../../lib/index.ts';
import { guardPartOf } from '../../guard/index.ts';
import {
  keyOf,
  ownedFields,
  refOf,
  type FieldChange,
  type KubeObject,
  type Manifest,
} from '../../objects/index.ts';
import type { Bundle } from '../../compile/index.ts';
import type { ClusterWorld } from '../../world/index.ts';
import type { Change } from './change.ts';
import { guardNotes } from './guards-plan.ts';
import { changeOf } from './object-plan.ts';

/**
 * What a plan would tell of weakened guards, as far as reading alone shows it: what is missing, what has lost its mark, labels of
 * namespaces, and policies and bindings of which somebody else owns a field.
 */
export function guardLosses(
  bundle: Pick<Bundle, 'cluster' | 'owners' | 'manifests'>,
  world: ClusterWorld,
  fleet: string,
): readonly string[] {
  const changes = bundle.manifests.map((manifest): Change => {
    const live = world.live.get(keyOf(refOf(manifest.object)));
    const found = live === undefined ? nothing : differenceIn(manifest, live, fleet);
    return { ...changeOf(manifest), checkedBy: 'nothing', hasRights: false, ...found };
  });
  return guardNotes(bundle, world, changes);
}

type Difference = Pick<Change, 'action' | 'fields'>;

const nothing: Difference = { action: 'unchanged', fields: [] };

function differenceIn({ object }: Manifest, live: Known<KubeObject | undefined>, fleet: string): Difference {
  if (live.is === 'unknown') return nothing;
  if (live.value === undefined) return { action: 'create', fields: [] };
  const isPart = guardPartOf(refOf(object)) !== undefined;
  const fields = isPart ? takenIn(live.value, fleet) : labelsIn(object, live.value);
  return fields.length === 0 ? nothing : { action: 'configure', fields };
}

/** Fields of a spec that others wrote; a field that they took away leaves no trace here. */
function takenIn(live: KubeObject, fleet: string): readonly FieldChange[] {
  const taken = ownedFields(live).some(
    ({ owner, steps }) =>
      owner.manager !== fieldManagerOf(fleet) && owner.subresource === undefined && steps[0] === 'spec',
  );
  return taken ? [{ path: 'spec', before: undefined, after: undefined }] : [];
}

function labelsIn(object: KubeObject, live: KubeObject): readonly FieldChange[] {
  return Object.entries(object.metadata.labels ?? {}).flatMap(([label, after]): readonly FieldChange[] => {
    const before = live.metadata.labels?.[label];
    return before === after ? [] : [{ path: `metadata.labels.${label}`, before, after }];
  });
}
