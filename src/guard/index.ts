/**
 * guard: what a pod may be, who may do what, and who reaches whom. In: SecurityProfiles and objects. Out: Guards and policies, one
 * Verdict on an object, one relation of Grants and what a change does to it, what NetworkPolicies let through, what
 * ValidatingAdmissionPolicies say of an object. Pure.
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
export { isAboutValues, secretsThroughPods } from './access/through-pods.ts';
export {
  subjectFrom,
  subjectKey,
  subjectTitle,
  userNamed,
  groupNamed,
  type Subject,
} from './access/subject.ts';
export { contradictions } from './limits/contradictions.ts';
export { withDefaults, type DefaultedPod, type LimitDefault } from './limits/defaults.ts';
export {
  claimViolations,
  limitMessage,
  limitViolations,
  type LimitViolations,
} from './limits/limit-range.ts';
export {
  exceededSums,
  quotaViolations,
  type QuotaAnswer,
  type QuotaRefusal,
  type QuotaSum,
} from './limits/quota.ts';
export type { QuotaGround } from './limits/quota-need.ts';
export { groundOf, storedPod } from './limits/stored-pod.ts';
export { boundsMistakes, type BoundsMistake } from './limits/mistakes.ts';
export { admittedPod } from './pod-security/admitted-pod.ts';
export * from './pod-security/evaluation.ts';
export * from './pod-security/profile-level.ts';
export { everyPodRule, podViolations, type PodViolation, type PodWaiver } from './profile/evaluation.ts';
export type { Offence, PodRule } from './profile/rule.ts';
export { podRules, type PodRules } from './profile/rules.ts';
export { guardDigest, isProbe, probePod } from './policies/probe.ts';
export {
  guardNamedIn,
  guardOfBinding,
  guardPartOf,
  guardsNamedBy,
  isOfProbe,
  isWholeOurs,
  sparing,
  type GuardPart,
} from './policies/family.ts';
export { guardObjects, type ClusterGuards } from './policies/objects.ts';
export {
  guardOf,
  guardSpecsOf,
  type Guard,
  type GuardedNamespace,
  type GuardSpec,
  type GuardWaiver,
} from './policies/guard.ts';
export { filledSpec, type Filled } from './profile/fill.ts';
export { isPodSecurityRule, loosenedProfile } from './profile/loosened.ts';
export { smallestChange, type Change, type PatchStep } from './patch.ts';
export { podFields, podFieldsVersion } from './shape/pod-fields.ts';
export { shapeMistakes } from './shape/shape.ts';
export { simulatedObjects, simulatedWriter } from './simulation.ts';
export { accountOf, Guards, unknownVerdict, type Verdict } from './verdict.ts';
export { hasPlaces, type DecidingField, type Place, type Violation } from './violation.ts';
export { endsOf, portsAsked, type End, type Named } from './network/end.ts';
export { isolation, type Isolation, type TenantPath } from './network/isolation.ts';
export { matrixOf, type Matrix, type MatrixCell, type MatrixUnit } from './network/matrix.ts';
export type { Endpoint, Network, PodGroup } from './network/network.ts';
export { openedTo } from './network/opened.ts';
export { openingsOf } from './network/opening.ts';
export { networkPlace, type NetworkPlace } from './network/place.ts';
export { connectionsFrom, connectionsText, isNone, unionOf, type Connections } from './network/ports.ts';
export { reach, type Reach } from './network/reach.ts';
export type { ReachVerdict } from './network/reason.ts';
export { clusterDns, internetBlocks, nodeLocalDns, podIdentity } from './network/well-known.ts';
export type { NamespaceAssignment, Assigned, Assignments } from './psp/assignments.ts';
export { isCovered, type Comparison, type Difference } from './psp/differences/comparison.ts';
export { sidesOf, type Sides } from './psp/differences/verdicts.ts';
export { policyVerdict, type PolicyVerdict } from './psp/evaluation.ts';
export { importPolicies, type ImportWish, type PolicyImport } from './psp/import.ts';
export type { ImportedPolicy } from './psp/imported-policy.ts';
export type { Psp } from './psp/policy.ts';
export { readPolicies, type PolicyFile, type PolicySources } from './psp/reading.ts';
export { admissionVerdicts, type AdmissionVerdict } from './admission/verdicts.ts';
export { creationOf, type AdmissionRequest, type AdmissionWorld } from './admission/request.ts';
