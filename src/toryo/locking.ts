import { failure, nearest, type Run } from '../lib/index.ts';
import { imagesByTag, lockNameOf, type OwnerImages } from '../compile/index.ts';
import { imageKey, imageNameOf, parseImage, tagKeyOf } from '../objects/index.ts';
import { resolveImages } from '../render/index.ts';
import { lockEntriesOf, lockFileOf, lockText, lockTitle, type Fleet, type LockEntry } from '../spec/index.ts';
import { providerFor, type Built, type Environment } from './looking.ts';

// What talks to clusters is loaded when a verb needs it.
const worldRoom = () => import('../world/index.ts');

/** A fleet whose images are as they are written, without the digests of toryo.lock. */
export interface AsWritten {
  readonly built: Built;
}

/** What is to be locked. */
export interface LockWish {
  readonly env: Environment;
  /** True: images of every App and Addon; false: of those that a profile requires digests of. */
  readonly isEveryImage?: boolean;
  /** Locked tags that are asked for again: all, or images by name with or without a tag. */
  readonly update?: 'all' | readonly string[];
  /** True: registries are not asked for what is new; its file only counts as changed. */
  readonly isDry?: boolean;
}

/** A tag that stands for something else than toryo.lock says. */
export interface MovedTag {
  /** `App/shop/web`. */
  readonly owner: string;
  readonly image: string;
  readonly before: string;
  readonly after: string;
}

/** What toryo.lock should say, by file name. */
export interface Locked {
  readonly files: ReadonlyMap<string, { readonly text: string; readonly isChanged: boolean }>;
  readonly moved: readonly MovedTag[];
}

/** lock: asks registries for the digests of tags that are not locked yet, and clusters that somebody else runs who they are. */
export async function lockFiles({ built }: AsWritten, wish: LockWish, run: Run): Promise<Locked> {
  const { fleet } = built;
  const { images, moved } = await lockedImages(built, wish, run);
  const files = new Map<string, { readonly text: string; readonly isChanged: boolean }>();
  for (const [file, entry] of fleet.lock)
    if (isAwaited(fleet, entry)) files.set(file, { text: lockText(entry), isChanged: false });
  for (const { images: _before, ...entry } of lockEntriesOf(fleet)) {
    const identity = entry.identity ?? (await identityOf(built, entry, wish.env, run));
    const file = lockFileOf(entry);
    const { digests, isOpen } = images.get(file) ?? { digests: {}, isOpen: false };
    const text = lockText({ ...entry, ...(identity === undefined ? {} : { identity }), images: digests });
    const before = fleet.lock.get(file);
    files.set(file, { text, isChanged: isOpen || before === undefined || lockText(before) !== text });
  }
  return { files, moved };
}

/** What an App or Addon uses, and what toryo.lock knows of that. */
interface LockedOwner {
  readonly file: string;
  readonly title: string;
  /** Key -> digest, of tags that are still used. */
  readonly known: ReadonlyMap<string, string>;
  /** Keys that are to be locked and are not. */
  readonly fresh: readonly string[];
}

interface FileImages {
  readonly digests: Readonly<Record<string, string>>;
  /** Something is to be locked that nobody asked for yet. */
  readonly isOpen: boolean;
}

async function lockedImages(
  { fleet, bundles }: Built,
  wish: LockWish,
  run: Run,
): Promise<{ readonly images: ReadonlyMap<string, FileImages>; readonly moved: readonly MovedTag[] }> {
  const owners = imagesByTag(fleet, bundles).map((one) => lockedOwner(fleet, one, wish));
  const isAgain = updater(owners, wish.update);
  const asked = owners.flatMap(({ known, fresh }) => [
    ...[...known.keys()].filter(isAgain),
    ...(wish.isDry === true && wish.update === undefined ? [] : fresh),
  ]);
  const found = await resolveImages(asked, { env: wish.env }, run);
  const images = owners.map(({ file, known, fresh }): readonly [string, FileImages] => {
    const digests = [...known.keys(), ...fresh].flatMap((key) => {
      const digest = found.get(key) ?? known.get(key);
      return digest === undefined ? [] : [[key, digest] as const];
    });
    return [file, { digests: Object.fromEntries(digests), isOpen: fresh.some((key) => !found.has(key)) }];
  });
  const moved = owners.flatMap(({ title, known }) =>
    [...known].flatMap(([image, before]) => {
      const after = found.get(image) ?? before;
      return after === before ? [] : [{ owner: title, image, before, after }];
    }),
  );
  return { images: new Map(images), moved };
}

function lockedOwner(fleet: Fleet, { owner, isStrict, used }: OwnerImages, wish: LockWish): LockedOwner {
  const name = lockNameOf(owner);
  const title = lockTitle(name);
  const locked = { ...movedImages(fleet, title), ...fleet.lock.get(lockFileOf(name))?.images };
  const keys = new Set(used.flatMap(({ image }) => tagKeyOf(image) ?? []));
  const wanted = wish.isEveryImage === true ? used : used.filter(({ need }) => isStrict && need !== 'waived');
  const wantedKeys = new Set(wanted.flatMap(({ image }) => tagKeyOf(image) ?? []));
  return {
    file: lockFileOf(name),
    title,
    known: new Map(Object.entries(locked).filter(([key]) => keys.has(key))),
    fresh: [...wantedKeys].filter((key) => !Object.hasOwn(locked, key)),
  };
}

/** What was locked under the name that an owner had before. */
function movedImages(fleet: Fleet, title: string): LockEntry['images'] {
  const from = fleet.moved.find((move) => move.to === title)?.from;
  return [...fleet.lock.values()].find((entry) => lockTitle(entry) === from)?.images;
}

/** Which locked tags are asked for again. Throws TORYO_USAGE for a name that no image has. */
function updater(owners: readonly LockedOwner[], update: LockWish['update']): (key: string) => boolean {
  if (update === undefined) return () => false;
  if (update === 'all') return () => true;
  const keys = [...new Set(owners.flatMap(({ known, fresh }) => [...known.keys(), ...fresh]))];
  const wanted = new Set(update.flatMap((name) => keysNamed(name, keys)));
  return (key) => wanted.has(key);
}

function keysNamed(name: string, keys: readonly string[]): readonly string[] {
  const reference = parseImage(name);
  const isWhole = imageNameOf(name) !== name;
  const found = keys.filter((key) =>
    isWhole
      ? reference !== undefined && imageKey(reference) === key
      : imageNameOf(key) === `${reference?.registry ?? ''}/${reference?.repository ?? ''}`,
  );
  if (found.length > 0) return found;
  const near = nearest(name, keys);
  const hint = near === undefined ? '' : `, did you mean "${near}"?`;
  throw failure('TORYO_USAGE', { why: `no App or Addon has an image "${name}" to lock${hint}` });
}

// Who a cluster was is needed until it is gone.
function isAwaited({ removed }: Fleet, entry: LockEntry): boolean {
  const removal = removed.find(({ what }) => what === lockTitle(entry));
  return removal?.data === 'delete' && entry.identity !== undefined;
}

/** The uid of kube-system of a cluster that somebody else runs; undefined for every other entry, and when it is not there. */
async function identityOf(
  built: Built,
  entry: LockEntry,
  env: Environment,
  run: Run,
): Promise<string | undefined> {
  const cluster = entry.kind === 'Cluster' ? built.fleet.clusters.get(entry.name) : undefined;
  if (cluster?.provider !== 'kubeconfig') return undefined;
  const provider = await providerFor(built, cluster, env);
  const client = await provider.connect(cluster, run);
  if (client === undefined) return undefined;
  const { uidOf } = await worldRoom();
  try {
    const system = await client.get({ group: '', kind: 'Namespace', name: 'kube-system' });
    return system === undefined ? undefined : uidOf(system);
  } finally {
    await client.close();
  }
}
