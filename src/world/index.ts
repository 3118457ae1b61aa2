/**
 * world: observe. In: a Bundle and an open API server. Out: what is there, what Toryo has there, and what the server would
 * store. All input and output that a plan needs happens here, dry-runs included; nothing is written.
 */
export {
  readConsent,
  usedObject,
  type ClusterConsent,
  type LiveApprovers,
  type UsedApprovals,
} from './consent-record.ts';
export * from './inventory.ts';
export * from './record.ts';
export * from './world.ts';
export { readCause } from './cause.ts';
export { claimsOf, conflictsWith, pinned, untilUndisturbed } from './contest.ts';
export { isMarked, unmarkedIn } from './mark.ts';
export { observe, type Question } from './observation.ts';
export { readMembership, readShelf, type Member, type Membership, type Shelf } from './membership.ts';
export { readInventories, readLive, readMarked } from './reading.ts';
export { writerOf } from './rights.ts';
export { hasStrays, replacerOf, replaceSpec } from './whole.ts';
