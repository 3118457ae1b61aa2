import {
  isPlatformNamespace,
  platformTenant,
  problem,
  tenantUserOf,
  type Diagnostic,
  type Origin,
  type PathStep,
} from '../lib/index.ts';
import {
  everyPodRule,
  guardObjects,
  guardOf,
  type Guard,
  type GuardWaiver,
  type GuardedNamespace,
} from '../guard/index.ts';
import type { KubeObject, Manifest } from '../objects/index.ts';
import {
  strictestProfile,
  type Cluster,
  type Fleet,
  type Placed,
  type SecurityProfile,
  type Waiver,
} from '../spec/index.ts';
import { accountsOf } from './waived-accounts.ts';
import { isWaivable, mayHold } from './waiver-terms.ts';

/** A namespace of a cluster as it was wished for. */
export interface NamespaceWish {
  readonly name: string;
  readonly tenant: string;
  readonly profile: string;
  readonly trial?: { readonly profile: string; readonly as: 'warn' | 'audit' } | undefined;
  readonly serviceAccounts: Readonly<Record<string, string>>;
  readonly serviceTypes: readonly string[];
  readonly editors: readonly string[];
  /** The Tenant or Addon on the cluster that says it, and the path there. */
  readonly whole: Placed;
  readonly base: readonly PathStep[];
}

/** What guards a namespace of a cluster. */
export interface Guarding {
  readonly wish: NamespaceWish;
  readonly namespace: GuardedNamespace;
  readonly guard: Guard;
  /** `namespace` as it would be: the profile that is tried, with the Waivers that it lets hold. */
  readonly trial:
    | { readonly guard: Guard; readonly as: 'warn' | 'audit'; readonly namespace: GuardedNamespace }
    | undefined;
}

/** What guards each namespace of tenants and add-ons on a cluster, by its name. */
export function guardingsOn(
  {
    fleet,
    cluster,
    workloads,
  }: { readonly fleet: Fleet; readonly cluster: Cluster; readonly workloads: readonly Manifest[] },
  diagnostics: Diagnostic[],
): ReadonlyMap<string, Guarding> {
  const every = wishesOn(fleet, cluster.name);
  diagnostics.push(...every.flatMap(borrowed));
  const wishes = every.filter((wish) => hasProfiles(fleet, wish));
  const made = wishes.map((wish): readonly [string, Guarding] => {
    const profile = profileOf(fleet, wish.profile);
    const meant = waiversFor(fleet, cluster.name, wish.name);
    const compiled = (waivers: readonly Waiver[]) => guardWaivers(waivers, wish.name, workloads);
    const trial = trialOf(fleet, wish, (tried) => compiled(meant.filter((one) => mayHold(one, tried))));
    const isOnlyTried = (waiver: Waiver): boolean =>
      trial !== undefined && !isWaivable(waiver, profile) && mayHold(waiver, trial.namespace.profile);
    const namespace = {
      name: wish.name,
      profile,
      serviceAccounts: Object.fromEntries(
        Object.entries(wish.serviceAccounts).map(([account, name]) => [account, profileOf(fleet, name)]),
      ),
      waivers: compiled(meant.filter((one) => !isOnlyTried(one))),
      serviceTypes: wish.serviceTypes,
    };
    return [
      wish.name,
      {
        wish,
        namespace,
        guard: guardOf(namespace, cluster.version),
        trial: trial && { ...trial, guard: guardOf(trial.namespace, cluster.version, `${trial.as}.`) },
      },
    ];
  });
  return new Map(made);
}

function trialOf(
  fleet: Fleet,
  { name, trial, serviceTypes }: NamespaceWish,
  waiversUnder: (profile: SecurityProfile) => readonly GuardWaiver[],
): Omit<NonNullable<Guarding['trial']>, 'guard'> | undefined {
  if (trial === undefined) return undefined;
  const profile = profileOf(fleet, trial.profile);
  const waivers = waiversUnder(profile);
  return { as: trial.as, namespace: { name, profile, serviceAccounts: {}, waivers, serviceTypes } };
}

/** Every policy, Guard and binding of a cluster, and the rights to name service accounts of their own. */
export function guardingObjects(
  guardings: ReadonlyMap<string, Guarding>,
  cluster: Cluster,
  from: Origin,
): readonly KubeObject[] {
  const all = [...guardings.values()];
  if (all.length === 0) return [];
  const enforced = new Map(all.map(({ guard }) => [guard.name, guard]));
  const tried = new Map(
    all.flatMap(({ trial }) => (trial === undefined ? [] : [[trial.guard.name, trial] as const])),
  );
  const fallback = guardOf(
    {
      name: '',
      profile: strictestProfile('strictest', from),
      serviceAccounts: {},
      waivers: [],
      serviceTypes: [],
    },
    cluster.version,
  );
  return [
    ...guardObjects({
      enforced: [...enforced.values()],
      tried: [...tried.values()],
      fallback: fallback.spec,
      version: cluster.version,
    }),
    ...all.flatMap(useObjects),
  ];
}

/** A tenant's own deployer may name the service accounts that the tenant gave a profile of their own. */
function useObjects({ wish, guard }: Guarding): readonly KubeObject[] {
  if (wish.tenant === platformTenant || guard.spec.serviceAccounts.length === 0) return [];
  const group = 'rbac.authorization.k8s.io';
  const name = `toryo:use:${guard.name}`;
  return [
    {
      apiVersion: `${group}/v1`,
      kind: 'ClusterRole',
      metadata: { name },
      rules: [
        { apiGroups: ['toryo.dev'], resources: ['guards'], resourceNames: [guard.name], verbs: ['use'] },
      ],
    },
    {
      apiVersion: `${group}/v1`,
      kind: 'ClusterRoleBinding',
      metadata: { name },
      roleRef: { apiGroup: group, kind: 'ClusterRole', name },
      subjects: [{ apiGroup: group, kind: 'User', name: tenantUserOf(wish.tenant) }],
    },
  ];
}

/** False where a profile has mistakes: nothing is concluded from one that would stand for it. */
function hasProfiles(
  { profiles, leftOut }: Fleet,
  { profile, trial, serviceAccounts }: NamespaceWish,
): boolean {
  const named = [profile, ...(trial === undefined ? [] : [trial.profile]), ...Object.values(serviceAccounts)];
  return leftOut === undefined || named.every((name) => profiles.has(name));
}

function profileOf(fleet: Fleet, name: string): SecurityProfile {
  return fleet.profiles.get(name) ?? strictestProfile(name, fleet.from);
}

/** Namespaces of tenants and add-ons on a cluster. */
export function wishesOn(fleet: Fleet, cluster: string): readonly NamespaceWish[] {
  const tenants = [...fleet.tenants.values()].flatMap((tenant) => {
    const on = tenant.on.get(cluster);
    if (on === undefined) return [];
    const editors = on.teams
      .filter(({ can }) => can.some((word) => word === 'edit' || word === 'admin'))
      .map(({ name }) => name);
    return on.namespaces.map((namespace, index) => ({
      ...namespace,
      tenant: tenant.name,
      editors,
      whole: on,
      base: ['namespaces', index],
    }));
  });
  const addons = fleet.addons.flatMap((addon) => {
    const on = addon.on.get(cluster);
    if (on === undefined || isPlatformNamespace(on.namespace.name)) return [];
    return [
      {
        ...on.namespace,
        tenant: platformTenant,
        editors: [],
        serviceTypes: ['LoadBalancer', 'NodePort'],
        whole: on,
        base: ['namespace'],
      },
    ];
  });
  return [...tenants, ...addons];
}

// Whoever may write a workload could name the service account: nobody may in its namespace.
function borrowed(wish: NamespaceWish): readonly Diagnostic[] {
  const [profile] = Object.values(wish.serviceAccounts);
  const [team] = wish.editors;
  if (profile === undefined || team === undefined) return [];
  return [
    problem('TRY-SEC-046', wish.whole.place.locate([...wish.base, 'serviceAccounts']), {
      namespace: wish.name,
      team,
      profile,
    }),
  ];
}

const podRuleCodes: ReadonlySet<string> = new Set(everyPodRule.map(({ code }) => code));

/** Waivers of rules about pods that are for a namespace. */
function waiversFor(fleet: Fleet, cluster: string, namespace: string): readonly Waiver[] {
  return fleet.waivers.filter(
    (waiver) => podRuleCodes.has(waiver.rule) && isFor(waiver, fleet, cluster, namespace),
  );
}

function guardWaivers(
  waivers: readonly Waiver[],
  namespace: string,
  workloads: readonly Manifest[],
): readonly GuardWaiver[] {
  return waivers.flatMap(({ name, rule, target, owner, expires }) =>
    accountsOf(target.app, namespace, workloads).map((serviceAccount) => ({
      name,
      rule,
      container: target.container ?? '',
      serviceAccount,
      owner,
      expires,
    })),
  );
}

function isFor({ target }: Waiver, fleet: Fleet, cluster: string, namespace: string): boolean {
  if (target.cluster !== undefined && target.cluster !== cluster) return false;
  if (target.namespace !== undefined && target.namespace !== namespace) return false;
  if (target.app === undefined) return true;
  const app = fleet.apps.find((one) => `${one.tenant}/${one.name}` === target.app);
  return app?.on.get(cluster)?.namespace === namespace;
}
