import { known, labels, type Known, type Run } from '../lib/index.ts';
import {
  keyOf,
  refOf,
  versionOf,
  withoutManagedFields,
  type KubeObject,
  type Ref,
  type RefKey,
} from '../objects/index.ts';
import type { Bundle } from '../compile/index.ts';
import type { KubeClient, ServerVersion } from '../kube/index.ts';
import { predict } from './prediction.ts';
import { readIdentity, readInventories, readMarked, readNamespaces, type Wanted } from './reading.ts';
import type { ClusterWorld, Prediction } from './world.ts';

type Live = ReadonlyMap<RefKey, Known<KubeObject | undefined>>;

/** How much is to be asked: status needs no predictions. */
export interface Question {
  readonly fleet: string;
  readonly hasPredictions: boolean;
}

/** Looks at one cluster: its identity, inventories, every object of the bundle and of the inventories, and what applying would store. */
export async function observe(
  bundle: Bundle,
  client: KubeClient,
  question: Question,
  _run: Run,
): Promise<ClusterWorld> {
  const [version, who, inventories, namespaces] = await Promise.all([
    client.version(),
    readIdentity(client),
    readInventories(client, question.fleet),
    readNamespaces(client),
  ]);
  const listed =
    inventories.is === 'known'
      ? [...inventories.value.values()].flatMap((one) => one.items.map((item) => item.ref))
      : [];
  const where = { fleet: question.fleet, namespaces: namespaces.all };
  const live = await readMarked(client, wantedOf(bundle, listed), where);
  const foresight = {
    client,
    fleet: question.fleet,
    manifests: bundle.manifests,
    live,
    namespaces: namespaces.open,
  };
  const predicted = question.hasPredictions ? await predict(foresight) : new Map<RefKey, Prediction>();
  return {
    cluster: bundle.cluster,
    version: versionText(version),
    uid: who.uid,
    identity: who.identity,
    inventories,
    live: lean(live, predicted, question.fleet),
    predicted,
  };
}

// What is ours and wanted has been judged: who wrote its fields, which is most of what a server sends, is needed no more.
function lean(live: Live, predicted: ReadonlyMap<RefKey, Prediction>, fleet: string): Live {
  const kept = new Map(live);
  for (const [key, { by, object }] of predicted) {
    const found = live.get(key);
    if (found?.is !== 'known' || !isMarked(found.value, fleet)) continue;
    const same = by === 'managed-fields' ? object : undefined;
    kept.set(key, known(same ?? withoutManagedFields(found.value)));
  }
  return kept;
}

// A server that behaves as an older minor says so: `1.35 (v1.36.3)`.
function versionText(version: ServerVersion): string {
  const { gitVersion, major, minor, emulationMinor } = version;
  const isEmulating = emulationMinor !== undefined && emulationMinor !== minor;
  return isEmulating ? `${major}.${emulationMinor} (${gitVersion})` : gitVersion;
}

function wantedOf(bundle: Bundle, listed: readonly Ref[]): readonly Wanted[] {
  const wanted = new Map<string, Wanted>();
  for (const { object } of bundle.manifests) {
    const ref = refOf(object);
    wanted.set(keyOf(ref), { ref, version: versionOf(object.apiVersion) });
  }
  for (const ref of listed) {
    const key = keyOf(ref);
    if (!wanted.has(key)) wanted.set(key, { ref, version: undefined });
  }
  return [...wanted.values()];
}

/** True when the object carries the marks of that fleet. */
export function isMarked(object: KubeObject | undefined, fleet: string): object is KubeObject {
  return (
    object?.metadata.labels?.[labels.managed] === 'true' && object.metadata.labels[labels.fleet] === fleet
  );
}
