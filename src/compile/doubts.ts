import { isPlatformNamespace, type Diagnostic } from '../lib/index.ts';
import type { Guards, Verdict } from '../guard/index.ts';
import { contestedNamespaces, type Fleet } from '../spec/index.ts';
import { isForLock } from './digests.ts';
import { wishesOn, type NamespaceWish } from './guarding.ts';
import { hiddenIn } from './hidden-sums.ts';
import { mayBeWaived } from './refused-pods.ts';
import type { Sources } from './workload.ts';

/** A fleet with mistakes, and all that is known of them. */
export interface Mistaken {
  readonly fleet: Fleet;
  readonly sources: Sources;
  readonly diagnostics: readonly Diagnostic[];
}

/** An object and where it is to be. */
export interface Doubted {
  readonly namespace: string | undefined;
  /** Undefined: it is not the fleet's. */
  readonly owner: string | undefined;
  readonly verdict: Verdict;
}

/** What mistakes of a fleet leave open on one of its clusters. */
export class Doubts {
  readonly #fleet: Fleet;
  readonly #cluster: string;
  readonly #guards: Guards;
  readonly #titles: ReadonlySet<string>;
  /** More than one where it is contested. */
  readonly #wishes: ReadonlyMap<string, readonly NamespaceWish[]>;
  readonly #contested: ReadonlySet<string>;
  /** Files with mistakes. */
  readonly #wrong: ReadonlySet<string>;
  readonly #isMadeTwice: boolean;
  readonly #isPlatformHidden: boolean;

  constructor(mistaken: Mistaken, cluster: string, guards: Guards) {
    const { fleet, sources, diagnostics } = mistaken;
    this.#fleet = fleet;
    this.#cluster = cluster;
    this.#guards = guards;
    this.#titles = new Set(fleet.leftOut?.titles);
    this.#wishes = Map.groupBy(wishesOn(fleet, cluster), ({ name }) => name);
    this.#contested = contestedNamespaces(diagnostics);
    const errors = diagnostics.filter(({ severity }) => severity === 'error');
    this.#wrong = new Set(errors.map(({ at }) => at.file));
    this.#isMadeTwice = diagnostics.some(({ code }) => code === 'TRY-OBJ-004');
    const apps = fleet.apps.filter(({ on }) => on.has(cluster));
    this.#isPlatformHidden = hiddenIn({ fleet, sources, cluster, apps, tenants: new Map() })('');
  }

  /** True for a namespace that is to be on the cluster, whether what guards it is known or not. */
  isWished(namespace: string | undefined): boolean {
    return namespace !== undefined && (this.#wishes.has(namespace) || this.#contested.has(namespace));
  }

  /** Why a verdict may be another once the mistakes are corrected; undefined where none of them touches it. */
  why(one: Doubted): string | undefined {
    const { outcome } = one.verdict;
    if (outcome === 'unknown') return undefined;
    const ground = this.#groundOf(one);
    return ground ?? (outcome === 'allowed' ? this.#mayBeRefused(one) : this.#mayBeLetIn(one));
  }

  #groundOf({ namespace, owner }: Doubted): string | undefined {
    const wishes = this.#wishes.get(namespace ?? '') ?? [];
    const profiles = wishes.flatMap((wish) => [wish.profile, ...Object.values(wish.serviceAccounts)]);
    const left = [
      `Cluster/${this.#cluster}`,
      ...(owner === undefined ? [] : [owner]),
      ...wishes.map(({ tenant }) => `Tenant/${tenant}`),
      ...profiles.map((name) => `SecurityProfile/${name}`),
    ].find((title) => this.#titles.has(title));
    if (left !== undefined) return `${left} has a mistake`;
    if (namespace === undefined || isPlatformNamespace(namespace)) return undefined;
    if (wishes.length > 1 || this.#contested.has(namespace)) return `two have namespace ${namespace}`;
    return this.#guards.knows(namespace)
      ? undefined
      : `for mistakes it is not known what guards namespace ${namespace}`;
  }

  #mayBeRefused({ verdict }: Doubted): string | undefined {
    const fleet = this.#fleet;
    const names = new Set(verdict.waived.flatMap(({ waivers }) => waivers));
    const waiver = fleet.waivers.find(({ name, from }) => names.has(name) && this.#wrong.has(from.file));
    if (waiver !== undefined) return `Waiver/${waiver.name}, which lets it in, has a mistake`;
    if (this.#isMadeTwice) return 'two make the same object, and which of them counts is not known';
    return this.#isPlatformHidden
      ? 'an App or Addon of the platform with a mistake may have policies for it'
      : undefined;
  }

  #mayBeLetIn({ namespace, owner, verdict }: Doubted): string | undefined {
    const fleet = this.#fleet;
    const hasLock = (fleet.leftOut?.lockFiles.size ?? 0) === 0;
    const where = { namespace, owner, cluster: this.#cluster };
    const isOpen = verdict.violations.every(
      (one) => (isForLock(one) && !hasLock) || mayBeWaived(fleet, one, where),
    );
    return isOpen ? 'what has a mistake, a Waiver or a file of toryo.lock, may let it in' : undefined;
  }
}
