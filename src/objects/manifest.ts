import {
  objectAt,
  stringAt,
  stringsAt,
  isObject,
  type JsonObject,
  type Origin,
  type PathStep,
} from '../lib/index.ts';

/** What identifies an object on one cluster, whatever version it is written in. No namespace: cluster-scoped. */
export interface Ref {
  readonly group: string;
  readonly kind: string;
  readonly namespace?: string;
  readonly name: string;
}

/** keyOf(ref), e.g. `apps/Deployment/shop-web/web`, `/Namespace//shop-web`. */
export type RefKey = string;

/** An object as Kubernetes takes it; its fields are narrowed by guards. */
export interface KubeObject {
  readonly apiVersion: string;
  readonly kind: string;
  readonly metadata: Metadata;
  readonly [field: string]: unknown;
}

export interface Metadata {
  readonly name: string;
  readonly namespace?: string;
  readonly labels?: Readonly<Record<string, string>>;
  readonly annotations?: Readonly<Record<string, string>>;
  readonly [field: string]: unknown;
}

/** Who asked for an object: a tenant itself, one of its Apps, or an add-on. */
export type Owner = { readonly tenant: string; readonly app?: string } | { readonly addon: string };

/** An object, who asked for it, and the line that did. */
export interface Manifest {
  readonly object: KubeObject;
  readonly from: Origin;
  /** Where one of its fields was written, or the nearest above it; only of plain manifests. */
  readonly locate?: ((path: readonly PathStep[]) => Origin) | undefined;
  readonly owner: Owner;
  /** Fields of its pod that its profile filled: `containers[0].securityContext.capabilities.drop`. */
  readonly filled?: readonly string[];
}

/** The owner's name as people write it: `App/shop/web`, `Tenant/shop`, `Addon/metallb`. */
export function ownerName(owner: Owner): string {
  if ('addon' in owner) return `Addon/${owner.addon}`;
  return owner.app === undefined ? `Tenant/${owner.tenant}` : `App/${owner.tenant}/${owner.app}`;
}

/** Reads ownerName back; undefined for another text. */
export function ownerFrom(name: string): Owner | undefined {
  const [kind, ...names] = name.split('/');
  const [first, second] = names;
  if (first === undefined || names.includes('')) return undefined;
  if (kind === 'App')
    return second !== undefined && names.length === 2 ? { tenant: first, app: second } : undefined;
  if (names.length > 1) return undefined;
  if (kind === 'Addon') return { addon: first };
  return kind === 'Tenant' ? { tenant: first } : undefined;
}

/** `apps` of `apps/v1`, empty for `v1`. */
export function groupOf(apiVersion: string): string {
  const slash = apiVersion.indexOf('/');
  return slash < 0 ? '' : apiVersion.slice(0, slash);
}

/** `v1` of `apps/v1`. */
export function versionOf(apiVersion: string): string {
  return apiVersion.slice(apiVersion.indexOf('/') + 1);
}

const builtInGroup = /^$|^(apps|batch|autoscaling|policy|extensions)$|\.k8s\.io$/;

/** True for the kinds of Kubernetes itself: what is of another group came with a CustomResourceDefinition. */
export function isBuiltIn(object: Pick<KubeObject, 'apiVersion'>): boolean {
  return builtInGroup.test(groupOf(object.apiVersion));
}

/** What identifies the object. */
export function refOf(object: KubeObject): Ref {
  const { name, namespace } = object.metadata;
  const ref = { group: groupOf(object.apiVersion), kind: object.kind, name };
  return namespace === undefined ? ref : { ...ref, namespace };
}

/** One text per ref, to be used as a map's key. */
export function keyOf(ref: Ref): RefKey {
  return `${ref.group}/${ref.kind}/${ref.namespace ?? ''}/${ref.name}`;
}

/** Reads keyOf back. */
export function refFrom(key: RefKey): Ref | undefined {
  const [group, kind, namespace, ...name] = key.split('/');
  if (
    group === undefined ||
    kind === undefined ||
    kind === '' ||
    namespace === undefined ||
    name.length === 0
  )
    return undefined;
  const ref = { group, kind, name: name.join('/') };
  return namespace === '' ? ref : { ...ref, namespace };
}

/** For people: `Deployment/shop-web/web`, `ClusterRole/toryo:view`. */
export function titleOf(ref: Ref): string {
  return ref.namespace === undefined ? `${ref.kind}/${ref.name}` : `${ref.kind}/${ref.namespace}/${ref.name}`;
}

/** True for anything with an apiVersion, a kind and a named metadata: what a guard must see before it is a KubeObject. */
export function isKubeObject(value: unknown): value is KubeObject {
  if (!isObject(value)) return false;
  const isNamed = stringAt(value, 'metadata', 'name') !== undefined;
  const namespace = objectAt(value, 'metadata')['namespace'];
  return (
    isNamed &&
    typeof value['apiVersion'] === 'string' &&
    typeof value['kind'] === 'string' &&
    (namespace === undefined || typeof namespace === 'string')
  );
}

/** The object with labels added; its own win nothing: these are ours. */
export function withLabels(object: KubeObject, labels: Readonly<Record<string, string>>): KubeObject {
  return {
    ...object,
    metadata: { ...object.metadata, labels: { ...stringsAt(object, 'metadata', 'labels'), ...labels } },
  };
}

/** A field of an object, empty when it is missing or no object. */
export function specOf(object: KubeObject): JsonObject {
  return objectAt(object, 'spec');
}

/** How an object is called here that leaves its name to the API server: `web-*`, which is no name of Kubernetes. */
export function generatedName(generateName: string): string {
  return `${generateName}*`;
}

/** True for what `generatedName` made. */
export function isGeneratedName(name: string): boolean {
  return name.endsWith('*');
}
