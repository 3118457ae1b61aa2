import { digestOf } from '../lib/index.ts';
import { keyOf, titleOf } from '../objects/index.ts';
import { isWrite, type Change, type PlannedCluster, type PlannedWave } from './change.ts';

/**
 * SHA-256 over what would be written where, and the way back from it; not when, nor over which revision of an object: the same
 * change has the same hash tomorrow.
 */
export function hashOf(fleet: string, waves: readonly PlannedWave[]): string {
  return digestOf([fleet, waves.map((wave) => [wave.wave, wave.clusters.map(substanceOf)])]);
}

function substanceOf(one: PlannedCluster): unknown {
  return [
    one.cluster,
    one.digest,
    one.state,
    one.infrastructure ?? [],
    one.changes.filter(isWrite).map(substance).sort(),
    one.noWayBack ?? {},
  ];
}

function substance(change: Change): string {
  return digestOf([
    keyOf(change.subject),
    change.action,
    change.fields.map((field) => [field.path, field.after ?? null]),
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
