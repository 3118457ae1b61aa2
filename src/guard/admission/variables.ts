import {
  CelMap,
  Question,
  dyn,
  environment,
  fromJson,
  listOf,
  mapOf,
  simple,
  unknown,
  type Environment,
  type Fields,
  type Type,
  type Value,
} from '../../cel/index.ts';
import { at, isObject, objectAt, type JsonObject } from '../../lib/index.ts';
import type { AdmissionRequest, KindName, ResourceName } from './request.ts';

const text = simple('string');
const texts = mapOf(text, text);
const instant = simple('google.protobuf.Timestamp');

function fieldsOf(fields: Readonly<Record<string, Type>>): ReadonlyMap<string, Type> {
  return new Map(Object.entries(fields));
}

const named = { group: text, version: text };

/** `request` and `namespaceObject` are typed; all other objects are not. */
const fields: Fields = new Map([
  [
    'kubernetes.AdmissionRequest',
    fieldsOf({
      kind: simple('kubernetes.GroupVersionKind'),
      resource: simple('kubernetes.GroupVersionResource'),
      subResource: text,
      requestKind: simple('kubernetes.GroupVersionKind'),
      requestResource: simple('kubernetes.GroupVersionResource'),
      requestSubResource: text,
      name: text,
      namespace: text,
      operation: text,
      userInfo: simple('kubernetes.UserInfo'),
      dryRun: simple('bool'),
      options: dyn,
    }),
  ],
  ['kubernetes.GroupVersionKind', fieldsOf({ ...named, kind: text })],
  ['kubernetes.GroupVersionResource', fieldsOf({ ...named, resource: text })],
  [
    'kubernetes.UserInfo',
    fieldsOf({ username: text, uid: text, groups: listOf(text), extra: mapOf(text, listOf(text)) }),
  ],
  [
    'kubernetes.Namespace',
    fieldsOf({
      metadata: simple('kubernetes.NamespaceMetadata'),
      spec: simple('kubernetes.NamespaceSpec'),
      status: simple('kubernetes.NamespaceStatus'),
    }),
  ],
  [
    'kubernetes.NamespaceMetadata',
    fieldsOf({
      name: text,
      generateName: text,
      namespace: text,
      labels: texts,
      annotations: texts,
      UID: text,
      creationTimestamp: instant,
      deletionGracePeriodSeconds: simple('int'),
      deletionTimestamp: instant,
      generation: simple('int'),
      resourceVersion: text,
      finalizers: listOf(text),
    }),
  ],
  ['kubernetes.NamespaceSpec', fieldsOf({ finalizers: listOf(text) })],
  [
    'kubernetes.NamespaceStatus',
    fieldsOf({ conditions: listOf(simple('kubernetes.NamespaceCondition')), phase: text }),
  ],
  [
    'kubernetes.NamespaceCondition',
    fieldsOf({ status: text, type: text, lastTransitionTime: instant, message: text, reason: text }),
  ],
]);

/** What an expression of a policy may name. */
export interface Declared {
  readonly minor: number;
  readonly hasParams: boolean;
  readonly hasAuthorizer: boolean;
  /** Types of `variables`; undefined where there are none. */
  readonly variables?: ReadonlyMap<string, Type>;
}

/** The environment of a policy's expression. */
export function policyEnvironment({ minor, hasParams, hasAuthorizer, variables }: Declared): Environment {
  const authorizer = {
    authorizer: simple('kubernetes.authorization.Authorizer'),
    'authorizer.requestResource': simple('kubernetes.authorization.ResourceCheck'),
  };
  const all = new Map([
    ...fields,
    ...(variables === undefined ? [] : [['kubernetes.variables', variables] as const]),
  ]);
  return environment(
    minor,
    {
      object: dyn,
      oldObject: dyn,
      request: simple('kubernetes.AdmissionRequest'),
      namespaceObject: simple('kubernetes.Namespace'),
      ...(hasParams ? { params: dyn } : {}),
      ...(hasAuthorizer ? authorizer : {}),
      ...(variables === undefined ? {} : { variables: simple('kubernetes.variables') }),
    },
    all,
  );
}

/** A request as the kind and resource that a policy takes it as. */
export interface Taken {
  readonly request: AdmissionRequest;
  readonly kind: KindName;
  readonly resource: ResourceName;
}

/** What is never in a manifest, because the API server sets it. */
const serverSet = ['uid', 'creationTimestamp', 'generation', 'managedFields'] as const;

function objectValue(object: unknown): Value {
  if (!isObject(object)) return null;
  const metadata = objectAt(object, 'metadata');
  const missing = serverSet.filter((field) => metadata[field] === undefined);
  const unset = missing.map((field) => [field, unknown(`metadata.${field} is set by the API server`)]);
  return fromJson({ ...object, metadata: { ...metadata, ...Object.fromEntries(unset) } });
}

/** The values of `object`, `oldObject`, `request` and the authorizer. */
export function requestValues({ request, kind, resource }: Taken): ReadonlyMap<string, Value> {
  const account = { group: resource.group, resource: resource.resource };
  const { namespace, name, subresource } = request;
  const own = { ...account, subresource, namespace, name };
  const requestResource = new Question('ResourceCheck', withoutEmpty(own));
  // Objects as the API server holds them already are taken as they are.
  const isNew = request.operation === 'CREATE';
  return new Map<string, Value>([
    ['object', isNew ? objectValue(request.object) : fromJson(request.object)],
    ['oldObject', fromJson(request.oldObject)],
    ['request', requestValue({ request, kind, resource })],
    ['authorizer', new Question('Authorizer', {})],
    ['authorizer.requestResource', requestResource],
  ]);
}

function withoutEmpty(object: Readonly<Record<string, string>>): JsonObject {
  return Object.fromEntries(Object.entries(object).filter(([, value]) => value !== ''));
}

function requestValue({ request, kind, resource }: Taken): Value {
  const { operation, namespace, name, subresource, userInfo, dryRun, options } = request;
  const given = fromJson({
    kind,
    resource,
    requestKind: request.kind,
    requestResource: request.resource,
    operation,
    ...withoutEmpty({ namespace, name, subResource: subresource, requestSubResource: subresource }),
  });
  const rest = Object.entries({ userInfo, dryRun, options }).map(([field, value]): [Value, Value] => [
    field,
    value === undefined ? unknown(`request.${field} is known only when something is sent`) : fromJson(value),
  ]);
  return new CelMap([...(given instanceof CelMap ? given.entries() : []), ...rest]);
}

/** `namespaceObject`: with what expressions may read of it. */
export function namespaceValue(namespace: unknown): Value {
  if (!isObject(namespace)) return null;
  const value = fromJson({
    metadata: at(namespace, 'metadata') ?? {},
    spec: at(namespace, 'spec') ?? {},
    status: at(namespace, 'status') ?? {},
  });
  return value;
}
