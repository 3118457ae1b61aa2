import { at, objectAt } from '../../lib/index.ts';
import type { PodParts } from '../../objects/index.ts';
import { containersOf, contextOf, isEscalating } from './pod.ts';

/** Why something lets a pod in or not: who asks, and the sentence. */
export interface Refusal {
  /** The field of the policy, or `api` for what no API server takes whatever its policies say. */
  readonly rule: string;
  readonly sentence: string;
}

const linuxContext = [
  'seLinuxOptions',
  'seccompProfile',
  'appArmorProfile',
  'fsGroup',
  'fsGroupChangePolicy',
  'sysctls',
  'runAsUser',
  'runAsGroup',
  'supplementalGroups',
] as const;
const linuxContainer = [
  'seLinuxOptions',
  'seccompProfile',
  'appArmorProfile',
  'capabilities',
  'readOnlyRootFilesystem',
  'privileged',
  'allowPrivilegeEscalation',
  'procMount',
  'runAsUser',
  'runAsGroup',
] as const;
const linuxSpec = ['hostPID', 'hostIPC', 'hostUsers', 'shareProcessNamespace'] as const;

/** What no API server stores, whoever asks: looked at after everything that changes pods. */
export function apiRefusals(pod: PodParts): readonly Refusal[] {
  const containers = containersOf(pod);
  const contradicting = containers.filter(
    (one) => isEscalating(one) && one.context['allowPrivilegeEscalation'] === false,
  );
  return [
    ...contradicting.map(({ name }) =>
      refusal(`container ${name} is privileged or adds SYS_ADMIN and has allowPrivilegeEscalation: false`),
    ),
    ...hostProcess(pod),
    ...(at(pod.spec, 'os', 'name') === 'windows' ? windows(pod) : []),
  ];
}

const refusal = (sentence: string): Refusal => ({ rule: 'api', sentence });

function hostProcess(pod: PodParts): readonly Refusal[] {
  const isHost = [contextOf(pod), ...containersOf(pod).map((one) => one.context)].some(
    (context) => objectAt(context, 'windowsOptions')['hostProcess'] === true,
  );
  return isHost && pod.spec['hostNetwork'] !== true
    ? [refusal('a process of the Windows node needs hostNetwork: true')]
    : [];
}

function windows(pod: PodParts): readonly Refusal[] {
  const context = contextOf(pod);
  const found = [
    ...linuxSpec.filter((field) => pod.spec[field] === true || (field === 'hostUsers' && field in pod.spec)),
    ...linuxContext.filter((field) => context[field] !== undefined),
    ...containersOf(pod).flatMap((one) => linuxContainer.filter((field) => one.context[field] !== undefined)),
  ];
  return found.length === 0
    ? []
    : [{ rule: 'windows', sentence: `a Windows pod may not have ${[...new Set(found)].join(', ')}` }];
}
