/**
 * deliver: make clusters what their bundles say. In: Bundles and a World. Out: a Plan (pure), then its writes in order, in
 * waves. Nothing is taken from others without a rule, adopted without a word, or deleted that no inventory lists.
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
} from './approval-decide.ts';
export { worthOf, type Worth } from './approval-worth-decide.ts';
export type { Campaign, Elsewhere, GateAnswer, Look } from './campaign.ts';
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
} from './change.ts';
export { holdAt, type CalendarQuestion } from './calendar-decide.ts';
export {
  basesOf,
  consentOf,
  demandNote,
  demandOf,
  lastCommitIn,
  type Consent,
  type Demand,
  type OtherCluster,
} from './consent-decide.ts';
export { converge } from './converge.ts';
export { notDelivered, type Delivered, type Outcome } from './delivered.ts';
export { deliver, type Delivery } from './delivery.ts';
export { permitDeletion } from './deletion-permit.ts';
export { GuardActivity } from './guard-activity.ts';
export { guardLosses } from './guards-status.ts';
export { withLivingGuards, withoutNamedGuards } from './guards-leaving.ts';
export { hashOf, staleness, type AgreedPlan, type HashedCluster, type HashedWave } from './hash-plan.ts';
export { askGate, waitForGate, type GatePorts } from './gates.ts';
export type { AskedGate, GateReply } from './gates-asked.ts';
export { ClusterLease, holderIdentity, type Holder } from './lease.ts';
export { recallBefore } from './kept.ts';
export { narrowedWorld, revisionsOf } from './movement.ts';
export { notKept } from './moving.ts';
export {
  checkInventories,
  type InventoryCheck,
  type InventoryFinding,
  type InventoryInput,
} from './inventory-plan.ts';
export { plan } from './plan.ts';
export { leftOf, type Removal } from './removal-plan.ts';
export { readRestorables, restore, type Restored } from './undo.ts';
export type { Restorable, UndoWish } from './undo-plan.ts';
export { whyOf } from './results.ts';
export { Standings } from './standings.ts';
export { waitForHealth, type Judged, type Patience } from './waiting.ts';
export {
  decideWaves,
  type GateCall,
  type Hold,
  type Judgement,
  type WaveDecision,
  type WaveOrder,
} from './waves-decide.ts';
export type { FailedWrite } from './writing.ts';
