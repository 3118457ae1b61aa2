import { known } from '../../lib/index.ts';
import {
  keyOf,
  markOf,
  ownerName,
  refOf,
  withLabels,
  type KubeObject,
  type Manifest,
  type Owner,
} from '../../objects/index.ts';
import type { ClusterWorld, Inventory, Observation, Prediction } from '../../world/index.ts';
import type { PlanInput, PlannedCluster } from '../plan/change.ts';
import { plan } from '../plan/plan.ts';

/** The owner of every scene. */
export const owner: Owner = { tenant: 'shop', app: 'web' };
/** Its name. */
export const name = ownerName(owner);

const from = { file: 'web.yaml', line: 3, column: 1, path: '' };
/** An object without marks. */
export const bare = (title: string, kind = 'ConfigMap'): KubeObject => ({
  apiVersion: 'v1',
  kind,
  metadata: { name: title, namespace: 'shop-web' },
});
/** An object with the marks of an owner. */
export const ours = (title: string, kind?: string, whose: Owner = owner): KubeObject =>
  withLabels(bare(title, kind), markOf(whose, 'acme'));
/** An object as a server has it. */
export const stored = (object: KubeObject, uid = 'u-1', more: object = {}): KubeObject => ({
  ...object,
  metadata: { ...object.metadata, uid, ...more },
});
/** An inventory of objects. */
export const listed = (objects: readonly KubeObject[], uid = 'u-1'): Inventory => ({
  owner,
  name: 'inventory.app.shop.web',
  digest: '',
  items: objects.map((object) => ({ ref: refOf(object), uid })),
});

/** What is wanted, there, listed and predicted. */
export interface Scene {
  readonly wanted?: readonly KubeObject[];
  /** Of what is wanted; the owner of every scene when it is not given. */
  readonly owner?: Owner;
  readonly live?: readonly KubeObject[];
  readonly inventory?: Inventory;
  readonly predicted?: Partial<Prediction>;
  readonly world?: Partial<ClusterWorld>;
  readonly input?: Partial<PlanInput>;
  readonly seen?: Observation;
}

/** What a plan says of one cluster in a scene. */
export function planned(scene: Scene): PlannedCluster {
  const manifests = (scene.wanted ?? []).map((object): Manifest => ({
    object,
    owner: scene.owner ?? owner,
    from,
  }));
  const refs = [
    ...(scene.wanted ?? []).map(refOf),
    ...(scene.inventory?.items.map((item) => item.ref) ?? []),
  ];
  const keys = refs.map(keyOf);
  const live = new Map(keys.map((key) => [key, known<KubeObject | undefined>(undefined)]));
  for (const object of scene.live ?? []) live.set(keyOf(refOf(object)), known(object));
  const predicted = new Map(
    manifests.map(({ object }) => [
      keyOf(refOf(object)),
      { by: 'dry-run' as const, hasRights: true, object, ...scene.predicted },
    ]),
  );
  const inventories = known(new Map(scene.inventory === undefined ? [] : [[name, scene.inventory]]));
  const world = {
    cluster: 'lab',
    version: 'v1.35.0',
    uid: 'k-1',
    identity: undefined,
    inventories,
    live,
    predicted,
    ...scene.world,
  } as ClusterWorld;
  const bundle = {
    cluster: 'lab',
    version: '1.35',
    digest: 'd',
    infrastructure: { kind: 'none' as const },
    manifests,
    owners: new Map(manifests.length === 0 ? [] : [[name, 'd']]),
    needs: new Map(),
  };
  const input = {
    fleet: 'acme',
    waves: [{ name: 'all', clusters: ['lab'] }],
    bundles: [bundle],
    world: {
      at: '2026-01-01T00:00:00Z',
      clusters: new Map([['lab', scene.seen ?? { is: 'there' as const, world }]]),
    },
    identities: new Map(),
    permissions: { deletions: new Set<string>(), prunes: new Set<string>() },
    owners: new Set<string>(),
    ...scene.input,
  };
  return plan(input).waves[0]!.clusters[0]!;
}
