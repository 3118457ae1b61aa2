import { isEqual, labels, stringsAt, type JsonObject } from '../lib/index.ts';
import { keyOf, mapPodSpec, podSpecOf, refOf, type KubeObject, type Manifest } from '../objects/index.ts';
import type { SecurityProfile } from '../spec/index.ts';
import { loosest, podSecurityLevel, podSecurityLevels } from './pod-security/profile-level.ts';
import { guardNamedIn } from './policies/family.ts';
import { isMutating } from './policies/fill-policies.ts';
import { guardObject, guardSpecsOf, type GuardSpec, type GuardWaiver } from './policies/guard.ts';
import { filledSpec, unfilledSpec } from './profile/fill.ts';
import { loosenedProfile } from './profile/loosened.ts';
import { podRules } from './profile/rules.ts';
import { accountOf } from './verdict.ts';

/** A profile that is tried in every guarded namespace of a cluster. */
export interface Simulated {
  readonly profile: SecurityProfile;
  /** Kubernetes minor version of the cluster. */
  readonly version: string | undefined;
  /** False for a Waiver that the profile does not let hold. */
  readonly holds: (waiver: GuardWaiver) => boolean;
}

/**
 * Namespaces and Guards as they would be if a profile held in every guarded namespace: service accounts with a profile of their own keep
 * it, and Waivers go on where they hold. For `Guards`.
 */
export function simulatedObjects(
  objects: readonly KubeObject[],
  { profile, version, holds }: Simulated,
): readonly KubeObject[] {
  const specs = guardSpecsOf(objects);
  return objects.flatMap((object) => {
    const marks = object.kind === 'Namespace' ? stringsAt(object, 'metadata', 'labels') : {};
    const today = specs.get(marks[labels.guard] ?? '');
    if (today === undefined) return [];
    // A Waiver that only the profile on trial lets hold is not in the Guard of today.
    const tried = specs.get(marks[labels.trial] ?? '')?.waivers ?? [];
    const others = tried.filter((one) => !today.waivers.some((known) => isEqual(known, one)));
    const spec = { ...today, waivers: [...today.waivers, ...others].filter(holds) };
    // Without the tenant: a DaemonSet that is there is not created again.
    const name = `simulated.${object.metadata.name}`;
    const kept = {
      ...Object.fromEntries(
        Object.entries(marks).filter(([label]) => label !== labels.trial && label !== labels.tenant),
      ),
      [labels.guard]: name,
      'pod-security.kubernetes.io/enforce': levelOf(spec, marks, profile),
    };
    return [
      { ...object, metadata: { ...object.metadata, labels: kept } },
      guardObject(name, { ...spec, profile: profile.name, profiles: profilesWith(spec, profile, version) }),
    ];
  });
}

function profilesWith(
  spec: GuardSpec,
  profile: SecurityProfile,
  version: string | undefined,
): GuardSpec['profiles'] {
  const others = spec.profiles.filter(({ name }) => name !== profile.name);
  return [podRules(profile, version), ...others];
}

function levelOf(spec: GuardSpec, marks: Readonly<Record<string, string>>, profile: SecurityProfile): string {
  const rules = spec.waivers.map(({ rule }) => rule);
  const level = podSecurityLevel(loosenedProfile(profile, rules));
  // What service accounts with a profile of their own need is not to be read from the rules: the level of today lets them in.
  const today = podSecurityLevels.find((one) => one === marks['pod-security.kubernetes.io/enforce']);
  return spec.serviceAccounts.length === 0 ? level : loosest([level, today ?? 'privileged']);
}

/** An object of a cluster as it would be written under a profile that is tried. */
export interface SimulatedObject {
  readonly object: KubeObject;
  /** Today's profile, where it may have filled what the object does not say itself. */
  readonly maybeFilledBy: string | undefined;
}

/** Objects of a cluster as they would be written under a profile: what today's profile filled is taken out, what that one fills is in. */
export function simulatedWriter(
  manifests: readonly Manifest[],
  { profile, version }: Omit<Simulated, 'holds'>,
): (live: KubeObject) => SimulatedObject {
  const guards = guardsByNamespace(manifests.map(({ object }) => object));
  const written = new Map(manifests.map((one) => [keyOf(refOf(one.object)), one]));
  return (live) => {
    const guard = guards.get(live.metadata.namespace ?? '');
    const manifest = written.get(keyOf(refOf(live)));
    const isFilled = manifest !== undefined || mayBeFilled(live, version);
    if (guard === undefined || !isFilled || hasOwnProfile(live, guard))
      return { object: live, maybeFilledBy: undefined };
    const object = mapPodSpec(live, (spec) => filledSpec(unfilledBy(spec, manifest), profile).spec);
    return { object, maybeFilledBy: manifest === undefined ? fillingProfile(guard) : undefined };
  };
}

function unfilledBy(spec: JsonObject, manifest: Manifest | undefined): JsonObject {
  const source = manifest === undefined ? undefined : podSpecOf(manifest.object);
  return source === undefined ? spec : unfilledSpec(spec, source, manifest?.filled ?? []);
}

function fillingProfile({ profile, profiles }: GuardSpec): string | undefined {
  const isFilling = profiles.some(({ name, fill }) => name === profile && Object.keys(fill).length > 0);
  return isFilling ? profile : undefined;
}

function guardsByNamespace(objects: readonly KubeObject[]): ReadonlyMap<string, GuardSpec> {
  const specs = guardSpecsOf(objects);
  return new Map(
    objects.flatMap((object) => {
      if (object.kind !== 'Namespace') return [];
      const spec = specs.get(guardNamedIn(object) ?? '');
      return spec === undefined ? [] : [[object.metadata.name, spec] as const];
    }),
  );
}

/** Compiling fills what the fleet writes, and the API server Pods. */
function mayBeFilled(live: KubeObject, version: string | undefined): boolean {
  const isWritten = labels.owner in stringsAt(live, 'metadata', 'labels');
  return isWritten || (live.kind === 'Pod' && isMutating(version));
}

function hasOwnProfile(object: KubeObject, guard: GuardSpec): boolean {
  const account = accountOf({ spec: podSpecOf(object) ?? {} });
  return guard.serviceAccounts.some(({ name }) => name === account);
}
