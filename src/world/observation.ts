import { fieldManagerOf, known, type Known, type Run } from '../lib/index.ts';
import {
  appliedUnchanged,
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
import { isMarked } from './mark.ts';
import type { OwnershipRule } from './ownership-decide.ts';
import { predict } from './prediction.ts';
import { readClaims } from './claims.ts';
import { readIdentity, readInventories, readMarked, readNamespaces, type Wanted } from './reading.ts';
import type { ClusterWorld, Prediction } from './world.ts';

type Live = ReadonlyMap<RefKey, Known<KubeObject | undefined>>;

/** How much is to be asked: status needs no predictions. */
export interface Question {
  readonly fleet: string;
  readonly hasPredictions: boolean;
  /** The fleet's own rules on whose fields are whose. */
  readonly ownership: readonly OwnershipRule[];
  /** True: all claims are read, because something is removed and its data kept. */
  readonly hasClaims?: boolean;
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
  const judgement = new Judgement(bundle, question.fleet);
  const where = { fleet: question.fleet, namespaces: namespaces.all, judge: judgement.judge };
  const live = await readMarked(client, wantedOf(bundle, listed), where);
  const foresight = {
    client,
    fleet: question.fleet,
    manifests: bundle.manifests,
    live,
    namespaces: namespaces.open,
    unchanged: judgement.unchanged,
    rules: question.ownership,
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
    ...(question.hasClaims === true ? { claims: await readClaims(client) } : {}),
  };
}

/** Who wrote which field is most of what a server sends: what needs it no more loses it as soon as it has been read. */
class Judgement {
  readonly unchanged = new Set<RefKey>();
  readonly #wanted: ReadonlyMap<RefKey, KubeObject>;
  readonly #manager: string;

  constructor(bundle: Bundle, fleet: string) {
    this.#wanted = new Map(bundle.manifests.map(({ object }) => [keyOf(refOf(object)), object]));
    this.#manager = fieldManagerOf(fleet);
  }

  readonly judge = (object: KubeObject): KubeObject => {
    const key = keyOf(refOf(object));
    const wanted = this.#wanted.get(key);
    // A list that expires half way begins again: it may have been judged before.
    this.unchanged.delete(key);
    if (wanted === undefined || !appliedUnchanged(object, wanted, this.#manager)) return object;
    this.unchanged.add(key);
    return withoutManagedFields(object);
  };
}

// What others wrote has been judged by now; of what is not ours a plan says who wrote it last.
function lean(live: Live, predicted: ReadonlyMap<RefKey, Prediction>, fleet: string): Live {
  const kept = new Map(live);
  for (const key of predicted.keys()) {
    const found = live.get(key);
    if (found?.is !== 'known' || found.value?.metadata['managedFields'] === undefined) continue;
    if (isMarked(found.value, fleet)) kept.set(key, known(withoutManagedFields(found.value)));
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
