import { isArray, isEqual, isObject, isString, type JsonObject } from '../lib/index.ts';
import { groupOf, type KubeObject } from './manifest.ts';
import { isSameQuantity } from './quantity.ts';

/** Where a value stands: in which kind, and under which fields; items of lists add nothing. */
export interface Place {
  /** `apps/Deployment`; undefined for a custom kind, of which everything is stored as it is written. */
  readonly kind: string | undefined;
  /** `spec template spec containers`. */
  readonly path: string;
  /** Others write to the object too. */
  readonly isShared?: boolean;
}

// Groups under k8s.io that come with a CustomResourceDefinition (gateway, snapshots, metrics) are not here.
const compiledIn =
  /^(|apps|batch|autoscaling|policy|((admissionregistration|apiextensions|apiregistration|authentication|authorization|certificates|coordination|discovery|events|flowcontrol\.apiserver|networking|node|rbac\.authorization|resource|scheduling|storage)\.k8s\.io))$/;

/** The root of an object. */
export function rootOf(object: KubeObject): Place {
  const group = groupOf(object.apiVersion);
  return { kind: compiledIn.test(group) ? `${group}/${object.kind}` : undefined, path: '' };
}

/** The place of a field. */
export function below(place: Place, field: string): Place {
  return { ...place, path: place.path === '' ? field : `${place.path} ${field}` };
}

/**
 * True when what is wanted is, by itself, stored as what is there: equal, or different only in what the API server makes of
 * it whenever it is written (defaults in it, the spelling of quantities, empty values that are not kept). False also for
 * whatever is not known for certain.
 */
export function isStoredAs(wanted: unknown, stored: unknown, place: Place): boolean {
  if (isEqual(wanted, stored)) return true;
  if (place.kind === undefined) return false;
  if (isArray(wanted)) return isListStoredAs(wanted, stored, place);
  if (isObject(wanted)) return isMapStoredAs(wanted, stored, place);
  if (wanted === null) return stored === undefined;
  if (stored === undefined) return isUnkept(wanted, place);
  if (isQuantity(place)) return isSameQuantity(wanted, stored);
  return isBytes(place) && isString(wanted) && wanted.replaceAll(/[\r\n]/g, '') === stored;
}

function isListStoredAs(wanted: readonly unknown[], stored: unknown, place: Place): boolean {
  if (stored === undefined || stored === null) return wanted.length === 0;
  if (!isArray(stored) || stored.length !== wanted.length) return false;
  return wanted.every((item, index) => isStoredAs(item, stored[index], place));
}

function isMapStoredAs(wanted: JsonObject, stored: unknown, place: Place): boolean {
  if (stored === undefined) return Object.keys(wanted).length === 0 && trueMaps.test(place.path);
  if (!isObject(stored)) return false;
  const whole = completed(wanted, place);
  const keys = new Set([...Object.keys(whole), ...Object.keys(stored)]);
  return [...keys].every((key) => isStoredAs(whole[key], stored[key], below(place, key)));
}

/** Maps proper, which are not kept when empty; an empty struct is. */
const trueMaps =
  /(^| )(labels|annotations|matchLabels|nodeSelector|data|binaryData|limits|requests|parameters)$/;

/** Plain values, not pointers, in Kubernetes' own types: their zero is the same as nothing. */
const plainFields: readonly RegExp[] = [
  /^(spec|template) (.* )?(containers|initContainers) (env value|volumeMounts (readOnly|subPath)|stdin|stdinOnce|tty|workingDir)$/,
  /^(spec|template) (.* )?(hostNetwork|hostPID|hostIPC|tolerations value)$/,
  /^spec (paused|loadBalancerIP|publishNotReadyAddresses|insecureSkipTLSVerify)$/,
  /^spec versions (.* )?(description|additionalPrinterColumns priority)$/,
  /^(description|subjects apiGroup)$/,
];

function isUnkept(wanted: unknown, { path }: Place): boolean {
  const isZero = wanted === '' || wanted === 0 || wanted === false;
  return isZero && plainFields.some((one) => one.test(path));
}

const quantityPaths: readonly RegExp[] = [
  /^(spec|template) (.* )?(containers|initContainers|ephemeralContainers) resources (limits|requests) [^ ]+$/,
  /^(spec|template) (.* )?(resourceFieldRef divisor|emptyDir sizeLimit|overhead [^ ]+)$/,
  /^spec (volumeClaimTemplates spec )?resources (limits|requests) [^ ]+$/,
  /^(spec (hard|capacity)|overhead podFixed) [^ ]+$/,
  /^spec limits (max|min|default|defaultRequest|maxLimitRequestRatio) [^ ]+$/,
  /^spec metrics [^ ]+ target (averageValue|value)$/,
];

function isQuantity({ kind, path }: Place): boolean {
  return kind !== undefined && !kind.includes('extensions') && quantityPaths.some((one) => one.test(path));
}

function isBytes({ kind, path }: Place): boolean {
  if (kind === '/Secret') return path.startsWith('data ');
  if (kind === '/ConfigMap') return path.startsWith('binaryData ');
  return /(^| )(clientConfig )?caBundle$/.test(path);
}

interface Default {
  readonly path: RegExp;
  readonly kind?: RegExp;
  readonly complete: (value: JsonObject) => JsonObject;
}

const rbac = 'rbac.authorization.k8s.io';

/**
 * What the API server adds inside values that it compares as a whole (k8s.io/kubernetes pkg/apis/*\/v1/defaults.go). In all
 * other places a default is a field that nobody owns.
 */
const defaults: readonly Default[] = [
  {
    kind: /^(apps|batch)?\//,
    path: /^(spec|template) .*fieldRef$/,
    complete: (ref) => ({ apiVersion: 'v1', ...ref }),
  },
  {
    path: / projected sources serviceAccountToken$/,
    complete: (token) => ({ expirationSeconds: 3600, ...token }),
  },
  {
    kind: /^networking\.k8s\.io\/NetworkPolicy$/,
    path: /^spec (ingress|egress) ports$/,
    complete: (port) => ({ protocol: 'TCP', ...port }),
  },
  {
    kind: /^admissionregistration/,
    path: /^(webhooks rules|spec .*[rR]esourceRules)$/,
    complete: (rule) => ({ scope: '*', ...rule }),
  },
  {
    kind: /^rbac\./,
    path: /^subjects$/,
    complete: (subject) => (subject['kind'] === 'ServiceAccount' ? subject : { apiGroup: rbac, ...subject }),
  },
  { kind: /^rbac\./, path: /^roleRef$/, complete: (role) => ({ apiGroup: rbac, ...role }) },
  {
    kind: /^apps\/StatefulSet$/,
    path: /^spec volumeClaimTemplates$/,
    complete: (claim) => ({
      apiVersion: 'v1',
      kind: 'PersistentVolumeClaim',
      status: { phase: 'Pending' },
      ...claim,
    }),
  },
  {
    kind: /^apps\/StatefulSet$/,
    path: /^spec volumeClaimTemplates spec$/,
    complete: (spec) => ({ volumeMode: 'Filesystem', ...spec }),
  },
  { kind: /^\/LimitRange$/, path: /^spec limits$/, complete: limitDefaults },
];

function completed(value: JsonObject, place: Place): JsonObject {
  let whole = value;
  for (const { path, kind, complete } of defaults)
    if (path.test(place.path) && (kind === undefined || kind.test(place.kind ?? ''))) whole = complete(whole);
  return whole;
}

// A container's default is its maximum, its default request that default or else its minimum.
function limitDefaults(item: JsonObject): JsonObject {
  if (item['type'] !== 'Container') return item;
  const map = (field: string): JsonObject => {
    const value = item[field];
    return isObject(value) ? value : {};
  };
  const limit = { ...map('max'), ...map('default') };
  const request = { ...map('min'), ...limit, ...map('defaultRequest') };
  return {
    ...item,
    ...(Object.keys(limit).length > 0 ? { default: limit } : {}),
    ...(Object.keys(request).length > 0 ? { defaultRequest: request } : {}),
  };
}
