import { at, isString, objectAt, stringAt } from '../../lib/index.ts';
import type { PodParts } from '../../objects/index.ts';
import { contextOf, type PolicedContainer } from './pod.ts';
import { runtimeName } from './policy.ts';

export const seccompPodAnnotation = 'seccomp.security.alpha.kubernetes.io/pod';
export const seccompAnnotation = 'container.seccomp.security.alpha.kubernetes.io/';
export const appArmorAnnotation = 'container.apparmor.security.beta.kubernetes.io/';

/** A profile's field as the annotation that said it before; empty when the field is not there. */
function annotationOf(profile: unknown): string {
  switch (stringAt(profile, 'type')) {
    case 'RuntimeDefault':
      return 'runtime/default';
    case 'Unconfined':
      return 'unconfined';
    case 'Localhost':
      return `localhost/${stringAt(profile, 'localhostProfile') ?? ''}`;
    default:
      return '';
  }
}

/** An annotation's word as the field says it since: `RuntimeDefault`, `Localhost/audit.json`, `Unconfined`. */
export function fieldWordOf(annotation: string): string {
  if (runtimeName(annotation) === 'runtime/default') return 'RuntimeDefault';
  if (annotation === 'unconfined') return 'Unconfined';
  return annotation.replace(/^localhost\//, 'Localhost/');
}

/** A field's word as the field itself: `Localhost/a` is `{type: Localhost, localhostProfile: a}`. */
export function profileField(word: string): { readonly type: string; readonly localhostProfile?: string } {
  return word.startsWith('Localhost/')
    ? { type: 'Localhost', localhostProfile: word.slice('Localhost/'.length) }
    : { type: word };
}

const saidAt = (pod: PodParts, key: string): string | undefined => {
  const said = at(pod.metadata, 'annotations', key);
  return isString(said) ? said : undefined;
};

/** What a pod says of seccomp: its annotation, else its field; empty when it says nothing. */
export function podSeccomp(pod: PodParts): string {
  const said = saidAt(pod, seccompPodAnnotation) ?? '';
  return runtimeName(said === '' ? annotationOf(contextOf(pod)['seccompProfile']) : said);
}

/** What holds for a container: its field, its annotation, its pod. */
export function containerSeccomp(pod: PodParts, container: PolicedContainer): string {
  const own = annotationOf(objectAt(container.context, 'seccompProfile'));
  return own === '' ? runtimeName(saidAt(pod, seccompAnnotation + container.name) ?? podSeccomp(pod)) : own;
}

/** What a container says of AppArmor, as the API server writes it into the annotation; empty when nobody says it. */
export function containerAppArmor(pod: PodParts, container: PolicedContainer): string {
  const own = annotationOf(objectAt(container.context, 'appArmorProfile'));
  if (own !== '') return own;
  const said = saidAt(pod, appArmorAnnotation + container.name) ?? '';
  return said === '' ? annotationOf(contextOf(pod)['appArmorProfile']) : said;
}
