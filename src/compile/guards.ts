import { Guards } from '../guard/index.ts';
import type { Manifest } from '../objects/index.ts';

const built = new WeakMap<readonly Manifest[], Guards>();

/** What holds on a cluster, of its bundle's manifests; built once for the same list, for all who ask for verdicts. */
export function guardsIn({
  manifests,
  version,
}: {
  readonly manifests: readonly Manifest[];
  readonly version: string | undefined;
}): Guards {
  const before = built.get(manifests);
  if (before !== undefined) return before;
  const guards = new Guards(
    manifests.map(({ object }) => object),
    version,
  );
  built.set(manifests, guards);
  return guards;
}
