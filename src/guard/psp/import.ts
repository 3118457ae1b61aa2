import { compareText, inReadingOrder, warning, type Diagnostic } from '../../lib/index.ts';
import { podSecurityLevel } from '../pod-security/profile-level.ts';
import { assignmentsOf, type Assignments } from './assignments.ts';
import { comparisonOf, type Comparison } from './differences/comparison.ts';
import { togetherOf } from './differences/together.ts';
import { podWith, type Ground } from './differences/aspect.ts';
import { profileText } from './document.ts';
import { chosenPolicy } from './evaluation.ts';
import { policyGrants, unknownBindings, type PolicyGrant } from './grants.ts';
import type { Holder, ImportedPolicy } from './imported-policy.ts';
import type { Psp } from './policy.ts';
import { profileOf, type ImportedProfile } from './profile.ts';
import type { PolicySources } from './reading.ts';
import { containingPolicy, mergedProfile } from './union.ts';

/** How policies are imported. */
export interface ImportWish {
  /** Kubernetes version that profiles will hold on: `1.35`. */
  readonly version: string;
  /** True: what policies leave open stays open. */
  readonly isExact: boolean;
}

/** What PodSecurityPolicies and their bindings become. */
export interface PolicyImport {
  readonly profiles: readonly ImportedPolicy[];
  readonly assignments: Assignments;
  /** Bindings whose role is not in the input: `RoleBinding/shop/psp-use`. */
  readonly unknown: readonly string[];
  readonly diagnostics: readonly Diagnostic[];
}

/** PodSecurityPolicies and the rights to use them as profiles and assignments, with everything that differs. */
export function importPolicies(sources: PolicySources, wish: ImportWish): PolicyImport {
  const diagnostics: Diagnostic[] = [];
  const named = namesFor(sources.policies, diagnostics);
  const profiles = sources.policies.map((policy, index) =>
    importOne(policy, named[index] ?? policy.name, wish),
  );
  const first = new Map(
    profiles
      .toReversed()
      .map((one, index) => [
        one.policies[0] ?? '',
        { policy: sources.policies[profiles.length - 1 - index], imported: one },
      ]),
  );
  const grants = policyGrants(sources.objects);
  const unknown = unknownBindings(sources.objects);
  diagnostics.push(
    ...missingPolicies(grants, first, sources),
    ...unknown.map(({ binding, ...args }) => warning('TRY-PSP-012', sources.placeOf(binding), args)),
  );
  const holders: Holder[] = [...first].flatMap(([name, { policy, imported }]) =>
    policy === undefined ? [] : [{ name, policy, imported }],
  );
  const merged = new Map<string, ImportedPolicy>();
  const assignments = assignmentsOf(sources.objects, grants, {
    names: [...first.keys()].toSorted(compareText),
    together: (names) => {
      const key = names.join(' ');
      const found = merged.get(key) ?? importTogether(names, holders, wish, taken(named, merged));
      if (!profiles.includes(found)) merged.set(key, found);
      return found;
    },
  });
  return {
    profiles: [...profiles, ...new Set(merged.values())],
    assignments,
    unknown: unknown.map(({ via }) => via),
    diagnostics: inReadingOrder(diagnostics),
  };
}

/** Told once of each binding, however many it is for. */
function missingPolicies(
  grants: readonly PolicyGrant[],
  known: ReadonlyMap<string, unknown>,
  { placeOf }: PolicySources,
): readonly Diagnostic[] {
  const missing = grants.filter(({ policy }) => policy !== '*' && !known.has(policy));
  const once = new Map(missing.map((one) => [`${one.via} ${one.policy}`, one]));
  return [...once.values()].map(({ policy, via, binding }) =>
    warning('TRY-PSP-006', placeOf(binding), { via, policy }),
  );
}

const taken = (named: readonly string[], merged: ReadonlyMap<string, ImportedPolicy>): ReadonlySet<string> =>
  new Set([...named, ...[...merged.values()].map((one) => one.imported.profile.name)]);

/** A DNS label for each policy, in order; no two are the same. */
function namesFor(policies: readonly Psp[], diagnostics: Diagnostic[]): readonly string[] {
  const used = new Set<string>();
  return policies.map((policy) => {
    const profile = freeName(policy.name, used);
    const other = policies.find((one) => one.name === policy.name);
    if (other !== undefined && other !== policy) {
      const where = `${other.from.file}:${other.from.line}`;
      diagnostics.push(warning('TRY-PSP-003', policy.from, { policy: policy.name, other: where, profile }));
    }
    used.add(profile);
    return profile;
  });
}

const longest = 63;

function freeName(wanted: string, used: ReadonlySet<string>): string {
  const label = wanted
    .toLowerCase()
    .replaceAll(/[^a-z0-9-]/g, '-')
    .slice(0, longest - 3)
    .replaceAll(/^-+|-+$/g, '');
  for (let count = 1; ; count += 1) {
    const name = count === 1 ? label : `${label}-${count}`;
    if (!used.has(name)) return name;
  }
}

function importOne(policy: Psp, name: string, wish: ImportWish): ImportedPolicy {
  const imported = profileOf(policy, { name, isExact: wish.isExact });
  const ground = { policies: [policy], profile: imported.profile, version: wish.version };
  return finish({ origin: 'policy', imported, ground }, []);
}

interface Half {
  readonly origin: ImportedPolicy['origin'];
  readonly imported: ImportedProfile;
  readonly ground: Ground;
}

function finish({ origin, imported, ground }: Half, told: readonly string[]): ImportedPolicy {
  const { profile, reasons, unwritten } = imported;
  const { policies, version } = ground;
  const level = podSecurityLevel(profile);
  const compared = comparisonOf(ground);
  const comparison = {
    ...compared,
    differences: [...compared.differences, ...togetherOf(ground)],
  };
  const from = policies.map((one) => `${one.name} (${one.from.file}:${one.from.line})`).join(', ');
  const head = [
    `From PodSecurityPolicy ${from}, by \`toryo guard import\`.`,
    `Pod Security level of its namespaces: ${level}. Pods that are answered differently: ${countText(comparison)} (Kubernetes ${version}).`,
  ];
  return {
    policies: policies.map((one) => one.name),
    origin,
    imported,
    level,
    comparison,
    notes: [...told, ...unwrittenNote(unwritten), ...fillNote(profile.fill)],
    document: profileText(profile, head, reasons),
  };
}

function countText({ differences }: Comparison): string {
  if (differences.length === 0) return 'none';
  return `${differences.length} ${differences.length === 1 ? 'class' : 'classes'}`;
}

function unwrittenNote(unwritten: readonly string[]): readonly string[] {
  return unwritten.length === 0
    ? []
    : [
        `the policy wrote into pods that said nothing, and Toryo does not: ${unwritten.join(', ')}; write it into the manifests that need it`,
      ];
}

function fillNote(fill: readonly string[]): readonly string[] {
  return fill.length === 0
    ? []
    : [
        `filled where nothing is said, in what Apps and Addons bring: ${fill.join(', ')}; pods that operators or people make are not filled, and are refused where they say nothing of what the profile requires`,
      ];
}

/** The profile of service accounts that may use several policies. */
function importTogether(
  names: readonly string[],
  holders: readonly Holder[],
  wish: ImportWish,
  used: ReadonlySet<string>,
): ImportedPolicy {
  const mine = names.flatMap((name) => holders.find((one) => one.name === name) ?? []);
  const [first, ...more] = mine;
  if (first === undefined) throw new RangeError('no policy is given');
  if (more.length === 0) return first.imported;
  const policies = mine.map((one) => one.policy);
  const profile = first.imported.imported.profile;
  const ground = { policies, profile, version: wish.version };
  const containing = containingPolicy(ground);
  const order = orderNotes(policies, mine, wish.version);
  const holder = mine.find((one) => one.policy === containing);
  const listed = names.join(', ');
  if (holder !== undefined) {
    const { imported } = holder.imported;
    const told = `of ${listed}, ${holder.name} lets in whatever the others do: its profile is used`;
    const whole = { ...ground, profile: imported.profile };
    return finish({ origin: 'contains', imported, ground: whole }, [told, ...order]);
  }
  const name = freeName(names.join('-or-'), used);
  const { imported } = first.imported;
  const merged = mergedProfile(name, [profile, ...more.map((one) => one.imported.imported.profile)]);
  const told = `none of ${listed} lets in whatever the others do: the profile lets in what any of them does, and more where their fields meet`;
  const unwritten = [...new Set(mine.flatMap((one) => one.imported.imported.unwritten))];
  return finish(
    {
      origin: 'merged',
      imported: { ...imported, profile: merged, reasons: {}, unwritten },
      ground: { ...ground, profile: merged },
    },
    [told, ...order],
  );
}

/** Which of several policies took a pod that says nothing, and what it wrote. */
function orderNotes(
  policies: readonly Psp[],
  holders: readonly Holder[],
  version: string,
): readonly string[] {
  const chosen = chosenPolicy(podWith([]), policies, version);
  if (chosen === undefined) return [];
  const { policy, verdict } = chosen;
  const { imported } = holders.find((one) => one.policy === policy)?.imported ?? {};
  const written = [...(imported?.profile.fill ?? []), ...(imported?.unwritten ?? [])];
  const why = verdict.isMutated
    ? `the first by name that lets it in, which wrote ${written.join(', ')}`
    : 'the first that lets it in as it is';
  return [`a pod that says nothing was taken by ${policy.name}, ${why}`];
}
