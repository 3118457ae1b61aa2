import { isString, listAt, stringAt } from '../../lib/index.ts';
import { exceptOwnUsers, exceptWindows, type Control, type Refusal } from './control.ts';
import { saidBy, type Container, type Pod } from './pod.ts';
import { containersNamed, quoted } from './words.ts';

/** Capabilities that level baseline lets a container add: those that container runtimes give anyway. */
export const baselineCapabilities: ReadonlySet<string> = new Set([
  'AUDIT_WRITE',
  'CHOWN',
  'DAC_OVERRIDE',
  'FOWNER',
  'FSETID',
  'KILL',
  'MKNOD',
  'NET_BIND_SERVICE',
  'SETFCAP',
  'SETGID',
  'SETPCAP',
  'SETUID',
  'SYS_CHROOT',
]);

/** Capabilities that level restricted lets a container add. */
export const restrictedCapabilities: ReadonlySet<string> = new Set(['NET_BIND_SERVICE']);

const namesOf = (containers: readonly Container[]): readonly string[] => containers.map((one) => one.name);

function privileged(pod: Pod): Refusal | undefined {
  const found = pod.containers.filter((one) => one.securityContext['privileged'] === true);
  if (found.length === 0) return undefined;
  return {
    reason: 'privileged',
    detail: `${containersNamed(namesOf(found))} must not set securityContext.privileged=true`,
  };
}

function escalation(pod: Pod): Refusal | undefined {
  const found = pod.containers.filter((one) => one.securityContext['allowPrivilegeEscalation'] !== false);
  if (found.length === 0) return undefined;
  return {
    reason: 'allowPrivilegeEscalation != false',
    detail: `${containersNamed(namesOf(found))} must set securityContext.allowPrivilegeEscalation=false`,
  };
}

/** What is said of capabilities that are added beyond some. */
function addedBeyond(pod: Pod, allowed: ReadonlySet<string>): readonly string[] {
  const found = saidBy(pod, ({ securityContext }) =>
    listAt(securityContext, 'capabilities', 'add')
      .filter(isString)
      .filter((one) => !allowed.has(one)),
  );
  if (found === undefined) return [];
  const names = containersNamed(found.names);
  return [`${names} must not include ${quoted(found.values)} in securityContext.capabilities.add`];
}

function capabilities(pod: Pod): Refusal | undefined {
  const [detail] = addedBeyond(pod, baselineCapabilities);
  return detail === undefined ? undefined : { reason: 'non-default capabilities', detail };
}

function fewCapabilities(pod: Pod): Refusal | undefined {
  const kept = pod.containers.filter(
    (one) => !listAt(one.securityContext, 'capabilities', 'drop').includes('ALL'),
  );
  const dropped =
    kept.length === 0
      ? []
      : [`${containersNamed(namesOf(kept))} must set securityContext.capabilities.drop=["ALL"]`];
  const details = [...dropped, ...addedBeyond(pod, restrictedCapabilities)];
  return details.length === 0
    ? undefined
    : { reason: 'unrestricted capabilities', detail: details.join('; ') };
}

function procMount(pod: Pod): Refusal | undefined {
  const found = saidBy(pod, ({ securityContext }) => {
    const mount = stringAt(securityContext, 'procMount') ?? 'Default';
    return mount === 'Default' ? [] : [mount];
  });
  if (found === undefined) return undefined;
  const detail = `${containersNamed(found.names)} must not set securityContext.procMount to ${quoted(found.values)}`;
  return { reason: 'procMount', detail };
}

/** What a container may do that its user alone could not. */
export const privilegeControls: readonly Control[] = [
  { id: 'privileged', level: 'baseline', eras: [{ since: 0, refuse: privileged }] },
  { id: 'capabilities_baseline', level: 'baseline', eras: [{ since: 0, refuse: capabilities }] },
  {
    id: 'procMount',
    level: 'baseline',
    eras: [
      { since: 0, refuse: procMount },
      { since: 35, refuse: exceptOwnUsers(procMount) },
    ],
  },
  {
    id: 'allowPrivilegeEscalation',
    level: 'restricted',
    eras: [
      { since: 8, refuse: escalation },
      { since: 25, refuse: exceptWindows(escalation) },
    ],
  },
  {
    id: 'capabilities_restricted',
    level: 'restricted',
    replaces: ['capabilities_baseline'],
    eras: [
      { since: 22, refuse: fewCapabilities },
      { since: 25, refuse: exceptWindows(fewCapabilities) },
    ],
  },
  {
    id: 'procMount_restricted',
    level: 'restricted',
    replaces: ['procMount'],
    eras: [{ since: 35, refuse: procMount }],
  },
];
