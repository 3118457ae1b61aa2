import type { DiagnosticCode, PathStep } from '../lib/index.ts';

/** A place of an object that breaks a rule. */
export interface Place {
  /** From the object's root. */
  readonly path: readonly PathStep[];
  readonly actual: unknown;
  /** The value that would be right; `null`: nothing; undefined: there is more than one. */
  readonly fix?: unknown;
}

/** A field of the fleet that decides: below the spec of a SecurityProfile, or in a namespace of a Tenant or Addon. */
export interface DecidingField {
  readonly of: 'SecurityProfile' | 'Namespace';
  readonly name: string;
  readonly path: readonly string[];
}

/** A rule that an object breaks. */
export interface Violation {
  readonly rule: DiagnosticCode;
  /** As the API server tells it. */
  readonly sentence: string;
  /** Field of the profile that decides; empty where none does. */
  readonly field: string;
  readonly places: readonly Place[];
  /** Where values alone would mend it, if `places` do not say so. */
  readonly fixes?: readonly Place[];
  /** The fields that decide, and those that say that they hold for this object; none where the fleet says nothing of it. */
  readonly decided: readonly DecidingField[];
  /** Names of Waivers that let it in; empty: it is refused. */
  readonly waivers: readonly string[];
}

const inOwnWords: ReadonlySet<DiagnosticCode> = new Set([
  'TRY-SEC-001',
  'TRY-SEC-060',
  'TRY-SEC-061',
  'TRY-SEC-062',
]);

/** False for Pod Security, LimitRanges, quotas and policies of the fleet's own: they tell the place in their own words. */
export function hasPlaces(rule: DiagnosticCode): boolean {
  return !inOwnWords.has(rule);
}
