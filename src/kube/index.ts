/**
 * kube: the port to one API server. In: a kubeconfig or an access made by a provider. Out: typed objects, or a
 * ToryoError that says which cluster, which verb and which object. All network I/O to Kubernetes is here.
 */
export type { ClusterAccess, ExecPlugin, Impersonation, TokenSource } from './access.ts';
export { openClient } from './client.ts';
export type { Discovery, FailedGroup, KindRef, Resource } from './discovery.ts';
export { conflictsOf, statusOf } from './failures.ts';
export type { FieldConflict, ServerStatus, StatusCause } from './failures.ts';
export type {
  Applied,
  ApplyOptions,
  CreateOptions,
  EvictOptions,
  GetOptions,
  KubeClient,
  PatchOptions,
  RawAnswer,
  RawOptions,
  RemoveOptions,
  ServerVersion,
} from './kube-client.ts';
export type { ListOptions, ObjectList, Selection } from './list.ts';
export type { ServerWarning, TransportOptions } from './transport.ts';
export type { WatchEvent, WatchOptions } from './watch.ts';
export { kubeconfigFiles, readKubeconfig } from './kubeconfig.ts';
export type { Kubeconfig, KubeconfigEntry } from './kubeconfig.ts';
export { accessOf } from './kubeconfig-access.ts';
