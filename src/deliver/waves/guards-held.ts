import { fieldManagerOf, platformOwner, platformTenant, tell } from '../../lib/index.ts';
import { guardNamedIn } from '../../guard/index.ts';
import { ownerFrom, refOf, titleOf, type KubeObject } from '../../objects/index.ts';
import type { KubeClient } from '../../kube/index.ts';
import { heldText } from '../plan/guards-held.ts';
import { guardsOn } from '../plan/guards-leaving.ts';
import { recall, recallBefore } from '../records/kept.ts';
import type { Field } from './field.ts';
import { hasWayBack, type Standing } from './standing-decide.ts';

/**
 * What holds the namespaces of an owner that went back, or is to go back, other than what its revision of before was made with; one
 * sentence with what to do, undefined when there is nothing to say. `platform`: the owner of all Guards on the same cluster.
 */
export async function heldByGuards(
  standing: Standing | undefined,
  platform: Standing | undefined,
  client: KubeClient,
): Promise<string | undefined> {
  if (standing === undefined || standing.owner === platformOwner) return undefined;
  const spaces = await spacesOf(standing, client);
  if (spaces.length === 0) return undefined;
  const [guards, before] = await Promise.all([guardsOn(client), guardsBefore(platform, client)]);
  const isBack = standing.record?.phase === 'returned';
  for (const kept of spaces) {
    const live = await client.get(refOf(kept));
    const held = live && heldText({ kept, live, isBack, guards, before });
    if (held !== undefined) return held;
  }
  return undefined;
}

/** Namespaces that name a Guard, of the revision that an owner is back at, or goes back to. */
async function spacesOf(
  { owner: name, record }: Standing,
  client: KubeClient,
): Promise<readonly KubeObject[]> {
  const owner = ownerFrom(name);
  if (owner === undefined || record === undefined) return [];
  const objects =
    record.phase === 'returned'
      ? await recall({ owner, digest: record.digest }, client)
      : (await recallBefore(owner, record, client))?.objects;
  return (objects ?? []).filter((one) => one.kind === 'Namespace' && guardNamedIn(one) !== undefined);
}

async function guardsBefore(
  platform: Standing | undefined,
  client: KubeClient,
): Promise<readonly KubeObject[]> {
  if (platform === undefined || !hasWayBack(platform)) return [];
  const kept = await recallBefore({ tenant: platformTenant }, platform.record, client);
  return kept?.objects ?? [];
}

/**
 * When Tenant/platform is among those that went back: namespaces name the Guard of before again, whose owners went back while it was
 * deleted, and do not move any more.
 */
export async function nameAgain(
  field: Field,
  cluster: string,
  moved: { has(owner: string): boolean },
): Promise<void> {
  const { client } = field.site(cluster);
  const back = field.standings.all.filter(
    (one) => one.cluster === cluster && one.record?.phase === 'returned',
  );
  const isGuardsBack = moved.has(platformOwner) && back.some((one) => one.owner === platformOwner);
  if (client !== undefined && isGuardsBack) await nameThem(field, { cluster, client, back });
}

interface Back {
  readonly cluster: string;
  readonly client: KubeClient;
  /** Owners that are back there. */
  readonly back: readonly Standing[];
}

async function nameThem(field: Field, { cluster, client, back }: Back): Promise<void> {
  const spaces = (await Promise.all(back.map((one) => spacesOf(one, client)))).flat();
  if (spaces.length === 0) return;
  const names = new Set((await guardsOn(client)).map((one) => one.metadata.name));
  for (const space of spaces.filter((one) => names.has(guardNamedIn(one) ?? ''))) {
    const live = await client.get(refOf(space));
    if (live === undefined || guardNamedIn(live) === guardNamedIn(space)) continue;
    await field.lease(cluster);
    await client.apply(space, { fieldManager: fieldManagerOf(field.campaign.fleet), force: true });
    const why = `names Guard/${guardNamedIn(space) ?? ''} again`;
    tell(field.run, { cluster, subject: titleOf(refOf(space)), verb: 'take back', state: 'done', why });
  }
}
