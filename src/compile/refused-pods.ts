import {
  listed,
  pathText,
  platformTenant,
  problem,
  warning,
  type Diagnostic,
  type Origin,
} from '../lib/index.ts';
import { hasPlaces, type Verdict, type Violation } from '../guard/index.ts';
import { ownerName, refOf, titleOf, type Manifest } from '../objects/index.ts';
import type { Cluster, Fleet, Waiver } from '../spec/index.ts';
import { isForLock } from './digests.ts';
import { guardsIn } from './guards.ts';
import { reasonsOn } from './reasons.ts';

/** A manifest and what its cluster's guards say of it. */
export interface Judged {
  readonly manifest: Manifest;
  readonly verdict: Verdict;
}

/** The verdict on each manifest of a cluster that there may be something to say of. */
export function judgedOn(cluster: Cluster, manifests: readonly Manifest[]): readonly Judged[] {
  const guards = guardsIn({ manifests, version: cluster.version });
  return manifests
    .filter(({ object }) => guards.isAbout(object))
    .map((manifest) => ({ manifest, verdict: guards.verdictOn(manifest.object) }));
}

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
  /** The same on every cluster: a file is searched once. */
  readonly #places = new Map<string, Origin>();
  /** Something was not told that a Waiver with mistakes may be meant for. */
  hasDoubts = false;

  readonly #fleet: Fleet;

  constructor(fleet: Fleet) {
    this.#fleet = fleet;
  }

  on(cluster: Cluster, judged: readonly Judged[]): readonly Diagnostic[] {
    const reasons = reasonsOn(this.#fleet, cluster.name);
    const withWhy = (one: Diagnostic, { decided }: Violation): Diagnostic => {
      const why = reasons(decided);
      return why.length === 0 ? one : { ...one, why };
    };
    return judged.flatMap(({ manifest, verdict: { violations, tried } }) => {
      const about = { object: titleOf(refOf(manifest.object)), cluster: cluster.name };
      return [
        ...violations
          .filter((one) => !isForLock(one) && !isToldByKind(one, manifest))
          .filter((one) => !this.#mayBeWaived(one, manifest, cluster))
          .map((one) => withWhy(this.#told(one, manifest, cluster), one)),
        ...tried
          .filter((one) => !isForLock(one))
          .map((one) => {
            const { sentence } = one;
            return withWhy(warning('TRY-SEC-047', this.#placeOf(one, manifest), { ...about, sentence }), one);
          }),
      ];
    });
  }

  #mayBeWaived(violation: Violation, { object, owner }: Manifest, { name: cluster }: Cluster): boolean {
    const where = { namespace: object.metadata.namespace, owner: ownerName(owner), cluster };
    const isDoubtful = mayBeWaived(this.#fleet, violation, where);
    this.hasDoubts ||= isDoubtful;
    return isDoubtful;
  }

  /** The first field that breaks the rule where the manifest is written by hand, or the manifest. */
  #placeOf({ places: [first] }: Violation, { from, locate }: Manifest): Origin {
    if (first === undefined || first.path.length === 0 || locate === undefined) return from;
    const key = JSON.stringify([from, first.path]);
    const place = this.#places.get(key) ?? locate(first.path);
    this.#places.set(key, place);
    return place;
  }

  #told(violation: Violation, manifest: Manifest, cluster: Cluster): Diagnostic {
    const { object, from } = manifest;
    const about = { object: titleOf(refOf(object)), cluster: cluster.name };
    const { rule, sentence } = violation;
    if (rule !== 'TRY-SEC-001') {
      const args = { ...about, sentence, fields: fieldsText(violation) };
      return { code: rule, severity: 'error', args, at: this.#placeOf(violation, manifest) };
    }
    const controls = violation.places.map(({ actual }) => String(actual)).join(', ');
    const cause = JSON.stringify([from, about.object, sentence.replace(/:v?[\d.a-z]+"/, '"')]);
    const words = this.#words.get(cause) ?? sentence;
    this.#words.set(cause, words);
    const make = cluster.version === undefined ? warning : problem;
    return make('TRY-SEC-001', from, { ...about, controls, words });
  }
}

/** The fields that break a rule; empty where its sentence tells them itself. */
function fieldsText({ rule, places }: Violation): string {
  if (!hasPlaces(rule)) return '';
  return listed([...new Set(places.map(({ path }) => pathText(path)))]);
}

/**
 * True where a Waiver that has mistakes may be meant for it; with one, Pod Security would be asked for less. No `owner`: what is
 * not the fleet's may be any App's.
 */
export function mayBeWaived(
  { leftOut }: Fleet,
  { rule }: Violation,
  at: {
    readonly namespace: string | undefined;
    readonly owner: string | undefined;
    readonly cluster: string;
  },
): boolean {
  const isPodSecurity = rule === 'TRY-SEC-001';
  const isFor = (app: string | undefined): boolean =>
    isPodSecurity || app === undefined || at.owner === undefined || at.owner === `App/${app}`;
  const isThere = ({ cluster = at.cluster, namespace = at.namespace }: Waiver['target']): boolean =>
    cluster === at.cluster && namespace === at.namespace;
  return (leftOut?.waivers ?? []).some(
    ({ rule: waived = rule, target }) =>
      (waived === rule || isPodSecurity) && isThere(target) && isFor(target.app),
  );
}
