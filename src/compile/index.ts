/**
 * compile: everything one cluster should be. In: a Fleet and what its Apps and Addons render to. Out: one Bundle per
 * cluster, the same bytes for the same input. Pure: it reads nothing and starts nothing.
 */
export { compile, type Manner } from './compile.ts';
export { imagesByTag, lockNameOf, type OwnerImages } from './digests.ts';
export { Doubts, type Mistaken } from './doubts.ts';
export { guardsIn } from './guards.ts';
export { reasonsOn } from './reasons.ts';
export { mayHold } from './waiver-terms.ts';
export type { Bundle, Infrastructure } from './bundle.ts';
export { quotaCapacity } from './capacity.ts';
