import { yamlText } from '../../lib/index.ts';
import { ownerName } from '../../objects/index.ts';
import { bundlesIn, checkFleetInventories, type CheckedInventories } from '../../toryo.ts';
import { invalid, openFleet } from '../repository.ts';
import type { Session } from '../session.ts';
import { tableText } from '../table.ts';

const unmarkedText =
  'what is unmarked is left listed: `toryo apply` restores it where the repository wants it\n';
// Once it is listed no more, no plan can say that somebody deleted it.
const goneText = '`toryo apply` restores what is gone, and `toryo plan` says that it was deleted\n';

const wrongExit = 3;
const silentExit = 6;

/** `toryo inventory check`: what inventories list, compared with what carries our marks; --repair writes them anew. */
export async function inventoryCheck(
  root: string,
  options: { readonly cluster?: readonly string[]; readonly repair?: boolean },
  session: Session,
): Promise<number> {
  const built = await openFleet(root, session);
  if (built === undefined) return invalid;
  const bundles = bundlesIn(built, { clusters: options.cluster ?? [] });
  const look = { repair: false, env: session.env };
  const checked = await checkFleetInventories(built, bundles, look, session.run);
  print(checked, session);
  if (!checked.some(hasTrouble)) return checked.some((one) => one.check.is === 'unknown') ? silentExit : 0;
  const wrong = new Set(checked.filter(isRepairable).map((one) => one.cluster));
  const isRepairing = options.repair === true;
  advise(checked, isRepairing, session);
  if (!isRepairing || wrong.size === 0) return wrongExit;
  for (const one of checked) session.say(repairText(one));
  const mine = bundles.filter((bundle) => wrong.has(bundle.cluster));
  const repaired = await checkFleetInventories(built, mine, { ...look, repair: true }, session.run);
  const code = reportRepaired(repaired, session);
  return code === 0 && checked.some(hasUnmarked) ? wrongExit : code;
}

function advise(checked: readonly CheckedInventories[], isRepairing: boolean, session: Session): void {
  if (checked.some(hasUnmarked)) session.say(unmarkedText);
  if (isRepairing) return;
  if (checked.some(hasGone)) session.say(goneText);
  if (checked.some(isDamaged)) session.say('`toryo inventory check --repair` writes them anew\n');
}

function reportRepaired(repaired: readonly CheckedInventories[], session: Session): number {
  const silent = repaired.filter((one) => one.check.is === 'unknown');
  for (const { cluster, check } of silent)
    session.say(`cluster ${cluster}: ${check.is === 'unknown' ? check.why : ''}\n`);
  if (silent.length > 0) return silentExit;
  session.say(
    `${session.style('green', '✓')} inventories are right again; nothing was deleted. \`toryo plan\` shows what leaves now\n`,
  );
  return 0;
}

function hasTrouble(one: CheckedInventories): boolean {
  return hasFinding(one, (what) => what !== 'copied');
}

// What lost its mark is listed as it should be: apply gives it back.
function isRepairable(one: CheckedInventories): boolean {
  return hasFinding(one, (what) => what !== 'copied' && what !== 'unmarked');
}

function hasGone(one: CheckedInventories): boolean {
  return hasFinding(one, (what) => what === 'gone');
}

function isDamaged(one: CheckedInventories): boolean {
  return hasFinding(one, (what) => !['copied', 'unmarked', 'gone'].includes(what));
}

function hasUnmarked(one: CheckedInventories): boolean {
  return hasFinding(one, (what) => what === 'unmarked');
}

function hasFinding({ check }: CheckedInventories, is: (what: string) => boolean): boolean {
  return check.is === 'known' && check.value.findings.some(({ what }) => is(what));
}

function repairText({ cluster, check }: CheckedInventories): string {
  const repaired = check.is === 'known' ? check.value.repaired : [];
  return repaired
    .map(
      (one) =>
        `${cluster}: inventory of ${ownerName(one.owner)} is written with ${one.items.length} objects\n`,
    )
    .join('');
}

function print(checked: readonly CheckedInventories[], session: Session): void {
  const { format } = session;
  if (format === 'json' || format === 'jsonl' || format === 'yaml') {
    const data = checked.map(dataOf);
    if (format === 'yaml') session.print(yamlText(JSON.parse(JSON.stringify(data))));
    else session.print(`${JSON.stringify(data, null, format === 'json' ? 2 : 0)}\n`);
    return;
  }
  const rows = checked.flatMap(({ cluster, check }) =>
    check.is === 'unknown'
      ? [[cluster, '', '', 'unknown', check.why]]
      : [
          ...check.value.findings.map((one) => [cluster, one.owner, one.object, one.what, one.why]),
          ...check.value.unread.map((why) => [cluster, '', '', 'unread', why]),
        ],
  );
  if (rows.length > 0)
    session.show(tableText(['CLUSTER', 'OWNER', 'OBJECT', 'WHAT', 'WHY'], rows, session.style.columns()));
  else session.show('every inventory is right\n');
}

function dataOf({ cluster, check }: CheckedInventories): object {
  if (check.is === 'unknown') return { cluster, state: 'unknown', why: check.why };
  const { findings, repaired, controlled, unread } = check.value;
  return {
    cluster,
    state: 'known',
    findings,
    repair: repaired.map((one) => ({ owner: ownerName(one.owner), objects: one.items.length })),
    controlled,
    unread,
  };
}
