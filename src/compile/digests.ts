import { problem, stringAt, warning, type Diagnostic, type Origin } from '../lib/index.ts';
import {
  isBuiltIn,
  mapImages,
  ownerName,
  parseImage,
  podSpecOf,
  refOf,
  tagKeyOf,
  titleOf,
  type Manifest,
  type Owner,
} from '../objects/index.ts';
import { lockFileOf, lockFolder, lockLine, type Fleet } from '../spec/index.ts';
import type { Bundle } from './bundle.ts';

/** One image of one object on one cluster. */
export interface UsedImage {
  readonly cluster: string;
  readonly manifest: Manifest;
  /** As the object writes it. */
  readonly image: string;
  /** The profile of the pod says `images.digest: required`. */
  readonly isRequired: boolean;
}

/** Images of the pods of every App and Addon, those without a digest only, by owner's name. */
export function imagesByTag(
  fleet: Fleet,
  bundles: readonly Bundle[],
): ReadonlyMap<string, readonly UsedImage[]> {
  const rules = digestRules(fleet);
  const byOwner = new Map<string, UsedImage[]>();
  for (const { cluster, manifests } of bundles)
    for (const manifest of manifests)
      for (const image of imagesOf(manifest)) {
        const isRequired = requires(rules.get(cluster), manifest);
        const name = ownerName(manifest.owner);
        const list = byOwner.get(name) ?? [];
        list.push({ cluster, manifest, image, isRequired });
        byOwner.set(name, list);
      }
  return byOwner;
}

const known = new WeakMap<Manifest, readonly string[]>();

/** Images without a digest in one manifest; computed once for a manifest that many clusters share. */
function imagesOf(manifest: Manifest): readonly string[] {
  const before = known.get(manifest);
  if (before !== undefined) return before;
  const found = new Set<string>();
  if (isBuiltIn(manifest.object))
    mapImages(manifest.object, (image) => {
      if (parseImage(image)?.digest === undefined) found.add(image);
      return image;
    });
  const images = [...found];
  known.set(manifest, images);
  return images;
}

/** Which pods of a namespace must be named by digest: those of service accounts with a profile of their own, and the others. */
interface DigestRule {
  readonly others: boolean;
  readonly accounts: ReadonlyMap<string, boolean>;
}

type Rules = ReadonlyMap<string, ReadonlyMap<string, DigestRule>>;

interface Space {
  readonly name: string;
  readonly profile: string;
  readonly serviceAccounts: Readonly<Record<string, string>>;
}

/** cluster -> namespace -> rule; empty where no profile asks for digests. */
function digestRules(fleet: Fleet): Rules {
  const strict = new Set(
    [...fleet.profiles.values()].filter((one) => one.images?.digest === 'required').map((one) => one.name),
  );
  const rules = new Map<string, Map<string, DigestRule>>();
  if (strict.size === 0) return rules;
  const note = (cluster: string, space: Space): void => {
    const accounts = Object.entries(space.serviceAccounts).map(
      ([account, profile]) => [account, strict.has(profile)] as const,
    );
    const on = rules.get(cluster) ?? new Map<string, DigestRule>();
    on.set(space.name, { others: strict.has(space.profile), accounts: new Map(accounts) });
    rules.set(cluster, on);
  };
  for (const addon of fleet.addons) for (const [cluster, on] of addon.on) note(cluster, on.namespace);
  for (const tenant of fleet.tenants.values())
    for (const [cluster, on] of tenant.on) for (const space of on.namespaces) note(cluster, space);
  return rules;
}

function requires(on: ReadonlyMap<string, DigestRule> | undefined, { object }: Manifest): boolean {
  const rule = on?.get(object.metadata.namespace ?? '');
  if (rule === undefined) return false;
  const pod = podSpecOf(object);
  const account = stringAt(pod, 'serviceAccountName') ?? stringAt(pod, 'serviceAccount') ?? 'default';
  return rule.accounts.get(account) ?? rule.others;
}

/**
 * Images that toryo.lock should have a digest of: an error where the profile requires one; a warning for the other clusters of
 * such an owner, because what runs there is what is promoted.
 */
export function missingDigests(fleet: Fleet, bundles: readonly Bundle[]): readonly Diagnostic[] {
  const isAsked = [...fleet.profiles.values()].some((one) => one.images?.digest === 'required');
  if (!isAsked) return [];
  const strict = [...imagesByTag(fleet, bundles).values()].filter((used) =>
    used.some((one) => one.isRequired),
  );
  return strict.flat().flatMap((one) => missing(fleet, one));
}

function missing(fleet: Fleet, { cluster, manifest, image, isRequired }: UsedImage): readonly Diagnostic[] {
  const { object, owner } = manifest;
  const args = { object: titleOf(refOf(object)), cluster, image };
  const at = writtenAt(fleet, cluster, manifest, image);
  const key = tagKeyOf(image);
  if (key === undefined) return isRequired ? [problem('TRY-OBJ-013', at, args)] : [];
  const make = isRequired ? problem : warning;
  const file = `${lockFolder}/${lockFileOf(lockNameOf(owner))}`;
  return [make('TRY-LOCK-004', at, { ...args, file, line: lockLine(key, 'sha256:…').trim() })];
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
