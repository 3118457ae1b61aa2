import {
  at,
  failure,
  isFailure,
  labels,
  listAt,
  nearest,
  numberAt,
  stringAt,
  stringsAt,
  type Run,
} from '../lib/index.ts';
import { reasonsOn, mayHold, type Bundle } from '../compile/index.ts';
import { Guards, simulatedObjects, simulatedWriter, type DecidingField } from '../guard/index.ts';
import type { KubeClient } from '../kube/index.ts';
import { makesPods, refOf, titleOf, type KubeObject } from '../objects/index.ts';
import type { SecurityProfile } from '../spec/index.ts';
import { explained, type ExplainedVerdict } from './explained.ts';
import { bundlesIn, closeAll, clusterOf, providerFor, type Built, type Environment } from './looking.ts';

/** Something that runs, or could, and would be refused. */
export interface Refused {
  readonly object: KubeObject;
  readonly title: string;
  /** `3 running`, `suspended`, `scaled to zero`. */
  readonly state: string;
  readonly verdict: ExplainedVerdict;
}

/** What a profile would do on one cluster. */
export interface ClusterSimulation {
  readonly cluster: string;
  /** Undefined: it was read. */
  readonly unread: string | undefined;
  /** How many objects that make pods were looked at. */
  readonly looked: number;
  readonly refused: readonly Refused[];
  /** What is to be known of the answer. */
  readonly notes: readonly string[];
}

/** Which profile, and where it is tried. */
export interface SimulationRequest {
  readonly profile: string;
  readonly clusters: readonly string[];
  /** Names; every guarded namespace when empty. */
  readonly namespaces: readonly string[];
}

/** guard simulate: what of that which is on clusters would be refused when it starts again under a profile; writes nothing. */
export async function simulate(
  built: Built,
  request: SimulationRequest,
  env: Environment,
  run: Run,
): Promise<readonly ClusterSimulation[]> {
  const profile = built.fleet.profiles.get(request.profile);
  if (profile === undefined) {
    const known = [...built.fleet.profiles.keys()].join(', ');
    throw failure('TORYO_USAGE', {
      why: `there is no SecurityProfile ${request.profile}; there are ${known}`,
    });
  }
  const bundles = bundlesIn(built, request);
  mustHaveNamespaces(bundles, request.namespaces);
  return Promise.all(bundles.map((bundle) => simulateOn(built, { bundle, profile, request, env }, run)));
}

function mustHaveNamespaces(bundles: readonly Bundle[], wanted: readonly string[]): void {
  const known = new Set(
    bundles.flatMap(({ manifests }) =>
      manifests
        .filter(
          ({ object }) =>
            object.kind === 'Namespace' && labels.guard in stringsAt(object, 'metadata', 'labels'),
        )
        .map(({ object }) => object.metadata.name),
    ),
  );
  const unknown = wanted.filter((name) => !known.has(name));
  if (unknown.length === 0) return;
  const near = nearest(unknown[0] ?? '', known);
  const meant = near === undefined ? '' : `, did you mean ${near}?`;
  const where = bundles.map(({ cluster }) => cluster).join(', ');
  throw failure('TORYO_USAGE', {
    why: `there is no guarded namespace ${unknown.join(', ')} on ${where}${meant}`,
  });
}

interface Simulated {
  readonly bundle: Bundle;
  readonly profile: SecurityProfile;
  readonly request: SimulationRequest;
  readonly env: Environment;
}

async function simulateOn(built: Built, simulated: Simulated, run: Run): Promise<ClusterSimulation> {
  const { bundle, profile, request, env } = simulated;
  const { cluster: name } = bundle;
  const cluster = clusterOf(built.fleet, name);
  const clients = new Map<string, KubeClient>();
  try {
    const client = await (await providerFor(built, cluster, env)).connect(cluster, run);
    if (client === undefined)
      return { cluster: name, unread: 'it does not exist yet', looked: 0, refused: [], notes: [] };
    clients.set(name, client);
    const { version, manifests } = bundle;
    const holding = new Set(
      built.fleet.waivers.filter((waiver) => mayHold(waiver, profile)).map((waiver) => waiver.name),
    );
    const objects = simulatedObjects(
      manifests.map(({ object }) => object),
      { profile, version, holds: (waiver) => holding.has(waiver.name) },
    );
    const writtenAs = simulatedWriter(manifests, { profile, version });
    const guards = new Guards(objects, version);
    const reasons = reasonsOn(built.fleet, name);
    // The namespace names the profile that holds today, not this one.
    const isKept = ({ of, path }: DecidingField) => of === 'SecurityProfile' || path[0] !== 'profile';
    const isMeant = (namespace: string | undefined) =>
      guards.knows(namespace) &&
      (request.namespaces.length === 0 || request.namespaces.includes(namespace ?? ''));
    const live = (await livePodMakers(client))
      .filter(({ metadata }) => isMeant(metadata.namespace))
      .map((object) => ({ live: object, ...writtenAs(object), title: titleOf(refOf(object)) }));
    const refused = live.flatMap(({ live: object, object: written, title }): readonly Refused[] => {
      const verdict = guards.verdictOn(written);
      if (verdict.outcome !== 'refused') return [];
      const why = explained(verdict, (fields) => reasons(fields.filter(isKept)));
      return [{ object, title, state: stateOf(object), verdict: why }];
    });
    return { cluster: name, unread: undefined, looked: live.length, refused, notes: filledNotes(live) };
  } catch (error) {
    if (!isFailure(error) || run.signal.aborted) throw error;
    return { cluster: name, unread: error.message, looked: 0, refused: [], notes: [] };
  } finally {
    await closeAll(clients);
  }
}

/** One sentence for each profile that may have filled what nobody here knows the source of. */
function filledNotes(
  live: readonly { readonly title: string; readonly maybeFilledBy: string | undefined }[],
): readonly string[] {
  return [...Map.groupBy(live, ({ maybeFilledBy }) => maybeFilledBy)].flatMap(([profile, ones]) =>
    profile === undefined
      ? []
      : [
          `profile ${profile} may have filled fields of ${ones.map(({ title }) => title).join(', ')}: what they say themselves is not known, more may be refused`,
        ],
  );
}

const kinds = [
  { group: 'apps', kind: 'Deployment' },
  { group: 'apps', kind: 'StatefulSet' },
  { group: 'apps', kind: 'DaemonSet' },
  { group: 'apps', kind: 'ReplicaSet' },
  { group: 'batch', kind: 'CronJob' },
  { group: 'batch', kind: 'Job' },
  { group: '', kind: 'ReplicationController' },
  { group: '', kind: 'Pod' },
] as const;

/** Whatever makes pods on a cluster, or may again, and is not made by another of these. */
async function livePodMakers(client: KubeClient): Promise<readonly KubeObject[]> {
  const lists = await Promise.all(
    kinds.map((kind) => client.list(kind, { keep: (one) => (isMade(one) || isOver(one) ? undefined : one) })),
  );
  return lists.flatMap(({ items }, index) => {
    const kind = kinds[index];
    // Items of a list do not say what they are.
    return kind === undefined ? [] : items.map((item) => ({ ...item, ...typeOf(kind) }));
  });
}

function typeOf({ group, kind }: (typeof kinds)[number]): {
  readonly apiVersion: string;
  readonly kind: string;
} {
  return { apiVersion: group === '' ? 'v1' : `${group}/v1`, kind };
}

/** A Job of a CronJob, a Pod of a ReplicaSet: its maker is asked instead. A Pod that an operator made is asked itself. */
function isMade(object: KubeObject): boolean {
  return listAt(object, 'metadata', 'ownerReferences').some(
    (owner) =>
      at(owner, 'controller') === true &&
      makesPods({ apiVersion: stringAt(owner, 'apiVersion') ?? '', kind: stringAt(owner, 'kind') ?? '' }),
  );
}

/** A Job that has ended, or a Pod: it never starts again. */
function isOver(object: KubeObject): boolean {
  const hasEnded = listAt(object, 'status', 'conditions').some(
    (one) =>
      ['Complete', 'Failed'].includes(stringAt(one, 'type') ?? '') && stringAt(one, 'status') === 'True',
  );
  return hasEnded || ['Succeeded', 'Failed'].includes(stringAt(object, 'status', 'phase') ?? '');
}

function stateOf(object: KubeObject): string {
  if (at(object, 'spec', 'suspend') === true) return 'suspended';
  if (at(object, 'spec', 'replicas') === 0) return 'scaled to zero';
  if (object.kind === 'Pod') return stringAt(object, 'status', 'phase')?.toLowerCase() ?? '';
  const counts = ['readyReplicas', 'numberReady', 'active'].map((field) => numberAt(object, 'status', field));
  const running = counts.find((count) => count !== undefined) ?? listAt(object, 'status', 'active').length;
  return `${running} running`;
}
