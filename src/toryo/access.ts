import { defaultAccess } from '../catalog/index.ts';
import type { Bundle } from '../compile/index.ts';
import { grantsOf, isAccessObject, relationOf, type Relation } from '../guard/index.ts';
import { keyOf, refOf } from '../objects/index.ts';

const known = new WeakMap<Bundle, Relation>();

/**
 * Who may do what on a cluster, as its Bundle says: RBAC objects of the repository, and those that every API server of its
 * version makes. What others have put there is not in it.
 */
export function accessOn(bundle: Bundle): Relation {
  const before = known.get(bundle);
  if (before !== undefined) return before;
  const ours = bundle.manifests.map((manifest) => manifest.object).filter(isAccessObject);
  // Where both say something of one object, what is applied counts.
  const objects = new Map([...defaultAccess(bundle.version), ...ours].map((one) => [keyOf(refOf(one)), one]));
  const relation = relationOf([grantsOf([...objects.values()])]);
  known.set(bundle, relation);
  return relation;
}
