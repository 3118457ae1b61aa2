import { at, listAt } from '../../lib/index.ts';
import { groupOf, refOf, selects, type KubeObject, type Ref } from '../../objects/index.ts';
import { ruleFrom, type Rule } from './rule.ts';

/** The API group of Roles and bindings. */
export const rbacGroup = 'rbac.authorization.k8s.io';

/** Rules of a role, and the ClusterRole that they came from by aggregation. */
export interface RoleRules {
  /** The role, and behind it the one that is aggregated into it. */
  readonly via: readonly Ref[];
  readonly rules: readonly Rule[];
}

/** True for the four kinds of which rights are made. */
export function isAccessObject(object: Pick<KubeObject, 'apiVersion' | 'kind'>): boolean {
  return groupOf(object.apiVersion) === rbacGroup && /^(Cluster)?Role(Binding)?$/.test(object.kind);
}

/** Roles by name, aggregated ones made whole from labels as the controller does it. */
export class Roles {
  readonly #byName = new Map<string, KubeObject>();
  readonly #clusterRoles: readonly KubeObject[];
  readonly #known = new Map<string, readonly RoleRules[]>();

  constructor(objects: readonly KubeObject[]) {
    for (const object of objects)
      if (object.kind === 'Role' || object.kind === 'ClusterRole')
        this.#byName.set(nameOf(object.kind, object.metadata.name, object.metadata.namespace), object);
    this.#clusterRoles = [...this.#byName.values()].filter((object) => object.kind === 'ClusterRole');
  }

  /** The rules of a role; undefined when nobody here knows it. A Role is looked for in the namespace of its binding. */
  rulesOf(kind: string, name: string, namespace: string | undefined): readonly RoleRules[] | undefined {
    const key = nameOf(kind, name, kind === 'Role' ? namespace : undefined);
    const role = this.#byName.get(key);
    if (role === undefined) return undefined;
    const rules = this.#known.get(key) ?? this.#read(role);
    this.#known.set(key, rules);
    return rules;
  }

  #read(role: KubeObject): readonly RoleRules[] {
    const own = refOf(role);
    if (!isAggregated(role)) return [{ via: [own], rules: rulesIn(role) }];
    return this.#partsOf(role).map((part) => ({ via: [own, refOf(part)], rules: rulesIn(part) }));
  }

  /** ClusterRoles whose labels join them to this one, those of aggregated ones among them instead of themselves. */
  #partsOf(role: KubeObject): readonly KubeObject[] {
    const seen = new Set([role]);
    const waiting = [role];
    for (let next = waiting.pop(); next !== undefined; next = waiting.pop()) {
      const selectors = listAt(next, 'aggregationRule', 'clusterRoleSelectors');
      for (const other of this.#clusterRoles) {
        const isSelected = selectors.some((one) => selects(one, other.metadata.labels ?? {}));
        if (!isSelected || seen.has(other)) continue;
        seen.add(other);
        if (isAggregated(other)) waiting.push(other);
      }
    }
    return [...seen].filter((one) => !isAggregated(one));
  }
}

function nameOf(kind: string, name: string, namespace = ''): string {
  return `${kind}/${namespace}/${name}`;
}

function isAggregated(role: KubeObject): boolean {
  return at(role, 'aggregationRule') !== undefined && at(role, 'aggregationRule') !== null;
}

function rulesIn(role: KubeObject): readonly Rule[] {
  return listAt(role, 'rules').map(ruleFrom);
}
