import { at, guardKind, labels, listAt, stringAt } from '../lib/index.ts';
import { groupOf, versionOf, type KubeObject, type Ref } from './manifest.ts';
import { podReferences, storageReferences } from './references-pods.ts';
import { calls, named, namespaceOf, reference, type Reference } from './references-target.ts';

type Rule = (object: KubeObject) => readonly Reference[];

const rbac = 'rbac.authorization.k8s.io';
const admission = 'admissionregistration.k8s.io';
const gateways = 'gateway.networking.k8s.io';
const secrets = 'external-secrets.io';

/** What each kind refers to besides pods, namespaces and definitions, by `group/Kind`. */
const rules: ReadonlyMap<string, Rule> = new Map<string, Rule>([
  [`${rbac}/RoleBinding`, binding],
  [`${rbac}/ClusterRoleBinding`, binding],
  ['/Namespace', guardedSpace],
  ['/ServiceAccount', account],
  ['/Secret', tokenSecret],
  ['/PersistentVolumeClaim', claim],
  ['/PersistentVolume', (object) => storageReferences(object['spec'], 'storageClassName')],
  ['storage.k8s.io/StorageClass', storageClass],
  ['apps/StatefulSet', statefulSet],
  ['networking.k8s.io/Ingress', ingress],
  ['networking.k8s.io/IngressClass', (object) => parameters(object, ['spec', 'parameters'])],
  [`${gateways}/GatewayClass`, (object) => parameters(object, ['spec', 'parametersRef'])],
  [`${gateways}/Gateway`, gateway],
  ...['HTTPRoute', 'GRPCRoute', 'TLSRoute', 'TCPRoute', 'UDPRoute'].map(
    (kind) => [`${gateways}/${kind}`, route] as const,
  ),
  ['autoscaling/HorizontalPodAutoscaler', (object) => scaled(object, 'scaleTargetRef')],
  ['autoscaling.k8s.io/VerticalPodAutoscaler', (object) => scaled(object, 'targetRef')],
  ['keda.sh/ScaledObject', (object) => scaled(object, 'scaleTargetRef')],
  ['policy/PodDisruptionBudget', budget],
  [`${admission}/ValidatingWebhookConfiguration`, webhooks],
  [`${admission}/MutatingWebhookConfiguration`, webhooks],
  [`${admission}/ValidatingAdmissionPolicy`, policy],
  [`${admission}/MutatingAdmissionPolicy`, policy],
  [`${admission}/ValidatingAdmissionPolicyBinding`, policyBinding],
  [`${admission}/MutatingAdmissionPolicyBinding`, policyBinding],
  ['apiregistration.k8s.io/APIService', (object) => calls(at(object, 'spec', 'service'), 'service')],
  ['flowcontrol.apiserver.k8s.io/FlowSchema', flowSchema],
  [`${secrets}/ExternalSecret`, (object) => externalSecret(object, ['spec'])],
  [`${secrets}/ClusterExternalSecret`, (object) => externalSecret(object, ['spec', 'externalSecretSpec'])],
  ['cert-manager.io/Certificate', certificate],
]);

/** What an object refers to, most of it by name; whether that is there is not asked. */
export function referencesOf(object: KubeObject): readonly Reference[] {
  const group = groupOf(object.apiVersion);
  const rule = rules.get(`${group}/${object.kind}`);
  return [...placeOf(object, group), ...(rule?.(object) ?? []), ...podReferences(object)];
}

/** What an object makes under a name that others refer to. */
export function madeBy(object: KubeObject): readonly Ref[] {
  const namespace = namespaceOf(object);
  const own = object.metadata.name;
  const names: Readonly<Record<string, string | undefined>> = {
    [`${secrets}/ExternalSecret`]: stringAt(object, 'spec', 'target', 'name') ?? own,
    'cert-manager.io/Certificate': stringAt(object, 'spec', 'secretName'),
    'bitnami.com/SealedSecret': stringAt(object, 'spec', 'template', 'metadata', 'name') ?? own,
  };
  const name = names[`${groupOf(object.apiVersion)}/${object.kind}`];
  if (name === undefined || namespace === undefined) return [];
  return [{ group: '', kind: 'Secret', namespace, name }];
}

function placeOf(object: KubeObject, group: string): readonly Reference[] {
  const place = named({ group: '', kind: 'Namespace', name: namespaceOf(object) }, 'namespace');
  // Groups without a dot are Kubernetes' own.
  if (!group.includes('.')) return place;
  const version = versionOf(object.apiVersion);
  const kind = `${object.kind} of ${group}`;
  return [
    ...place,
    reference({ is: 'definition', group, version, kind: object.kind }, kind, { tie: 'ready' }),
  ];
}

function binding(object: KubeObject): readonly Reference[] {
  const kind = stringAt(object, 'roleRef', 'kind') ?? '';
  const namespace = kind === 'Role' ? namespaceOf(object) : undefined;
  const accounts = listAt(object, 'subjects').filter(
    (subject) => stringAt(subject, 'kind') === 'ServiceAccount',
  );
  return [
    ...named({ group: rbac, kind, name: stringAt(object, 'roleRef', 'name'), namespace }, 'roleRef'),
    ...accounts.flatMap((subject) =>
      named(
        {
          group: '',
          kind: 'ServiceAccount',
          name: stringAt(subject, 'name'),
          namespace: stringAt(subject, 'namespace') ?? namespaceOf(object),
        },
        'subjects',
        { isOptional: true },
      ),
    ),
  ];
}

// Without the Guard that it names, a namespace would fall under the strictest of all.
function guardedSpace(object: KubeObject): readonly Reference[] {
  const marks = object.metadata.labels ?? {};
  const [group = ''] = guardKind.apiVersion.split('/');
  return [labels.guard, labels.trial].flatMap((label) =>
    named({ group, kind: guardKind.kind, name: marks[label] }, `label ${label}`),
  );
}

function account(object: KubeObject): readonly Reference[] {
  return ['secrets', 'imagePullSecrets'].flatMap((field) =>
    listAt(object, field).flatMap((one) =>
      named(
        { group: '', kind: 'Secret', name: stringAt(one, 'name'), namespace: namespaceOf(object) },
        field,
        { isOptional: true },
      ),
    ),
  );
}

// A token without its account is removed at once.
function tokenSecret(object: KubeObject): readonly Reference[] {
  const name = object.metadata.annotations?.['kubernetes.io/service-account.name'];
  if (object['type'] !== 'kubernetes.io/service-account-token') return [];
  return named({ group: '', kind: 'ServiceAccount', name, namespace: namespaceOf(object) }, 'its account');
}

function claim(object: KubeObject): readonly Reference[] {
  const source = at(object, 'spec', 'dataSourceRef') ?? at(object, 'spec', 'dataSource');
  const namespace = stringAt(source, 'namespace') ?? namespaceOf(object);
  const [group, kind] = [stringAt(source, 'apiGroup') ?? '', stringAt(source, 'kind') ?? ''];
  return [
    ...storageReferences(object['spec'], 'storageClassName'),
    ...named(
      { group: '', kind: 'PersistentVolume', name: stringAt(object, 'spec', 'volumeName') },
      'volumeName',
    ),
    ...named({ group, kind, name: stringAt(source, 'name'), namespace }, 'dataSource'),
  ];
}

function storageClass(object: KubeObject): readonly Reference[] {
  return named(
    { group: 'storage.k8s.io', kind: 'CSIDriver', name: stringAt(object, 'provisioner') },
    'provisioner',
  );
}

function statefulSet(object: KubeObject): readonly Reference[] {
  const name = stringAt(object, 'spec', 'serviceName');
  return [
    ...named({ group: '', kind: 'Service', name, namespace: namespaceOf(object) }, 'serviceName'),
    ...listAt(object, 'spec', 'volumeClaimTemplates').flatMap((template) =>
      storageReferences(at(template, 'spec'), `claim ${stringAt(template, 'metadata', 'name') ?? ''}`),
    ),
  ];
}

function ingress(object: KubeObject): readonly Reference[] {
  const namespace = namespaceOf(object);
  const name = stringAt(object, 'spec', 'ingressClassName');
  const paths = listAt(object, 'spec', 'rules').flatMap((one) => listAt(one, 'http', 'paths'));
  const backends = [at(object, 'spec', 'defaultBackend'), ...paths.map((path) => at(path, 'backend'))];
  return [
    ...named({ group: 'networking.k8s.io', kind: 'IngressClass', name }, 'ingressClassName'),
    ...backends.flatMap((backend) => [
      ...named(
        { group: '', kind: 'Service', name: stringAt(backend, 'service', 'name'), namespace },
        'backend',
      ),
      ...typed(at(backend, 'resource'), { group: '', kind: '', namespace }, 'backend'),
    ]),
    ...listAt(object, 'spec', 'tls').flatMap((one) =>
      named({ group: '', kind: 'Secret', name: stringAt(one, 'secretName'), namespace }, 'tls', {
        isOptional: true,
      }),
    ),
  ];
}

interface Usual {
  readonly group: string;
  readonly kind: string;
  readonly namespace: string | undefined;
}

/** A reference that may say its group, kind and namespace itself. */
function typed(
  value: unknown,
  usual: Usual,
  by: string,
  more: Partial<Pick<Reference, 'isOptional'>> = {},
): readonly Reference[] {
  const group = stringAt(value, 'group') ?? stringAt(value, 'apiGroup') ?? usual.group;
  const kind = stringAt(value, 'kind') ?? usual.kind;
  const namespace = stringAt(value, 'namespace') ?? usual.namespace;
  return named({ group, kind, name: stringAt(value, 'name'), namespace }, by, more);
}

function parameters(object: KubeObject, path: readonly string[]): readonly Reference[] {
  return typed(
    at(object, ...path),
    { group: '', kind: '', namespace: undefined },
    path.at(-1) ?? 'parameters',
  );
}

function gateway(object: KubeObject): readonly Reference[] {
  const usual = { group: '', kind: 'Secret', namespace: namespaceOf(object) };
  const name = stringAt(object, 'spec', 'gatewayClassName');
  return [
    ...named({ group: gateways, kind: 'GatewayClass', name }, 'gatewayClassName'),
    ...listAt(object, 'spec', 'listeners').flatMap((listener) =>
      listAt(listener, 'tls', 'certificateRefs').flatMap((one) =>
        typed(one, usual, 'certificateRefs', { isOptional: true }),
      ),
    ),
  ];
}

function route(object: KubeObject): readonly Reference[] {
  const namespace = namespaceOf(object);
  const parent = { group: gateways, kind: 'Gateway', namespace };
  const backend = { group: '', kind: 'Service', namespace };
  return [
    ...listAt(object, 'spec', 'parentRefs').flatMap((one) => typed(one, parent, 'parentRefs')),
    ...listAt(object, 'spec', 'rules').flatMap((one) =>
      listAt(one, 'backendRefs').flatMap((to) => typed(to, backend, 'backendRefs')),
    ),
  ];
}

function scaled(object: KubeObject, field: string): readonly Reference[] {
  const target = at(object, 'spec', field);
  const group = groupOf(stringAt(target, 'apiVersion') ?? 'apps/v1');
  const kind = stringAt(target, 'kind') ?? 'Deployment';
  return named({ group, kind, name: stringAt(target, 'name'), namespace: namespaceOf(object) }, field);
}

function budget(object: KubeObject): readonly Reference[] {
  const namespace = namespaceOf(object);
  const selector = at(object, 'spec', 'selector');
  if (namespace === undefined || selector === undefined) return [];
  return [reference({ is: 'pods', namespace, selector }, 'selector', { isOptional: true })];
}

function webhooks(object: KubeObject): readonly Reference[] {
  return listAt(object, 'webhooks').flatMap((webhook) =>
    calls(at(webhook, 'clientConfig', 'service'), `webhook ${stringAt(webhook, 'name') ?? ''}`),
  );
}

function policy(object: KubeObject): readonly Reference[] {
  const apiVersion = stringAt(object, 'spec', 'paramKind', 'apiVersion');
  const kind = stringAt(object, 'spec', 'paramKind', 'kind');
  if (apiVersion === undefined || kind === undefined) return [];
  const to = { group: groupOf(apiVersion), version: versionOf(apiVersion), kind };
  return [reference({ is: 'definition', ...to }, 'paramKind', { tie: 'ready' })];
}

function policyBinding(object: KubeObject): readonly Reference[] {
  const name = stringAt(object, 'spec', 'policyName');
  if (name === undefined) return [];
  const of = { group: admission, kind: object.kind.replace(/Binding$/, ''), name };
  const parameter = at(object, 'spec', 'paramRef');
  const named = stringAt(parameter, 'name');
  const namespace = stringAt(parameter, 'namespace');
  return [
    reference({ is: 'object', ref: of }, 'policyName'),
    ...(named === undefined
      ? []
      : [
          reference(
            { is: 'parameters', policy: of, name: named, ...(namespace === undefined ? {} : { namespace }) },
            'paramRef',
          ),
        ]),
  ];
}

function flowSchema(object: KubeObject): readonly Reference[] {
  const group = groupOf(object.apiVersion);
  const name = stringAt(object, 'spec', 'priorityLevelConfiguration', 'name');
  return named({ group, kind: 'PriorityLevelConfiguration', name }, 'priorityLevelConfiguration');
}

function externalSecret(object: KubeObject, path: readonly string[]): readonly Reference[] {
  const stores = [
    at(object, ...path, 'secretStoreRef'),
    ...listAt(object, ...path, 'data').map((one) => at(one, 'sourceRef', 'storeRef')),
    ...listAt(object, ...path, 'dataFrom').map((one) => at(one, 'sourceRef', 'storeRef')),
  ];
  return stores.flatMap((store) => {
    const kind = stringAt(store, 'kind') ?? 'SecretStore';
    const namespace = kind === 'SecretStore' ? namespaceOf(object) : undefined;
    return named({ group: secrets, kind, name: stringAt(store, 'name'), namespace }, 'secretStoreRef');
  });
}

function certificate(object: KubeObject): readonly Reference[] {
  const issuer = at(object, 'spec', 'issuerRef');
  const group = stringAt(issuer, 'group') ?? 'cert-manager.io';
  const kind = stringAt(issuer, 'kind') ?? 'Issuer';
  const namespace = kind.startsWith('Cluster') ? undefined : namespaceOf(object);
  return named({ group, kind, name: stringAt(issuer, 'name'), namespace }, 'issuerRef');
}
