import { platformTenant, warning, type Diagnostic } from '../lib/index.ts';
import { openedTo } from '../guard/index.ts';
import { ownerName, refOf, titleOf, type Manifest } from '../objects/index.ts';

/** NetworkPolicies of tenants' own Apps that let pods of another tenant in: allows add up, so no deny takes that back. */
export function openedNetworks(cluster: string, manifests: readonly Manifest[]): readonly Diagnostic[] {
  const own = manifests.filter(
    ({ object, owner }) =>
      object.kind === 'NetworkPolicy' &&
      'tenant' in owner &&
      owner.app !== undefined &&
      owner.tenant !== platformTenant,
  );
  if (own.length === 0) return [];
  const namespaces = manifests.map((one) => one.object).filter((object) => object.kind === 'Namespace');
  return own.flatMap(({ object, from, owner }) => {
    const tenants = [...new Set(openedTo(object, namespaces).map((one) => one.tenant))].sort();
    if (tenants.length === 0) return [];
    const args = {
      object: titleOf(refOf(object)),
      app: ownerName(owner),
      tenants: tenants.join(', '),
      cluster,
    };
    return [warning('TRY-NET-005', from, args)];
  });
}
