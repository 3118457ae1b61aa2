import type { Origin } from '../lib/index.ts';
import type { SecurityProfile } from './fleet.ts';
import { profileSpec } from './schema/index.ts';

/** The profile of a document that says nothing: every field has its strictest value. */
export function strictestProfile(name: string, from: Origin): SecurityProfile {
  return { ...profileSpec.parse({}), name, from };
}
