import { at, isObject, stringAt, stringsAt } from '../../lib/index.ts';
import {
  customScopes,
  groupOf,
  isBuiltIn,
  isNamespaced,
  selects,
  type KubeObject,
} from '../../objects/index.ts';
import { definitionOf, type AdmissionRequest, type AdmissionWorld } from './request.ts';
import type { Policy } from './policy.ts';

/** The parameters that a policy is evaluated with, once each; null where it is evaluated without. */
export type Params =
  | { readonly is: 'params'; readonly list: readonly (KubeObject | null)[] }
  | { readonly is: 'error'; readonly message: string }
  | { readonly is: 'unknown'; readonly why: string };

type ParamKind = NonNullable<Policy['paramKind']>;

/** What a binding's paramRef finds (k8s.io/apiserver pkg/admission/plugin/policy/generic, CollectParams). */
export function paramsOf(
  { paramKind }: Policy,
  paramRef: unknown,
  request: AdmissionRequest,
  world: AdmissionWorld,
): Params {
  if (paramKind === undefined || !isObject(paramRef)) return { is: 'params', list: [null] };
  if (!isKnown(paramKind, world))
    return {
      is: 'unknown',
      why: `what ${paramKind.kind} of ${paramKind.apiVersion} is, nobody defines here`,
    };
  const given = stringAt(paramRef, 'namespace') ?? '';
  if (!isNamespaced(paramKind, customScopes(world.objects))) {
    if (given === '') return found(paramKind, paramRef, { namespace: undefined, world });
    return error('paramRef.namespace must not be provided for a cluster-scoped `paramKind`');
  }
  const own = request.resource.resource === 'namespaces' ? '' : request.namespace;
  const namespace = given === '' ? own : given;
  if (namespace !== '') return found(paramKind, paramRef, { namespace, world });
  return error('cannot use namespaced paramRef in policy binding that matches cluster-scoped resources');
}

function isKnown(kind: ParamKind, world: AdmissionWorld): boolean {
  return isBuiltIn(kind) || defines(kind, world) || objectsOf(kind, world).length > 0;
}

function error(message: string): Params {
  return { is: 'error', message };
}

function defines({ apiVersion, kind }: ParamKind, { objects }: AdmissionWorld): boolean {
  return definitionOf(objects, groupOf(apiVersion), { kind }) !== undefined;
}

function objectsOf({ apiVersion, kind }: ParamKind, { objects }: AdmissionWorld): readonly KubeObject[] {
  return objects.filter((one) => one.kind === kind && groupOf(one.apiVersion) === groupOf(apiVersion));
}

function found(
  kind: ParamKind,
  paramRef: unknown,
  { namespace, world }: { readonly namespace: string | undefined; readonly world: AdmissionWorld },
): Params {
  const all = objectsOf(kind, world).filter(
    ({ metadata }) => namespace === undefined || (metadata.namespace ?? 'default') === namespace,
  );
  const name = stringAt(paramRef, 'name') ?? '';
  const selector = at(paramRef, 'selector');
  if (name !== '' && selector !== undefined)
    return error('paramRef.name and paramRef.selector are mutually exclusive');
  if (name === '' && selector === undefined) return error('one of name or selector must be provided');
  const list = all.filter((one) =>
    name === '' ? selects(selector, stringsAt(one, 'metadata', 'labels')) : one.metadata.name === name,
  );
  const other = list.find(({ apiVersion }) => apiVersion !== kind.apiVersion);
  if (other !== undefined)
    return { is: 'unknown', why: `the API server converts ${other.metadata.name} to ${kind.apiVersion}` };
  if (list.length > 0) return { is: 'params', list };
  return world.isComplete === true ? none(paramRef) : missing(kind, paramRef, namespace);
}

function none(paramRef: unknown): Params {
  if (stringAt(paramRef, 'parameterNotFoundAction') !== 'Deny') return { is: 'params', list: [] };
  return error('no params found for policy binding with `Deny` parameterNotFoundAction');
}

/** What is not among some objects may still be in the cluster. */
function missing(kind: ParamKind, paramRef: unknown, namespace: string | undefined): Params {
  const name = stringAt(paramRef, 'name');
  const what = name === undefined ? `${kind.kind} that paramRef selects` : `${kind.kind} ${name}`;
  const place = namespace === undefined ? '' : ` in namespace ${namespace}`;
  return { is: 'unknown', why: `no ${what}${place} is among the objects` };
}
