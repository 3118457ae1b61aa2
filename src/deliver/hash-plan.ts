import { digestOf } from '../lib/index.ts';
import { keyOf, titleOf, type FieldChange, type Ref } from '../objects/index.ts';
import type { FieldClaim } from '../world/index.ts';
import { isWrite, type Change, type PlannedCluster } from './change.ts';

/** What the hash of a plan covers of one cluster: a plan that was read from a file has no more than that. */
export interface HashedCluster extends Pick<
  PlannedCluster,
  'cluster' | 'digest' | 'infrastructure' | 'noWayBack'
> {
  readonly state: string;
  readonly changes: readonly HashedChange[];
}

interface HashedChange {
  readonly subject: Ref;
  readonly action: string;
  readonly fields: readonly Pick<FieldChange, 'path' | 'after'>[];
  readonly takes?: readonly Pick<FieldClaim, 'path' | 'manager'>[];
}

/** What the hash of a plan covers of one wave. */
export interface HashedWave {
  readonly wave: string;
  readonly clusters: readonly HashedCluster[];
}

/**
 * SHA-256 over what would be written where, and the way back from it; not when, nor over which revision of an object: the same
 * change has the same hash tomorrow.
 */
export function hashOf(fleet: string, waves: readonly HashedWave[]): string {
  return digestOf([fleet, waves.map((wave) => [wave.wave, wave.clusters.map(substanceOf)])]);
}

function substanceOf(one: HashedCluster): unknown {
  return [
    one.cluster,
    one.digest,
    one.state,
    one.infrastructure ?? [],
    one.changes.filter(isWrite).map(substance).sort(),
    one.noWayBack ?? {},
  ];
}

function substance(change: HashedChange): string {
  return digestOf([
    keyOf(change.subject),
    change.action,
    change.fields.map((field) => [field.path, field.after ?? null]),
    (change.takes ?? []).map((claim) => [claim.path, claim.manager]),
  ]);
}

/** What a plan made anew has that the one agreed to has not; empty when it may go on. What is done already is no difference. */
export function addedTo(agreed: PlannedCluster, now: PlannedCluster): readonly string[] {
  if (agreed.digest !== now.digest) return ['the repository says something else than when the plan was made'];
  if (agreed.state === 'unknown') return ['the cluster could not be read when the plan was made'];
  const known = new Set(agreed.changes.filter(isWrite).map(substance));
  return now.changes
    .filter((change) => isWrite(change) && !known.has(substance(change)))
    .map((change) => `${change.action} ${titleOf(change.subject)}${fieldsText(change)}`);
}

function fieldsText(change: Change): string {
  const paths = change.fields.map((field) => field.path);
  return paths.length === 0 ? '' : ` (${paths.join(', ')})`;
}
