import { titleOf } from '../../objects/index.ts';
import { yamlText } from '../../lib/index.ts';
import { removedStatus, status as readStatus, type Built, type ClusterStatus } from '../../toryo.ts';
import { invalid, openFleet } from '../repository.ts';
import type { Session } from '../session.ts';
import { tableText } from '../table.ts';

const states = ['healthy', 'progressing', 'failed', 'missing', 'unknown'] as const;

/** `toryo status`: what is there of what is wanted, and how it is. */
export async function status(
  root: string,
  options: { readonly cluster?: readonly string[] },
  session: Session,
): Promise<number> {
  const built = await openFleet(root, session);
  if (built === undefined) return invalid;
  const clusters = await readStatus(built, { clusters: options.cluster ?? [] }, session.env, session.run);
  print(clusters, session);
  if (session.format === 'table' || session.format === 'wide') await printRemoved(built, clusters, session);
  return exitOf(clusters);
}

function print(clusters: readonly ClusterStatus[], session: Session): void {
  if (session.format === 'json' || session.format === 'jsonl')
    return session.print(`${JSON.stringify(clusters, null, session.format === 'json' ? 2 : 0)}\n`);
  if (session.format === 'yaml') return session.print(yamlText(JSON.parse(JSON.stringify(clusters))));
  if (session.format === 'name') return session.print(clusters.map((one) => `${one.cluster}\n`).join(''));
  session.show(
    tableText(
      ['WAVE', 'CLUSTER', 'VERSION', 'HEALTHY', 'OBJECTS', 'NOT HEALTHY'],
      clusters.map((one) => rowOf(one, session)),
      session.style.columns(),
    ),
  );
  const notes = clusters.flatMap((one) => one.notes);
  if (notes.length > 0)
    session.show(`\n${notes.map((note) => session.style('yellow', `note ${note}`)).join('\n')}\n`);
  const rows = clusters.flatMap((one) =>
    one.objects
      .filter(({ health }) => session.format === 'wide' || (health.state !== 'healthy' && isDelivered(one)))
      .map((object) => [
        one.cluster,
        titleOf(object.ref),
        object.owner,
        object.health.state,
        object.health.why,
      ]),
  );
  if (rows.length > 0)
    session.show(
      `\n${tableText(['CLUSTER', 'OBJECT', 'OWNER', 'STATE', 'WHY'], rows, session.style.columns())}`,
    );
}

/** How far each entry of `removed` is: one that is gone everywhere may be deleted from the Fleet. */
async function printRemoved(
  built: Built,
  clusters: readonly ClusterStatus[],
  session: Session,
): Promise<void> {
  const entries = await removedStatus(built, clusters, session.env);
  if (entries.length === 0) return;
  const rows = entries.map(({ what, isGone, why }) => [
    what,
    isGone
      ? session.style('green', 'gone everywhere: the entry may be deleted from the Fleet')
      : session.style('yellow', 'not gone'),
    why,
  ]);
  session.show(`\n${tableText(['REMOVED', 'STATE', 'WHY'], rows, session.style.columns())}`);
}

function rowOf(one: ClusterStatus, session: Session): readonly string[] {
  if (one.state !== 'there')
    return [
      one.wave,
      one.cluster,
      '',
      '',
      '',
      session.style(one.state === 'unknown' ? 'red' : 'dim', `${one.state}: ${one.why}`),
    ];
  const count = (state: string): number =>
    one.objects.filter((object) => object.health.state === state).length;
  const others = states
    .filter((state) => state !== 'healthy' && count(state) > 0)
    .map((state) => `${count(state)} ${state}`);
  return [
    one.wave,
    one.cluster,
    one.version,
    String(count('healthy')),
    String(one.objects.length),
    isDelivered(one) ? others.join(', ') : 'not delivered yet',
  ];
}

/** False where nothing of what is wanted is there. */
function isDelivered({ objects }: ClusterStatus): boolean {
  return objects.length === 0 || objects.some(({ health }) => health.state !== 'missing');
}

/** 6 when a cluster could not be read, 8 when something wanted is missing or has failed, else 0. */
function exitOf(clusters: readonly ClusterStatus[]): number {
  if (clusters.some((one) => one.state === 'unknown')) return 6;
  const isSick = (one: ClusterStatus): boolean =>
    one.state === 'absent' ||
    one.objects.some(({ health }) => health.state === 'failed' || health.state === 'missing');
  return clusters.some(isSick) ? 8 : 0;
}
