import { labels, platformTenant, stringsAt } from '../../lib/index.ts';
import type { KubeObject } from '../../objects/index.ts';
import { crossingOf } from './evaluation.ts';
import { anyPodIn, networkOf } from './network.ts';
import { isNone } from './ports.ts';

/** A tenant's namespace that a policy lets in. */
export interface OpenedTo {
  readonly tenant: string;
  readonly namespace: string;
}

/**
 * Namespaces of other tenants whose pods one NetworkPolicy lets into its own namespace, whatever they are labelled; whether
 * those may leave theirs is another question. An ipBlock is about addresses outside, and opens to nobody here.
 */
export function openedTo(policy: KubeObject, namespaces: readonly KubeObject[]): readonly OpenedTo[] {
  const network = networkOf([...namespaces, policy], []);
  const home = policy.metadata.namespace ?? '';
  const tenantOf = (space: KubeObject): string =>
    stringsAt(space, 'metadata', 'labels')[labels.tenant] ?? platformTenant;
  const own = namespaces.find((one) => one.metadata.name === home);
  const ours = new Set([platformTenant, ...(own === undefined ? [] : [tenantOf(own)])]);
  return namespaces.flatMap((space) => {
    const { name } = space.metadata;
    if (ours.has(tenantOf(space))) return [];
    const { ingress } = crossingOf(network, anyPodIn(name), anyPodIn(home));
    const isLet = ingress.restrictions.some((one) => !isNone(one.lets.possible));
    return isLet ? [{ tenant: tenantOf(space), namespace: name }] : [];
  });
}
