import type { KubeObject, Ref } from '../objects/index.ts';
import type { Impersonation } from './access.ts';
import type { Discovery, KindRef } from './discovery.ts';
import type { ObjectList, ListOptions } from './list.ts';
import type { WatchEvent, WatchOptions } from './watch.ts';

/** `/version`, as numbers. */
export interface ServerVersion {
  readonly gitVersion: string;
  readonly major: number;
  readonly minor: number;
  /** The minor whose behaviour is served, where the server emulates an older one. */
  readonly emulationMinor?: number;
}

export interface GetOptions {
  readonly version?: string;
  readonly subresource?: string;
}

export interface ApplyOptions {
  readonly fieldManager: string;
  readonly force?: boolean;
  readonly dryRun?: boolean;
  readonly subresource?: string;
}

export interface Applied {
  readonly object: KubeObject;
  /** `configured` also when nothing changed: then the resourceVersion is the same. */
  readonly outcome: 'created' | 'configured';
  /** What the server warned about in a dry-run; warnings of real writes are events of the run. */
  readonly warnings: readonly string[];
}

export interface CreateOptions {
  readonly fieldManager?: string;
  readonly dryRun?: boolean;
}

export interface PatchOptions {
  readonly type: 'merge' | 'json' | 'strategic';
  readonly version?: string;
  readonly subresource?: string;
  readonly fieldManager?: string;
  readonly dryRun?: boolean;
}

export interface RemoveOptions {
  /** Only this incarnation; another one is a TORYO_KUBE_CONFLICT. */
  readonly uid?: string;
  readonly resourceVersion?: string;
  readonly propagation?: 'foreground' | 'background' | 'orphan';
  readonly gracePeriodSeconds?: number;
  readonly dryRun?: boolean;
}

export interface EvictOptions {
  readonly uid?: string;
  readonly gracePeriodSeconds?: number;
  readonly dryRun?: boolean;
}

export interface RawOptions {
  /** Text as it is, anything else as JSON. */
  readonly body?: unknown;
  readonly accept?: string;
  readonly contentType?: string;
}

export interface RawAnswer {
  readonly status: number;
  readonly text: string;
}

/**
 * One API server. Every call throws TORYO_INTERRUPTED once the run is aborted, and otherwise ToryoErrors of the codes
 * TORYO_KUBE_*, TORYO_EXEC_PLUGIN and TORYO_KUBECONFIG, with the cluster and, where it is about one object, its title.
 *
 * Tried again with a growing random pause: any call after a 429, any call that never reached the server, and after a
 * 5xx or a broken connection only what may be sent twice: reads, server-side apply, dry-runs, deletes with a uid.
 */
export interface KubeClient {
  /** The address, as the access says it. */
  readonly server: string;
  /** The name of the access. */
  readonly cluster: string;
  version(): Promise<ServerVersion>;
  /** What is served; kept until forgetDiscovery. */
  discover(): Promise<Discovery>;
  /** The next call asks again: after a CustomResourceDefinition became Established or was deleted. */
  forgetDiscovery(): void;
  /** The object, undefined when it does not exist. */
  get(ref: Ref, options?: GetOptions): Promise<KubeObject | undefined>;
  /** All objects of a kind, read in chunks. A list that expires half way begins again. */
  list(kind: KindRef, options?: ListOptions): Promise<ObjectList>;
  /**
   * What happens to a kind. Without a resourceVersion it begins with `restarted` and all objects. It goes on over broken
   * connections and server failures and ends, without an error, only by its own signal or when the client is closed. It throws for what
   * cannot heal: 401, 403, an unknown kind, a bad selector, a wrong certificate, an aborted run.
   */
  watch(kind: KindRef, options?: WatchOptions): AsyncIterable<WatchEvent>;
  /** Server-side apply, strict about unknown fields. The object is sent as it is: no managedFields in it. */
  apply(object: KubeObject, options: ApplyOptions): Promise<Applied>;
  /** Throws TORYO_KUBE_CONFLICT when it exists. */
  create(object: KubeObject, options?: CreateOptions): Promise<KubeObject>;
  patch(ref: Ref, body: unknown, options: PatchOptions): Promise<KubeObject>;
  remove(ref: Ref, options?: RemoveOptions): Promise<'deleted' | 'absent'>;
  /** Evicts a pod; one that is gone is fine. A disruption budget in the way is TORYO_KUBE_BUSY at once. */
  evict(namespace: string, pod: string, options?: EvictOptions): Promise<void>;
  /** Any request. Gives whatever status came. */
  raw(method: string, path: string, options?: RawOptions): Promise<RawAnswer>;
  /** The same connections, discovery and limits in another name. */
  as(who: Impersonation): KubeClient;
  /** Ends watches, finishes what is under way and closes the connections; on a client made by `as` it does nothing. */
  close(): Promise<void>;
}
