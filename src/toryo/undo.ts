import { known, type Known, type Run } from '../lib/index.ts';
import type { Bundle } from '../compile/index.ts';
import type { Restorable, Restored, UndoWish } from '../deliver/index.ts';
import type { Built, Environment } from './looking.ts';
import { rulesOf } from './rules.ts';
import { onCluster } from './waves.ts';

const deliverRoom = () => import('../deliver/index.ts');

/** What was deleted on one cluster and can be brought back. */
export interface Deleted {
  readonly bundle: Bundle;
  readonly found: Known<readonly Restorable[]>;
}

/** undo, first half: what was deleted and can be brought back. */
export async function findDeleted(
  built: Built,
  bundles: readonly Bundle[],
  { wish, env }: { readonly wish: UndoWish; readonly env: Environment },
  run: Run,
): Promise<readonly Deleted[]> {
  const { readRestorables } = await deliverRoom();
  return Promise.all(
    bundles.map(async (bundle) => ({
      bundle,
      found: await onCluster({ built, env, run }, bundle.cluster, async (client) =>
        known(await readRestorables(client, built.fleet.name, wish, run)),
      ),
    })),
  );
}

/** What was brought back on one cluster; unknown: it could not be asked. */
export interface Undone {
  readonly cluster: string;
  readonly restored: Known<readonly Restored[]>;
}

/** undo, second half: creates the objects again, lists them, and keeps their revision from deleting them again. */
export async function undo(
  built: Built,
  chosen: readonly { readonly bundle: Bundle; readonly items: readonly Restorable[] }[],
  env: Environment,
  run: Run,
): Promise<readonly Undone[]> {
  const { restore, holderIdentity } = await deliverRoom();
  const { revisions = new Map<string, string>() } = await rulesOf(built);
  return Promise.all(
    chosen.map(async ({ bundle, items }) => {
      const holder = {
        identity: holderIdentity(),
        commit: undefined,
        isNewerThan: () => Promise.resolve(false),
      };
      const restored = await onCluster({ built, env, run }, bundle.cluster, async (client) =>
        known(await restore(items, { client, fleet: built.fleet.name, bundle, revisions, holder }, run)),
      );
      return { cluster: bundle.cluster, restored };
    }),
  );
}
