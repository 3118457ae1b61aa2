import { listAt, stringAt } from '../../lib/index.ts';
import { keyOf, refOf, titleOf, type KubeObject, type Ref, type RefKey } from '../../objects/index.ts';
import { isAccessObject, rbacGroup, Roles } from './role.ts';
import type { Rule } from './rule.ts';
import { groupNamed, userNamed, type Subject } from './subject.ts';

/** One subject may do what one rule says, in one namespace or everywhere. */
export interface Grant {
  readonly subject: Subject;
  /** Undefined: in all namespaces and on the cluster itself. */
  readonly namespace?: string;
  readonly rule: Rule;
  /** How it comes: the binding, the role, and the ClusterRole that was aggregated into it. */
  readonly via: readonly Ref[];
  /** Every API server brings it: the binding, the role and what is aggregated into it, as nobody changed them. */
  readonly isBuiltIn: boolean;
}

/** A binding to a role that nobody here knows: what it allows is unknown. */
export interface UnknownRole {
  readonly subject: Subject;
  readonly namespace?: string;
  readonly via: readonly Ref[];
}

/** All that objects grant. */
export interface Grants {
  readonly grants: readonly Grant[];
  readonly unknown: readonly UnknownRole[];
}

/**
 * What RBAC objects grant, aggregation expanded; other objects are passed over. `builtIn` are those that every API server makes; where
 * `objects` say something of one of them too, they count.
 */
export function grantsOf(objects: readonly KubeObject[], builtIn: readonly KubeObject[] = []): Grants {
  const ours = objects.filter(isAccessObject);
  const written = new Set(ours.map(keyFor));
  const given = builtIn.filter((one) => !written.has(keyFor(one)));
  const known = [...given, ...ours];
  const roles = new Roles(known);
  // No label tells them: whoever writes an object writes its labels.
  const all: Gathered = { grants: [], unknown: [], given: new Set(given.map(keyFor)) };
  for (const binding of known) if (binding.kind.endsWith('Binding')) addBinding(binding, roles, all);
  return { grants: all.grants, unknown: all.unknown };
}

interface Gathered {
  readonly grants: Grant[];
  readonly unknown: UnknownRole[];
  readonly given: ReadonlySet<RefKey>;
}

function keyFor(object: KubeObject): RefKey {
  return keyOf(refOf(object));
}

function addBinding(binding: KubeObject, roles: Roles, all: Gathered): void {
  const scope = scopeOf(binding);
  const kind = stringAt(binding, 'roleRef', 'kind') ?? '';
  const name = stringAt(binding, 'roleRef', 'name') ?? '';
  const parts = roles.rulesOf(kind, name, scope.namespace);
  const own = refOf(binding);
  const subjects = listAt(binding, 'subjects').flatMap((entry) => subjectIn(entry, scope.namespace) ?? []);
  const ways = (parts ?? []).map(({ via, rules }) => {
    const whole = [own, ...via];
    return { via: whole, rules, isBuiltIn: whole.every((ref) => all.given.has(keyOf(ref))) };
  });
  for (const subject of subjects) {
    if (parts === undefined) all.unknown.push({ subject, ...scope, via: [own, roleRef(kind, name, scope)] });
    for (const { rules, ...way } of ways)
      for (const rule of rules) all.grants.push({ subject, ...scope, rule, ...way });
  }
}

function scopeOf({ kind, metadata: { namespace } }: KubeObject): { readonly namespace?: string } {
  return kind === 'ClusterRoleBinding' || namespace === undefined ? {} : { namespace };
}

function roleRef(kind: string, name: string, scope: { readonly namespace?: string }): Ref {
  return kind === 'Role' ? { group: rbacGroup, kind, ...scope, name } : { group: rbacGroup, kind, name };
}

/** A service account without a namespace is of the binding's. */
function subjectIn(entry: unknown, bindingNamespace: string | undefined): Subject | undefined {
  const name = stringAt(entry, 'name') ?? '';
  switch (stringAt(entry, 'kind')) {
    case 'User':
      return userNamed(name);
    case 'Group':
      return groupNamed(name);
    case 'ServiceAccount': {
      const said = stringAt(entry, 'namespace') ?? '';
      const namespace = said === '' ? bindingNamespace : said;
      return namespace === undefined ? undefined : userNamed(`system:serviceaccount:${namespace}:${name}`);
    }
    default:
      return undefined;
  }
}

/** `RoleBinding/shop-web/dev -> ClusterRole/view`. */
export function viaText(via: readonly Ref[]): string {
  return via.map(titleOf).join(' -> ');
}
