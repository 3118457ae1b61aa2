/** The Kubernetes minors that one build of the control plane serves (the last as itself, the others emulated). */
export const sandboxVersions = ['1.33', '1.34', '1.35', '1.36'] as const;

/** A Kubernetes minor that the sandbox serves. */
export type SandboxVersion = (typeof sandboxVersions)[number];

/** What a cluster is when nobody says otherwise. */
export const defaultVersion: SandboxVersion = '1.35';

/** A cluster to be run on this machine. */
export interface SandboxSpec {
  /** DNS label, unique on this machine and for this user. */
  readonly name: string;
  readonly version?: SandboxVersion;
  /** `server`: etcd and kube-apiserver only; `all` (default): controllers, scheduler, nodes and stand-ins too. */
  readonly components?: 'server' | 'all';
  readonly nodes?: readonly SandboxNode[];
  /** Images that exist; a pod with another one is ImagePullBackOff. Absent: every image exists. */
  readonly images?: readonly string[];
}

/** A node that kwok plays: real to the API server and the scheduler, with nothing behind it. */
export interface SandboxNode {
  readonly name: string;
  readonly zone: string;
  readonly instanceType: string;
  /** Quantities as the node reports them, e.g. `4` and `16Gi`. */
  readonly cpu: string;
  readonly memory: string;
  readonly pods: number;
  readonly labels?: Readonly<Record<string, string>>;
  /** `key=value:Effect` or `key:Effect`. */
  readonly taints?: readonly string[];
  /** The kubelet's minor; absent: the cluster's when the node was made (a node is not upgraded with its control plane). */
  readonly version?: SandboxVersion;
}

/** True for a minor that the sandbox serves. */
export function isSandboxVersion(text: string): text is SandboxVersion {
  return sandboxVersions.some((version) => version === text);
}

/** Nodes of one kind, before they are spread over zones. */
export interface SandboxPool {
  readonly name: string;
  readonly count: number;
  readonly instanceType: string;
  readonly cpu: string;
  readonly memory: string;
  readonly pods: number;
  readonly labels?: Readonly<Record<string, string>>;
  readonly taints?: readonly string[];
  readonly version?: SandboxVersion;
}

/** Names of that many zones: `sandbox-1a`, `sandbox-1b` … */
export function zoneNames(count: number): readonly string[] {
  return Array.from({ length: count }, (_, index) => `sandbox-1${String.fromCharCode(97 + index)}`);
}

/** The nodes of pools, each pool spread evenly over the zones in order; `<pool>-1`, `<pool>-2` … are stable names. */
export function nodesFor(
  pools: readonly SandboxPool[],
  at: { readonly zones: readonly string[] },
): readonly SandboxNode[] {
  const zones = at.zones.length === 0 ? ['sandbox-1a'] : at.zones;
  return pools.flatMap(({ name, count, ...kind }) =>
    Array.from({ length: count }, (_, index) => ({
      ...kind,
      name: `${name}-${index + 1}`,
      zone: zones[index % zones.length] ?? 'sandbox-1a',
      labels: { 'toryo.dev/pool': name, ...kind.labels },
    })),
  );
}
