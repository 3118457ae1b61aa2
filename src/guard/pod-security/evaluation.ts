import { compareText } from '../../lib/index.ts';
import type { PodParts } from '../../objects/index.ts';
import { confinementControls } from './confinement.ts';
import type { Control, Era, Refusal } from './control.ts';
import { hostControls } from './host.ts';
import { readPod } from './pod.ts';
import { privilegeControls } from './privileges.ts';
import type { PodSecurityLevel } from './profile-level.ts';
import { sysctlControl } from './sysctls.ts';
import { userControls } from './users.ts';
import { volumeControls } from './volumes.ts';

/** The versions whose rules are known, as labels of a namespace write them. */
export const podSecurityVersions = { oldest: 'v1.0', newest: 'v1.37' } as const;

/** What a namespace asks of its pods. */
export interface PodSecurityPolicy {
  readonly level: PodSecurityLevel;
  /** `v1.35` or `latest`, as the label says. */
  readonly version: string;
  /** `1.35`, the version of the API server where it is known: it has no rules of a later one. */
  readonly server?: string | undefined;
}

/** A control that a pod breaks. */
export interface PodSecurityViolation extends Refusal {
  /** `runAsNonRoot`. */
  readonly control: string;
}

/** By level, then by name: the order in which the API server tells them. */
const controls: readonly Control[] = [
  ...hostControls,
  ...volumeControls,
  ...privilegeControls,
  ...userControls,
  ...confinementControls,
  sysctlControl,
].toSorted((left, right) => compareText(left.level, right.level) || compareText(left.id, right.id));

/** What a pod breaks of a Pod Security level, as the API server finds it; take a manifest's pod through `admittedPod` first. */
export function podSecurityViolations(
  pod: PodParts,
  policy: PodSecurityPolicy,
): readonly PodSecurityViolation[] {
  const read = readPod(pod, isAtLeast(policy.server, fieldsOfAppArmor));
  return rulesOf(policy.level, minorOf(policy)).flatMap(({ id, refuse }) => {
    const refusal = refuse(read);
    return refusal === undefined ? [] : [{ control: id, ...refusal }];
  });
}

/** What the API server writes of a pod that it refuses, after `pods "NAME" is forbidden: `. */
export function podSecurityMessage(
  violations: readonly PodSecurityViolation[],
  policy: PodSecurityPolicy,
): string {
  const told = violations.map(({ reason, detail }) => `${reason} (${detail})`);
  return `violates PodSecurity "${policy.level}:${policy.version}": ${told.join(', ')}`;
}

interface Rule extends Era {
  readonly id: string;
}

const known = new Map<string, readonly Rule[]>();

/** The rules of a level in a minor version; made once for each. */
function rulesOf(level: PodSecurityLevel, minor: number): readonly Rule[] {
  const key = `${level} ${minor}`;
  const rules = known.get(key) ?? makeRules(level, minor);
  known.set(key, rules);
  return rules;
}

function makeRules(level: PodSecurityLevel, minor: number): readonly Rule[] {
  if (level === 'privileged') return [];
  const holding = controls
    .filter((control) => level === 'restricted' || control.level === 'baseline')
    .flatMap((control) => {
      const era = control.eras.findLast((one) => one.since <= minor);
      return era === undefined ? [] : [{ control, era }];
    });
  const replaced = new Set(holding.flatMap(({ control }) => control.replaces ?? []));
  return holding
    .filter(({ control }) => !replaced.has(control.id))
    .map(({ control, era }) => ({ id: control.id, ...era }));
}

/** The version since which the API server sets the field of AppArmor where a pod has the annotation. */
const fieldsOfAppArmor = 30;

function isAtLeast(version: string | undefined, minor: number): boolean {
  return Number(version?.split('.')[1] ?? 0) >= minor;
}

function minorOf({ version, server }: PodSecurityPolicy): number {
  const minors = [version, podSecurityVersions.newest, `v${server ?? ''}`].flatMap((text) => {
    const digits = /^v1\.(\d+)$/.exec(text)?.[1];
    return digits === undefined ? [] : [Number(digits)];
  });
  return Math.min(...minors);
}
