import { at, isString, objectAt, stringAt } from '../../../lib/index.ts';
import type { PodParts } from '../../../objects/index.ts';
import {
  appArmorAnnotation,
  fieldWordOf,
  profileField,
  seccompAnnotation,
  seccompPodAnnotation,
} from '../confinement.ts';
import { containersOf, contextOf } from '../pod.ts';
import { isSameLevel } from '../validation.ts';
import {
  both,
  choices,
  flags,
  madeContainer,
  product,
  type Aspect,
  type Ground,
  type Variation,
} from './aspect.ts';

/** The words of a field for profiles that anybody names, and others that nobody does. */
function wordsFor({ policies, profile }: Ground, kind: 'seccomp' | 'appArmor'): readonly string[] {
  const named = policies.flatMap((one) => [one[kind].usual, ...(one[kind].allowed ?? [])].map(fieldWordOf));
  const pool = ['RuntimeDefault', 'Unconfined', ...named, ...profile[kind], 'Localhost/other'];
  return [...new Set(pool)].filter((word) => /^(RuntimeDefault|Unconfined|Localhost\/.+)$/.test(word));
}

/** A word that is told from others by who lists it. */
function wordCase(word: string, { policies, profile }: Ground, kind: 'seccomp' | 'appArmor'): string {
  if (!word.startsWith('Localhost/')) return word;
  const lists = policies.map((one) => (one[kind].allowed ?? []).map(fieldWordOf));
  return `Localhost${flags(...[...lists, profile[kind]].map((list) => list.includes(word)))}`;
}

const annotationWord = (word: string): string =>
  word === 'RuntimeDefault'
    ? 'runtime/default'
    : word.replace('Localhost/', 'localhost/').replace('Unconfined', 'unconfined');

function fieldWord(profile: unknown): string {
  const type = stringAt(profile, 'type');
  return type === 'Localhost' ? `Localhost/${stringAt(profile, 'localhostProfile') ?? ''}` : (type ?? 'none');
}

function annotationAt(pod: PodParts, key: string): string {
  const said = at(pod.metadata, 'annotations', key);
  return isString(said) && said !== '' ? fieldWordOf(said) : 'none';
}

const annotated = (key: string, words: readonly string[]): readonly Variation[] => [
  {},
  ...words.map((word) => ({ annotations: { [key]: annotationWord(word) } })),
];

/** Two fields and annotations that say a profile: what stands in the pod and in the container. */
function placesFor(
  ground: Ground,
  kind: 'seccomp' | 'appArmor',
  annotationKeys: readonly string[],
): readonly Variation[] {
  const words = wordsFor(ground, kind);
  const fields = words.map(profileField);
  const fieldName = `${kind}Profile`;
  return product<Variation>(
    choices('context', fieldName, fields),
    choices('own', fieldName, fields),
    ...annotationKeys.map((key) => annotated(key, words)),
  ).map((parts) => both(...parts));
}

const seccomp: Aspect = {
  name: 'seccomp',
  variations: (ground) =>
    placesFor(ground, 'seccomp', [seccompPodAnnotation, seccompAnnotation + madeContainer]),
  cases: (pod, ground) =>
    containersOf(pod).map(({ name, context }) =>
      [
        fieldWord(contextOf(pod)['seccompProfile']),
        fieldWord(context['seccompProfile']),
        annotationAt(pod, seccompPodAnnotation),
        annotationAt(pod, seccompAnnotation + name),
      ]
        .map((word) => wordCase(word, ground, 'seccomp'))
        .join('/'),
    ),
};

const appArmor: Aspect = {
  name: 'AppArmor',
  variations: (ground) => placesFor(ground, 'appArmor', [appArmorAnnotation + madeContainer]),
  cases: (pod, ground) =>
    containersOf(pod).map(({ name, context }) =>
      [
        fieldWord(contextOf(pod)['appArmorProfile']),
        fieldWord(context['appArmorProfile']),
        annotationAt(pod, appArmorAnnotation + name),
      ]
        .map((word) => wordCase(word, ground, 'appArmor'))
        .join('/'),
    ),
};

const optionNames = ['level', 'role', 'type', 'user'] as const;
type Option = (typeof optionNames)[number];
const others = { level: 's0:c9,c10', role: 'other_r', type: 'other_t', user: 'other_u' } as const;

const containerTypes = new Set(['container_t', 'container_init_t', 'container_kvm_t', 'container_engine_t']);

function wanted({ policies, profile }: Ground): readonly Readonly<Record<Option, string>>[] {
  const empty = { level: '', role: '', type: '', user: '' };
  return [...policies.map((one) => one.seLinux.seLinuxOptions), profile.seLinux].map((one) => ({
    level: one?.level ?? empty.level,
    role: one?.role ?? empty.role,
    type: one?.type ?? empty.type,
    user: one?.user ?? empty.user,
  }));
}

/** A profile compares texts, a policy the categories of a level. */
function sameness(option: Option, asked: string, value: string): readonly boolean[] {
  return option === 'level' ? [asked === value, isSameLevel(asked, value)] : [asked === value];
}

/** The same level with its categories the other way round. */
const reversed = (level: string): string =>
  level
    .split(':')
    .map((part) => part.split(',').toReversed().join(','))
    .join(':');

/** Every label that can be told from another: each option not said, as somebody asks for it, or another. */
function labelsFor(ground: Ground): readonly object[] {
  const asked = wanted(ground);
  const values = optionNames.map((option) => {
    const named = [
      others[option],
      ...asked.flatMap((one) => [one[option], ...(option === 'level' ? [reversed(one.level)] : [])]),
      ...(option === 'type' ? ['container_t'] : []),
    ];
    return ['', ...new Set(named.filter((value) => value !== ''))];
  });
  return product<string>(...values)
    .map((row) =>
      optionNames.flatMap((option, index) => (row[index] === '' ? [] : [[option, row[index]] as const])),
    )
    .map((said) => Object.fromEntries(said));
}

// The label of a pod and those of its containers are looked at each by itself.
const seLinux: Aspect = {
  name: 'SELinux',
  variations: (ground) => {
    const labels = labelsFor(ground);
    return [
      ...choices('context', 'seLinuxOptions', labels),
      ...labels.map((seLinuxOptions) => ({ own: { seLinuxOptions } })),
    ];
  },
  cases: (pod, ground) => {
    const said = (context: unknown): string => {
      const options = at(context, 'seLinuxOptions');
      if (options === undefined) return 'none';
      return optionNames
        .map((option) => {
          const value = stringAt(options, option) ?? '';
          if (value === '') return '';
          const type = option === 'type' && containerTypes.has(value) ? value : option;
          return `${type}${flags(...wanted(ground).flatMap((one) => sameness(option, one[option], value)))}`;
        })
        .join(',');
    };
    return [
      `pod ${said(objectAt(contextOf(pod)))}`,
      ...containersOf(pod).map(({ context }) => `container ${said(context)}`),
    ];
  },
};

/** What holds a container back. */
export const confinementAspects: readonly Aspect[] = [seccomp, appArmor, seLinux];
