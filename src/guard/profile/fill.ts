import { at, isArray, isObject, listAt, objectAt, type JsonObject } from '../../lib/index.ts';
import type { SecurityProfile } from '../../spec/index.ts';

/** The part of a profile that filling reads. */
export type FillingProfile = Pick<
  SecurityProfile,
  'fill' | 'seccomp' | 'requiredDropCapabilities' | 'runAsUser' | 'runAsGroup'
>;

/** A pod's spec with what a profile fills, and what was filled: `containers[0].securityContext.seccompProfile`. */
export interface Filled {
  readonly spec: JsonObject;
  readonly paths: readonly string[];
}

const lists = ['initContainers', 'containers', 'ephemeralContainers'] as const;

/**
 * Sets what a profile says to fill where neither the pod nor the container says anything; a value that is there is never changed.
 * The pod gets what all containers share, a container only what has no place in the pod.
 */
export function filledSpec(spec: JsonObject, profile: FillingProfile | undefined): Filled {
  if (profile === undefined || profile.fill.length === 0 || at(spec, 'os', 'name') === 'windows')
    return { spec, paths: [] };
  const paths: string[] = [];
  const context = podContext(objectAt(spec, 'securityContext'), profile, paths);
  const filledLists = lists.flatMap((list) => {
    const containers = spec[list];
    if (!isArray(containers)) return [];
    return [
      [
        list,
        containers.map((one, index) =>
          filledContainer(one, { profile, context }, (field) =>
            paths.push(`${list}[${index}].securityContext.${field}`),
          ),
        ),
      ] as const,
    ];
  });
  if (paths.length === 0) return { spec, paths };
  const whole = Object.keys(context).length === 0 ? {} : { securityContext: context };
  return { spec: { ...spec, ...whole, ...Object.fromEntries(filledLists) }, paths };
}

function podContext(context: JsonObject, { fill, seccomp }: FillingProfile, paths: string[]): JsonObject {
  const wanted = {
    ...(fill.includes('seccomp') ? { seccompProfile: firstSeccomp(seccomp) } : {}),
    ...(fill.includes('runAsNonRoot') ? { runAsNonRoot: true } : {}),
  };
  const missing = Object.entries(wanted).filter(([field]) => context[field] === undefined);
  paths.push(...missing.map(([field]) => `securityContext.${field}`));
  return missing.length === 0 ? context : { ...context, ...Object.fromEntries(missing) };
}

/** The first profile of a list that names one: `Localhost/audit.json` is a file of the node, `Localhost` any of them. */
function firstSeccomp(words: readonly string[]): JsonObject {
  const named = words.find((word) => /^(RuntimeDefault|Unconfined|Localhost\/.+)$/.test(word));
  return named?.startsWith('Localhost/') === true
    ? { type: 'Localhost', localhostProfile: named.slice('Localhost/'.length) }
    : { type: named ?? 'RuntimeDefault' };
}

interface Around {
  readonly profile: FillingProfile;
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

function missingFields(context: JsonObject, { profile, context: whole }: Around): JsonObject {
  const { fill, requiredDropCapabilities } = profile;
  const isOpen = (field: string): boolean => context[field] === undefined && whole[field] === undefined;
  const capabilities = objectAt(context, 'capabilities');
  const isDropping = fill.includes('dropCapabilities') && capabilities['drop'] === undefined;
  const isClosing = fill.includes('allowPrivilegeEscalation') && !isEscalating(context);
  const wanted = {
    allowPrivilegeEscalation: isClosing ? false : undefined,
    capabilities: isDropping ? { ...capabilities, drop: dropsOf(requiredDropCapabilities) } : undefined,
    readOnlyRootFilesystem: fill.includes('readOnlyRootFilesystem') ? true : undefined,
    runAsUser: fill.includes('runAsUser') ? profile.runAsUser.ranges[0]?.min : undefined,
    runAsGroup: fill.includes('runAsGroup') ? profile.runAsGroup.ranges[0]?.min : undefined,
  };
  const missing = Object.entries(wanted).filter(
    ([field, value]) => value !== undefined && (field === 'capabilities' || isOpen(field)),
  );
  return Object.fromEntries(missing);
}

const dropsOf = (required: readonly string[]): readonly string[] =>
  required.length === 0 ? ['ALL'] : required;

// The API server refuses one of these that may not gain privileges.
function isEscalating(context: JsonObject): boolean {
  const adds = listAt(context, 'capabilities', 'add');
  return context['privileged'] === true || adds.includes('SYS_ADMIN') || adds.includes('CAP_SYS_ADMIN');
}
