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

// Behind the colon stands a tag; with a slash it is the port of another registry.
function isOf(image: string, prefix: string): boolean {
  return image.startsWith(prefix) && !(prefix.endsWith(':') && image.includes('/', prefix.length));
}

const celImage = `c.?image.orValue('')`;
const celIsOf = `${celImage}.startsWith(p) && !(p.endsWith(':') && ${celImage}.substring(size(p)).contains('/'))`;

const registries: PodRule = {
  code: 'TRY-SEC-028',
  field: 'images.registries',
  says: 'must not run images of other registries',
  offences: (pod, { imagePrefixes }) =>
    imageOffences(pod, (image) => !imagePrefixes.some((prefix) => isOf(image, prefix))),
  cel: containersWhere(
    'TRY-SEC-028',
    `!variables.profile.imagePrefixes.exists(p, ${celIsOf})`,
    `[${celImage}]`,
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
    `variables.profile.isDigestRequired && !${celImage}.matches('${digest}')`,
    `[${celImage}]`,
  ),
};

/** Where images come from. */
export const imageRules: readonly PodRule[] = [registries, digests];
