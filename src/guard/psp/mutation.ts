import { isString, listAt, objectAt, type JsonObject } from '../../lib/index.ts';
import type { PodParts } from '../../objects/index.ts';
import { appArmorAnnotation, containerAppArmor, podSeccomp, seccompPodAnnotation } from './confinement.ts';
import {
  containersOf,
  contextOf,
  effective,
  mapContainers,
  withAnnotations,
  withContext,
  withPodContext,
  type PolicedContainer,
} from './pod.ts';
import type { Psp } from './policy.ts';

type Ids = Psp['fsGroup'];

const firstOf = ({ rule, ranges }: Ids): number | undefined =>
  rule === 'MustRunAs' ? ranges[0]?.min : undefined;

/** A field of that value; none when there is no value. */
function set(field: string, value: unknown): JsonObject {
  return value === undefined ? {} : { [field]: value };
}

/** A pod as a policy changes it before it looks at it: what it must have and does not say is filled in. */
export function mutatedBy(pod: PodParts, policy: Psp): PodParts {
  const whole = mutatedWhole(pod, policy);
  return mapContainers(whole, (container) => withContext(container, changes(whole, container, policy)));
}

function mutatedWhole(pod: PodParts, policy: Psp): PodParts {
  const context = contextOf(pod);
  const isWithoutGroups = listAt(context, 'supplementalGroups').length === 0;
  const group = isWithoutGroups ? firstOf(policy.supplementalGroups) : undefined;
  const fields = {
    ...set('supplementalGroups', group === undefined ? undefined : [group]),
    ...(context['fsGroup'] === undefined ? set('fsGroup', firstOf(policy.fsGroup)) : {}),
    ...(context['seLinuxOptions'] === undefined ? set('seLinuxOptions', labelOf(policy)) : {}),
  };
  const usualClass = policy.runtimeClass?.defaultRuntimeClassName;
  const isUnclassed = pod.spec['runtimeClassName'] === undefined && usualClass !== undefined;
  const classed = isUnclassed ? { ...pod, spec: { ...pod.spec, runtimeClassName: usualClass } } : pod;
  const isUnsaid = podSeccomp(pod) === '' && policy.seccomp.usual !== '';
  return withAnnotations(withPodContext(classed, fields), {
    ...(isUnsaid ? { [seccompPodAnnotation]: policy.seccomp.usual } : {}),
    ...armor(pod, policy),
  });
}

function labelOf({ seLinux }: Psp): JsonObject | undefined {
  if (seLinux.rule !== 'MustRunAs') return undefined;
  const said = Object.entries(seLinux.seLinuxOptions ?? {}).filter(([, value]) => value !== '');
  return Object.fromEntries(said);
}

function armor(pod: PodParts, { appArmor }: Psp): Readonly<Record<string, string>> {
  if (appArmor.usual === '') return {};
  const silent = containersOf(pod).filter((container) => containerAppArmor(pod, container) === '');
  return Object.fromEntries(silent.map(({ name }) => [appArmorAnnotation + name, appArmor.usual]));
}

function changes(pod: PodParts, container: PolicedContainer, policy: Psp): JsonObject {
  const isUnset = (field: string): boolean => effective(pod, container, field) === undefined;
  const { context } = container;
  const wanted = {
    readOnlyRootFilesystem: policy.readOnlyRootFilesystem ? true : undefined,
    allowPrivilegeEscalation: usualEscalation(policy),
  };
  const own = Object.entries(wanted).filter(
    ([field, value]) => value !== undefined && context[field] === undefined,
  );
  return {
    ...identity(policy, isUnset),
    ...capabilities(container, policy),
    ...Object.fromEntries(own),
  };
}

function identity({ runAsUser, runAsGroup }: Psp, isUnset: (field: string) => boolean): JsonObject {
  const uid = runAsUser.rule === 'MustRunAs' ? runAsUser.ranges[0]?.min : undefined;
  const isRootOpen = runAsUser.rule === 'MustRunAsNonRoot' && isUnset('runAsNonRoot') && isUnset('runAsUser');
  return {
    ...(isUnset('runAsUser') ? set('runAsUser', uid) : {}),
    ...(isUnset('runAsGroup') ? set('runAsGroup', firstOf(runAsGroup)) : {}),
    ...(isRootOpen ? { runAsNonRoot: true } : {}),
  };
}

function usualEscalation(policy: Psp): boolean | undefined {
  const { allowPrivilegeEscalation, defaultAllowPrivilegeEscalation } = policy;
  return defaultAllowPrivilegeEscalation ?? (allowPrivilegeEscalation ? undefined : false);
}

function capabilities({ context }: PolicedContainer, policy: Psp): JsonObject {
  const drops = listAt(context, 'capabilities', 'drop').filter(isString);
  const adds = listAt(context, 'capabilities', 'add').filter(isString);
  const allDrops = [...new Set([...policy.requiredDropCapabilities, ...drops])];
  const usual = policy.defaultAddCapabilities.filter((one) => !drops.includes(one));
  const allAdds = [...new Set([...usual, ...adds])];
  if (allDrops.length === new Set(drops).size && allAdds.length === new Set(adds).size) return {};
  const before = objectAt(context, 'capabilities');
  const added = allAdds.length === 0 ? {} : { add: allAdds.toSorted() };
  const dropped = allDrops.length === 0 ? {} : { drop: allDrops.toSorted() };
  return { capabilities: { ...before, ...added, ...dropped } };
}
