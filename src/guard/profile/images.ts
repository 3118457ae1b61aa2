import { stringAt } from '../../lib/index.ts';
import type { RuledContainer, RuledPod } from './pod.ts';
import { containersWhere, type Offence, type PodRule } from './rule.ts';

const imageOf = (container: RuledContainer): string => stringAt(container.own, 'image') ?? '';

function imageOffences(pod: RuledPod, isBad: (image: string) => boolean): readonly Offence[] {
  return pod.containers
    .filter((container) => isBad(imageOf(container)))
    .map((container) => ({
      subject: `container ${container.name}`,
      detail: imageOf(container),
      path: [...container.path, 'image'],
      actual: imageOf(container),
    }));
}

const registries: PodRule = {
  code: 'TRY-SEC-028',
  field: 'images.registries',
  says: 'must not run images of other registries',
  offences: (pod, { imagePrefixes }) =>
    imageOffences(pod, (image) => !imagePrefixes.some((prefix) => image.startsWith(prefix))),
  cel: containersWhere(
    'TRY-SEC-028',
    `!variables.profile.imagePrefixes.exists(p, c.?image.orValue('').startsWith(p))`,
    `[c.?image.orValue('')]`,
  ),
};

const digest = '@sha256:[a-f0-9]{64}$';

const digests: PodRule = {
  code: 'TRY-SEC-029',
  field: 'images.digest',
  says: 'must name images by digest',
  offences: (pod, { isDigestRequired }) =>
    isDigestRequired ? imageOffences(pod, (image) => !new RegExp(digest).test(image)) : [],
  cel: containersWhere(
    'TRY-SEC-029',
    `variables.profile.isDigestRequired && !c.?image.orValue('').matches('${digest}')`,
    `[c.?image.orValue('')]`,
  ),
};

/** Where images come from. */
export const imageRules: readonly PodRule[] = [registries, digests];
