/**
 * objects: what a Kubernetes object means. In: objects as JSON. Out: identity, scope, references, order, difference, health.
 * Pure: it never asks a server.
 */
export * from './image.ts';
export * from './manifest.ts';
export * from './ownership.ts';
export * from './pods.ts';
export { capabilities, capabilityWritten } from './capabilities.ts';
export { volumeKinds } from './volume-kinds.ts';
export * from './scope.ts';
export * from './difference.ts';
export { causeOf, isController, questionsAbout } from './health/cause.ts';
export { conditionOf, type Condition } from './health/conditions.ts';
export { storedKinds } from './health/catalogue.ts';
export { healthOf, healthRows } from './health/health.ts';
export type { Related } from './health/pod-cause.ts';
export type { Health } from './health/state.ts';
export * from './field-owners.ts';
export { isUnderPattern, pathText, stepsOf, valueAt, withoutPath, type Step } from './field-path.ts';
export { appliedUnchanged, isSpecStored, withoutManagedFields } from './managed-fields.ts';
export * from './order.ts';
export { referencesOf } from './references.ts';
export { isConverted, ObjectIndex } from './references-index.ts';
export type { Reference, Target } from './references-target.ts';
export { guards, webhookRisks, type WebhookRisk } from './webhooks.ts';
export * from './overlay.ts';
export * from './pod-demand.ts';
export {
  isQuantityText,
  nanosIn,
  quantityOf,
  quantityText,
  sumOfQuantities,
  type Quantity,
} from './quantity.ts';
export * from './schema-check.ts';
export { selects } from './selectors.ts';
