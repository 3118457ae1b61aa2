import { unknown } from '../../cel/index.ts';
import { at, isArray, isObject, listAt, objectAt, stringAt, type JsonObject } from '../../lib/index.ts';

/** An object with what is missing in it. */
export function filled(value: unknown, defaults: JsonObject): JsonObject {
  return { ...defaults, ...(isObject(value) ? value : {}) };
}

/** The object with one field changed, where there is that field. */
export function within(
  object: JsonObject,
  field: string,
  change: (value: JsonObject) => JsonObject,
): JsonObject {
  const value = object[field];
  if (isObject(value)) return { ...object, [field]: change(value) };
  if (!isArray(value)) return object;
  return { ...object, [field]: value.map((item) => (isObject(item) ? change(item) : item)) };
}

/** Several changes, one after the other. */
export function changed(
  object: JsonObject,
  changes: readonly (readonly [field: string, change: (value: JsonObject) => JsonObject])[],
): JsonObject {
  return changes.reduce((here, [field, change]) => within(here, field, change), object);
}

const call = (value: JsonObject): JsonObject =>
  changed(value, [['httpGet', (get) => filled(get, { path: '/', scheme: 'HTTP' })]]);

const probe = (value: JsonObject): JsonObject =>
  changed(
    filled(call(value), { timeoutSeconds: 1, periodSeconds: 10, successThreshold: 1, failureThreshold: 3 }),
    [['grpc', (grpc) => filled(grpc, { service: '' })]],
  );

const fieldRef = (value: JsonObject): JsonObject =>
  within(value, 'fieldRef', (ref) => filled(ref, { apiVersion: 'v1' }));

/** Without a tag, or with `latest`, an image is looked for each time. */
function pullPolicy(image: string): string {
  const [, tag] = /:([^:/]+)$/.exec(image) ?? [];
  const isPinned = image.includes('@') || (tag !== undefined && tag !== 'latest');
  return isPinned ? 'IfNotPresent' : 'Always';
}

function container(value: JsonObject): JsonObject {
  const defaults = {
    imagePullPolicy: pullPolicy(stringAt(value, 'image') ?? ''),
    resources: {},
    terminationMessagePath: '/dev/termination-log',
    terminationMessagePolicy: 'File',
  };
  return changed(filled(value, defaults), [
    ['ports', (port) => filled(port, { protocol: 'TCP' })],
    ['env', (env) => within(env, 'valueFrom', fieldRef)],
    ['livenessProbe', probe],
    ['readinessProbe', probe],
    ['startupProbe', probe],
    [
      'lifecycle',
      (cycle) =>
        changed(cycle, [
          ['postStart', call],
          ['preStop', call],
        ]),
    ],
  ]);
}

const mode = { defaultMode: 420 } as const;

function volume(value: JsonObject): JsonObject {
  const hasSource = Object.entries(value).some(([field, one]) => field !== 'name' && isObject(one));
  const items = (one: JsonObject): JsonObject => within(filled(one, mode), 'items', fieldRef);
  return changed(hasSource ? value : { ...value, emptyDir: {} }, [
    ['secret', (one) => filled(one, mode)],
    ['configMap', (one) => filled(one, mode)],
    ['downwardAPI', items],
    ['hostPath', (one) => filled(one, { type: '' })],
    ['projected', (one) => within(filled(one, mode), 'sources', source)],
  ]);
}

function source(value: JsonObject): JsonObject {
  return changed(value, [
    ['serviceAccountToken', (token) => filled(token, { expirationSeconds: 3600 })],
    ['downwardAPI', (one) => within(one, 'items', fieldRef)],
  ]);
}

/** A pod's spec with the API server's defaults in it (k8s.io/kubernetes pkg/apis/core/v1/defaults.go). */
function podSpec(value: JsonObject): JsonObject {
  const account = stringAt(value, 'serviceAccountName');
  const defaults = {
    dnsPolicy: 'ClusterFirst',
    restartPolicy: 'Always',
    schedulerName: 'default-scheduler',
    securityContext: {},
    terminationGracePeriodSeconds: 30,
    ...(account === undefined ? {} : { serviceAccount: account }),
  };
  return changed(filled(value, defaults), [
    ['containers', container],
    ['initContainers', container],
    ['ephemeralContainers', container],
    ['volumes', volume],
  ]);
}

/** The pod of a template. */
export function podTemplate(value: JsonObject): JsonObject {
  return within({ ...value, metadata: objectAt(value, 'metadata') }, 'spec', podSpec);
}

const tolerations = ['not-ready', 'unreachable'].map((key) => ({
  effect: 'NoExecute',
  key: `node.kubernetes.io/${key}`,
  operator: 'Exists',
  tolerationSeconds: 300,
}));

/** The token that every pod gets that does not say otherwise; part of its name is random. */
const tokenName = unknown('the volume of the token is named by the API server');
const tokenVolume = {
  name: tokenName,
  projected: {
    defaultMode: 420,
    sources: [
      { serviceAccountToken: { expirationSeconds: 3607, path: 'token' } },
      { configMap: { name: 'kube-root-ca.crt', items: [{ key: 'ca.crt', path: 'ca.crt' }] } },
      {
        downwardAPI: {
          items: [{ path: 'namespace', fieldRef: { apiVersion: 'v1', fieldPath: 'metadata.namespace' } }],
        },
      },
    ],
  },
};
const tokenPath = '/var/run/secrets/kubernetes.io/serviceaccount';
const tokenMount = { name: tokenName, readOnly: true, mountPath: tokenPath };

function withToken(value: JsonObject): JsonObject {
  const mounted = (one: JsonObject): JsonObject => {
    const mounts = listAt(one, 'volumeMounts');
    const isThere = mounts.some((mount) => at(mount, 'mountPath') === tokenPath);
    return isThere ? one : { ...one, volumeMounts: [...mounts, tokenMount] };
  };
  return changed({ ...value, volumes: [...listAt(value, 'volumes'), tokenVolume] }, [
    ['containers', mounted],
    ['initContainers', mounted],
  ]);
}

/** The spec of a Pod itself: with what the API server's own admission puts into every pod. */
export function ownPodSpec(value: JsonObject): JsonObject {
  const account = { enableServiceLinks: true, serviceAccountName: 'default' };
  const ranked = value['priorityClassName'] === undefined ? priority : unknownPriority;
  const spec = podSpec({ ...account, ...ranked, ...value });
  const own = listAt(value, 'tolerations');
  const missing = tolerations.filter(({ key }) => !own.some((one) => at(one, 'key') === key));
  const isOnHost = value['hostNetwork'] === true;
  const complete = (one: JsonObject): JsonObject => requests(isOnHost ? onHost(one) : one);
  const whole = changed({ ...spec, tolerations: [...own, ...missing] }, [
    ['containers', complete],
    ['initContainers', complete],
  ]);
  return value['automountServiceAccountToken'] === false ? whole : withToken(whole);
}

const priority = { priority: 0, preemptionPolicy: 'PreemptLowerPriority' } as const;
const unknownPriority = {
  priority: unknown('the priority is that of the PriorityClass'),
  preemptionPolicy: unknown('the preemptionPolicy is that of the PriorityClass'),
} as const;

/** On the node's network a port is the node's; in templates the API server leaves it open. */
function onHost(container: JsonObject): JsonObject {
  return within(container, 'ports', (port) => filled(port, { hostPort: port['containerPort'] }));
}

/** What a container may use at most it also asks for. */
function requests(container: JsonObject): JsonObject {
  const limits = objectAt(container, 'resources', 'limits');
  if (Object.keys(limits).length === 0) return container;
  return within(container, 'resources', (one) => ({
    ...one,
    requests: { ...limits, ...objectAt(one, 'requests') },
  }));
}
