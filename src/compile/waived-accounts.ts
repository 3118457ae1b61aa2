import { accountOf } from '../guard/index.ts';
import { ownerName, podOf, type Manifest } from '../objects/index.ts';

/** Service accounts that an App's pods run as in a namespace; `['']`, every one, where no App is named. */
export function accountsOf(
  app: string | undefined,
  namespace: string,
  workloads: readonly Manifest[],
): readonly string[] {
  if (app === undefined) return [''];
  const accounts = workloads
    .filter(
      ({ owner, object }) => ownerName(owner) === `App/${app}` && object.metadata.namespace === namespace,
    )
    .flatMap(({ object }) => {
      const pod = podOf(object);
      return pod === undefined ? [] : [accountOf(pod)];
    });
  return [...new Set(accounts)].sort();
}
