import { platformTenant, problem, warning, type Diagnostic } from '../lib/index.ts';
import { Guards, type Violation } from '../guard/index.ts';
import { refOf, titleOf, type Manifest } from '../objects/index.ts';
import type { Cluster } from '../spec/index.ts';
import { isForLock } from './digests.ts';

// Of a tenant's App TRY-OBJ-010 tells it.
function isToldByKind({ rule }: Violation, { owner }: Manifest): boolean {
  return rule === 'TRY-SEC-041' && 'tenant' in owner && owner.tenant !== platformTenant;
}

/**
 * What the API server would refuse for the labels and Guards of the namespaces that it goes to. A warning where neither
 * the label nor the cluster says which version's rules of Pod Security they are, and for a profile that is only tried.
 * Digests that toryo.lock can have are told by `missingDigests`.
 */
export class RefusedPods {
  /** The words of each cause: where only the version differs between clusters, the first cluster's are told for all. */
  readonly #words = new Map<string, string>();

  on(cluster: Cluster, manifests: readonly Manifest[]): readonly Diagnostic[] {
    const guards = new Guards(
      manifests.map(({ object }) => object),
      cluster.version,
    );
    return manifests.flatMap((manifest) => {
      if (!guards.isAbout(manifest.object)) return [];
      const { violations, tried } = guards.verdictOn(manifest.object);
      const about = { object: titleOf(refOf(manifest.object)), cluster: cluster.name };
      return [
        ...violations
          .filter((one) => !isForLock(one) && !isToldByKind(one, manifest))
          .map((one) => this.#told(one, manifest, cluster)),
        ...tried
          .filter((one) => !isForLock(one))
          .map(({ sentence }) => warning('TRY-SEC-047', manifest.from, { ...about, sentence })),
      ];
    });
  }

  #told(violation: Violation, { object, from }: Manifest, cluster: Cluster): Diagnostic {
    const about = { object: titleOf(refOf(object)), cluster: cluster.name };
    const { rule, sentence } = violation;
    if (rule !== 'TRY-SEC-001')
      return { code: rule, severity: 'error', args: { ...about, sentence }, at: from };
    const controls = violation.places.map(({ actual }) => String(actual)).join(', ');
    const cause = JSON.stringify([from, about.object, sentence.replace(/:v?[\d.a-z]+"/, '"')]);
    const words = this.#words.get(cause) ?? sentence;
    this.#words.set(cause, words);
    const make = cluster.version === undefined ? warning : problem;
    return make('TRY-SEC-001', from, { ...about, controls, words });
  }
}
