import { canonical, digestOf, sha256 } from '../lib/index.ts';
import { ownerName, type Manifest } from '../objects/index.ts';
import type { Pool } from '../spec/index.ts';

/** What a cluster stands on. Stacks and playbooks come with the providers that make them. */
export type Infrastructure =
  | {
      readonly kind: 'sandbox';
      readonly version: string;
      readonly zones: number;
      readonly pools: readonly Pool[];
    }
  | { readonly kind: 'none' };

/** Everything one cluster should be; same inputs, same bytes. */
export interface Bundle {
  readonly cluster: string;
  /** Kubernetes minor version that it was compiled for; undefined when the cluster is not ours. */
  readonly version: string | undefined;
  readonly digest: string;
  readonly infrastructure: Infrastructure;
  readonly manifests: readonly Manifest[];
  /** Owner's name -> digest of its manifests: what a wave moves. */
  readonly owners: ReadonlyMap<string, string>;
  /** Owner's name -> owners that must be delivered first, the declared ones. */
  readonly needs: ReadonlyMap<string, readonly string[]>;
}

const digests = new WeakMap<Manifest, string>();

/** SHA-256 of one object; computed once for a manifest that many clusters share. */
function manifestDigest(manifest: Manifest): string {
  const known = digests.get(manifest);
  if (known !== undefined) return known;
  const digest = sha256(canonical(manifest.object));
  digests.set(manifest, digest);
  return digest;
}

/** The digest of each owner's manifests, whatever their order. */
export function ownerDigests(manifests: readonly Manifest[]): ReadonlyMap<string, string> {
  const byOwner = new Map<string, string[]>();
  for (const manifest of manifests) {
    const name = ownerName(manifest.owner);
    const list = byOwner.get(name) ?? [];
    list.push(manifestDigest(manifest));
    byOwner.set(name, list);
  }
  return new Map([...byOwner].map(([name, list]) => [name, `sha256:${sha256(list.sort().join('\n'))}`]));
}

/** The digest of a whole bundle. */
export function bundleDigest(
  cluster: string,
  infrastructure: Infrastructure,
  owners: ReadonlyMap<string, string>,
): string {
  return digestOf([cluster, infrastructure, [...owners].sort(([left], [right]) => (left < right ? -1 : 1))]);
}
