import type { PodSecurityLevel } from '../pod-security/profile-level.ts';
import type { Comparison } from './differences/comparison.ts';
import type { Psp } from './policy.ts';
import type { ImportedProfile } from './profile.ts';

/** One policy, or several that a service account may use together, as a profile. */
export interface ImportedPolicy {
  /** Names, in the order in which they were tried. */
  readonly policies: readonly string[];
  /** policy: of one policy; contains: of one that lets in what the others do; merged: made of several. */
  readonly origin: 'policy' | 'contains' | 'merged';
  readonly imported: ImportedProfile;
  readonly level: PodSecurityLevel;
  readonly comparison: Comparison;
  /** What people should know besides the differences. */
  readonly notes: readonly string[];
  /** The SecurityProfile as a file. */
  readonly document: string;
}

/** A policy that bindings can mean, and its profile. */
export interface Holder {
  readonly name: string;
  readonly policy: Psp;
  readonly imported: ImportedPolicy;
}
