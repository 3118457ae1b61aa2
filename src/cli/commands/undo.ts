import { failure, yamlText } from '../../lib/index.ts';
import { ownerFrom, ownerName, titleOf } from '../../objects/index.ts';
import { isNamed, type Restorable } from '../../deliver/index.ts';
import { bundlesIn, findDeleted, undo as bringBack, type Deleted, type Undone } from '../../toryo.ts';
import { isConfirmed } from '../question.ts';
import { invalid, openFleet } from '../repository.ts';
import { failureText, type Session } from '../session.ts';
import { tableText } from '../table.ts';

export interface UndoOptions {
  readonly cluster?: readonly string[];
  readonly owner?: string;
  readonly names: readonly string[];
  readonly list?: boolean;
  readonly yes?: boolean;
}

const declinedExit = 1;
const silentExit = 6;

/** `toryo undo`: shows what was deleted, asks, and creates it again. */
export async function undo(root: string, options: UndoOptions, session: Session): Promise<number> {
  refuseWrong(options);
  const built = await openFleet(root, session);
  if (built === undefined) return invalid;
  const wish = { names: options.names, ...(options.owner === undefined ? {} : { owner: options.owner }) };
  const bundles = bundlesIn(built, { clusters: options.cluster ?? [] });
  const deleted = await findDeleted(built, bundles, { wish, env: session.env }, session.run);
  const isSilent = tellSilent(deleted, session);
  show(deleted, session);
  if (options.list === true) {
    refuseUnfound(deleted, options);
    if (deleted.every(({ found }) => found.is !== 'known' || found.value.length === 0))
      session.say('nothing was deleted that can be brought back\n');
    return isSilent ? silentExit : 0;
  }
  refuseUnfound(deleted, options);
  refuseStanding(deleted, options);
  refuseUnasked(options);
  const chosen = deleted
    .map(({ bundle, found }) => ({ bundle, items: free(found.is === 'known' ? found.value : []) }))
    .filter(({ items }) => items.length > 0);
  if (chosen.length === 0) {
    session.say('nothing to bring back\n');
    return isSilent ? silentExit : 0;
  }
  if (!(await isAgreed(chosen, options, session))) {
    session.say('not brought back: nothing was changed\n');
    return declinedExit;
  }
  return report(await bringBack(built, chosen, session.env, session.run), isSilent, session);
}

async function isAgreed(
  chosen: readonly { readonly items: readonly Restorable[] }[],
  { yes }: UndoOptions,
  session: Session,
): Promise<boolean> {
  const count = chosen.reduce((sum, { items }) => sum + items.length, 0);
  const many = count === 1 ? 'this object' : `these ${count} objects`;
  return yes === true || isConfirmed(`Bring ${many} back?`, session);
}

function refuseWrong(options: UndoOptions): void {
  const wrong = options.names.find((name) => !/^[A-Z]\w*\/\S+$/.test(name));
  if (wrong !== undefined) throw failure('TORYO_USAGE', { why: `${wrong} is not KIND/NAME` });
  if (options.owner !== undefined && ownerFrom(options.owner) === undefined)
    throw failure('TORYO_USAGE', {
      why: `--owner ${options.owner} is not App/TENANT/NAME, Addon/NAME or Tenant/NAME`,
    });
}

function refuseUnasked(options: UndoOptions): void {
  if (options.yes !== true && !process.stdin.isTTY)
    throw failure('TORYO_USAGE', {
      why: 'nobody is there to ask: give --yes to bring objects back without a question',
    });
}

/** Each name must be of something that was deleted, on one cluster at least. A cluster that cannot be asked may have it. */
function refuseUnfound(deleted: readonly Deleted[], { names }: UndoOptions): void {
  if (deleted.some(({ found }) => found.is === 'unknown')) return;
  const refs = deleted
    .flatMap(({ found }) => (found.is === 'known' ? found.value : []))
    .map(({ ref }) => ref);
  const missing = names.filter((name) => !refs.some((ref) => isNamed(ref, [name])));
  if (missing.length > 0)
    throw failure('TORYO_USAGE', {
      why: `${missing.join(', ')}: nothing of that name was deleted here in the last seven days; nothing was brought back. \`toryo undo --list\` says what can be`,
    });
}

/** What was named and cannot be brought back is refused; what was only found is left out. */
function refuseStanding(deleted: readonly Deleted[], { names }: UndoOptions): void {
  if (names.length === 0) return;
  const found = deleted.flatMap((one) => (one.found.is === 'known' ? one.found.value : []));
  const standing = found.find((one) => one.obstacle !== undefined);
  if (standing !== undefined)
    throw failure('TORYO_UNDO', { why: `${titleOf(standing.ref)}: ${standing.obstacle ?? ''}` });
}

function free(items: readonly Restorable[]): readonly Restorable[] {
  return items.filter((one) => one.obstacle === undefined);
}

function tellSilent(deleted: readonly Deleted[], session: Session): boolean {
  const silent = deleted.filter(({ found }) => found.is === 'unknown');
  for (const { bundle, found } of silent)
    session.say(`cluster ${bundle.cluster}: ${found.is === 'unknown' ? found.why : ''}\n`);
  return silent.length > 0;
}

function show(deleted: readonly Deleted[], session: Session): void {
  const rows = deleted.flatMap(({ bundle, found }) =>
    (found.is === 'known' ? found.value : []).map((one) => ({ cluster: bundle.cluster, one })),
  );
  const { format } = session;
  if (format === 'json' || format === 'yaml' || format === 'jsonl') {
    const data = rows.map(({ cluster, one }) => dataOf(cluster, one));
    if (format === 'yaml') session.print(yamlText(data));
    else session.print(`${JSON.stringify(data, null, format === 'json' ? 2 : 0)}\n`);
    return;
  }
  if (format === 'name') session.print(rows.map(({ one }) => `${titleOf(one.ref)}\n`).join(''));
  else if (rows.length > 0)
    session.show(
      tableText(
        ['CLUSTER', 'OBJECT', 'OWNER', 'DELETED', 'BY', 'UNTIL', 'NOTE'],
        rows.map(({ cluster, one }) => [
          cluster,
          titleOf(one.ref),
          ownerName(one.tomb.owner),
          one.tomb.at.slice(0, 19),
          one.tomb.by,
          one.until.slice(0, 10),
          one.obstacle ?? one.caution ?? '',
        ]),
        session.style.columns(),
      ),
    );
}

function dataOf(cluster: string, one: Restorable): Readonly<Record<string, string>> {
  const { tomb, ref, until, caution, obstacle } = one;
  return {
    cluster,
    object: titleOf(ref),
    owner: ownerName(tomb.owner),
    deletedAt: tomb.at,
    deletedBy: tomb.by,
    plan: tomb.plan,
    until,
    ...(caution === undefined ? {} : { caution }),
    ...(obstacle === undefined ? {} : { obstacle }),
  };
}

function report(undone: readonly Undone[], isSilent: boolean, session: Session): number {
  const restored = undone.flatMap((one) => (one.restored.is === 'known' ? one.restored.value : []));
  const failed = restored.flatMap(({ restorable, error }) =>
    error === undefined ? [] : [{ restorable, error }],
  );
  for (const { restorable, error } of failed)
    session.say(`${titleOf(restorable.ref)}: ${failureText(error)}`);
  for (const { cluster, restored: found } of undone)
    if (found.is === 'unknown') session.say(`cluster ${cluster}: ${found.why}\n`);
  const count = restored.length - failed.length;
  const isWhole = failed.length === 0 && undone.every((one) => one.restored.is === 'known');
  const mark = isWhole ? session.style('green', '✓') : session.style('red', '✗');
  session.say(
    `${mark} ${count} ${count === 1 ? 'object is' : 'objects are'} back. What the repository does not want stays until its owner changes there: put it back into the repository, or it is deleted with the owner’s next change\n`,
  );
  if (!isWhole) return 1;
  return isSilent ? silentExit : 0;
}
