import { labels, stringsAt } from '../lib/index.ts';
import type { KubeObject } from '../objects/index.ts';
import type { SecurityProfile } from '../spec/index.ts';
import { loosest, podSecurityLevel, podSecurityLevels } from './pod-security/profile-level.ts';
import { guardObject, guardSpecOf, type GuardSpec } from './policies/guard.ts';
import { loosenedProfile } from './profile/loosened.ts';
import { podRules } from './profile/rules.ts';

/**
 * Namespaces and Guards as they would be if a profile held in every guarded namespace: service accounts with a profile of their own keep
 * it, and Waivers go on. For `Guards`.
 */
export function simulatedObjects(
  objects: readonly KubeObject[],
  profile: SecurityProfile,
  version: string | undefined,
): readonly KubeObject[] {
  const specs = new Map(
    objects.flatMap((object) => {
      const spec = guardSpecOf(object);
      return spec === undefined ? [] : [[object.metadata.name, spec] as const];
    }),
  );
  return objects.flatMap((object) => {
    const marks = object.kind === 'Namespace' ? stringsAt(object, 'metadata', 'labels') : {};
    const spec = specs.get(marks[labels.guard] ?? '');
    if (spec === undefined) return [];
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
