import { labels, platformTenant, stringsAt } from '../../lib/index.ts';
import type { KubeObject } from '../../objects/index.ts';
import { guardSpecsOf, type GuardSpec } from '../policies/guard.ts';
import { crossingOf, type Crossing, type Doubt, type Side } from './evaluation.ts';
import { anyPodIn, networkOf, type Network } from './network.ts';
import { tenantLabelOf } from './place.ts';
import { intersectionOf, isNone, type Connections } from './ports.ts';
import type { Policy } from './policy.ts';
import { policyNames } from './reach.ts';

/** A way between namespaces of two tenants. */
export interface TenantPath {
  readonly from: { readonly namespace: string; readonly tenant: string };
  readonly to: { readonly namespace: string; readonly tenant: string };
  /** Nothing but an ipBlock lets it through: pods pass only if they have such addresses, and the plugin takes it to be about pods. */
  readonly isByAddressOnly: boolean;
  readonly connections: Connections;
  /** Policies that let it through, `NAMESPACE/NAME`. */
  readonly policies: readonly string[];
  /** Ways of the pair that nothing restricts. */
  readonly unrestricted: readonly ('egress' | 'ingress')[];
  readonly doubts: readonly Doubt[];
}

/** What is proven about the tenants of one cluster, for every pod that may ever be in their namespaces. */
export interface Isolation {
  readonly tenants: number;
  readonly namespaces: number;
  /** Ordered pairs of namespaces of different tenants, the platform's among them. */
  readonly pairs: number;
  /** Pairs between which nothing passes, whatever pods there are. */
  readonly closed: number;
  /** Pairs that only network sets of a Tenant open. */
  readonly declared: readonly TenantPath[];
  /** Pairs that something else opens. */
  readonly holes: readonly TenantPath[];
  /** Namespaces of tenants that let pods onto the node's network, where no policy holds. */
  readonly nodeNetwork: readonly string[];
}

interface Space {
  readonly namespace: string;
  readonly tenant: string;
}

/**
 * Every pair of namespaces of different tenants, with any pod at either end: pods that nobody has written yet count too. A
 * pair is declared when a tenant's end lets only through what its network sets say.
 */
export function isolation(objects: readonly KubeObject[]): Isolation {
  const network = networkOf(objects);
  const specs = guardSpecsOf(objects);
  const spaces = [...network.namespaces.keys()].map((namespace) => ({
    namespace,
    tenant: tenantLabelOf(network, namespace),
  }));
  const pairs = spaces.flatMap((from) =>
    spaces.filter((to) => to.tenant !== from.tenant).map((to) => ({ from, to })),
  );
  const open = pairs.flatMap((pair) => openPair(network, pair.from, pair.to));
  return {
    tenants: new Set(spaces.map((one) => one.tenant)).size,
    namespaces: spaces.length,
    pairs: pairs.length,
    closed: pairs.length - open.length,
    declared: open.filter((one) => one.isDeclared).map((one) => one.path),
    holes: open.filter((one) => !one.isDeclared).map((one) => one.path),
    nodeNetwork: spaces
      .filter((one) => one.tenant !== platformTenant && letsOnNode(network, specs, one.namespace))
      .map((one) => one.namespace),
  };
}

interface OpenPair {
  readonly path: TenantPath;
  readonly isDeclared: boolean;
}

function openPair(network: Network, from: Space, to: Space): readonly OpenPair[] {
  const [source, target] = [anyPodIn(from.namespace), anyPodIn(to.namespace)];
  const crossing = crossingOf(network, source, target);
  if (isNone(crossing.possible)) return [];
  const withoutBlocks = crossingOf({ ...network, podRanges: [] }, source, target);
  const isByAddressOnly = isNone(withoutBlocks.possible);
  const path = { ...pathOf(crossing, from, to), isByAddressOnly };
  return [{ path, isDeclared: isDeclared(crossing, from, to) }];
}

function pathOf(crossing: Crossing, from: Space, to: Space): Omit<TenantPath, 'isByAddressOnly'> {
  const sides = [crossing.egress, crossing.ingress];
  const letting = sides.flatMap((side) => lettingOf(side, crossing.possible));
  return {
    from,
    to,
    connections: crossing.possible,
    policies: policyNames(letting),
    unrestricted: (['egress', 'ingress'] as const).filter((way) => isOpen(crossing[way])),
    doubts: [...crossing.doubts],
  };
}

/** True when a pod may be there that no policy restricts. */
function isOpen(side: Side): boolean {
  return side.restrictions.every((one) => one.selects !== 'yes');
}

function lettingOf(side: Side, passing: Connections): Side['restrictions'] {
  return side.restrictions.filter((one) => !isNone(intersectionOf(one.lets.possible, passing)));
}

function isDeclared(crossing: Crossing, from: Space, to: Space): boolean {
  const ends = [
    { side: crossing.egress, space: from },
    { side: crossing.ingress, space: to },
  ];
  return ends.some(({ side, space }) => {
    if (space.tenant === platformTenant || isOpen(side)) return false;
    return lettingOf(side, crossing.possible).every((one) => isOfTenant(one.policy));
  });
}

// Compiled from the Tenant: no App may write an object with its mark.
function isOfTenant({ object }: Policy): boolean {
  return (stringsAt(object, 'metadata', 'labels')[labels.owner] ?? '').startsWith('tenant.');
}

/** Pod Security and the Guard must both let it; a Guard that is not among the objects forbids nothing. */
function letsOnNode(network: Network, specs: ReadonlyMap<string, GuardSpec>, namespace: string): boolean {
  const marks = network.namespaces.get(namespace)?.known ?? {};
  const level = marks['pod-security.kubernetes.io/enforce'];
  if (level === 'baseline' || level === 'restricted') return false;
  const spec = specs.get(marks[labels.guard] ?? '');
  if (spec === undefined) return true;
  // A Waiver for one container is not about the pod.
  const isWaived = spec.waivers.some(({ rule, container }) => rule === 'TRY-SEC-020' && container === '');
  return isWaived || spec.profiles.some(({ hostNetwork }) => hostNetwork);
}
