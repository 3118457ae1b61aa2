import type { Instant, Known } from '../../lib/index.ts';
import type { FieldChange, KubeObject, Owner, Ref } from '../../objects/index.ts';
import type { AccessSentence } from '../../guard/index.ts';
import type { Bundle } from '../../compile/index.ts';
import type { Fleet } from '../../spec/index.ts';
import type { FieldClaim, LiveApprovers, Prediction, World } from '../../world/index.ts';

/** What becomes of one object. */
export interface Change {
  readonly subject: Ref;
  readonly owner: Owner;
  readonly action: 'create' | 'configure' | 'unchanged' | 'delete' | 'skip' | 'blocked';
  readonly fields: readonly FieldChange[];
  readonly checkedBy: Prediction['by'];
  /** False: whether the writer may do it was checked offline only. */
  readonly hasRights: boolean;
  readonly why?: string;
  /** Fields of others that are taken from them, and those that stay theirs. */
  readonly takes?: readonly FieldClaim[];
  readonly leaves?: readonly FieldClaim[];
  /** It was nobody's of this fleet, and becomes this owner's: who wrote it last. */
  readonly adopts?: string;
  /** What the server warned about in its dry-run. */
  readonly warnings?: readonly string[];
  readonly from?: { readonly file: string; readonly line: number };
  /** Of a deletion or release: the incarnation that it is about. */
  readonly uid?: string;
  /** It is let go of: our marks and ownership go, the object stays; what is kept is labelled so. */
  readonly release?: 'kept' | 'forgotten';
  /** Of a deletion: `removed` names it, and it is waited for until it is really gone. */
  readonly isRemoval?: true;
  /** Of a deletion: the owner that took the rest over by `moved`, and has to be well before this goes. */
  readonly after?: string;
  /** Of an object that is left alone: it stays listed all the same. */
  readonly isOurs?: true;
}

/** A reason not to write to a cluster at all. */
export interface Blocker {
  readonly code:
    | 'wrong-cluster'
    | 'prune-brake'
    | 'damaged-inventory'
    | 'protected-kind'
    | 'blocked-change'
    | 'removed-cluster';
  readonly why: string;
  /** What lets it pass, as a flag. */
  readonly allow?: string;
  /** How many changes it stops; 1 when left out. */
  readonly count?: number;
}

/** What a change does besides what it writes: room in a namespace's quota, its Pod Security level, pods that it would warn about. */
export interface Effect {
  readonly about: 'quota' | 'pod-security';
  /** The namespace, or the workload. */
  readonly subject: string;
  /** One sentence. */
  readonly text: string;
  /** True: as it is, some of its pods cannot start. */
  readonly isTooMuch: boolean;
}

/** Somebody with a part in a commit that a plan brings; signer: fingerprint of the key that signed it. */
export interface ChangeAuthor {
  readonly email: string;
  readonly name: string;
  readonly signer?: string;
}

/** What is to be done on one cluster. */
export interface PlannedCluster {
  readonly cluster: string;
  readonly state: 'there' | 'absent' | 'unknown';
  readonly why?: string;
  /** What becomes of the cluster itself, a sentence each. */
  readonly infrastructure?: readonly string[];
  /** What to know that stops nothing. */
  readonly notes?: readonly string[];
  readonly effects?: readonly Effect[];
  /** What changes of Roles and bindings do to who may do what, the gravest first. */
  readonly access?: readonly AccessSentence[];
  /** Digest of the cluster's bundle. */
  readonly digest: string;
  /** Owner -> why what would be done to it cannot be undone by applying the manifests before. */
  readonly noWayBack?: Readonly<Record<string, string>>;
  readonly changes: readonly Change[];
  readonly blockers: readonly Blocker[];
  /** Who must agree to its changes, each of them; left out where nobody must, or it is not known. */
  readonly approvers?: readonly LiveApprovers[];
  /** Who wrote them, where somebody must agree. */
  readonly authors?: Known<readonly ChangeAuthor[]>;
  /** Owners without manifests whose inventories list what is theirs no more: they are put right though nothing is written. */
  readonly closing?: readonly string[];
}

/** One wave: its clusters are planned side by side. */
export interface PlannedWave {
  readonly wave: string;
  readonly clusters: readonly PlannedCluster[];
}

/** What is to be done everywhere, in order. */
export interface Plan {
  readonly hash: string;
  readonly at: Instant;
  /** True: made by reading alone; it proves too little to be approved or applied. */
  readonly isReadOnly?: boolean;
  readonly waves: readonly PlannedWave[];
}

/** What the operator lets pass, by name. */
export interface Permissions {
  /** KIND/NAME of protected objects that may be deleted. */
  readonly deletions: ReadonlySet<string>;
  /** Owners that may lose more than the brake lets them. */
  readonly prunes: ReadonlySet<string>;
  /** Owners that may have objects that are there and are nobody's of any fleet. */
  readonly adoptions?: ReadonlySet<string>;
}

/** All that a plan is made from; the same inputs give the same plan. */
export interface PlanInput {
  readonly fleet: string;
  readonly waves: readonly { readonly name: string; readonly clusters: readonly string[] }[];
  readonly bundles: readonly Bundle[];
  readonly world: World;
  /** Cluster -> uid of kube-system that toryo.lock has; undefined: not needed (sandboxes). */
  readonly identities: ReadonlyMap<string, string | undefined>;
  readonly permissions: Permissions;
  /** Cluster -> what its provider would do, a sentence each. */
  readonly infrastructure?: ReadonlyMap<string, readonly string[]>;
  /** Cluster -> owners that never go back: their state is pinned there. */
  readonly pinned?: ReadonlyMap<string, ReadonlySet<string>>;
  /** Owners that some document still names, on whatever cluster. */
  readonly owners: ReadonlySet<string>;
  readonly isReadOnly?: boolean;
  /** Cluster -> what to know about its changes, a sentence each. */
  readonly notes?: ReadonlyMap<string, readonly string[]>;
  /** Cluster -> what to know about who must agree, where something new comes to it: drift needs nobody. */
  readonly consent?: ReadonlyMap<string, string>;
  /** Cluster -> who must agree to its changes. */
  readonly approvers?: ReadonlyMap<string, Pick<PlannedCluster, 'approvers' | 'authors'>>;
  /** Owner -> clusters that its document selects: what is not rendered there was not meant to go. */
  readonly selecting?: ReadonlyMap<string, ReadonlySet<string>>;
  /** Limits of what one owner may lose on one cluster at once; the built-in brake when left out. */
  readonly prune?: Fleet['prune'];
  /** Owner as it was called -> as it is called now: its objects change hands. */
  readonly moved?: ReadonlyMap<string, string>;
  readonly removed?: Fleet['removed'];
  /** Owner -> what it is in the whole fleet (revisionsOf, of all bundles). */
  readonly revisions?: ReadonlyMap<string, string>;
  /** True: what is planned is a way back, not the revision that a record calls bad. */
  readonly isBack?: boolean;
  /** Cluster -> Roles and bindings that its API server makes by itself; without it nothing is said of access. */
  readonly builtInAccess?: ReadonlyMap<string, readonly KubeObject[]>;
  /** Clusters that leave the fleet: a wave of their own at the end. */
  readonly leaving?: readonly PlannedCluster[];
}

/** A change that is not made: what is there is left alone, and stays listed. */
export function leftAlone({ uid: _uid, ...change }: Change, why: string): Change {
  return { ...change, action: 'skip', why, isOurs: true };
}

/** True for a change that writes something. */
export function isWrite(change: { readonly action: string }): boolean {
  return change.action === 'create' || change.action === 'configure' || change.action === 'delete';
}
