import { listed, stringAt } from '../../lib/index.ts';
import {
  guardNamedIn,
  guardSpecsOf,
  isPodSecurityRule,
  podSecurityLevels,
  type GuardSpec,
} from '../../guard/index.ts';
import { keyOf, refOf, titleOf, type KubeObject } from '../../objects/index.ts';
import type { Bundle } from '../../compile/index.ts';
import type { ClusterWorld } from '../../world/index.ts';
import { isWrite, type Change, type Effect } from './change.ts';
import { storedThen } from './object-plan.ts';

/** What changes do to Pod Security: levels of namespaces, and workloads whose pods it would warn about. */
export function securityEffects(
  bundle: Bundle,
  world: ClusterWorld,
  changes: readonly Change[],
): readonly Effect[] {
  const writes = changes.filter(isWrite);
  return [...levelEffects(bundle, world, writes), ...writes.flatMap(warnedOf)];
}

// The API server takes the workload and refuses its pods, and says which in the same words.
function warnedOf({ subject, warnings = [] }: Change): readonly Effect[] {
  const title = titleOf(subject);
  return [...new Set(warnings)]
    .filter((text) => text.includes('PodSecurity'))
    .map((text) => effect(title, `${title}: ${text}`));
}

const effect = (subject: string, text: string): Effect => ({
  about: 'pod-security',
  subject,
  text,
  isTooMuch: false,
});

/** Namespaces that are there and get another level, and the Waivers and profiles that do it. */
function levelEffects(bundle: Bundle, world: ClusterWorld, writes: readonly Change[]): readonly Effect[] {
  const spaces = writes.filter(({ subject }) => subject.kind === 'Namespace');
  if (spaces.length === 0) return [];
  const wanted = new Map(bundle.manifests.map(({ object }) => [keyOf(refOf(object)), object]));
  const there = [...world.live].flatMap(([key, found]) =>
    found.is === 'known' && found.value !== undefined ? [[key, found.value] as const] : [],
  );
  const live = new Map(there);
  const [specs, liveSpecs] = [guardSpecsOf([...wanted.values()]), guardSpecsOf([...live.values()])];
  return spaces.flatMap(({ subject }) => {
    const key = keyOf(subject);
    const [before, manifest] = [live.get(key), wanted.get(key)];
    if (before === undefined || manifest === undefined) return [];
    const to = levelOf(storedThen(before, manifest, world.predicted.get(key)));
    const from = levelOf(before);
    if (from === to) return [];
    const guards = [specOf(before, liveSpecs), specOf(manifest, specs)] as const;
    return [effect(subject.name, levelText(subject.name, [from, to], guards))];
  });
}

const levelOf = (namespace: KubeObject): string =>
  stringAt(namespace, 'metadata', 'labels', 'pod-security.kubernetes.io/enforce') ?? 'none';

const specOf = (namespace: KubeObject, specs: ReadonlyMap<string, GuardSpec>): GuardSpec | undefined =>
  specs.get(guardNamedIn(namespace) ?? '');

type Guards = readonly [before: GuardSpec | undefined, after: GuardSpec | undefined];

function levelText(name: string, [from, to]: readonly [string, string], [before, after]: Guards): string {
  const isLower = strictness(to) < strictness(from);
  const waivers = isLower ? waiversOnlyIn(after, before) : waiversOnlyIn(before, after);
  const by = `${isLower ? 'by' : 'without'} Waiver${waivers.length === 1 ? '' : 's'} ${listed(waivers)}`;
  const causes = [...(waivers.length === 0 ? [] : [by]), ...profileChange(before, after)];
  const next =
    isLower || after === undefined
      ? ''
      : `; what runs goes on, \`toryo guard simulate ${after.profile} -n ${name}\` shows what would not start again`;
  return `namespace ${name}: Pod Security ${[`${from} -> ${to}`, ...causes].join(', ')}${next}`;
}

/** More is stricter; a namespace without a level is held as loosely as one of the loosest. */
function strictness(level: string): number {
  const index = podSecurityLevels.findIndex((one) => one === level);
  return index < 0 ? -podSecurityLevels.length : -index;
}

/** Waivers of a Guard that another does not have, of those that a level follows. */
function waiversOnlyIn(guard: GuardSpec | undefined, other: GuardSpec | undefined): readonly string[] {
  const known = new Set(waiversOf(other));
  return [...new Set(waiversOf(guard))].filter((one) => !known.has(one));
}

function waiversOf(guard: GuardSpec | undefined): readonly string[] {
  const found = guard?.waivers.filter(({ rule }) => isPodSecurityRule(rule)) ?? [];
  return found.map(({ name, rule }) => `${name} (${rule})`);
}

function profileChange(before: GuardSpec | undefined, after: GuardSpec | undefined): readonly string[] {
  if (before === undefined || after === undefined || before.profile === after.profile) return [];
  return [`profile ${before.profile} -> ${after.profile}`];
}
