import { defaultAccess } from '../catalog/index.ts';
import type { Bundle } from '../compile/index.ts';
import { grantsOf, relationOf, type Relation } from '../guard/index.ts';

const known = new WeakMap<Bundle, Relation>();

/**
 * Who may do what on a cluster, as its Bundle says: RBAC objects of the repository, and those that every API server of its
 * version makes. What others have put there is not in it.
 */
export function accessOn(bundle: Bundle): Relation {
  const before = known.get(bundle);
  if (before !== undefined) return before;
  const ours = bundle.manifests.map((manifest) => manifest.object);
  const relation = relationOf([grantsOf(ours, defaultAccess(bundle.version))]);
  known.set(bundle, relation);
  return relation;
}
