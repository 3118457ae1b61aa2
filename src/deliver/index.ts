/**
 * deliver: make clusters what their bundles say. In: Bundles and a World. Out: a Plan (pure), then its writes in order, in
 * waves. Nothing is taken from others without a rule, adopted without a word, or deleted that no inventory lists.
 *
 * Its folders, each knowing only those above it: order (what must be there before what), plan (what would change, and why), approval
 * (who agreed to it), gates (questions to others before a wave goes on), records (what a cluster keeps for us: inventories, kept
 * manifests, leases, what was deleted), writing (one cluster), waves (all of them).
 */
export {
  approvalFrom,
  approvalId,
  approvalInCommit,
  approvalNamespace,
  approvalProblems,
  longestApproval,
  statementText,
  type Approval,
  type ApprovalInput,
  type ApprovalStatement,
  type ApprovalVerdict,
  type Approvers,
  type Verified,
} from './approval/approval-decide.ts';
export {
  countText,
  worthOf,
  type Asking,
  type Signer,
  type Worth,
} from './approval/approval-worth-decide.ts';
export type { Campaign, Elsewhere, GateAnswer, Look } from './waves/campaign.ts';
export {
  isWrite,
  type Blocker,
  type Change,
  type Effect,
  type Permissions,
  type Plan,
  type PlanInput,
  type PlannedCluster,
  type PlannedWave,
} from './plan/change.ts';
export { holdAt, type CalendarQuestion } from './waves/calendar-decide.ts';
export {
  basesOf,
  consentOf,
  demandNote,
  demandOf,
  lastCommitIn,
  type Consent,
  type Demand,
  type OtherCluster,
} from './approval/consent-decide.ts';
export { converge } from './waves/converge.ts';
export { notDelivered, type Delivered, type Outcome } from './writing/delivered.ts';
export { deliver, type Delivery } from './writing/delivery.ts';
export { permitDeletion } from './writing/deletion-permit.ts';
export { GuardActivity } from './writing/guard-activity.ts';
export { heldByGuards } from './waves/guards-held.ts';
export { guardLosses } from './plan/guards-status.ts';
export { withLivingGuards, withoutNamedGuards } from './plan/guards-leaving.ts';
export { hashOf, staleness, type AgreedPlan, type HashedCluster, type HashedWave } from './plan/hash-plan.ts';
export { askGate, waitForGate, type GatePorts } from './gates/gates.ts';
export type { AskedGate, GateReply } from './gates/gates-asked.ts';
export { ClusterLease, holderIdentity, type Holder } from './records/lease.ts';
export { recallBefore } from './records/kept.ts';
export { narrowedWorld, revisionsOf } from './plan/movement.ts';
export { notKept } from './waves/moving.ts';
export {
  checkInventories,
  type InventoryCheck,
  type InventoryFinding,
  type InventoryInput,
} from './records/inventory-plan.ts';
export { plan } from './plan/plan.ts';
export { leftOf, type Removal } from './plan/removal-plan.ts';
export { readRestorables, restore, type Restored } from './records/undo.ts';
export type { Restorable, UndoWish } from './records/undo-plan.ts';
export { isNamed } from './records/tombstone-plan.ts';
export { whyOf } from './waves/results.ts';
export { hasNews, Standings } from './waves/standings.ts';
export { waitForHealth, type Judged, type Patience } from './writing/waiting.ts';
export {
  decideWaves,
  type GateCall,
  type Hold,
  type Judgement,
  type WaveDecision,
  type WaveOrder,
} from './waves/waves-decide.ts';
export type { FailedWrite } from './writing/writing.ts';
