import {
  type AddressRange,
  labels as names,
  listAt,
  numberAt,
  objectAt,
  rangeOf,
  stringAt,
  stringsAt,
} from '../../lib/index.ts';
import { makesPods, podOf, titleOf, refOf, type KubeObject } from '../../objects/index.ts';
import { anyLabels, type Labels } from './label-match.ts';
import { isNetworkPolicy, policyOf, type Policy } from './policy.ts';
import { isProtocol, type Protocol } from './ports.ts';

/** A port that a container names. */
export interface ContainerPort {
  readonly name: string | undefined;
  readonly port: number;
  readonly protocol: Protocol;
}

/** Pods that one object makes, or that there may be: alike in all that policies look at. */
export interface PodGroup {
  readonly is: 'pods';
  /** `Deployment/shop-web/web`. */
  readonly title: string;
  readonly namespace: string;
  readonly labels: Labels;
  /** Undefined where the containers are not known. */
  readonly ports: readonly ContainerPort[] | undefined;
  /** On the node's network, where what a policy means is left to the network plugin. */
  readonly isOnNode: boolean;
}

/** Addresses outside of the cluster; ranges are undefined where they are not known. */
export interface Outside {
  readonly is: 'outside';
  readonly title: string;
  readonly ranges: readonly AddressRange[] | undefined;
}

export type Endpoint = PodGroup | Outside;

/** All that decides who reaches whom on one cluster. */
export interface Network {
  /** Labels of each namespace that is known. */
  readonly namespaces: ReadonlyMap<string, Labels>;
  /** By namespace. */
  readonly policies: ReadonlyMap<string, readonly Policy[]>;
  readonly groups: readonly PodGroup[];
  readonly services: readonly KubeObject[];
  /** Where pods can have their addresses: an ipBlock outside of them is about no pod. */
  readonly podRanges: readonly AddressRange[];
}

/** Private, shared (RFC 6598) and unique local addresses: where pods are when nobody says otherwise. */
const privateRanges: readonly AddressRange[] = [
  '10.0.0.0/8',
  '100.64.0.0/10',
  '172.16.0.0/12',
  '192.168.0.0/16',
  'fc00::/7',
].flatMap((cidr) => rangeOf(cidr) ?? []);

/** The network of a cluster as its objects say it. */
export function networkOf(
  objects: readonly KubeObject[],
  podRanges: readonly AddressRange[] = privateRanges,
): Network {
  const policies = objects.filter(isNetworkPolicy).map(policyOf);
  const spaces = objects.filter((one) => one.kind === 'Namespace' && one.apiVersion === 'v1');
  return {
    namespaces: new Map(spaces.map((one) => [one.metadata.name, namespaceLabels(one)] as const)),
    policies: Map.groupBy(policies, (policy) => policy.namespace),
    groups: objects.flatMap((one) => podGroupOf(one) ?? []),
    services: objects.filter((one) => one.kind === 'Service' && one.apiVersion === 'v1'),
    podRanges,
  };
}

/** Labels of a namespace; of one that no object describes only its name is known. */
export function labelsOfNamespace(network: Network, namespace: string): Labels {
  return (
    network.namespaces.get(namespace) ?? {
      known: { [names.namespaceName]: namespace },
      isComplete: false,
    }
  );
}

// The API server sets the name's label whatever is written.
function namespaceLabels(namespace: KubeObject): Labels {
  const { name } = namespace.metadata;
  const own = stringsAt(namespace, 'metadata', 'labels');
  return { known: { ...own, [names.namespaceName]: name }, isComplete: true };
}

/** The pods of an object; undefined for what makes none. */
export function podGroupOf(object: KubeObject): PodGroup | undefined {
  const pod = makesPods(object) && object.kind !== 'PodTemplate' ? podOf(object) : undefined;
  if (pod === undefined) return undefined;
  const sidecars = listAt(pod.spec, 'initContainers').filter(
    (one) => stringAt(one, 'restartPolicy') === 'Always',
  );
  return {
    is: 'pods',
    title: titleOf(refOf(object)),
    namespace: object.metadata.namespace ?? 'default',
    labels: podLabels(object, stringsAt(pod.metadata, 'labels')),
    ports: [...listAt(pod.spec, 'containers'), ...sidecars].flatMap(portsOf),
    isOnNode: pod.spec['hostNetwork'] === true,
  };
}

/** Labels that controllers put on their pods, with values of their own; two of a Job are its name. */
const jobNames = ['job-name', 'batch.kubernetes.io/job-name'] as const;
const ofJob = [
  'controller-uid',
  'batch.kubernetes.io/controller-uid',
  'batch.kubernetes.io/job-completion-index',
];
const laterLabels: ReadonlyMap<string, readonly string[]> = new Map([
  ['Deployment', ['pod-template-hash']],
  ['DaemonSet', ['controller-revision-hash', 'pod-template-generation']],
  [
    'StatefulSet',
    ['apps.kubernetes.io/pod-index', 'controller-revision-hash', 'statefulset.kubernetes.io/pod-name'],
  ],
  ['Job', ofJob],
  ['CronJob', [...ofJob, ...jobNames]],
]);
/** Copied from the node (Kubernetes 1.33 and later). */
const ofNode = ['topology.kubernetes.io/region', 'topology.kubernetes.io/zone'] as const;

function podLabels(object: KubeObject, own: Readonly<Record<string, string>>): Labels {
  const { name } = object.metadata;
  const named = object.kind === 'Job' ? Object.fromEntries(jobNames.map((key) => [key, name])) : {};
  const later = new Set([...ofNode, ...(laterLabels.get(object.kind) ?? [])]);
  return { known: { ...named, ...own }, isComplete: true, later };
}

/** Any pod that may ever be in a namespace: with whatever labels and ports, on the network of pods. */
export function anyPodIn(namespace: string): PodGroup {
  return {
    is: 'pods',
    title: `any pod in namespace ${namespace}`,
    namespace,
    labels: anyLabels,
    ports: undefined,
    isOnNode: false,
  };
}

function portsOf(container: unknown): readonly ContainerPort[] {
  return listAt(container, 'ports').flatMap((one) => {
    const port = numberAt(one, 'containerPort');
    const protocol = stringAt(one, 'protocol') ?? 'TCP';
    if (port === undefined || !isProtocol(protocol)) return [];
    return [{ name: stringAt(one, 'name'), port, protocol }];
  });
}

/** Labels that a Service selects by; undefined where it selects nothing. */
export function serviceSelector(service: KubeObject): Readonly<Record<string, string>> | undefined {
  const selector = stringsAt(objectAt(service, 'spec'), 'selector');
  return Object.keys(selector).length === 0 ? undefined : selector;
}
