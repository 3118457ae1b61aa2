import {
  guardKind,
  isObject,
  isString,
  labels,
  listAt,
  objectAt,
  probeName,
  stringAt,
  systemNamespace,
} from '../../lib/index.ts';
import { groupOf, type KubeObject, type Ref } from '../../objects/index.ts';
import { probeGuard } from './probe.ts';

const admission = 'admissionregistration.k8s.io';
const bindingKinds: readonly string[] = [
  'ValidatingAdmissionPolicyBinding',
  'MutatingAdmissionPolicyBinding',
];

/** Name of the Guard that holds where a namespace names none that is known; its bindings end in it. */
export const fallbackName = 'unknown';

/** What a part of the guards of a cluster is; undefined for anything else. */
export type GuardPart = 'definition' | 'guard' | 'policy' | 'binding' | 'account';

const [own = ''] = guardKind.apiVersion.split('/');
const isOurs = ({ name }: Ref): boolean => name.startsWith('toryo-');
const parts = new Map<string, { readonly part: GuardPart; readonly isOne: (ref: Ref) => boolean }>([
  [`${own}/${guardKind.kind}`, { part: 'guard', isOne: () => true }],
  [
    'apiextensions.k8s.io/CustomResourceDefinition',
    { part: 'definition', isOne: ({ name }) => name === `${guardKind.plural}.${own}` },
  ],
  [
    '/ServiceAccount',
    {
      part: 'account',
      isOne: ({ name, namespace }) => name === probeName && namespace === systemNamespace,
    },
  ],
  [`${admission}/ValidatingAdmissionPolicy`, { part: 'policy', isOne: isOurs }],
  [`${admission}/MutatingAdmissionPolicy`, { part: 'policy', isOne: isOurs }],
  ...bindingKinds.map((kind) => [`${admission}/${kind}`, { part: 'binding', isOne: isOurs }] as const),
]);

/** Which part of a cluster's guards an object is, by its name; undefined for what is none. */
export function guardPartOf(ref: Ref): GuardPart | undefined {
  const known = parts.get(`${ref.group}/${ref.kind}`);
  return known?.isOne(ref) === true ? known.part : undefined;
}

/**
 * True for what nobody but Toryo has anything to add to: policies, their bindings, and the NetworkPolicies that it makes. What others
 * put beside its fields there only weakens them.
 */
export function isWholeOurs(ref: Ref): boolean {
  if (ref.group === 'networking.k8s.io' && ref.kind === 'NetworkPolicy') return isOurs(ref);
  const part = guardPartOf(ref);
  return part === 'policy' || part === 'binding';
}

/** True for what the probe consists of: written last, it speaks for all before it. */
export function isOfProbe({ kind, name }: Ref): boolean {
  return (
    name === probeName || name.startsWith('toryo-probe') || (kind === guardKind.kind && name === probeGuard)
  );
}

/** The Guard that a binding holds objects against; undefined for other kinds and for bindings without one. */
export function guardOfBinding(object: KubeObject): string | undefined {
  const isBinding = bindingKinds.includes(object.kind) && groupOf(object.apiVersion) === admission;
  return isBinding && object.metadata.name.startsWith('toryo-')
    ? stringAt(object, 'spec', 'paramRef', 'name')
    : undefined;
}

/** The Guard that a namespace names to hold it, with or without Toryo's mark. */
export function guardNamedIn({ metadata }: KubeObject): string | undefined {
  return metadata.labels?.[labels.guard];
}

/** The Guards that a namespace names: the one that holds, and the one that is tried. Only in namespaces with Toryo's mark do they hold. */
export function guardsNamedBy(namespace: KubeObject): readonly string[] {
  const marks = namespace.metadata.labels ?? {};
  if (namespace.kind !== 'Namespace' || marks[labels.managed] !== 'true') return [];
  return [marks[labels.guard], marks[labels.trial]].filter((name) => name !== undefined);
}

/**
 * The binding of the fallback, that leaves more Guards alone than its own list: while a namespace names one that is on its way out, the
 * strictest of all profiles must not fall on it. The same object for any other binding, and when there is nothing to add.
 */
export function sparing(binding: KubeObject, names: readonly string[]): KubeObject {
  if (guardOfBinding(binding) !== fallbackName || names.length === 0) return binding;
  const spec = objectAt(binding, 'spec');
  const matchResources = objectAt(spec, 'matchResources');
  const namespaceSelector = objectAt(matchResources, 'namespaceSelector');
  const matchExpressions = listAt(namespaceSelector, 'matchExpressions').map((one) => {
    if (stringAt(one, 'key') !== labels.guard || !isObject(one)) return one;
    const values = listAt(one, 'values').filter((value) => isString(value));
    return { ...one, values: [...new Set([...values, ...names])] };
  });
  return {
    ...binding,
    spec: {
      ...spec,
      matchResources: { ...matchResources, namespaceSelector: { ...namespaceSelector, matchExpressions } },
    },
  };
}
