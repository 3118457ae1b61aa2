import { compareText, isString, stringAt } from '../../lib/index.ts';
import { podOf, type KubeObject } from '../../objects/index.ts';
import { grantsOf, isMakers, type Account, type PolicyGrant } from './grants.ts';
import type { ImportedPolicy } from './imported-policy.ts';

/** Which profile a service account's pods get, and whose word that is. */
export interface Assigned {
  /** Undefined: no policy could be used, and no pod ran. */
  readonly profile: string | undefined;
  /** In the order in which they were tried. */
  readonly policies: readonly string[];
  /** The bindings that say so. */
  readonly via: readonly string[];
}

/** What a namespace of a Tenant or an Addon gets. */
export interface NamespaceAssignment {
  readonly namespace: string;
  /** Of service accounts without rights of their own. */
  readonly usual: Assigned;
  /** Service accounts whose profile is another. */
  readonly accounts: Readonly<Record<string, Assigned>>;
}

/** Profiles by namespace, and the rights that no profile can say. */
export interface Assignments {
  /** What holds in every namespace that is not listed; undefined: nothing is said of all. */
  readonly everywhere: Assigned | undefined;
  readonly namespaces: readonly NamespaceAssignment[];
  /** Sentences. */
  readonly left: readonly string[];
}

/** What assignments are made of. */
export interface Choice {
  /** Every policy, in the order of names. */
  readonly names: readonly string[];
  /** The profile for policies that may be used together. */
  readonly together: (names: readonly string[]) => ImportedPolicy;
}

/** Who gets which profile, from rights to use policies. */
export function assignmentsOf(
  objects: readonly KubeObject[],
  grants: readonly PolicyGrant[],
  choice: Choice,
): Assignments {
  const accounts = accountsIn(objects, grants);
  const namespaces = [...new Set(accounts.map((one) => one.namespace))].toSorted(compareText);
  const nowhere = { namespace: '', name: undefined };
  const everywhere = assignedTo(nowhere, grants, choice);
  return {
    everywhere: everywhere.profile === undefined ? undefined : everywhere,
    namespaces: namespaces.map((namespace) => {
      const usual = assignedTo({ namespace, name: undefined }, grants, choice);
      const own = accounts
        .filter((one) => one.namespace === namespace && one.name !== undefined)
        .map((account) => [account.name ?? '', assignedTo(account, grants, choice)] as const)
        .filter(([, assigned]) => assigned.policies.join() !== usual.policies.join());
      return { namespace, usual, accounts: Object.fromEntries(own) };
    }),
    left: leftOut(grants),
  };
}

function assignedTo(account: Account, grants: readonly PolicyGrant[], choice: Choice): Assigned {
  const inScope = (one: PolicyGrant): boolean =>
    one.namespace === undefined || one.namespace === account.namespace;
  const mine = [...grantsOf(account, grants), ...grants.filter((one) => isMakers(one) && inScope(one))];
  const isMeant = (name: string): boolean => mine.some(({ policy }) => policy === name || policy === '*');
  const policies = choice.names.filter(isMeant);
  const via = [...new Set(mine.map((one) => one.via))];
  const profile = policies.length === 0 ? undefined : choice.together(policies).imported.profile.name;
  return { profile, policies, via };
}

/** Namespaces and service accounts that anything speaks of. */
function accountsIn(objects: readonly KubeObject[], grants: readonly PolicyGrant[]): readonly Account[] {
  const found: Account[] = [
    ...grants.flatMap(({ namespace }) => (namespace === undefined ? [] : [{ namespace, name: undefined }])),
    ...grants
      .filter(({ kind, accountNamespace }) => kind === 'ServiceAccount' && accountNamespace !== '')
      .map(({ accountNamespace, name }) => ({ namespace: accountNamespace, name })),
    ...grants.flatMap(({ kind, name }) => {
      const namespace = kind === 'Group' ? /^system:serviceaccounts:(.+)$/.exec(name)?.[1] : undefined;
      return namespace === undefined ? [] : [{ namespace, name: undefined }];
    }),
    ...objects.flatMap(accountOf),
  ];
  return [...new Map(found.map((one) => [`${one.namespace}/${one.name ?? ''}`, one])).values()];
}

function accountOf(object: KubeObject): readonly Account[] {
  const { name, namespace } = object.metadata;
  if (object.kind === 'Namespace') return [{ namespace: name, name: undefined }];
  if (namespace === undefined) return [];
  if (object.kind === 'ServiceAccount') return [{ namespace, name }];
  const pod = podOf(object);
  const account = stringAt(pod?.spec, 'serviceAccountName') ?? stringAt(pod?.spec, 'serviceAccount');
  return pod === undefined ? [] : [{ namespace, name: isString(account) ? account : 'default' }];
}

/** Rights of people and groups: what a pod may be depends on its service account since, not on who makes it. */
function leftOut(grants: readonly PolicyGrant[]): readonly string[] {
  const people = grants.filter(
    (one) =>
      !isMakers(one) &&
      (one.kind === 'User' ||
        (one.kind === 'Group' && !/^system:(serviceaccounts|authenticated)/.test(one.name))),
  );
  const sentences = people.map(({ kind, name, policy, namespace, via }) => {
    const where = namespace === undefined ? 'everywhere' : `in ${namespace}`;
    const which = policy === '*' ? 'every policy' : policy;
    return `${kind} ${name} could make pods under ${which} ${where} (${via}): a pod's profile is that of its service account, whoever makes it`;
  });
  // A binding may name somebody twice.
  return [...new Set(sentences)];
}
