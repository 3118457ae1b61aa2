import { isObject, objectAt, stringAt, type JsonObject } from '../../lib/index.ts';
import { exceptWindows, type Control, type Refusal } from './control.ts';
import { appArmorPrefix, saidBy, type Pod, type Said } from './pod.ts';
import { containersNamed, plural, quoted, settersNamed, sortedOnce } from './words.ts';

const confined: ReadonlySet<string> = new Set(['RuntimeDefault', 'Localhost']);

/** Who set a profile's type to something that is not allowed, and to what. */
interface Unconfined extends Said {
  readonly isPod: boolean;
}

function unconfined(pod: Pod, field: 'seccompProfile' | 'appArmorProfile'): Unconfined {
  const badType = ({ securityContext }: Pick<Pod, 'securityContext'>): readonly string[] => {
    const profile = securityContext[field];
    const type = isObject(profile) ? (stringAt(profile, 'type') ?? '') : undefined;
    return type === undefined || confined.has(type) ? [] : [type];
  };
  const own = badType(pod);
  const found = saidBy(pod, badType);
  return {
    isPod: own.length > 0,
    names: found?.names ?? [],
    values: sortedOnce([...own, ...(found?.values ?? [])]),
  };
}

const isAppArmorAllowed = (value: string): boolean =>
  value === '' || value === 'runtime/default' || value.startsWith('localhost/');

function appArmor(pod: Pod): Refusal | undefined {
  const { isPod, names, values } = unconfined(pod, 'appArmorProfile');
  const annotations = Object.entries(pod.annotations)
    .filter(([key, value]) => key.startsWith(appArmorPrefix) && !isAppArmorAllowed(String(value)))
    .map(([key, value]) => `${key}=${JSON.stringify(value)}`);
  const setters = [
    settersNamed(isPod, names),
    annotations.length > 0 ? plural(annotations.length, 'annotation') : '',
  ].filter((setter) => setter !== '');
  if (setters.length === 0) return undefined;
  const all = [...values, ...sortedOnce(annotations)];
  return {
    reason: plural(all.length, 'forbidden AppArmor profile'),
    detail: `${setters.join(' and ')} must not set AppArmor profile type to ${quoted(all)}`,
  };
}

const seccompPodAnnotation = 'seccomp.security.alpha.kubernetes.io/pod';
const seccompPrefix = 'container.seccomp.security.alpha.kubernetes.io/';
const isSeccompAllowed = (value: string): boolean =>
  value === 'runtime/default' || value === 'docker/default' || value.startsWith('localhost/');

/** Before 1.19 a seccomp profile was an annotation. */
function seccompAnnotations(pod: Pod): Refusal | undefined {
  const keys = [seccompPodAnnotation, ...pod.containers.map(({ name }) => `${seccompPrefix}${name}`)];
  const found = keys
    .filter((key) => Object.hasOwn(pod.annotations, key) && !isSeccompAllowed(String(pod.annotations[key])))
    .map((key) => `${key}=${JSON.stringify(pod.annotations[key])}`);
  if (found.length === 0) return undefined;
  const detail = `forbidden ${plural(found.length, 'annotation')} ${sortedOnce(found).join(', ')}`;
  return { reason: 'seccompProfile', detail };
}

function seccomp(pod: Pod): Refusal | undefined {
  const { isPod, names, values } = unconfined(pod, 'seccompProfile');
  const setters = settersNamed(isPod, names);
  if (setters === '') return undefined;
  const detail = `${setters} must not set securityContext.seccompProfile.type to ${quoted(values)}`;
  return { reason: 'seccompProfile', detail };
}

function seccompAlways(pod: Pod): Refusal | undefined {
  const refused = seccomp(pod);
  if (refused !== undefined || isObject(pod.securityContext['seccompProfile'])) return refused;
  const silent = pod.containers
    .filter((one) => !isObject(one.securityContext['seccompProfile']))
    .map((one) => one.name);
  if (silent.length === 0) return undefined;
  const detail = `pod or ${containersNamed(silent)} must set securityContext.seccompProfile.type to "RuntimeDefault" or "Localhost"`;
  return { reason: 'seccompProfile', detail };
}

const seLinuxTypes = ['', 'container_t', 'container_init_t', 'container_kvm_t'] as const;

function seLinux(pod: Pod, types: readonly string[]): Refusal | undefined {
  const read = (context: JsonObject): Readonly<Record<'type' | 'user' | 'role', string>> => {
    const options = objectAt(context, 'seLinuxOptions');
    const of = (field: string): string => stringAt(options, field) ?? '';
    return { type: of('type'), user: of('user'), role: of('role') };
  };
  const all = [undefined, ...pod.containers].map((container) => ({
    container,
    ...read((container ?? pod).securityContext),
  }));
  const found = all.filter((one) => !types.includes(one.type) || one.user !== '' || one.role !== '');
  if (found.length === 0) return undefined;
  const badTypes = sortedOnce(found.map((one) => one.type).filter((type) => !types.includes(type)));
  const setters = settersNamed(
    found.some((one) => one.container === undefined),
    found.flatMap((one) => one.container?.name ?? []),
  );
  const details = [
    ...(badTypes.length > 0 ? [`${plural(badTypes.length, 'type')} ${quoted(badTypes)}`] : []),
    ...(found.some((one) => one.user !== '') ? ['user may not be set'] : []),
    ...(found.some((one) => one.role !== '') ? ['role may not be set'] : []),
  ];
  const detail = `${setters} set forbidden securityContext.seLinuxOptions: ${details.join('; ')}`;
  return { reason: 'seLinuxOptions', detail };
}

/** What the node's kernel holds a container to: AppArmor, seccomp, SELinux. */
export const confinementControls: readonly Control[] = [
  { id: 'appArmorProfile', level: 'baseline', eras: [{ since: 0, refuse: appArmor }] },
  {
    id: 'seccompProfile_baseline',
    level: 'baseline',
    eras: [
      { since: 0, refuse: seccompAnnotations },
      { since: 19, refuse: seccomp },
    ],
  },
  {
    id: 'seccompProfile_restricted',
    level: 'restricted',
    replaces: ['seccompProfile_baseline'],
    eras: [
      { since: 19, refuse: seccompAlways },
      { since: 25, refuse: exceptWindows(seccompAlways) },
    ],
  },
  {
    id: 'seLinuxOptions',
    level: 'baseline',
    eras: [
      { since: 0, refuse: (pod) => seLinux(pod, seLinuxTypes) },
      { since: 31, refuse: (pod) => seLinux(pod, [...seLinuxTypes, 'container_engine_t']) },
    ],
  },
];
