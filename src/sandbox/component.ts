import type { AssetName } from '../assets/index.ts';
import type { ClusterFolder } from './folder.ts';
import { frontProxy, pairFiles } from './pki.ts';
import { defaultVersion, sandboxVersions, type SandboxSpec } from './shape.ts';

/** A program of the control plane and how it is called; each runs in the cluster's folder. */
export interface Component {
  readonly name: ComponentName;
  readonly program: AssetName;
  readonly args: readonly string[];
}

/** The programs of a cluster, in the order in which they start. */
export const componentNames = ['etcd', 'apiserver', 'controller-manager', 'scheduler', 'kwok'] as const;

/** A program of a cluster, as `toryo sandbox logs` names it. */
export type ComponentName = (typeof componentNames)[number];

/** A socket path is limited to 107 bytes: relative to the folder it always fits. */
const etcdSocket = 'unix://etcd:1';
const peerSocket = 'unix://etcd:2';

/** The file name, in the cluster's folder, of the socket through which the API server reaches what runs in the cluster. */
export const egressSocket = 'egress.sock';

/** Where Services and pods get their addresses; kwok's range is for pods on nodes that have none yet. */
const serviceRange = '10.96.0.0/16';
const podRange = '10.128.0.0/10';
const spareRange = '10.97.0.1/16';

/** The components of that cluster, with their command lines. */
export function componentsOf(spec: SandboxSpec, folder: ClusterFolder, port: number): readonly Component[] {
  const server = [etcd(), apiserver(spec, folder, port)];
  if (spec.components === 'server') return server;
  return [...server, controllerManager(spec, folder), scheduler(spec, folder), kwok(folder)];
}

/** The kubeconfig with which that component calls the API server. */
export function componentKubeconfig(folder: ClusterFolder, name: string): string {
  return folder.file(`${name}.kubeconfig`);
}

/** The files that the components' flags name, besides keys: path and text. */
export function configurationOf(folder: ClusterFolder): ReadonlyMap<string, string> {
  const transport = { uds: { udsName: egressSocket } };
  const connection = { proxyProtocol: 'HTTPConnect', transport };
  const probes = ['/livez', '/readyz', '/healthz'].map((path) => ({ path }));
  return new Map([
    [
      folder.file('egress.json'),
      JSON.stringify({
        apiVersion: 'apiserver.k8s.io/v1beta1',
        kind: 'EgressSelectorConfiguration',
        egressSelections: ['cluster', 'controlplane'].map((name) => ({ name, connection })),
      }),
    ],
    [
      folder.file('authentication.json'),
      JSON.stringify({
        apiVersion: 'apiserver.config.k8s.io/v1beta1',
        kind: 'AuthenticationConfiguration',
        anonymous: { enabled: true, conditions: probes },
      }),
    ],
  ]);
}

function etcd(): Component {
  const args = [
    '--name=sandbox',
    '--data-dir=etcd',
    '--unsafe-no-fsync',
    `--listen-client-urls=${etcdSocket}`,
    `--advertise-client-urls=${etcdSocket}`,
    `--listen-peer-urls=${peerSocket}`,
    `--initial-advertise-peer-urls=${peerSocket}`,
    `--initial-cluster=sandbox=${peerSocket}`,
    '--auto-compaction-retention=10m',
    '--quota-backend-bytes=8589934592',
    '--log-level=warn',
  ];
  return { name: 'etcd', program: 'etcd', args };
}

function apiserver(spec: SandboxSpec, folder: ClusterFolder, port: number): Component {
  const accounts = pairFiles(folder, 'service-accounts');
  const serving = pairFiles(folder, 'apiserver');
  const proxy = pairFiles(folder, 'front-proxy-client');
  const args = [
    ...emulation(spec),
    `--etcd-servers=${etcdSocket}`,
    '--bind-address=127.0.0.1',
    `--secure-port=${port}`,
    '--advertise-address=127.0.0.1',
    '--endpoint-reconciler-type=none',
    `--service-cluster-ip-range=${serviceRange}`,
    `--tls-cert-file=${serving.certificate}`,
    `--tls-private-key-file=${serving.key}`,
    `--client-ca-file=${pairFiles(folder, 'ca').certificate}`,
    `--service-account-key-file=${accounts.certificate}`,
    `--service-account-signing-key-file=${accounts.key}`,
    '--service-account-issuer=https://kubernetes.default.svc',
    '--authorization-mode=Node,RBAC',
    '--enable-admission-plugins=NodeRestriction',
    `--authentication-config=${folder.file('authentication.json')}`,
    `--requestheader-client-ca-file=${pairFiles(folder, 'front-proxy-ca').certificate}`,
    `--requestheader-allowed-names=${frontProxy}`,
    '--requestheader-username-headers=X-Remote-User',
    '--requestheader-group-headers=X-Remote-Group',
    '--requestheader-extra-headers-prefix=X-Remote-Extra-',
    `--proxy-client-cert-file=${proxy.certificate}`,
    `--proxy-client-key-file=${proxy.key}`,
    `--egress-selector-config-file=${folder.file('egress.json')}`,
    '--allow-privileged=true',
    '--profiling=false',
    '--v=1',
  ];
  return { name: 'apiserver', program: 'kube-apiserver', args };
}

function controllerManager(spec: SandboxSpec, folder: ClusterFolder): Component {
  const ca = pairFiles(folder, 'ca');
  const args = [
    ...emulation(spec),
    ...kubeconfigs(componentKubeconfig(folder, 'controller-manager')),
    '--leader-elect=false',
    '--profiling=false',
    '--secure-port=0',
    '--use-service-account-credentials=true',
    `--service-account-private-key-file=${pairFiles(folder, 'service-accounts').key}`,
    `--root-ca-file=${ca.certificate}`,
    `--cluster-signing-cert-file=${ca.certificate}`,
    `--cluster-signing-key-file=${ca.key}`,
    '--allocate-node-cidrs=true',
    `--cluster-cidr=${podRange}`,
    '--node-cidr-mask-size=22',
    `--service-cluster-ip-range=${serviceRange}`,
    '--kube-api-qps=200',
    '--kube-api-burst=400',
  ];
  return { name: 'controller-manager', program: 'kube-controller-manager', args };
}

function scheduler(spec: SandboxSpec, folder: ClusterFolder): Component {
  const args = [
    ...emulation(spec),
    ...kubeconfigs(componentKubeconfig(folder, 'scheduler')),
    '--leader-elect=false',
    '--profiling=false',
    '--secure-port=0',
    '--kube-api-qps=200',
    '--kube-api-burst=400',
  ];
  return { name: 'scheduler', program: 'kube-scheduler', args };
}

function kwok(folder: ClusterFolder): Component {
  const args = [
    `--kubeconfig=${componentKubeconfig(folder, 'kwok')}`,
    '--manage-all-nodes=true',
    `--config=${folder.file('kwok.yaml')}`,
    '--node-lease-duration-seconds=40',
    `--cidr=${spareRange}`,
    '--v=WARN',
  ];
  return { name: 'kwok', program: 'kwok', args };
}

function emulation(spec: SandboxSpec): readonly string[] {
  const version = spec.version ?? defaultVersion;
  return version === sandboxVersions.at(-1) ? [] : [`--emulated-version=kube=${version}`];
}

function kubeconfigs(path: string): readonly string[] {
  return [
    `--kubeconfig=${path}`,
    `--authentication-kubeconfig=${path}`,
    `--authorization-kubeconfig=${path}`,
  ];
}
