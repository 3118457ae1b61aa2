import { isEqual, listAt, objectAt, stringAt, type JsonObject } from '../lib/index.ts';
import type { Api } from './api.ts';
import { defaultVersion, type SandboxNode, type SandboxSpec, type SandboxVersion } from './shape.ts';

/** On every node that the sandbox made: only these does it change or remove. */
const ours = 'sandbox.toryo.dev/node';

/** Makes the cluster's nodes those of the spec: adds, replaces what changed (its pods go, as with real nodes), removes what left. */
export async function syncNodes(api: Api, spec: SandboxSpec, subnet: number): Promise<void> {
  const list = await api.ask('GET', `/api/v1/nodes?labelSelector=${encodeURIComponent(ours)}`);
  const live = new Map(
    listAt(list, 'items').map((item) => [stringAt(item, 'metadata', 'name') ?? '', objectAt(item)] as const),
  );
  const wanted = (spec.nodes ?? []).map((node, index) =>
    nodeObject(node, spec, `127.${subnet}.${hostOf(index)}`),
  );
  const names = new Set((spec.nodes ?? []).map((node) => node.name));
  for (const name of live.keys()) if (!names.has(name)) await remove(api, name);
  for (const node of wanted) await sync(api, node, live);
}

async function sync(api: Api, node: JsonObject, live: ReadonlyMap<string, JsonObject>): Promise<void> {
  const name = stringAt(node, 'metadata', 'name') ?? '';
  const found = live.get(name);
  if (found !== undefined && isSame(node, found)) return;
  if (found !== undefined) await remove(api, name);
  await api.ask('POST', '/api/v1/nodes', node);
}

async function remove(api: Api, name: string): Promise<void> {
  await api.call('DELETE', `/api/v1/nodes/${name}`);
}

function isSame(wanted: JsonObject, live: JsonObject): boolean {
  const key = (node: JsonObject): string | undefined => stringAt(node, 'metadata', 'annotations', ours);
  return isEqual(key(wanted), key(live));
}

/** 0.1 … 0.254, 1.1 … */
function hostOf(index: number): string {
  return `${Math.floor(index / 254)}.${(index % 254) + 1}`;
}

function nodeObject(node: SandboxNode, spec: SandboxSpec, address: string): JsonObject {
  const capacity = {
    cpu: node.cpu,
    memory: node.memory,
    pods: String(node.pods),
    'ephemeral-storage': '100Gi',
  };
  const labels = {
    'kubernetes.io/hostname': node.name,
    'kubernetes.io/os': 'linux',
    'kubernetes.io/arch': 'amd64',
    'node.kubernetes.io/instance-type': node.instanceType,
    'topology.kubernetes.io/zone': node.zone,
    'topology.kubernetes.io/region': node.zone.replace(/[a-z]$/, ''),
    [ours]: 'true',
    ...node.labels,
  };
  const taints = (node.taints ?? []).map(taintOf);
  const stamp = JSON.stringify([capacity, labels, taints, node.version ?? '']);
  return {
    apiVersion: 'v1',
    kind: 'Node',
    metadata: { name: node.name, labels, annotations: { [ours]: stamp } },
    spec: {
      providerID: `toryo-sandbox://${spec.name}/${node.zone}/${node.name}`,
      ...(taints.length === 0 ? {} : { taints }),
    },
    status: {
      capacity,
      allocatable: capacity,
      addresses: [
        { type: 'InternalIP', address },
        { type: 'Hostname', address: node.name },
      ],
      nodeInfo: nodeInfo(node.version ?? spec.version ?? defaultVersion),
    },
  };
}

function nodeInfo(version: SandboxVersion): JsonObject {
  const kubelet = `v${version}.0`;
  return {
    architecture: 'amd64',
    operatingSystem: 'linux',
    osImage: 'Toryo sandbox (kwok)',
    kernelVersion: '0',
    containerRuntimeVersion: 'kwok://0',
    kubeletVersion: kubelet,
    kubeProxyVersion: kubelet,
    machineID: '',
    systemUUID: '',
    bootID: '',
  };
}

/** `key=value:Effect` or `key:Effect`. */
function taintOf(text: string): JsonObject {
  const colon = text.lastIndexOf(':');
  const [key = '', value] = text.slice(0, colon).split('=');
  return { key, effect: text.slice(colon + 1), ...(value === undefined ? {} : { value }) };
}
