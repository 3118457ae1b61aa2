import { labels, type Run } from '../lib/index.ts';
import { keyOf, refOf, versionOf, type Ref } from '../objects/index.ts';
import type { Bundle } from '../compile/index.ts';
import type { KubeClient, ServerVersion } from '../kube/index.ts';
import { predict } from './prediction.ts';
import { readIdentity, readInventories, readLive, readNamespaces, type Wanted } from './reading.ts';
import type { ClusterWorld } from './world.ts';

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
  const live = await readLive(client, wantedOf(bundle, listed));
  const foresight = { client, fleet: question.fleet, manifests: bundle.manifests, live, namespaces };
  const predicted = question.hasPredictions ? await predict(foresight) : new Map();
  return {
    cluster: bundle.cluster,
    version: versionText(version),
    uid: who.uid,
    identity: who.identity,
    inventories,
    live,
    predicted,
  };
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
export function isMarked(
  object: { readonly metadata: { readonly labels?: Readonly<Record<string, string>> } } | undefined,
  fleet: string,
): boolean {
  return (
    object?.metadata.labels?.[labels.managed] === 'true' && object.metadata.labels[labels.fleet] === fleet
  );
}
