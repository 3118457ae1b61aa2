import { digestOf, guardKind, isArray, isObject } from '../../lib/index.ts';
import type { KubeObject } from '../../objects/index.ts';
import type { SecurityProfile } from '../../spec/index.ts';
import { podRules, type PodRules } from '../profile/rules.ts';

/** A Waiver as policies meet it: empty texts are every container, every service account. */
export interface GuardWaiver {
  /** Of the Waiver. */
  readonly name: string;
  readonly rule: string;
  readonly container: string;
  readonly serviceAccount: string;
  /** For those who read the object: no policy knows the time. */
  readonly owner?: string;
  readonly expires?: string;
}

/** What pods of some namespaces may be: what policies read as their parameter. */
export interface GuardSpec {
  /** Name of the profile of a service account without one of its own. */
  readonly profile: string;
  readonly serviceAccounts: readonly { readonly name: string; readonly profile: string }[];
  readonly profiles: readonly PodRules[];
  readonly waivers: readonly GuardWaiver[];
  /** Types of Services besides ClusterIP and ExternalName. */
  readonly serviceTypes: readonly string[];
}

/** A namespace of one cluster and what holds in it. */
export interface GuardedNamespace {
  readonly name: string;
  readonly profile: SecurityProfile;
  readonly serviceAccounts: Readonly<Record<string, SecurityProfile>>;
  readonly waivers: readonly GuardWaiver[];
  readonly serviceTypes: readonly string[];
}

/** A Guard: its name on the cluster, and what it says. */
export interface Guard {
  readonly name: string;
  readonly spec: GuardSpec;
}

const longestName = 63;

/** The Guard of a namespace; namespaces that say the same and nothing of their own share one. Its name begins with `mark`. */
export function guardOf(namespace: GuardedNamespace, version: string | undefined, mark = ''): Guard {
  const accounts = Object.entries(namespace.serviceAccounts);
  const isShared = accounts.length === 0 && namespace.waivers.length === 0;
  const profiles = [namespace.profile, ...accounts.map(([, profile]) => profile)];
  const byName = new Map(profiles.map((profile) => [profile.name, podRules(profile, version)]));
  const types = namespace.serviceTypes.map((type) => `.${type.toLowerCase()}`).join('');
  return {
    name: isShared
      ? guardName(`${mark}profile.${namespace.profile.name}${types}`)
      : guardName(`${mark}namespace.${namespace.name}`),
    spec: {
      profile: namespace.profile.name,
      serviceAccounts: accounts.map(([name, profile]) => ({ name, profile: profile.name })),
      profiles: [...byName.values()],
      waivers: namespace.waivers,
      serviceTypes: namespace.serviceTypes,
    },
  };
}

// A label's value must hold it.
function guardName(text: string): string {
  if (text.length <= longestName) return text;
  return `${text.slice(0, longestName - 9)}.${digestOf(text).slice(-8)}`;
}

/** The Guard as an object of a cluster. */
export function guardObject(name: string, spec: GuardSpec | { readonly digest: string }): KubeObject {
  return { apiVersion: guardKind.apiVersion, kind: guardKind.kind, metadata: { name }, spec };
}

/** What a Guard says; undefined for anything else, and for one that Toryo of this version did not write. */
function guardSpecOf(object: KubeObject): GuardSpec | undefined {
  if (object.kind !== guardKind.kind || object.apiVersion !== guardKind.apiVersion) return undefined;
  const spec = object['spec'];
  return isGuardSpec(spec) ? spec : undefined;
}

/** What the Guards among some objects say, by name. */
export function guardSpecsOf(objects: readonly KubeObject[]): ReadonlyMap<string, GuardSpec> {
  return new Map(
    objects.flatMap((object) => {
      const spec = guardSpecOf(object);
      return spec === undefined ? [] : [[object.metadata.name, spec] as const];
    }),
  );
}

function isGuardSpec(spec: unknown): spec is GuardSpec {
  return (
    isObject(spec) &&
    typeof spec['profile'] === 'string' &&
    ['serviceAccounts', 'profiles', 'waivers', 'serviceTypes'].every((field) => isArray(spec[field]))
  );
}

const column = (name: string, jsonPath: string) => ({ name, type: 'string', jsonPath });

/** The kind of Guards. Cluster-wide: no team may write one, and none goes with its namespace. */
export function guardDefinition(): KubeObject {
  const [group = '', version = ''] = guardKind.apiVersion.split('/');
  const spec = {
    type: 'object',
    description: 'What pods may be; compiled from SecurityProfiles and Waivers, written by Toryo only.',
    'x-kubernetes-preserve-unknown-fields': true,
  };
  return {
    apiVersion: 'apiextensions.k8s.io/v1',
    kind: 'CustomResourceDefinition',
    metadata: { name: `${guardKind.plural}.${group}` },
    spec: {
      group,
      scope: 'Cluster',
      names: {
        kind: guardKind.kind,
        listKind: `${guardKind.kind}List`,
        plural: guardKind.plural,
        singular: guardKind.kind.toLowerCase(),
      },
      versions: [
        {
          name: version,
          served: true,
          storage: true,
          schema: { openAPIV3Schema: { type: 'object', properties: { spec } } },
          additionalPrinterColumns: [column('Profile', '.spec.profile')],
        },
      ],
    },
  };
}
