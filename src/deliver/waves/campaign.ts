import type { Instant, Known } from '../../lib/index.ts';
import type { Bundle } from '../../compile/index.ts';
import type { KubeClient } from '../../kube/index.ts';
import type { ClusterConsent, Observation } from '../../world/index.ts';
import type { PlannedCluster } from '../plan/change.ts';
import type { Consent } from '../approval/consent-decide.ts';
import type { AgreedPlan } from '../plan/hash-plan.ts';
import type { Holder } from '../records/lease.ts';
import type { Silence, Standing } from './standing-decide.ts';
import type { Patience } from '../writing/waiting.ts';
import type { GateCall, Hold, WaveOrder } from './waves-decide.ts';

/** One cluster as it was looked at: what is there, what is to be done, and the way to it. */
export interface Look {
  readonly seen: Observation;
  readonly planned: PlannedCluster;
  readonly client: KubeClient | undefined;
}

/** What the gates of a wave said. */
export interface GateAnswer {
  /** unknown: nobody could be asked, or there was no data. */
  readonly outcome: 'pass' | 'fail' | 'unknown';
  readonly why: string;
}

/** Clusters of the fleet that a run leaves alone. */
export interface Elsewhere {
  readonly standings: readonly Standing[];
  readonly silent: ReadonlyMap<string, Silence>;
}

/** One delivery to many clusters. */
export interface Campaign {
  readonly fleet: string;
  readonly bundles: readonly Bundle[];
  /** Bundles of the whole fleet: an owner's revision is the same whichever clusters are delivered to. */
  readonly everywhere: readonly Bundle[];
  readonly waves: readonly WaveOrder[];
  /** Owner -> owners that it needs, on whatever cluster. */
  readonly needs: ReadonlyMap<string, readonly string[]>;
  /** Standings of clusters that are not this run's, and which of those are silent: waves hold for them too. */
  readonly elsewhere?: Elsewhere;
  /** The plan that was agreed to. */
  readonly plan: AgreedPlan;
  /** True: a change that the plan does not have is refused. False: nobody looked at the plan, and the newest one counts. */
  readonly isBinding: boolean;
  /** What each cluster was when the plan was made, or a moment ago. */
  readonly looks: ReadonlyMap<string, Look>;
  readonly commit: string | undefined;
  readonly holder: Holder;
  /** True: nothing is delivered, only what is to go back goes back. */
  readonly isOnlyBack?: boolean;
  /** False: what fails stays where it is, to be looked at. */
  readonly mayReturn: boolean;
  /** False: what soaks is left to soak, and the next run goes on from there. */
  readonly isPatient: boolean;
  /** How long a cluster may be silent before it counts as failed, in milliseconds. */
  readonly silence: number;
  patienceOn(cluster: string): Patience;
  /** Whether new things may be delivered to a cluster, by its own word on who must approve. */
  consentTo(cluster: string, own: Known<ClusterConsent>, at: Instant): Consent;
  holdsAt(at: Instant): Promise<ReadonlyMap<string, Hold>>;
  /** Observes one cluster again and plans it, with this bundle; when owners are named, it is their way back, and theirs alone. */
  look(bundle: Bundle, owners?: ReadonlySet<string>): Promise<Look>;
  askGates(call: GateCall, looks: ReadonlyMap<string, Look>): Promise<GateAnswer>;
}
