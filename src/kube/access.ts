/** In whose name requests are made, beside the identity that the connection proves. */
export interface Impersonation {
  readonly user: string;
  readonly groups?: readonly string[];
  readonly uid?: string;
  /** Further attributes (`authentication.kubernetes.io/…`), each with its values. */
  readonly extra?: Readonly<Record<string, readonly string[]>>;
}

/** Gives a bearer token; it keeps its own cache. `isRefused` is true when the last one was answered with 401. */
export type TokenSource = (isRefused: boolean) => Promise<string>;

/** A credential plugin of a kubeconfig (client.authentication.k8s.io). */
export interface ExecPlugin {
  readonly apiVersion: string;
  /** A name looked up in PATH, or an absolute path. */
  readonly command: string;
  readonly args: readonly string[];
  readonly env: Readonly<Record<string, string>>;
  readonly interactiveMode: 'Never' | 'IfAvailable' | 'Always';
  /** Passes the cluster's address and CA to the plugin. */
  readonly provideClusterInfo: boolean;
  /** The cluster's extension `client.authentication.k8s.io/exec`, passed on as it is. */
  readonly config?: unknown;
  readonly installHint?: string;
}

/** All that is needed to talk to one API server. PEM texts, not file names. */
export interface ClusterAccess {
  /** What people call the cluster; it stands in errors and events. */
  readonly name: string;
  /** `https://host:port`, with a path prefix where a gateway serves several clusters. */
  readonly server: string;
  readonly ca?: string;
  readonly certificate?: string;
  readonly key?: string;
  readonly token?: string | TokenSource;
  /** Read again when it may have changed: tokens of service accounts are rotated in place. */
  readonly tokenFile?: string;
  readonly exec?: ExecPlugin;
  readonly username?: string;
  readonly password?: string;
  readonly tlsServerName?: string;
  /** Accepts any certificate. */
  readonly insecure?: boolean;
  /** `http:`, `https:` or `socks5:`. */
  readonly proxyUrl?: string;
  readonly as?: Impersonation;
  /** The namespace of the context. The client never fills it in. */
  readonly namespace?: string;
}
