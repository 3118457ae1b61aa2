import { fieldManagerOf, known, type Known, type Run } from '../lib/index.ts';
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
import { readConsent } from './consent-record.ts';
import { isMarked, markedAgain, unmarkedIn } from './mark.ts';
import { guess, identityIfAllowed, inventoriesIfAllowed, namespacesIfAllowed, readQuotas } from './modest.ts';
import type { OwnershipRule } from './ownership-decide.ts';
import { predict, type Foresight } from './prediction.ts';
import {
  readIdentity,
  readInventories,
  readLive,
  readMarked,
  readNamespaces,
  type Fleetwide,
  type Namespaces,
  type Wanted,
} from './reading.ts';
import { readClaims } from './claims.ts';
import { isUnchanged } from './whole.ts';
import type { ClusterWorld, Prediction } from './world.ts';

type Live = ReadonlyMap<RefKey, Known<KubeObject | undefined>>;

/** How much is to be asked: status needs no predictions. */
export interface Question {
  readonly fleet: string;
  readonly hasPredictions: boolean;
  /** The fleet's own rules on whose fields are whose. */
  readonly ownership: readonly OwnershipRule[];
  /** True: only what reading proves; no dry-run is asked for, and what may not be read is unknown. */
  readonly isReadOnly?: boolean;
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
  const first = await readFirst(client, question);
  const { inventories, namespaces } = first;
  const listed =
    inventories.is === 'known'
      ? [...inventories.value.values()].flatMap((one) => one.items.map((item) => item.ref))
      : [];
  const judgement = new Judgement(bundle, question.fleet);
  const wanted = wantedOf(bundle, listed);
  const live = await readAllOf(client, wanted, { fleet: question.fleet, namespaces, judge: judgement.judge });
  const unmarked = unmarkedIn(live, inventories, question.fleet);
  const foresight = {
    client,
    fleet: question.fleet,
    manifests: bundle.manifests,
    live: markedAgain(live, unmarked, question.fleet),
    namespaces: namespaces?.open ?? new Set<string>(),
    unchanged: judgement.unchanged,
    rules: question.ownership,
  };
  const predicted = await predictions(foresight, question);
  return {
    cluster: bundle.cluster,
    ...first.said,
    inventories,
    live: lean(live, predicted, question.fleet),
    predicted,
    ...(unmarked.size === 0 ? {} : { unmarked }),
    ...(question.hasClaims === true ? { claims: await readClaims(client) } : {}),
  };
}

/** What does not depend on anything else that is read. */
async function readFirst(client: KubeClient, question: Question) {
  const { fleet, hasPredictions, isReadOnly = false } = question;
  const [version, who, inventories, namespaces, consent, quotas] = await Promise.all([
    client.version(),
    isReadOnly ? identityIfAllowed(client) : readIdentity(client),
    isReadOnly ? inventoriesIfAllowed(client, fleet) : readInventories(client, fleet),
    isReadOnly ? namespacesIfAllowed(client) : readNamespaces(client),
    hasPredictions ? readConsent(client) : undefined,
    hasPredictions ? readQuotas(client) : undefined,
  ]);
  const said = {
    version: versionText(version),
    uid: who.uid,
    identity: who.identity,
    ...(consent === undefined ? {} : { consent }),
    ...(quotas === undefined ? {} : { quotas }),
    ...(isReadOnly ? { isReadOnly } : {}),
  };
  return { said, inventories, namespaces };
}

/** Without the names of all namespaces, what a list by label does not show may still be there. */
async function readAllOf(
  client: KubeClient,
  wanted: readonly Wanted[],
  where: Omit<Fleetwide, 'namespaces'> & { readonly namespaces: Namespaces | undefined },
): Promise<Live> {
  const { namespaces, ...rest } = where;
  return namespaces === undefined
    ? readLive(client, wanted)
    : readMarked(client, wanted, { ...rest, namespaces: namespaces.all });
}

async function predictions(
  foresight: Foresight,
  question: Question,
): Promise<ReadonlyMap<RefKey, Prediction>> {
  if (!question.hasPredictions) return new Map();
  return question.isReadOnly === true ? guess(foresight) : await predict(foresight);
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
    if (wanted === undefined || !isUnchanged(object, wanted, this.#manager)) return object;
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
