/** Where a resource is named: a ResourceQuota, or an item of a LimitRange. */
export type Use = 'quota' | 'container' | 'claim';

const computed = ['cpu', 'memory', 'ephemeral-storage'] as const;
const counted = [
  'pods',
  'resourcequotas',
  'services',
  'replicationcontrollers',
  'secrets',
  'configmaps',
  'persistentvolumeclaims',
  'services.nodeports',
  'services.loadbalancers',
] as const;
const ofQuotas = [
  ...computed,
  ...computed.flatMap((name) => [`requests.${name}`, `limits.${name}`]),
  'requests.storage',
  ...counted,
];

const known: Readonly<Record<Use, readonly string[]>> = {
  quota: ofQuotas,
  container: computed,
  claim: [...ofQuotas, 'storage'],
};

/** Names without a domain that may stand there. */
export function resourceNames(use: Use): readonly string[] {
  return use === 'claim' ? ['storage'] : known[use];
}

/** What an API server says of a resource's name, in its words without examples; empty when it takes it. */
export function nameMistakes(resource: string, use: Use): readonly string[] {
  const unqualified = qualifiedMistakes(resource);
  const isPlain = !resource.includes('/');
  const unknown =
    unqualified.length === 0 && isPlain && !isStandard(resource, 'claim')
      ? ['must be a standard resource type or fully qualified']
      : [];
  return [...unqualified, ...unknown, ...useMistakes(resource, use)];
}

function useMistakes(resource: string, use: Use): readonly string[] {
  if (use === 'claim') return [];
  if (!resource.includes('/')) {
    const where = use === 'quota' ? 'quota' : 'containers';
    return isStandard(resource, use) ? [] : [`must be a standard resource for ${where}`];
  }
  return use === 'container' && !isOfKubernetes(resource) && !isExtended(resource)
    ? ["doesn't follow extended resource name standard"]
    : [];
}

function isStandard(resource: string, use: Use): boolean {
  const isOfPages = use === 'container' ? /^hugepages-/ : /^(requests\.)?hugepages-/;
  return known[use].includes(resource) || isOfPages.test(resource);
}

function isOfKubernetes(resource: string): boolean {
  return resource.includes('kubernetes.io/');
}

/** True for a resource that is not of Kubernetes itself: `nvidia.com/gpu`. To the API server counts of kinds are such. */
export function isExtended(resource: string): boolean {
  return (
    resource.includes('/') &&
    !isOfKubernetes(resource) &&
    !resource.startsWith('requests.') &&
    qualifiedMistakes(`requests.${resource}`).length === 0
  );
}

/** True when a quota of it must be a whole number. */
export function isWholeNumber(resource: string): boolean {
  return counted.some((name) => name === resource) || isExtended(resource);
}

const consists =
  "must consist of alphanumeric characters, '-', '_' or '.', and must start and end with an alphanumeric character";
const namePart = /^([A-Za-z0-9][-A-Za-z0-9_.]*)?[A-Za-z0-9]$/;
const prefixPart = /^[a-z0-9]([-a-z0-9]*[a-z0-9])?(\.[a-z0-9]([-a-z0-9]*[a-z0-9])?)*$/;
const longestName = 63;
const longestPrefix = 253;

function qualifiedMistakes(name: string): readonly string[] {
  const parts = name.split('/');
  if (parts.length > 2) return [`a valid label key ${consists}`];
  const [last = '', prefix] = parts.toReversed();
  return [...(prefix === undefined ? [] : prefixMistakes(prefix)), ...partMistakes(last)];
}

function prefixMistakes(prefix: string): readonly string[] {
  if (prefix === '') return ['prefix part must be non-empty'];
  return [
    ...(prefix.length > longestPrefix ? [`prefix part must be no more than ${longestPrefix} bytes`] : []),
    ...(prefixPart.test(prefix)
      ? []
      : [
          "prefix part a lowercase RFC 1123 subdomain must consist of lower case alphanumeric characters, '-' or '.', and must start and end with an alphanumeric character",
        ]),
  ];
}

function partMistakes(name: string): readonly string[] {
  return [
    ...(name === '' ? ['name part must be non-empty'] : []),
    ...(name.length > longestName ? [`name part must be no more than ${longestName} bytes`] : []),
    ...(namePart.test(name) ? [] : [`name part ${consists}`]),
  ];
}
