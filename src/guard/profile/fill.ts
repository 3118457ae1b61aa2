import { at, canonical, isArray, isObject, listAt, objectAt, type JsonObject } from '../../lib/index.ts';
import type { SecurityProfile } from '../../spec/index.ts';

/** The part of a profile that filling reads. */
export type FillingProfile = Pick<
  SecurityProfile,
  'fill' | 'seccomp' | 'requiredDropCapabilities' | 'runAsUser' | 'runAsGroup'
>;

/** What is written where nothing is said, here and by the policy of a cluster; a field left out is not filled. */
export interface FillValues {
  /** For the whole pod. */
  readonly seccompProfile?: JsonObject;
  readonly runAsNonRoot?: true;
  /** For each container. */
  readonly allowPrivilegeEscalation?: false;
  readonly drop?: readonly string[];
  readonly readOnlyRootFilesystem?: true;
  readonly runAsUser?: number;
  readonly runAsGroup?: number;
}

/** What a profile fills, as values. */
export function fillValues(profile: FillingProfile): FillValues {
  const { fill, requiredDropCapabilities: required } = profile;
  return {
    ...(fill.includes('seccomp') ? { seccompProfile: firstSeccomp(profile.seccomp) } : {}),
    ...(fill.includes('runAsNonRoot') ? { runAsNonRoot: true } : {}),
    ...(fill.includes('allowPrivilegeEscalation') ? { allowPrivilegeEscalation: false } : {}),
    ...(fill.includes('dropCapabilities') ? { drop: required.length === 0 ? ['ALL'] : required } : {}),
    ...(fill.includes('readOnlyRootFilesystem') ? { readOnlyRootFilesystem: true } : {}),
    ...idValues(profile),
  };
}

function idValues({ fill, runAsUser, runAsGroup }: FillingProfile): FillValues {
  const user = fill.includes('runAsUser') ? runAsUser.ranges[0]?.min : undefined;
  const group = fill.includes('runAsGroup') ? runAsGroup.ranges[0]?.min : undefined;
  return {
    ...(user === undefined ? {} : { runAsUser: user }),
    ...(group === undefined ? {} : { runAsGroup: group }),
  };
}

/** The first profile of a list that names one: `Localhost/audit.json` is a file of the node, `Localhost` any of them. */
function firstSeccomp(words: readonly string[]): JsonObject {
  const named = words.find((word) => /^(RuntimeDefault|Unconfined|Localhost\/.+)$/.test(word));
  return named?.startsWith('Localhost/') === true
    ? { type: 'Localhost', localhostProfile: named.slice('Localhost/'.length) }
    : { type: named ?? 'RuntimeDefault' };
}

/** A pod's spec with what a profile fills, and what was filled: `containers[0].securityContext.seccompProfile`. */
export interface Filled {
  readonly spec: JsonObject;
  readonly paths: readonly string[];
}

/** A pod's spec without what was filled in `source`, the spec that filling made, at `paths`; what says something else by now stays. */
export function unfilledSpec(spec: JsonObject, source: JsonObject, paths: readonly string[]): JsonObject {
  return paths.reduce((left, text) => {
    const path = text.split(/[.[\]]+/);
    const isSame = (...place: readonly string[]): boolean =>
      canonical(at(left, ...place)) === canonical(at(source, ...place));
    const [list = '', index = ''] = path;
    const isTheContainer = list === 'securityContext' || isSame(list, index, 'name');
    return isTheContainer && isSame(...path) ? without(left, path) : left;
  }, spec);
}

function without(value: JsonObject, [step = '', ...more]: readonly string[]): JsonObject {
  if (more.length === 0) return Object.fromEntries(Object.entries(value).filter(([key]) => key !== step));
  const inner = value[step];
  if (isObject(inner)) return { ...value, [step]: without(inner, more) };
  if (!isArray(inner)) return value;
  const [index, ...rest] = more;
  const list = inner.map((one, place) =>
    String(place) === index && isObject(one) ? without(one, rest) : one,
  );
  return { ...value, [step]: list };
}

/** What the API server stores as nothing: null, and an empty list. */
function isUnsaid(value: unknown): boolean {
  return value === undefined || value === null || (isArray(value) && value.length === 0);
}

const lists = ['initContainers', 'containers', 'ephemeralContainers'] as const;

/**
 * Sets what a profile says to fill where neither the pod nor the container says anything; a value that is there is never changed.
 * The pod gets what all containers share, a container only what has no place in the pod.
 */
export function filledSpec(spec: JsonObject, profile: FillingProfile | undefined): Filled {
  if (profile === undefined || profile.fill.length === 0 || at(spec, 'os', 'name') === 'windows')
    return { spec, paths: [] };
  const values = fillValues(profile);
  const paths: string[] = [];
  const context = podContext(objectAt(spec, 'securityContext'), values, paths);
  const filledLists = lists.flatMap((list) => {
    const containers = spec[list];
    if (!isArray(containers)) return [];
    const filled = containers.map((one, index) =>
      filledContainer(one, { values, context }, (field) =>
        paths.push(`${list}[${index}].securityContext.${field}`),
      ),
    );
    return [[list, filled] as const];
  });
  if (paths.length === 0) return { spec, paths };
  const whole = Object.keys(context).length === 0 ? {} : { securityContext: context };
  return { spec: { ...spec, ...whole, ...Object.fromEntries(filledLists) }, paths };
}

function podContext(context: JsonObject, values: FillValues, paths: string[]): JsonObject {
  const missing = (['seccompProfile', 'runAsNonRoot'] as const).filter(
    (field) => values[field] !== undefined && isUnsaid(context[field]),
  );
  paths.push(...missing.map((field) => `securityContext.${field}`));
  const added = Object.fromEntries(missing.map((field) => [field, values[field]]));
  return missing.length === 0 ? context : { ...context, ...added };
}

interface Around {
  readonly values: FillValues;
  /** The pod's securityContext. */
  readonly context: JsonObject;
}

function filledContainer(container: unknown, around: Around, tell: (field: string) => void): unknown {
  if (!isObject(container)) return container;
  const context = objectAt(container, 'securityContext');
  const added = missingFields(context, around);
  for (const field of Object.keys(added)) tell(field === 'capabilities' ? 'capabilities.drop' : field);
  return Object.keys(added).length === 0
    ? container
    : { ...container, securityContext: { ...context, ...added } };
}

const ownFields = ['allowPrivilegeEscalation', 'readOnlyRootFilesystem'] as const;
const sharedFields = ['runAsUser', 'runAsGroup'] as const;

function missingFields(context: JsonObject, { values, context: whole }: Around): JsonObject {
  const capabilities = objectAt(context, 'capabilities');
  const isDropping = values.drop !== undefined && isUnsaid(capabilities['drop']);
  const own = ownFields.filter(
    (field) => isUnsaid(context[field]) && !(field === 'allowPrivilegeEscalation' && mustEscalate(context)),
  );
  const shared = sharedFields.filter((field) => isUnsaid(context[field]) && isUnsaid(whole[field]));
  const fields = [...own, ...shared].flatMap((field) =>
    values[field] === undefined ? [] : [[field, values[field]] as const],
  );
  return {
    ...(isDropping ? { capabilities: { ...capabilities, drop: values.drop } } : {}),
    ...Object.fromEntries(fields),
  };
}

/** The API server refuses containers that are privileged, or add CAP_SYS_ADMIN in these letters, and may not gain privileges. */
function mustEscalate(context: JsonObject): boolean {
  return context['privileged'] === true || listAt(context, 'capabilities', 'add').includes('CAP_SYS_ADMIN');
}
