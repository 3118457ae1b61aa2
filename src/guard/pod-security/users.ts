import { exceptOwnUsers, type Control, type Refusal } from './control.ts';
import type { Pod } from './pod.ts';
import { containersNamed, settersNamed } from './words.ts';

function nonRoot(pod: Pod): Refusal | undefined {
  const reason = 'runAsNonRoot != true';
  const own = pod.securityContext['runAsNonRoot'];
  const named = (value: boolean): readonly string[] =>
    pod.containers.filter((one) => one.securityContext['runAsNonRoot'] === value).map((one) => one.name);
  const refused = settersNamed(own === false, named(false));
  if (refused !== '') return { reason, detail: `${refused} must not set securityContext.runAsNonRoot=false` };
  if (own === true) return undefined;
  const silent = pod.containers
    .filter((one) => one.securityContext['runAsNonRoot'] !== true)
    .map((one) => one.name);
  if (silent.length === 0) return undefined;
  return { reason, detail: `pod or ${containersNamed(silent)} must set securityContext.runAsNonRoot=true` };
}

function rootUser(pod: Pod): Refusal | undefined {
  const names = pod.containers.filter((one) => one.securityContext['runAsUser'] === 0).map((one) => one.name);
  const setters = settersNamed(pod.securityContext['runAsUser'] === 0, names);
  return setters === ''
    ? undefined
    : { reason: 'runAsUser=0', detail: `${setters} must not set runAsUser=0` };
}

/** Who a container runs as. */
export const userControls: readonly Control[] = [
  {
    id: 'runAsNonRoot',
    level: 'restricted',
    eras: [
      { since: 0, refuse: nonRoot },
      { since: 35, refuse: exceptOwnUsers(nonRoot) },
    ],
  },
  {
    id: 'runAsUser',
    level: 'restricted',
    eras: [
      { since: 23, refuse: rootUser },
      { since: 35, refuse: exceptOwnUsers(rootUser) },
    ],
  },
];
