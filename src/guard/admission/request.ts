import type { AccessAnswer, AccessCheck } from '../../cel/index.ts';
import { at, isArray, listAt, stringAt } from '../../lib/index.ts';
import { customScopes, groupOf, isNamespaced, versionOf, type KubeObject } from '../../objects/index.ts';
import { servedForm } from './served-form.ts';

/** A kind, with its group and version. */
export interface KindName {
  readonly group: string;
  readonly version: string;
  readonly kind: string;
}

/** A resource as it stands in paths and in rules: `deployments` of `apps/v1`. */
export interface ResourceName {
  readonly group: string;
  readonly version: string;
  readonly resource: string;
}

/** What is sent to the API server. What is undefined is not known, and an expression that reads it gives no verdict. */
export interface AdmissionRequest {
  readonly operation: 'CREATE' | 'UPDATE' | 'DELETE' | 'CONNECT';
  readonly kind: KindName;
  readonly resource: ResourceName;
  /** Empty for the resource itself. */
  readonly subresource: string;
  /** Empty for what is in no namespace; the name itself for a Namespace. */
  readonly namespace: string;
  readonly name: string;
  /** Null where there is none. */
  readonly object: unknown;
  readonly oldObject: unknown;
  readonly userInfo?: unknown;
  readonly dryRun?: boolean;
  readonly options?: unknown;
}

/** What the policies of a request may look at besides it. */
export interface AdmissionWorld {
  /** The bundle: Namespaces, parameters, CustomResourceDefinitions. */
  readonly objects: readonly KubeObject[];
  /** True when nothing else of these kinds is in the cluster: a parameter that is not here is nowhere. */
  readonly isComplete?: boolean;
  /** Lowest minor version of Kubernetes that the policies must work on, 33 for 1.33; new ones may use what the version before has. */
  readonly minor: number;
  /** Answers what expressions ask of `authorizer`; without it those are unknown. */
  readonly ask?: (check: AccessCheck) => AccessAnswer | undefined;
}

/** The request that creates an object of the bundle, with the defaults that the API server gives it. */
export function creationOf(object: KubeObject, world: AdmissionWorld): AdmissionRequest {
  const [group, version] = [groupOf(object.apiVersion), versionOf(object.apiVersion)];
  const isInNamespace = isNamespaced(object, customScopes(world.objects));
  const isNamespace = group === '' && object.kind === 'Namespace';
  const { name, namespace } = object.metadata;
  return {
    operation: 'CREATE',
    kind: { group, version, kind: object.kind },
    resource: { group, version, resource: resourceOf(group, object.kind, world.objects) },
    subresource: '',
    namespace: isNamespace ? name : isInNamespace ? (namespace ?? 'default') : '',
    name,
    object: servedForm(object, definitionOf(world.objects, group, { kind: object.kind })),
    oldObject: null,
  };
}

/** The CustomResourceDefinition of a group's kind, or of a group's resource. */
export function definitionOf(
  objects: readonly KubeObject[],
  group: string,
  name: { readonly kind?: string; readonly resource?: string },
): KubeObject | undefined {
  return objects.find(
    (one) =>
      one.kind === 'CustomResourceDefinition' &&
      stringAt(one, 'spec', 'group') === group &&
      (at(one, 'spec', 'names', 'kind') === name.kind ||
        at(one, 'spec', 'names', 'plural') === name.resource),
  );
}

/** The resource of a kind: as its CustomResourceDefinition says, or by the rule that all kinds of Kubernetes follow. */
function resourceOf(group: string, kind: string, objects: readonly KubeObject[] = []): string {
  const definition = definitionOf(objects, group, { kind });
  const plural = stringAt(definition, 'spec', 'names', 'plural');
  if (plural !== undefined) return plural;
  const lower = kind.toLowerCase();
  if (lower === 'endpoints') return lower;
  if (lower.endsWith('s')) return `${lower}es`;
  return /[^aeiou]y$/.test(lower) ? `${lower.slice(0, -1)}ies` : `${lower}s`;
}

/** The same objects under another version or group. */
export interface Equivalent {
  readonly resource: ResourceName;
  /** Undefined: the API server does not know its kind. */
  readonly kind: KindName | undefined;
  /** True when only the version's name differs; else the API server converts. */
  readonly isSame: boolean;
}

/** Built-in resources that are served in more than one version or group. */
const families: readonly (readonly (readonly [
  group: string,
  version: string,
  resource: string,
  kind: string,
])[])[] = [
  [
    ['autoscaling', 'v1', 'horizontalpodautoscalers', 'HorizontalPodAutoscaler'],
    ['autoscaling', 'v2', 'horizontalpodautoscalers', 'HorizontalPodAutoscaler'],
  ],
  [
    ['', 'v1', 'events', 'Event'],
    ['events.k8s.io', 'v1', 'events', 'Event'],
  ],
];

/** Under what other versions and groups an API server serves a resource. */
export function equivalentsOf(of: ResourceName, objects: readonly KubeObject[]): readonly Equivalent[] {
  const family = families.find((one) =>
    one.some(([group, , resource]) => group === of.group && resource === of.resource),
  );
  const built = (family ?? []).map(([group, version, resource, kind]) => ({
    resource: { group, version, resource },
    kind: { group, version, kind },
    isSame: false,
  }));
  return [...built, ...customEquivalents(of, objects)].filter(
    ({ resource }) => resource.group !== of.group || resource.version !== of.version,
  );
}

function customEquivalents(of: ResourceName, objects: readonly KubeObject[]): readonly Equivalent[] {
  const definition = definitionOf(objects, of.group, { resource: of.resource });
  if (definition === undefined) return [];
  const kind = stringAt(definition, 'spec', 'names', 'kind') ?? '';
  const isSame = stringAt(definition, 'spec', 'conversion', 'strategy') !== 'Webhook';
  return listAt(definition, 'spec', 'versions').flatMap((one) => {
    const version = stringAt(one, 'name');
    if (version === undefined || at(one, 'served') !== true) return [];
    return [{ resource: { ...of, version }, kind: { group: of.group, version, kind }, isSame }];
  });
}

/** The Namespace that a request is in, when it is among the objects. */
export function namespaceOf(name: string, objects: readonly KubeObject[]): KubeObject | undefined {
  return objects.find(
    (one) => one.kind === 'Namespace' && one.apiVersion === 'v1' && one.metadata.name === name,
  );
}

/** True for `['CREATE']`-like lists that name this or everything. */
export function names(list: unknown, wanted: string): boolean {
  return isArray(list) && (list.includes('*') || list.includes(wanted));
}
