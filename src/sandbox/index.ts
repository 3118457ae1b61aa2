/**
 * sandbox: real control planes on this machine. In: a SandboxSpec. Out: a running cluster and its kubeconfig.
 * Real etcd, kube-apiserver, controllers and scheduler; nodes and pods are played by kwok, and nothing runs in them.
 */
export { Authority } from './certificates.ts';
export { startCluster, type RunningCluster, type StartOptions } from './cluster.ts';
export {
  defaultVersion,
  isSandboxVersion,
  nodesFor,
  sandboxVersions,
  zoneNames,
  type SandboxNode,
  type SandboxPool,
  type SandboxSpec,
  type SandboxVersion,
} from './shape.ts';
export { down, downAll, up } from './lifecycle.ts';
export {
  kubeconfigPath,
  list,
  logsOf,
  stateOf,
  type LogName,
  type SandboxPhase,
  type SandboxState,
} from './registry.ts';
export { componentNames, type ComponentName } from './component.ts';
export type { ComponentState } from './watchdog.ts';
