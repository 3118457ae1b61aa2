import { guardOfBinding, guardPartOf, guardsNamedBy, isOfProbe } from '../../guard/index.ts';
import { makesPods, refOf, type KubeObject } from '../../objects/index.ts';

/** The gate at which waits what policies are about, until they are active; its members are all parts of the guards. */
export const activeGate = 'gate active guards';

/** The gate of all parts of the guards but the probe, which is written last and speaks for them. */
export const guardsGate = 'gate guards';

/** What of a cluster's guards is among some objects, and what has to wait for it. */
export class GuardOrder {
  /** All but the probe. */
  readonly parts: readonly KubeObject[];
  readonly probe: readonly KubeObject[];
  readonly #bindings: ReadonlyMap<string, readonly KubeObject[]>;
  readonly #isGuarded: (namespace: string) => boolean;

  /** `isGuarded`: whether a namespace names a Guard; by the namespaces among the objects when it is left out. */
  constructor(objects: readonly KubeObject[], isGuarded?: (namespace: string) => boolean) {
    const all = objects.filter((one) => guardPartOf(refOf(one)) !== undefined);
    this.parts = all.filter((one) => !isOfProbe(refOf(one)));
    this.probe = all.filter((one) => isOfProbe(refOf(one)));
    this.#bindings = Map.groupBy(all, (one) => guardOfBinding(one) ?? '');
    const guarded = guardedNamespaces(objects);
    this.#isGuarded = isGuarded ?? ((namespace) => guarded.has(namespace));
  }

  /** Bindings that hold the Guards which a namespace names: they are there before it falls under them. */
  bindingsFor(object: KubeObject): readonly KubeObject[] {
    return guardsNamedBy(object).flatMap((name) => this.#bindings.get(name) ?? []);
  }

  /** True for what policies are about, in a namespace that they hold for. */
  isHeld(object: KubeObject): boolean {
    const { namespace } = object.metadata;
    const isService = object.kind === 'Service' && object.apiVersion === 'v1';
    return namespace !== undefined && (isService || makesPods(object)) && this.#isGuarded(namespace);
  }
}

/** Names of the namespaces among these objects that name a Guard. */
export function guardedNamespaces(objects: readonly KubeObject[]): ReadonlySet<string> {
  return new Set(objects.filter((one) => guardsNamedBy(one).length > 0).map((one) => one.metadata.name));
}
