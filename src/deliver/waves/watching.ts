import { isFailure } from '../../lib/index.ts';
import { healthOf, keyOf, ownerName, refOf, type Health } from '../../objects/index.ts';
import type { KubeClient } from '../../kube/index.ts';
import { readInventories, readLive } from '../../world/index.ts';
import type { Field, Site } from './field.ts';
import type { GateCall } from './waves-decide.ts';

/**
 * Looks at what soaks: who is sick fails, who only wavers begins its soak again. Takes in what people said meanwhile. A cluster
 * that does not answer has not soaked.
 */
export async function watchSoak(
  field: Field,
  soaking: ReadonlyMap<string, ReadonlySet<string>>,
): Promise<void> {
  await Promise.all([...soaking].map(([cluster, owners]) => watchOne(field, cluster, owners)));
}

/** Takes in what people said of the owners of a cluster; one that does not answer has nothing to say. */
export async function listen(field: Field, cluster: string): Promise<void> {
  const { client } = field.site(cluster);
  if (client === undefined) return;
  try {
    const inventories = await readInventories(client, field.campaign.fleet);
    if (inventories.is === 'unknown') return;
    for (const [owner, { wish }] of inventories.value) field.standings.wish(cluster, owner, wish);
  } catch (error) {
    if (!isFailure(error)) throw error;
  }
}

async function watchOne(field: Field, cluster: string, owners: ReadonlySet<string>): Promise<void> {
  const site = field.site(cluster);
  if (site.client === undefined) return;
  try {
    const inventories = await readInventories(site.client, field.campaign.fleet);
    for (const owner of owners) {
      if (inventories.is === 'known')
        field.standings.wish(cluster, owner, inventories.value.get(owner)?.wish);
      await judge(field, site, owner, site.client);
    }
    field.answered(cluster);
  } catch (error) {
    if (!isFailure(error) || field.run.signal.aborted) throw error;
    field.giveUp(cluster, error, owners);
  }
}

async function judge(field: Field, site: Site, owner: string, client: KubeClient): Promise<void> {
  const { cluster } = site.bundle;
  const sick = await sicknessOf(site, owner, client);
  const record = field.standings.of(cluster, owner)?.record;
  if (sick === undefined || record === undefined) return;
  const since = field.run.now();
  if (sick.state === 'failed')
    await field.write(cluster, owner, { ...record, phase: 'failed', since, why: sick.why });
  else await field.write(cluster, owner, { ...record, since });
}

async function sicknessOf(site: Site, owner: string, client: KubeClient): Promise<Health | undefined> {
  const objects = site.bundle.manifests
    .filter((one) => ownerName(one.owner) === owner)
    .map((one) => one.object);
  const live = await readLive(
    client,
    objects.map((object) => ({ ref: refOf(object), version: undefined })),
  );
  const sick = objects.flatMap((object): Health[] => {
    const found = live.get(keyOf(refOf(object)));
    if (found?.is !== 'known' || found.value === undefined) return [];
    const { state, why } = healthOf(found.value);
    const isSick = state === 'failed' || state === 'progressing';
    return isSick ? [{ state, why: `${object.kind}/${object.metadata.name}: ${why}` }] : [];
  });
  return sick.find((one) => one.state === 'failed') ?? sick[0];
}

/** Asks the gates of a wave, and writes down what they said. */
export async function askGates(field: Field, call: GateCall): Promise<void> {
  const looks = new Map(call.clusters.map((cluster) => [cluster, field.site(cluster)]));
  const answer = await field.campaign.askGates(call, looks);
  if (answer.outcome === 'unknown') {
    field.unanswered.set(call.wave, answer.why);
    return;
  }
  const isPassed = answer.outcome === 'pass';
  for (const cluster of call.clusters)
    for (const owner of call.owners) {
      const record = field.standings.of(cluster, owner)?.record;
      if (record === undefined) continue;
      const since = field.run.now();
      const phase = isPassed ? 'passed' : 'failed';
      await field.write(cluster, owner, {
        ...record,
        phase,
        since,
        ...(isPassed ? {} : { why: answer.why }),
      });
    }
}
