import { digestOf } from '../lib/index.ts';
import { keyOf } from '../objects/index.ts';
import type { Bundle } from '../compile/index.ts';
import { isWrite, type PlannedWave } from './change.ts';

/** Covers what would be written, not when or over which revision: the same change has the same hash tomorrow. */
export function hashOf(waves: readonly PlannedWave[], bundles: readonly Bundle[]): string {
  const digests = bundles.map((bundle) => [bundle.cluster, bundle.digest]);
  const changes = waves.map((wave) => [
    wave.wave,
    wave.clusters.map((one) => [
      one.cluster,
      one.changes
        .filter(isWrite)
        .map((change) => [
          keyOf(change.subject),
          change.action,
          change.fields.map((field) => [field.path, field.after ?? null]),
        ]),
    ]),
  ]);
  return digestOf([digests, changes]);
}
