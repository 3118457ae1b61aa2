import type { Known } from '../lib/index.ts';
import type { Standings } from '../deliver/index.ts';
import type { ClusterConsent } from '../world/index.ts';

/** What clusters say of their owners. */
export interface Records {
  readonly standings: Standings;
  readonly silent: ReadonlyMap<string, { readonly why: string; readonly isLost: boolean }>;
  /** Cluster -> who must agree to its changes, by its own word; without those that are silent. */
  readonly consents: ReadonlyMap<string, Known<ClusterConsent>>;
}
