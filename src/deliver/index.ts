/**
 * deliver: make clusters what their bundles say. In: Bundles and a World. Out: a Plan (pure), then its writes in order, in
 * waves. Nothing is forced, adopted by accident, or deleted that no inventory lists.
 */
export { deliver, deliveredWithError, type Delivered, type Delivery } from './delivery.ts';
export {
  isWrite,
  type Blocker,
  type Change,
  type Permissions,
  type Plan,
  type PlanInput,
  type PlannedCluster,
  type PlannedWave,
} from './change.ts';
export { plan } from './plan.ts';
export { waitForHealth, type Judged, type Patience } from './waiting.ts';
export { atOnceOf, deliverWaves, whyOf, type WaveOrder } from './waves.ts';
export type { FailedWrite } from './writing.ts';
