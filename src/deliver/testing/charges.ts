import { keyOf, ownerFrom, refOf, type KubeObject } from '../../objects/index.ts';
import type { Charge, Graph } from '../order/graph.ts';
import { Queue } from '../writing/writing-queue.ts';

/** An object by its title, e.g. `Secret/shop/db`. */
export const object = (apiVersion: string, title: string, rest: object = {}): KubeObject => {
  const [kind = '', first = '', second] = title.split('/');
  const metadata = second === undefined ? { name: first } : { namespace: first, name: second };
  return { apiVersion, kind, metadata, ...rest };
};
/** Objects and who asked for them. */
export const by = (owner: string, ...objects: readonly KubeObject[]): readonly Charge[] =>
  objects.map((one) => ({ object: one, owner: ownerFrom(owner) ?? { addon: owner } }));
/** An App. */
export const web = 'App/shop/web';

/** A ConfigMap in namespace shop. */
export const configMap = (name: string): KubeObject => object('v1', `ConfigMap/shop/${name}`);
/** A Deployment in namespace shop. */
export const deployment = (name: string, pod: object = {}): KubeObject =>
  object('apps/v1', `Deployment/shop/${name}`, {
    spec: { template: { metadata: { labels: { app: name } }, spec: pod } },
  });
/** A pod's spec that takes a variable from each of these Secrets. */
export const uses = (...secrets: readonly string[]): object => ({
  containers: [
    { env: secrets.map((name) => ({ name: name.toUpperCase(), valueFrom: { secretKeyRef: { name } } })) },
  ],
});
/** A Secret in namespace shop. */
export const secret = (name: string): KubeObject => object('v1', `Secret/shop/${name}`);
/** A Service in namespace shop before the Deployment of its name. */
export const service = (name: string): KubeObject =>
  object('v1', `Service/shop/${name}`, { spec: { selector: { app: name } } });
/** A webhook that the Service of its name answers. */
export const webhook = (name: string, group = 'example.org'): KubeObject =>
  object('admissionregistration.k8s.io/v1', `ValidatingWebhookConfiguration/${name}`, {
    webhooks: [
      {
        name: `${name}.example.com`,
        clientConfig: { service: { namespace: 'shop', name } },
        rules: [{ apiGroups: [group], resources: ['*'], operations: ['CREATE'] }],
      },
    ],
  });
/** The definition of Boats, with more fields of its spec. */
export const definition = (conversion: object = {}): KubeObject =>
  object('apiextensions.k8s.io/v1', 'CustomResourceDefinition/boats.example.com', {
    spec: {
      group: 'example.com',
      names: { kind: 'Boat', plural: 'boats' },
      versions: [{ name: 'v1', storage: true }, { name: 'v0' }],
      ...conversion,
    },
  });
/** A Boat. */
export const boat = (version = 'v1'): KubeObject => object(`example.com/${version}`, 'Boat/shop/boat');
/** A token and its account name each other. */
export const circle = [
  object('v1', 'ServiceAccount/shop/web', { secrets: [{ name: 'token' }] }),
  {
    ...object('v1', 'Secret/shop/token', { type: 'kubernetes.io/service-account-token' }),
    metadata: {
      namespace: 'shop',
      name: 'token',
      annotations: { 'kubernetes.io/service-account.name': 'web' },
    },
  },
];

/** What is written when everything goes well, one at a time. */
export function writtenInOrder(graph: Graph): readonly string[] {
  const queue = new Queue(graph, wantedIn(graph));
  const titles: string[] = [];
  for (let key = queue.take(); key !== undefined; key = queue.take()) {
    titles.push(graph.nodes.get(key)?.title ?? '');
    queue.stored(key);
    for (const awaited of queue.takeAwaited()) queue.ready(awaited);
  }
  return titles;
}

/** Every object of a graph. */
export const wantedIn = (graph: Graph): ReadonlySet<string> =>
  new Set(graph.objects.map((one) => keyOf(refOf(one))));
