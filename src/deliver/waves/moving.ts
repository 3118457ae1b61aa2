import { failure, fieldManagerOf, isFailure, reasonOf, tell, type ToryoError } from '../../lib/index.ts';
import { ownerFrom, titleOf, type Manifest } from '../../objects/index.ts';
import type { Bundle } from '../../compile/index.ts';
import { readConsent, usedObject } from '../../world/index.ts';
import type { PlannedCluster } from '../plan/change.ts';
import type { Consent, Given } from '../approval/consent-decide.ts';
import type { Delivered } from '../writing/delivered.ts';
import { deliver } from '../writing/delivery.ts';
import type { Field, Site } from './field.ts';
import { nameAgain } from './guards-held.ts';
import { addedTo } from '../plan/hash-plan.ts';
import { withLivingGuards } from '../plan/guards-leaving.ts';
import { recallBefore } from '../records/kept.ts';
import type { Movement } from '../plan/movement.ts';
import { isOfThisChange, stateOf, type Standing } from './standing-decide.ts';
import type { WaveDecision } from './waves-decide.ts';

/** An observation that is older is made again before anything is written, in milliseconds. */
const freshness = 30_000;

/** Why a way back that a record promises cannot be gone. */
export const notKept = 'the manifests before are not kept any more';

type Returns = ReadonlyMap<string, { readonly from: string; readonly why: string }>;

/** Moves owners on one cluster to what the repository says. */
export async function moveForward(field: Field, cluster: string, owners: ReadonlySet<string>): Promise<void> {
  const site = await freshSite(field, cluster);
  if (site.seen.is !== 'there') return;
  const news = [...owners].filter((owner) => isNews(field.standings.of(cluster, owner)));
  const consent = await consentFor(field, site, news);
  const refusal = refusalOf(field, site.planned, consent);
  if (refusal !== undefined) {
    field.refuse(cluster, refusal);
    return;
  }
  if (consent.is === 'refused') {
    // Somebody else used the approvals up a moment ago: the hold that the next look finds says so.
    field.take(site.bundle, await field.campaign.look(site.bundle));
    return;
  }
  if (consent.is === 'given') await use(field, site, consent, field.campaign.plan.hash);
  for (const owner of news) await field.unask(cluster, owner);
  await perform(field, site, movementOf(field, owners, site.planned), new Set(news));
  if (consent.is === 'given' && !field.hasWorkOn(cluster)) await use(field, site, consent, '');
}

/** True for what the cluster does not run yet; the rest is drift of what was agreed to before. */
function isNews(standing: Standing | undefined): boolean {
  return standing === undefined || stateOf(standing, undefined) !== 'drifted';
}

/** What the cluster says now, under the lease: approvals may have been used since it was looked at. */
async function consentFor(field: Field, site: Site, news: readonly string[]): Promise<Consent> {
  const { campaign, run } = field;
  const { cluster } = site.bundle;
  if (news.length === 0 || site.client === undefined || field.free.has(cluster)) return { is: 'not-needed' };
  await field.lease(cluster);
  const consent = campaign.consentTo(cluster, await readConsent(site.client), run.now());
  // Who must agree to this delivery does not change because of what it brings itself.
  if (consent.is === 'not-needed') field.free.add(cluster);
  return consent;
}

/**
 * Writes approvals down as used by a plan, before anything else is written; once all of it is there, by no plan any more. They
 * count for that plan until it is there or another one begins.
 */
async function use({ campaign, run }: Field, { client }: Site, consent: Given, plan: string): Promise<void> {
  const ids = new Map([...consent.used.ids, ...consent.ids]);
  const { fleet } = campaign;
  const object = usedObject({ plan, ids }, run.now(), fleet);
  await client?.apply(object, { fieldManager: fieldManagerOf(fleet), force: true });
}

async function freshSite(field: Field, cluster: string): Promise<Site> {
  const site = field.site(cluster);
  const isFresh = performance.now() - site.at < freshness && !field.delivered.has(cluster);
  if (!isFresh) field.take(site.bundle, await field.campaign.look(site.bundle));
  return field.site(cluster);
}

/** Why a plan that was made anew may not be carried out. */
function refusalOf({ campaign }: Field, planned: PlannedCluster, consent: Consent): ToryoError | undefined {
  const { cluster, blockers } = planned;
  if (blockers.length > 0) return failure('TORYO_BLOCKED', { count: blockers.length }, { cluster });
  if (!campaign.isBinding && consent.is !== 'given') return undefined;
  const agreed = campaign.plan.waves.flatMap((wave) => wave.clusters).find((one) => one.cluster === cluster);
  const added = agreed === undefined ? [`cluster ${cluster} is not in it`] : addedTo(agreed, planned);
  const [first] = added;
  return first === undefined
    ? undefined
    : failure('TORYO_PLAN_STALE', { count: added.length, first }, { cluster });
}

function movementOf(
  field: Field,
  owners: ReadonlySet<string>,
  planned: PlannedCluster,
  back: Returns = new Map(),
): Movement {
  return {
    owners,
    revisions: field.standings.revisions,
    plan: field.campaign.plan.hash,
    commit: field.campaign.commit,
    back,
    noWayBack: new Map(Object.entries(planned.noWayBack ?? {})),
  };
}

async function perform(
  field: Field,
  site: Site,
  movement: Movement,
  news: ReadonlySet<string> = new Set(),
): Promise<void> {
  const { campaign, run } = field;
  const { client, seen, planned, bundle } = site;
  if (seen.is !== 'there' || client === undefined) return;
  const { cluster } = bundle;
  tell(run, { cluster, subject: 'cluster', verb: 'deliver', state: 'started' });
  const lease = await field.lease(cluster);
  const patience = campaign.patienceOn(cluster);
  const { fleet } = campaign;
  const isOver = (): boolean => lease.isWanted || field.isAskedBack(news);
  const delivered = await deliver(
    { bundle, world: seen.world, planned, client, fleet, patience, movement, lease, isOver },
    run,
  );
  learn(field, delivered, movement);
  const isDone = delivered.outcome === 'done';
  const why = isDone ? '' : whyOf(delivered);
  tell(run, {
    cluster,
    subject: 'cluster',
    verb: 'deliver',
    state: isDone ? 'done' : 'failed',
    ...(why === '' ? {} : { why }),
  });
}

function whyOf(delivered: Delivered): string {
  if (delivered.why !== undefined) return reasonOf(delivered.why);
  return [...delivered.endings.values()].find((one) => one.why !== '')?.why ?? '';
}

/** Takes in how a delivery ended. */
function learn(field: Field, delivered: Delivered, movement: Movement): void {
  const { cluster, why } = delivered;
  field.note(delivered);
  const isSilent = delivered.outcome === 'unreachable' && isFailure(why);
  if (isSilent) field.silence(cluster, why);
  else field.answered(cluster);
  for (const owner of movement.owners) {
    const isWell = isWellIn(delivered, owner);
    field.standings.record(cluster, owner, delivered.records.get(owner), !isWell);
    if (!isWell && !isSilent) learnFailure(field, delivered, movement, owner);
  }
}

function learnFailure(field: Field, delivered: Delivered, { back }: Movement, owner: string): void {
  const { cluster, endings, outcome, records } = delivered;
  if (outcome === 'superseded') return;
  const why = endings.get(owner)?.why ?? whyOf(delivered);
  const isRepair = field.site(cluster).bundle.owners.has(owner) && !records.has(owner);
  if (delivered.why !== undefined) field.standings.hinder(cluster, owner, whyOf(delivered));
  // Its revision was there and well before: there is nothing to go back from.
  else if (isRepair) field.standings.hinder(cluster, owner, `${owner}: ${why}`);
  else if (!back.has(owner)) field.standings.fail(cluster, owner, why);
}

function isWellIn({ endings, outcome }: Delivered, owner: string): boolean {
  const ending = endings.get(owner);
  return ending === undefined ? outcome === 'done' : ending.outcome === 'healthy';
}

/** Takes owners on one cluster back to the manifests that were healthy before. */
export async function moveBack(
  field: Field,
  cluster: string,
  owners: ReadonlySet<string>,
  decision: WaveDecision,
): Promise<void> {
  const site = field.site(cluster);
  const back = new Map<string, { readonly from: string; readonly why: string }>();
  const manifests: Manifest[] = [];
  const digests = new Map<string, string>();
  for (const name of owners) {
    const kept = await keptOf(field, cluster, name);
    if (kept === undefined) {
      await stick(field, cluster, name, notKept);
      continue;
    }
    manifests.push(...kept.manifests);
    digests.set(name, kept.digest);
    const why = decision.judgements.find((one) => one.owner === name && one.cluster === cluster)?.why ?? '';
    back.set(name, { from: field.standings.revisions.get(name) ?? '', why });
  }
  if (digests.size === 0 || site.client === undefined) return;
  const living = await withLivingGuards(manifests, site.client);
  await goBack(field, { ...site.bundle, manifests: living, owners: digests }, back);
  await nameAgain(field, cluster, digests);
}

async function goBack(field: Field, bundle: Bundle, back: Returns): Promise<void> {
  for (const [owner, { why }] of back)
    tell(field.run, { cluster: bundle.cluster, subject: owner, verb: 'take back', state: 'started', why });
  for (const owner of back.keys()) await field.unpromote(bundle.cluster, owner);
  const look = await field.campaign.look(bundle, new Set(back.keys()));
  const { seen } = look;
  const planned = withoutBrakes(look.planned);
  if (seen.is === 'unknown') {
    field.giveUp(bundle.cluster, seen.why);
    return;
  }
  if (planned.blockers.length > 0) {
    const why = obstacleIn(planned);
    for (const name of back.keys()) await stick(field, bundle.cluster, name, why);
    return;
  }
  const site = { ...look, planned, bundle, at: performance.now() };
  await perform(field, site, movementOf(field, new Set(back.keys()), planned, back));
  for (const owner of back.keys())
    if (!isThere(field.standings.of(bundle.cluster, owner))) await field.unask(bundle.cluster, owner);
}

function isThere(standing: Standing | undefined): boolean {
  return standing !== undefined && isOfThisChange(standing);
}

// What the revision that goes back brought along may go, however much it is. What is never deleted without being named is
// left, and stays listed: it is no reason to stay at a revision that failed.
function withoutBrakes(planned: PlannedCluster): PlannedCluster {
  const brakes = new Set(['protected-kind', 'prune-brake']);
  const blockers = planned.blockers.filter((one) => !brakes.has(one.code));
  const isFree = blockers.length === 0;
  return {
    ...planned,
    blockers,
    changes: isFree ? planned.changes.filter((change) => change.action !== 'blocked') : planned.changes,
  };
}

/** Why a way back is blocked: the first object in the way, or what is wrong with the cluster. */
function obstacleIn({ blockers, changes }: PlannedCluster): string {
  const blocked = changes.find((change) => change.action === 'blocked');
  if (blocked === undefined) return blockers.map((one) => one.why).join('; ');
  return `the way back is blocked by ${titleOf(blocked.subject)}: ${blocked.why ?? ''}`;
}

interface Kept {
  readonly digest: string;
  readonly manifests: readonly Manifest[];
}

async function keptOf(field: Field, cluster: string, name: string): Promise<Kept | undefined> {
  const { client } = field.site(cluster);
  const owner = ownerFrom(name);
  if (client === undefined || owner === undefined) return undefined;
  const kept = await recallBefore(owner, field.standings.of(cluster, name)?.record, client);
  const from = { file: 'kept in the cluster', line: 0, column: 0, path: '' };
  return (
    kept && {
      digest: kept.digest,
      manifests: kept.objects.map((object) => ({ object, owner, from })),
    }
  );
}

async function stick(field: Field, cluster: string, owner: string, why: string): Promise<void> {
  const standing = field.standings.of(cluster, owner);
  if (standing?.record === undefined || standing.wanted === undefined) return;
  const since = field.run.now();
  await field.write(cluster, owner, {
    ...standing.record,
    phase: 'stuck',
    since,
    why,
    bad: standing.revision,
  });
  await field.unask(cluster, owner);
}
