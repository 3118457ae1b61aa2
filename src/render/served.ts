import { listAt, stringAt } from '../lib/index.ts';
import type { KubeObject } from '../objects/index.ts';

/**
 * What the CRDs on each cluster add to its API, as `group/version` and `group/version/Kind`, sorted. Kubernetes' own
 * groups are left to Helm's built-in list; CRDs that other charts bring are not seen.
 */
export function servedVersions(
  on: ReadonlyMap<string, readonly KubeObject[]>,
): ReadonlyMap<string, readonly string[]> {
  return new Map(
    [...on].map(([cluster, objects]) => [cluster, [...new Set(objects.flatMap(versionsOf))].sort()]),
  );
}

function versionsOf(object: KubeObject): readonly string[] {
  if (object.kind !== 'CustomResourceDefinition') return [];
  const group = stringAt(object, 'spec', 'group') ?? '';
  const kind = stringAt(object, 'spec', 'names', 'kind') ?? '';
  return listAt(object, 'spec', 'versions').flatMap((version) => {
    const name = `${group}/${stringAt(version, 'name') ?? ''}`;
    return [name, `${name}/${kind}`];
  });
}
