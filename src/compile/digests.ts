import { problem, warning, type Diagnostic, type Origin } from '../lib/index.ts';
import type { Guards, Violation } from '../guard/index.ts';
import {
  makesPods,
  mapImages,
  ownerName,
  refOf,
  tagKeyOf,
  titleOf,
  type KubeObject,
  type Manifest,
  type Owner,
} from '../objects/index.ts';
import { lockFileOf, lockFolder, lockLine, type Fleet } from '../spec/index.ts';
import type { Bundle } from './bundle.ts';
import { guardsIn } from './guards.ts';

/** The rule of profiles that a digest in toryo.lock satisfies. */
const digestRule = 'TRY-SEC-029';

/** One image that is named by tag alone, of one object on one cluster. */
export interface UsedImage {
  readonly cluster: string;
  readonly manifest: Manifest;
  /** As the object writes it. */
  readonly image: string;
  /** Its profile refuses it without a digest; a Waiver lets it in without one; neither. */
  readonly need: 'required' | 'waived' | 'none';
}

/** Images by tag of an App or Addon. */
export interface OwnerImages {
  readonly owner: Owner;
  /** A profile that holds or is tried requires digests of some pod of its, on some cluster. */
  readonly isStrict: boolean;
  readonly used: readonly UsedImage[];
}

/** Images of the pods of every App and Addon that are named by tag alone; owners without any are left out. */
export function imagesByTag(fleet: Fleet, bundles: readonly Bundle[]): readonly OwnerImages[] {
  const owners = ownersByTag(bundles);
  const isAsked = asksDigests(fleet);
  const found = new Map<string, { readonly owner: Owner; isStrict: boolean; readonly used: UsedImage[] }>();
  for (const bundle of owners.size === 0 ? [] : bundles) {
    const { cluster, manifests } = bundle;
    const guards = isAsked ? guardsIn(bundle) : undefined;
    for (const manifest of manifests) {
      const name = ownerName(manifest.owner);
      if (!owners.has(name) || !makesPods(manifest.object)) continue;
      const { isStrict, needOf } = guards === undefined ? free : digestVerdict(guards, manifest.object);
      const one = found.get(name) ?? { owner: manifest.owner, isStrict: false, used: [] };
      one.isStrict ||= isStrict;
      one.used.push(...tagsIn(manifest).map((image) => ({ cluster, manifest, image, need: needOf(image) })));
      found.set(name, one);
    }
  }
  return [...found.values()];
}

function asksDigests({ profiles }: Fleet): boolean {
  return [...profiles.values()].some((one) => one.images?.digest === 'required');
}

/** Names of owners that name some image by tag alone: the others cost nothing. */
function ownersByTag(bundles: readonly Bundle[]): ReadonlySet<string> {
  const manifests = bundles.flatMap((bundle) => bundle.manifests);
  return new Set(manifests.filter((one) => tagsIn(one).length > 0).map(({ owner }) => ownerName(owner)));
}

const tags = new WeakMap<Manifest, readonly string[]>();

/** Images by tag alone in one manifest; computed once for a manifest that many clusters share. */
function tagsIn(manifest: Manifest): readonly string[] {
  const before = tags.get(manifest);
  if (before !== undefined) return before;
  const found = new Set<string>();
  if (makesPods(manifest.object))
    mapImages(manifest.object, (image) => {
      if (tagKeyOf(image) !== undefined) found.add(image);
      return image;
    });
  const images = [...found];
  tags.set(manifest, images);
  return images;
}

interface DigestVerdict {
  readonly isStrict: boolean;
  readonly needOf: (image: string) => UsedImage['need'];
}

const free: DigestVerdict = { isStrict: false, needOf: () => 'none' };

function digestVerdict(guards: Guards, object: KubeObject): DigestVerdict {
  // A pod whose digests are all there breaks nothing, and is no less one that needs them.
  const bare = guards.verdictOn(mapImages(object, () => 'unnamed'));
  const { violations, waived } = guards.verdictOn(object);
  const [refused, allowed] = [withoutDigest(violations), withoutDigest(waived)];
  return {
    isStrict: withoutDigest([...bare.violations, ...bare.tried]).size > 0,
    needOf: (image) => {
      if (refused.has(image)) return 'required';
      return allowed.has(image) ? 'waived' : 'none';
    },
  };
}

function withoutDigest(violations: readonly Violation[]): ReadonlySet<unknown> {
  const places = violations.filter(({ rule }) => rule === digestRule).flatMap((one) => one.places);
  return new Set(places.map(({ actual }) => actual));
}

/** True for a violation that toryo.lock can put right: every image that it names has a tag. `missingDigests` tells those. */
export function isForLock({ rule, places }: Violation): boolean {
  return (
    rule === digestRule &&
    places.every(({ actual }) => typeof actual === 'string' && tagKeyOf(actual) !== undefined)
  );
}

/**
 * Images that toryo.lock should have a digest of: an error where the profile refuses them without; a warning elsewhere for owners
 * that a profile requires digests of anywhere, because what runs there is what is promoted.
 */
export function missingDigests(fleet: Fleet, bundles: readonly Bundle[]): readonly Diagnostic[] {
  const owners = asksDigests(fleet) ? imagesByTag(fleet, bundles) : [];
  const strict = owners.filter((one) => one.isStrict);
  return strict.flatMap(({ used }) => used).flatMap((one) => missing(fleet, one));
}

function missing(fleet: Fleet, { cluster, manifest, image, need }: UsedImage): readonly Diagnostic[] {
  const key = tagKeyOf(image);
  if (key === undefined || need === 'waived') return [];
  const { object, owner } = manifest;
  const make = need === 'required' ? problem : warning;
  if (fleet.leftOut?.lockFiles.has(lockFileOf(lockNameOf(owner))) === true) return [];
  const file = `${lockFolder}/${lockFileOf(lockNameOf(owner))}`;
  const line = lockLine(key, 'sha256:…').trim();
  const args = { object: titleOf(refOf(object)), cluster, image, file, line };
  return [make('TRY-LOCK-004', writtenAt(fleet, cluster, manifest, image), args)];
}

/** What toryo.lock says about the images of an App or Addon: key -> digest. */
export function pinsOf({ lock }: Fleet, owner: Owner): Readonly<Record<string, string>> {
  return lock.get(lockFileOf(lockNameOf(owner)))?.images ?? {};
}

/** The kind and names under which toryo.lock knows an App or Addon. */
export function lockNameOf(owner: Owner): Parameters<typeof lockFileOf>[0] {
  if ('addon' in owner) return { kind: 'Addon', name: owner.addon };
  const { tenant, app } = owner;
  return app === undefined ? { kind: 'Tenant', name: tenant } : { kind: 'App', name: app, tenant };
}

// An image that `images` of the App says is found there, not in the manifest.
function writtenAt(fleet: Fleet, cluster: string, { owner, from }: Manifest, image: string): Origin {
  if ('addon' in owner) return from;
  const app = fleet.apps.find((one) => one.tenant === owner.tenant && one.name === owner.app);
  const on = app?.on.get(cluster);
  const name = Object.entries(on?.images ?? {}).find(([, said]) => said === image)?.[0];
  return name === undefined ? from : (on?.place.locate(['images', name]) ?? from);
}
