import type { Diagnostic } from '../lib/index.ts';
import { readApprovers } from './approvers.ts';
import { clusterIn, inWaves, selectableOf, type ResolvedCluster } from './clusters.ts';
import type { Fleet } from './fleet.ts';
import { gateMistakes, gatesOf, type GateSources } from './gates.ts';
import type { FleetSpec } from './schema/index.ts';
import { isSelected, type Choice } from './selection.ts';

/** What a Fleet says about how and when its clusters are changed. */
type Delivery = Pick<
  Fleet,
  | 'environments'
  | 'approverKeys'
  | 'waves'
  | 'clusters'
  | 'freezes'
  | 'windows'
  | 'prune'
  | 'ownership'
  | 'moved'
  | 'removed'
>;

/** The clusters alone, where the Fleet cannot be read. */
export function undelivered(clusters: readonly ResolvedCluster[]): Delivery {
  return {
    environments: [],
    approverKeys: new Map(),
    waves: [],
    clusters: new Map(clusters.map((one) => [one.name, clusterIn('', one)])),
    freezes: [],
    windows: [],
    prune: undefined,
    ownership: [],
    moved: [],
    removed: [],
  };
}

/** Waves, gates, approvers and calendars, with the clusters that each is about. */
export function deliveryOf(
  spec: FleetSpec,
  choice: Choice<ResolvedCluster>,
  sources: GateSources,
  diagnostics: Diagnostic[],
): Delivery {
  const { document, ground } = sources;
  const placed = inWaves(choice, spec, document, diagnostics);
  const approvers = readApprovers(spec, document, ground);
  const gates = gatesOf(spec, sources, diagnostics);
  diagnostics.push(...approvers.diagnostics, ...gateMistakes(spec, document, placed));
  const withClusters = <T extends { readonly select: unknown }>({ select, ...rest }: T) => ({
    ...rest,
    clusters: choice.clusters
      .filter((cluster) => isSelected(select, selectableOf(cluster)))
      .map((cluster) => cluster.name),
  });
  return {
    environments: spec.environments,
    approverKeys: approvers.keys,
    waves: placed.waves.map((wave, index) => ({ ...wave, gates: gates[index] ?? [] })),
    clusters: placed.clusters,
    freezes: spec.freezes.map(withClusters),
    windows: spec.windows.map(withClusters),
    prune: spec.prune,
    ownership: spec.ownership,
    moved: spec.moved,
    removed: spec.removed,
  };
}
