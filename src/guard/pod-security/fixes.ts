import { at, isObject, listAt, type PathStep } from '../../lib/index.ts';
import type { PodParts } from '../../objects/index.ts';

/** A place below a pod's spec, and the value that would be right there; `null`: nothing. */
export interface PodSecurityFix {
  readonly path: readonly PathStep[];
  readonly actual: unknown;
  readonly fix: unknown;
}

interface Context {
  readonly path: readonly PathStep[];
  readonly own: unknown;
}

const lists = ['initContainers', 'containers', 'ephemeralContainers'] as const;

/** The smallest changes for the controls that ask for one value: the user and the seccomp profile of level restricted. */
export function podSecurityFixes(
  { spec }: Pick<PodParts, 'spec'>,
  controls: readonly string[],
): readonly PodSecurityFix[] {
  const pod: Context = { path: ['securityContext'], own: at(spec, 'securityContext') };
  const containers = lists.flatMap((list) =>
    listAt(spec, list).map((one, index) => ({
      path: [list, index, 'securityContext'],
      own: at(one, 'securityContext'),
    })),
  );
  const fixes: Readonly<Record<string, () => readonly PodSecurityFix[]>> = {
    runAsNonRoot: () => setTrue(pod, containers),
    runAsUser: () =>
      where([pod, ...containers], 'runAsUser', (value) => value === 0).map((one) => ({ ...one, fix: null })),
    seccompProfile_restricted: () => confine(pod, containers),
  };
  return controls.flatMap((control) => fixes[control]?.() ?? []);
}

/** The contexts whose field is wrong, as places. */
function where(
  contexts: readonly Context[],
  field: string,
  isWrong: (value: unknown) => boolean,
): readonly Omit<PodSecurityFix, 'fix'>[] {
  return contexts
    .filter(({ own }) => isWrong(at(own, field)))
    .map(({ path, own }) => ({ path: [...path, field], actual: at(own, field) }));
}

function setTrue(pod: Context, containers: readonly Context[]): readonly PodSecurityFix[] {
  const wrong = where([pod, ...containers], 'runAsNonRoot', (value) => value === false);
  // One word of the pod is less than one of each container that says nothing.
  const found = wrong.length > 0 ? wrong : where([pod], 'runAsNonRoot', (value) => value !== true);
  return found.map((one) => ({ ...one, fix: true }));
}

function confine(pod: Context, containers: readonly Context[]): readonly PodSecurityFix[] {
  const wrong = where(
    [pod, ...containers],
    'seccompProfile',
    (value) => isObject(value) && !isConfined(value),
  );
  const found = wrong.length > 0 ? wrong : where([pod], 'seccompProfile', (value) => !isObject(value));
  return found.map((one) => ({ ...one, fix: { type: 'RuntimeDefault' } }));
}

function isConfined(profile: unknown): boolean {
  return ['RuntimeDefault', 'Localhost'].includes(String(at(profile, 'type')));
}
