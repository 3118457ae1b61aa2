import { at, isArray, isObject, listAt, objectAt, type JsonObject } from '../../lib/index.ts';
import type { SecurityProfile } from '../../spec/index.ts';

type Fillable = SecurityProfile['fill'][number];

/** A pod's spec with what a profile fills, and what was filled: `containers[0].securityContext.seccompProfile`. */
export interface Filled {
  readonly spec: JsonObject;
  readonly paths: readonly string[];
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
export function filledSpec(spec: JsonObject, fill: readonly Fillable[]): Filled {
  if (fill.length === 0 || at(spec, 'os', 'name') === 'windows') return { spec, paths: [] };
  const paths: string[] = [];
  const context = podContext(objectAt(spec, 'securityContext'), fill, paths);
  const filledLists = lists.flatMap((list) => {
    const containers = spec[list];
    if (!isArray(containers)) return [];
    return [
      [
        list,
        containers.map((one, index) =>
          filledContainer(one, fill, (field) => paths.push(`${list}[${index}].securityContext.${field}`)),
        ),
      ] as const,
    ];
  });
  if (paths.length === 0) return { spec, paths };
  const whole = Object.keys(context).length === 0 ? {} : { securityContext: context };
  return { spec: { ...spec, ...whole, ...Object.fromEntries(filledLists) }, paths };
}

function podContext(context: JsonObject, fill: readonly Fillable[], paths: string[]): JsonObject {
  const wanted = {
    ...(fill.includes('seccomp') ? { seccompProfile: { type: 'RuntimeDefault' } } : {}),
    ...(fill.includes('runAsNonRoot') ? { runAsNonRoot: true } : {}),
  };
  const missing = Object.entries(wanted).filter(([field]) => isUnsaid(context[field]));
  paths.push(...missing.map(([field]) => `securityContext.${field}`));
  return missing.length === 0 ? context : { ...context, ...Object.fromEntries(missing) };
}

function filledContainer(
  container: unknown,
  fill: readonly Fillable[],
  tell: (field: string) => void,
): unknown {
  if (!isObject(container)) return container;
  const context = objectAt(container, 'securityContext');
  const capabilities = objectAt(context, 'capabilities');
  const added: Record<string, unknown> = {};
  if (
    fill.includes('allowPrivilegeEscalation') &&
    isUnsaid(context['allowPrivilegeEscalation']) &&
    !mustEscalate(context)
  ) {
    added['allowPrivilegeEscalation'] = false;
    tell('allowPrivilegeEscalation');
  }
  if (fill.includes('dropCapabilities') && isUnsaid(capabilities['drop'])) {
    added['capabilities'] = { ...capabilities, drop: ['ALL'] };
    tell('capabilities.drop');
  }
  return Object.keys(added).length === 0
    ? container
    : { ...container, securityContext: { ...context, ...added } };
}

/** The API server refuses containers that are privileged, or add CAP_SYS_ADMIN in these letters, and may not gain privileges. */
function mustEscalate(context: JsonObject): boolean {
  return context['privileged'] === true || listAt(context, 'capabilities', 'add').includes('CAP_SYS_ADMIN');
}
