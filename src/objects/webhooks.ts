import { at, isString, listAt, objectAt, stringAt } from '../lib/index.ts';
import { keyOf, refOf, titleOf, type KubeObject, type RefKey } from './manifest.ts';
import { podLabelsOf } from './pods.ts';
import { ObjectIndex } from './references-index.ts';
import { selects } from './selectors.ts';

/** A webhook that may lock a cluster up: whose configuration it is, and a sentence that says what would happen and what to exclude. */
export interface WebhookRisk {
  readonly key: RefKey;
  readonly why: string;
}

const systemNamespace = 'kube-system';
const nameLabel = 'kubernetes.io/metadata.name';

/** What must be writable for pods to come back, as `group/resource`. */
const vital: readonly (readonly [group: string, resource: string])[] = [
  ['', 'pods'],
  ['', 'pods/binding'],
  ['apps', 'replicasets'],
  ['apps', 'daemonsets'],
  ['apps', 'deployments'],
  ['apps', 'statefulsets'],
  ['discovery.k8s.io', 'endpointslices'],
  ['coordination.k8s.io', 'leases'],
  ['', 'serviceaccounts/token'],
  ['', 'secrets'],
  ['', 'configmaps'],
];

/** The webhooks of a webhook configuration. */
function webhooksOf(object: KubeObject): readonly unknown[] {
  const isConfiguration = /^(Mutating|Validating)WebhookConfiguration$/.test(object.kind);
  return isConfiguration ? listAt(object, 'webhooks') : [];
}

/** True when a webhook configuration refuses changes of a resource while what answers for it is down. */
export function guards(configuration: KubeObject, group: string, resource: string): boolean {
  return webhooksOf(configuration).some((one) => isClosed(one) && covers(one, group, resource));
}

function isClosed(webhook: unknown): boolean {
  return stringAt(webhook, 'failurePolicy') !== 'Ignore';
}

function covers(webhook: unknown, group: string, resource: string): boolean {
  const [type = '', part] = resource.split('/');
  const wanted = part === undefined ? [type, '*', '*/*'] : [resource, `${type}/*`, `*/${part}`, '*/*'];
  return listAt(webhook, 'rules').some((rule) => {
    const groups = new Set(listAt(rule, 'apiGroups'));
    const resources = listAt(rule, 'resources').filter(isString);
    const isGroup = groups.has('*') || groups.has(group);
    const isNamespaced = stringAt(rule, 'scope') !== 'Cluster';
    const isWrite = listAt(rule, 'operations').some(
      (one) => one === '*' || one === 'CREATE' || one === 'UPDATE',
    );
    return isGroup && isNamespaced && isWrite && resources.some((one) => wanted.includes(one));
  });
}

/**
 * Webhooks that refuse everything while they are down and cover what they need to come up again, or the cluster's own parts. One with
 * matchConditions may exclude both in a way that is not read here, and counts as one that does.
 */
export function webhookRisks(objects: readonly KubeObject[]): readonly WebhookRisk[] {
  const index = new ObjectIndex(objects);
  return objects.flatMap((object) =>
    webhooksOf(object).flatMap((webhook) => {
      const why = riskOf(webhook, index);
      const title = titleOf(refOf(object));
      return why === undefined ? [] : [{ key: keyOf(refOf(object)), why: `${title}: ${why}` }];
    }),
  );
}

function riskOf(webhook: unknown, index: ObjectIndex): string | undefined {
  if (!isClosed(webhook) || listAt(webhook, 'matchConditions').length > 0) return undefined;
  const resources = vital.filter(([group, resource]) => covers(webhook, group, resource));
  if (resources.length === 0) return undefined;
  const own = stringAt(webhook, 'clientConfig', 'service', 'namespace');
  const spaces = [systemNamespace, own].filter(
    (space, index, all) => space !== undefined && all.indexOf(space) === index,
  );
  const caught = spaces.filter((space) => space !== undefined && catches(webhook, space, index));
  if (caught.length === 0) return undefined;
  const what = resources.length > 3 ? 'what pods need' : resources.map(([, resource]) => resource).join(', ');
  const name = stringAt(webhook, 'name') ?? '';
  const consequence = caught.includes(own)
    ? 'while its own pods are down, nothing lets them start again'
    : "while it is down, the cluster's own parts cannot start";
  return `webhook ${name} refuses ${what} in ${caught.join(' and ')} when it does not answer: ${consequence}. Exclude ${caught.length === 1 ? 'it' : 'them'} in its namespaceSelector (${nameLabel} NotIn [${caught.join(', ')}]), or set failurePolicy: Ignore`;
}

function catches(webhook: unknown, namespace: string, index: ObjectIndex): boolean {
  const [space] = index.find({ is: 'object', ref: { group: '', kind: 'Namespace', name: namespace } });
  const labels = { ...space?.metadata.labels, [nameLabel]: namespace };
  if (!selects(objectAt(webhook, 'namespaceSelector'), labels)) return false;
  const selector = objectAt(webhook, 'objectSelector');
  if (selects(selector, {})) return true;
  const service = stringAt(webhook, 'clientConfig', 'service', 'name');
  if (service === undefined || at(webhook, 'clientConfig', 'service', 'namespace') !== namespace)
    return false;
  const backend = index.find({
    is: 'backend',
    service: { group: '', kind: 'Service', namespace, name: service },
  });
  return backend.some((one) => selects(selector, podLabelsOf(one)));
}
