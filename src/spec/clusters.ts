import {
  at,
  isString,
  millisecondsOf,
  nearest,
  objectAt,
  problem,
  stringsAt,
  type Diagnostic,
} from '../lib/index.ts';
import { nameOrigin, type SourceDocument } from './document.ts';
import type { Cluster, Wave } from './fleet.ts';
import { LayeredPlace, merge, type Layer } from './merge.ts';
import type { Registry } from './registry.ts';
import { clusterSpec, type ClusterSpec, type FleetSpec } from './schema/index.ts';
import {
  builtInKeys,
  isSelected,
  mayBeSelected,
  nearMiss,
  type Choice,
  type Selectable,
} from './selection.ts';
import { substitute } from './variables.ts';
import { mistakesOf } from './validation.ts';

/** A cluster with its own part of the repository resolved; its wave comes when all are known. */
export interface ResolvedCluster {
  readonly name: string;
  readonly spec: ClusterSpec;
  readonly labels: Readonly<Record<string, string>>;
  readonly document: SourceDocument;
  readonly place: LayeredPlace;
}

/** Merges one Cluster with its template. */
export function resolveCluster(
  document: SourceDocument,
  registry: Registry,
  diagnostics: Diagnostic[],
): ResolvedCluster | undefined {
  const layers: Layer[] = [{ document, base: ['spec'] }];
  const template = templateOf(document, registry, diagnostics);
  if (template === 'missing') return undefined; // what it would have said is not known
  if (template !== 'none') layers.unshift({ document: template, base: ['spec'] });
  let merged: unknown = {};
  for (const layer of layers) merged = merge(merged, at(layer.document.value, ...layer.base));
  const place = new LayeredPlace(layers, merged);
  const labels = stringsAt(document.value, 'metadata', 'labels');
  for (const key of builtInKeys.filter((one) => Object.hasOwn(labels, one))) {
    diagnostics.push(problem('TRY-SPEC-018', document.locate(['metadata', 'labels', key], 'key'), { key }));
  }
  const filled = substitute(merged, variablesOf(document.name, merged), place);
  diagnostics.push(...filled.diagnostics, ...mistakesOf(clusterSpec, filled.value, place));
  const parsed = clusterSpec.safeParse(filled.value);
  if (!parsed.success) return undefined;
  diagnostics.push(...missingSettings(parsed.data, document, place));
  return { name: document.name, spec: parsed.data, labels, document, place };
}

function templateOf(
  document: SourceDocument,
  registry: Registry,
  diagnostics: Diagnostic[],
): SourceDocument | 'none' | 'missing' {
  const name = at(document.value, 'spec', 'from');
  if (!isString(name)) return 'none';
  diagnostics.push(...registry.missing('ClusterTemplate', name, document.locate(['spec', 'from'])));
  return registry.get('ClusterTemplate', name) ?? 'missing';
}

/** What ${…} stands for on one cluster. */
export function variablesOf(name: string, spec: unknown): ReadonlyMap<string, string> {
  const variables = new Map<string, string>([['cluster.name', name]]);
  const fields = { environment: ['environment'], region: ['eks', 'region'], account: ['eks', 'account'] };
  for (const [variable, path] of Object.entries(fields)) {
    const value = at(spec, ...path);
    if (isString(value)) variables.set(variable, value);
  }
  for (const [key, value] of Object.entries(objectAt(spec, 'vars')))
    if (isString(value)) variables.set(`vars.${key}`, value);
  return variables;
}

/** Kubernetes minors that a sandbox serves; a test holds the sandbox against it. */
export const sandboxMinors: readonly string[] = ['1.33', '1.34', '1.35', '1.36'];

function missingSettings(
  spec: ClusterSpec,
  document: SourceDocument,
  place: LayeredPlace,
): readonly Diagnostic[] {
  const needs: Readonly<Record<ClusterSpec['provider'], readonly (readonly [string, unknown])[]>> = {
    eks: [
      ['version', spec.version],
      ['eks.region', spec.eks?.region],
      ['eks.account', spec.eks?.account],
    ],
    onprem: [['version', spec.version]],
    kubeconfig: [['kubeconfig.context', spec.kubeconfig?.context]],
    sandbox: [],
  };
  const missing = needs[spec.provider].filter(([, value]) => value === undefined);
  const { provider, version } = spec;
  if (provider === 'sandbox' && version !== undefined && !sandboxMinors.includes(version)) {
    const args = { found: `"${version}"`, allowed: sandboxMinors.join(', '), suggestion: '' };
    return [problem('TRY-SPEC-005', place.locate(['version']), args)];
  }
  return missing.map(([field]) =>
    problem('TRY-SPEC-037', document.locate(['spec'], 'key'), { provider: spec.provider, field }),
  );
}

/** What selectors see of a cluster. */
export function selectableOf(cluster: ResolvedCluster): Selectable {
  const { spec, name, labels } = cluster;
  return { name, labels, environment: spec.environment, provider: spec.provider, region: spec.eks?.region };
}

/** A wave before its gates are read. */
export type PlacedWave = Omit<Wave, 'gates'>;

/** Puts every cluster into the first wave that selects it. */
export function inWaves(
  choice: Choice<ResolvedCluster>,
  fleet: FleetSpec,
  document: SourceDocument,
  diagnostics: Diagnostic[],
): { readonly clusters: ReadonlyMap<string, Cluster>; readonly waves: readonly PlacedWave[] } {
  const byWave = new Map<string, string[]>(fleet.waves.map((wave) => [wave.name, []]));
  const placed = new Map<string, Cluster>();
  for (const cluster of choice.clusters) {
    const misnamed = environmentMistake(cluster, fleet);
    diagnostics.push(...misnamed);
    const wave = fleet.waves.find((one) => isSelected(one.select, selectableOf(cluster)))?.name;
    if (wave === undefined && misnamed.length === 0)
      diagnostics.push(problem('TRY-SPEC-014', nameOrigin(cluster.document), { cluster: cluster.name }));
    if (wave !== undefined) byWave.get(wave)?.push(cluster.name);
    placed.set(cluster.name, clusterIn(wave ?? '', cluster));
  }
  diagnostics.push(...idleSelectors(choice, fleet, document));
  const waves = fleet.waves.map((wave) => ({
    name: wave.name,
    clusters: byWave.get(wave.name) ?? [],
    atOnce: wave.atOnce,
    stopAfterFailures: wave.stopAfterFailures,
    soak: wave.soak === undefined ? undefined : millisecondsOf(wave.soak),
  }));
  return { clusters: placed, waves };
}

/** A cluster as the Fleet has it, in a wave. */
export function clusterIn(wave: string, { name, spec, labels, document, place }: ResolvedCluster): Cluster {
  const { from: _template, ...rest } = withDefaults(spec);
  return { ...rest, name, labels, wave, from: nameOrigin(document), place };
}

/** The version that a sandbox gets when it names none. */
const sandboxVersion = '1.35';

function withDefaults(spec: ClusterSpec): ClusterSpec {
  if (spec.provider !== 'sandbox') return spec;
  return { ...spec, version: spec.version ?? sandboxVersion, sandbox: spec.sandbox ?? { zones: 3 } };
}

function environmentMistake(cluster: ResolvedCluster, fleet: FleetSpec): readonly Diagnostic[] {
  const names = fleet.environments.map((one) => one.name);
  const name = cluster.spec.environment;
  if (names.includes(name)) return [];
  const args = { what: `environment "${name}" in the Fleet`, suggestion: nearest(name, names) ?? '' };
  return [problem('TRY-SPEC-013', cluster.place.locate(['environment']), args)];
}

function idleSelectors(
  choice: Choice<ResolvedCluster>,
  fleet: FleetSpec,
  document: SourceDocument,
): readonly Diagnostic[] {
  const seen = choice.clusters.map(selectableOf);
  return (['waves', 'freezes', 'windows'] as const).flatMap((list) =>
    fleet[list].flatMap((entry, index) => {
      const isMeant =
        seen.some((cluster) => isSelected(entry.select, cluster)) ||
        choice.shadows.some((shadow) => mayBeSelected(entry.select, shadow));
      if (isMeant) return [];
      const args = { what: `spec.${list}[${index}].select`, suggestion: nearMiss(entry.select, seen) };
      return [problem('TRY-SPEC-015', document.locate(['spec', list, index, 'select']), args)];
    }),
  );
}
