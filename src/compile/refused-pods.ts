import { problem, stringsAt, warning, type Diagnostic } from '../lib/index.ts';
import {
  admittedPod,
  podSecurityLevels,
  podSecurityMessage,
  podSecurityViolations,
  type PodSecurityPolicy,
} from '../guard/index.ts';
import { makesPods, refOf, titleOf, type Manifest } from '../objects/index.ts';
import type { Cluster } from '../spec/index.ts';

/**
 * Workloads whose pods the API server would refuse for the Pod Security labels of their namespaces. A warning where neither
 * the label nor the cluster says which version's rules they are.
 */
export class RefusedPods {
  /** The words of each cause: where only the version differs between clusters, the first cluster's are told for all. */
  readonly #words = new Map<string, string>();

  on(cluster: Cluster, manifests: readonly Manifest[]): readonly Diagnostic[] {
    const policies = policiesOf(manifests, cluster);
    return manifests.flatMap((manifest) => {
      const { namespace } = manifest.object.metadata;
      const policy = namespace === undefined ? undefined : policies.get(namespace);
      if (policy === undefined || !makesPods(manifest.object)) return [];
      return this.#refused(manifest, policy, cluster.name);
    });
  }

  #refused({ object, from }: Manifest, policy: PodSecurityPolicy, cluster: string): readonly Diagnostic[] {
    const pod = admittedPod(object);
    const violations = pod === undefined ? [] : podSecurityViolations(pod, policy);
    if (violations.length === 0) return [];
    const title = titleOf(refOf(object));
    const cause = JSON.stringify([from, title, policy.level, violations]);
    const words = this.#words.get(cause) ?? podSecurityMessage(violations, policy);
    this.#words.set(cause, words);
    const controls = violations.map((one) => one.control).join(', ');
    const isCertain = policy.version !== 'latest' || policy.server !== undefined;
    const make = isCertain ? problem : warning;
    return [make('TRY-SEC-001', from, { object: title, cluster, controls, words })];
  }
}

/** What each namespace enforces, by name; those without a label are left out. */
function policiesOf(
  manifests: readonly Manifest[],
  cluster: Cluster,
): ReadonlyMap<string, PodSecurityPolicy> {
  const entries = manifests.flatMap(({ object }) => {
    if (object.kind !== 'Namespace') return [];
    const labels = stringsAt(object, 'metadata', 'labels');
    const level = podSecurityLevels.find((one) => one === labels['pod-security.kubernetes.io/enforce']);
    if (level === undefined) return [];
    const version = labels['pod-security.kubernetes.io/enforce-version'] ?? 'latest';
    return [[object.metadata.name, { level, version, server: cluster.version }] as const];
  });
  return new Map(entries);
}
