/**
 * guard: what a pod may be, and who may do what. In: SecurityProfiles, pods, RBAC objects. Out: Pod Security levels, what a pod
 * breaks of one, one relation of Grants and what a change does to it. Pure.
 */
export * from './access/difference.ts';
export { becomesText, type Escalation, type EscalationKind } from './access/escalation.ts';
export { grantsOf, viaText, type Grant, type Grants, type UnknownRole } from './access/grant.ts';
export * from './access/relation.ts';
export { isAccessObject } from './access/role.ts';
export type { AccessRequest, PathRequest, ResourceRequest, Rule } from './access/rule.ts';
export { dutiesOf, type Duties, type Duty, type DutyRow, type EdgeRow } from './access/duties.ts';
export { resourceFrom, resourceGroups, type ResourceName } from './access/resource.ts';
export * from './access/sentences.ts';
export {
  subjectFrom,
  subjectKey,
  subjectTitle,
  userNamed,
  groupNamed,
  type Subject,
} from './access/subject.ts';
export { admittedPod } from './pod-security/admitted-pod.ts';
export * from './pod-security/evaluation.ts';
export * from './pod-security/profile-level.ts';
export {
  everyPodRule,
  podRuleGroups,
  podViolations,
  type PodViolation,
  type PodWaiver,
} from './profile/evaluation.ts';
export type { Offence, PodRule } from './profile/rule.ts';
export { podRules, type PodRules } from './profile/rules.ts';
export { guardDigest, probePod } from './policies/probe.ts';
export { guardObjects, type ClusterGuards } from './policies/objects.ts';
export {
  guardOf,
  type Guard,
  type GuardedNamespace,
  type GuardSpec,
  type GuardWaiver,
} from './policies/guard.ts';
export { filledSpec, type Filled } from './profile/fill.ts';
export { loosenedProfile } from './profile/loosened.ts';
export { ruleSentence } from './profile/rule.ts';
export { smallestPatch, type PatchStep } from './patch.ts';
export { simulatedObjects } from './simulation.ts';
export { accountOf, Guards, unknownVerdict, type Verdict } from './verdict.ts';
export type { Place, Violation } from './violation.ts';
