import { at, listAt, numberAt, type PathStep } from '../../lib/index.ts';
import type { RuledContainer, RuledPod } from './pod.ts';
import { containersWhere, podWhere, type Offence, type PodRule } from './rule.ts';
import type { Ids, PodRules, Range } from './rules.ts';

const isIn = (ranges: readonly Range[], id: number): boolean =>
  ranges.some((range) => range.min <= id && id <= range.max);

/** The first id that ranges allow, where a missing one could be set. */
const firstOf = (ranges: readonly Range[]): number | undefined => ranges[0]?.min;

/** What a container says of itself, else what its pod says. */
function effective(pod: RuledPod, container: RuledContainer, field: string): unknown {
  return at(container.securityContext, field) ?? at(pod.securityContext, field);
}

function idText(id: unknown): string {
  return typeof id === 'number' ? String(id) : 'none';
}

/** Where the value that counts was said, or would be. */
function placeOf(pod: RuledPod, container: RuledContainer, field: string): readonly PathStep[] {
  const isOwn =
    at(container.securityContext, field) !== undefined || at(pod.securityContext, field) === undefined;
  return isOwn ? [...container.path, 'securityContext', field] : ['securityContext', field];
}

function isBadUser(pod: RuledPod, container: RuledContainer, { runAsUser }: PodRules): boolean {
  const uid = effective(pod, container, 'runAsUser');
  if (runAsUser.rule === 'RunAsAny') return false;
  if (runAsUser.rule === 'MustRunAs')
    return !pod.isWindows && !(typeof uid === 'number' && isIn(runAsUser.ranges, uid));
  const nonRoot = effective(pod, container, 'runAsNonRoot');
  return uid === 0 || nonRoot === false || (typeof uid !== 'number' && nonRoot !== true);
}

function userOffence(pod: RuledPod, container: RuledContainer, { runAsUser }: PodRules): Offence {
  const uid = effective(pod, container, 'runAsUser');
  const isRoot = uid === 0 || runAsUser.rule === 'MustRunAs';
  const field = isRoot ? 'runAsUser' : 'runAsNonRoot';
  return {
    subject: `container ${container.name}`,
    detail: idText(uid),
    path: placeOf(pod, container, field),
    actual: effective(pod, container, field),
    fix: field === 'runAsNonRoot' ? true : (firstOf(runAsUser.ranges) ?? 1000),
  };
}

const celUid = 'c.?securityContext.?runAsUser.orValue(variables.context.?runAsUser.orValue(-1))';
const celNonRoot =
  'c.?securityContext.?runAsNonRoot.optMap(b, b ? 1 : 0).orValue(variables.context.?runAsNonRoot.optMap(b, b ? 1 : 0).orValue(-1))';
const celIn = (field: string, id: string) =>
  `variables.profile.${field}.ranges.exists(r, r.min <= ${id} && ${id} <= r.max)`;
const celIdText = (id: string) => `[${id} < 0 ? 'none' : string(${id})]`;

const users: PodRule = {
  code: 'TRY-SEC-012',
  field: 'runAsUser',
  says: 'must not run as this user',
  offences: (pod, rules) =>
    pod.containers
      .filter((container) => isBadUser(pod, container, rules))
      .map((container) => userOffence(pod, container, rules)),
  cel: containersWhere(
    'TRY-SEC-012',
    `variables.profile.runAsUser.rule == 'MustRunAs' ? !variables.isWindows && !${celIn('runAsUser', celUid)} : variables.profile.runAsUser.rule == 'MustRunAsNonRoot' && (${celUid} == 0 || ${celNonRoot} == 0 || (${celUid} < 0 && ${celNonRoot} != 1))`,
    celIdText(celUid),
  ),
};

/** True when an id, or its absence, breaks a rule. */
function isBadId(id: unknown, ids: Ids, isWindows: boolean): boolean {
  if (ids.rule === 'RunAsAny') return false;
  if (typeof id !== 'number') return ids.rule === 'MustRunAs' && !isWindows;
  return !isIn(ids.ranges, id);
}

const celBadId = (field: string, id: string) =>
  `variables.profile.${field}.rule != 'RunAsAny' && (${id} < 0 ? variables.profile.${field}.rule == 'MustRunAs' && !variables.isWindows : !${celIn(field, id)})`;
const celGid = 'c.?securityContext.?runAsGroup.orValue(variables.context.?runAsGroup.orValue(-1))';

const groups: PodRule = {
  code: 'TRY-SEC-013',
  field: 'runAsGroup',
  says: 'must not run as this group',
  offences: (pod, { runAsGroup }) =>
    pod.containers.flatMap((container) => {
      const gid = effective(pod, container, 'runAsGroup');
      if (!isBadId(gid, runAsGroup, pod.isWindows)) return [];
      const path = placeOf(pod, container, 'runAsGroup');
      const fix = firstOf(runAsGroup.ranges);
      return [{ subject: `container ${container.name}`, detail: idText(gid), path, actual: gid, fix }];
    }),
  cel: containersWhere('TRY-SEC-013', celBadId('runAsGroup', celGid), celIdText(celGid)),
};

function supplementalOffences(pod: RuledPod, { supplementalGroups }: PodRules): readonly Offence[] {
  const { rule, ranges } = supplementalGroups;
  const found = listAt(pod.securityContext, 'supplementalGroups');
  const path = ['securityContext', 'supplementalGroups'];
  if (rule === 'RunAsAny') return [];
  if (found.length === 0) {
    const first = firstOf(ranges);
    const isMissing = rule === 'MustRunAs' && !pod.isWindows;
    return isMissing ? [{ subject: 'pod', detail: 'none', path, actual: undefined, fix: [first] }] : [];
  }
  return found
    .filter((id) => typeof id !== 'number' || !isIn(ranges, id))
    .map((id) => ({ subject: 'pod', detail: String(id), path, actual: found }));
}

const celGroups = 'variables.context.?supplementalGroups.orValue([])';
const celBadGroups = `(size(${celGroups}) == 0 ? (variables.profile.supplementalGroups.rule == 'MustRunAs' && !variables.isWindows ? ['none'] : []) : ${celGroups}.filter(g, !${celIn('supplementalGroups', 'g')}).map(g, string(g)))`;

const supplemental: PodRule = {
  code: 'TRY-SEC-014',
  field: 'supplementalGroups',
  says: 'must not have these supplemental groups',
  offences: supplementalOffences,
  cel: podWhere(
    'TRY-SEC-014',
    `variables.profile.supplementalGroups.rule != 'RunAsAny' && size(${celBadGroups}) > 0`,
    celBadGroups,
  ),
};

const celFsGroup = 'variables.context.?fsGroup.orValue(-1)';

const fsGroup: PodRule = {
  code: 'TRY-SEC-015',
  field: 'fsGroup',
  says: 'must not have this group of volumes',
  offences: (pod, rules) => {
    const id = numberAt(pod.securityContext, 'fsGroup');
    if (!isBadId(id, rules.fsGroup, pod.isWindows)) return [];
    const path = ['securityContext', 'fsGroup'];
    return [{ subject: 'pod', detail: idText(id), path, actual: id, fix: firstOf(rules.fsGroup.ranges) }];
  },
  cel: podWhere('TRY-SEC-015', celBadId('fsGroup', celFsGroup), celIdText(celFsGroup)),
};

/** As whom a pod may run. */
export const userRules: readonly PodRule[] = [users, groups, supplemental, fsGroup];
