import { digestOf, isEqual } from '../../lib/index.ts';
import { keyOf, titleOf, type FieldChange, type Ref } from '../../objects/index.ts';
import type { FieldClaim } from '../../world/index.ts';
import { isWrite, type PlannedCluster } from './change.ts';

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
  /** Fields that are taken from others. */
  readonly takes?: readonly Pick<FieldClaim, 'path' | 'manager'>[];
}

/** What the hash of a plan covers of one wave. */
export interface HashedWave {
  readonly wave: string;
  readonly clusters: readonly HashedCluster[];
}

/** A plan that somebody agreed to, as much of it as counts. */
export interface AgreedPlan {
  readonly hash: string;
  readonly waves: readonly HashedWave[];
}

/**
 * SHA-256 over what would be written where, and the way back from it; not when, nor over which revision of an object: the same
 * change has the same hash tomorrow. A plan made by reading alone has another one than the same plan made with dry-runs.
 */
export function hashOf(fleet: string, waves: readonly HashedWave[], isReadOnly = false): string {
  const content = [fleet, waves.map((wave) => [wave.wave, wave.clusters.map(substanceOf)])];
  return digestOf(isReadOnly ? ['read-only', content] : content);
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
    (change.takes ?? []).map(({ path, manager }) => `${path} ${manager}`).sort(),
  ]);
}

/** Cluster by cluster, what a plan made anew has that the one agreed to has not. */
export function staleness(
  agreed: readonly HashedWave[],
  now: readonly { readonly wave: string; readonly clusters: readonly PlannedCluster[] }[],
): readonly { readonly cluster: string; readonly added: readonly string[] }[] {
  const known = new Map(
    agreed.flatMap(({ wave, clusters }) => clusters.map((one) => [one.cluster, { wave, one }] as const)),
  );
  return now.flatMap(({ wave, clusters }) =>
    clusters.flatMap((one) => {
      const before = known.get(one.cluster);
      if (before === undefined)
        return [{ cluster: one.cluster, added: ['the plan does not have this cluster'] }];
      const moved = before.wave === wave ? [] : [`it is in wave ${wave} now, not ${before.wave}`];
      const added = [...moved, ...addedTo(before.one, one)];
      return added.length === 0 ? [] : [{ cluster: one.cluster, added }];
    }),
  );
}

/** What a plan made anew has that the one agreed to has not; empty when it may go on. What is done already is no difference. */
export function addedTo(agreed: HashedCluster, now: PlannedCluster): readonly string[] {
  const other = 'the repository says something else than when the plan was made';
  // What came to be may be nothing that is written: the digest alone is a difference.
  const said = agreed.digest === now.digest ? [] : [other];
  return [...said, ...newsOn(agreed, now)];
}

function newsOn(agreed: HashedCluster, now: PlannedCluster): readonly string[] {
  if (agreed.state === 'unknown' && now.changes.some(isWrite))
    return ['the cluster could not be read when the plan was made'];
  if (agreed.state !== now.state && now.state === 'absent') return ['the cluster does not exist any more'];
  const known = new Map(agreed.changes.filter(isWrite).map((change) => [keyOf(change.subject), change]));
  const changes = now.changes.filter(isWrite).flatMap((change) => {
    const news = newsOf(known.get(keyOf(change.subject)), change);
    return news === undefined ? [] : [`${change.action} ${titleOf(change.subject)}${news}`];
  });
  const itself = (now.infrastructure ?? []).filter((text) => !(agreed.infrastructure ?? []).includes(text));
  const lost = Object.entries(now.noWayBack ?? {})
    .filter(([owner]) => agreed.noWayBack?.[owner] === undefined)
    .map(([owner, why]) => `no way back for ${owner}: ${why}`);
  return [...itself.map((text) => `cluster: ${text}`), ...changes, ...lost];
}

/** What a change does that was not agreed to: its new fields in brackets, or an empty text; undefined when all of it was. */
function newsOf(agreed: HashedChange | undefined, now: HashedChange): string | undefined {
  if (agreed?.action !== now.action) return now.fields.length === 0 ? '' : fieldsText(now.fields);
  const wanted = new Map(agreed.fields.map((field) => [field.path, field.after]));
  const fields = now.fields.filter(
    ({ path, after }) => !wanted.has(path) || !isEqual(wanted.get(path) ?? null, after ?? null),
  );
  const taken = new Set((agreed.takes ?? []).map(({ path, manager }) => `${path} from ${manager}`));
  const takes = (now.takes ?? []).filter(({ path, manager }) => !taken.has(`${path} from ${manager}`));
  if (fields.length === 0 && takes.length === 0) return undefined;
  return fieldsText([...fields, ...takes.map((one) => ({ path: `takes ${one.path} from ${one.manager}` }))]);
}

function fieldsText(fields: readonly { readonly path: string }[]): string {
  return ` (${fields.map((field) => field.path).join(', ')})`;
}
