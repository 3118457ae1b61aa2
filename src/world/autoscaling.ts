import { isFailure, numberAt, objectAt, stringAt } from '../lib/index.ts';
import {
  groupOf,
  keyOf,
  ownersOf,
  refOf,
  withoutPath,
  type FieldOwner,
  type KubeObject,
  type RefKey,
} from '../objects/index.ts';
import type { KubeClient } from '../kube/index.ts';
import { inheritedFrom, type Settled } from './contest.ts';
import { isKept, type OwnershipRule } from './ownership-decide.ts';

/** What scales: each names its target in the same way. */
const scalers = [
  { group: 'autoscaling', kind: 'HorizontalPodAutoscaler' },
  { group: 'keda.sh', kind: 'ScaledObject' },
] as const;

/** Who scales what, by the target's key: `HorizontalPodAutoscaler/web`. */
export type Autoscalers = ReadonlyMap<RefKey, string>;

/** Finds who scales what: what is wanted, and what is on the cluster as far as it may be read. */
export async function readAutoscalers(
  client: KubeClient,
  wanted: readonly KubeObject[],
): Promise<Autoscalers> {
  const discovery = await client.discover();
  const served = scalers.filter((kind) => discovery.resourceOf(kind) !== undefined);
  const live = await Promise.all(served.map((kind) => listed(client, kind)));
  const isScaler = (object: KubeObject): boolean =>
    scalers.some(({ group, kind }) => object.kind === kind && groupOf(object.apiVersion) === group);
  const all = [...live.flat(), ...wanted.filter(isScaler)];
  return new Map(all.map((object) => [targetOf(object), `${object.kind}/${object.metadata.name}`]));
}

async function listed(
  client: KubeClient,
  kind: { readonly group: string; readonly kind: string },
): Promise<readonly KubeObject[]> {
  try {
    return (await client.list(kind)).items;
  } catch (error) {
    if (isFailure(error, 'TORYO_KUBE_FORBIDDEN')) return [];
    throw error;
  }
}

function targetOf(scaler: KubeObject): RefKey {
  const target = objectAt(scaler, 'spec', 'scaleTargetRef');
  const { namespace } = scaler.metadata;
  return keyOf({
    // KEDA fills these in.
    group: groupOf(stringAt(target, 'apiVersion') ?? 'apps/v1'),
    kind: stringAt(target, 'kind') ?? 'Deployment',
    name: stringAt(target, 'name') ?? '',
    ...(namespace === undefined ? {} : { namespace }),
  });
}

/** A workload that is there, and what decides on its size. */
export interface Scaled {
  readonly live: KubeObject;
  readonly fieldManager: string;
  readonly rules: readonly OwnershipRule[];
  /** It is to be adopted: what people and Helm own becomes ours. */
  readonly isForeign: boolean;
  /** Asked only where an answer is needed. */
  readonly autoscalers: () => Promise<Autoscalers>;
}

const replicas = ['spec', 'replicas'] as const;

/**
 * Leaves the number of replicas to the autoscaler that has the workload as its target: what the autoscaler wrote is left out,
 * and what only we own is wanted as it is, because leaving it out would set it to 1.
 */
export async function settleReplicas(object: KubeObject, scaled: Scaled): Promise<Settled> {
  const { live } = scaled;
  const [wanted, there] = [numberAt(object, ...replicas), numberAt(live, ...replicas)];
  if (there === undefined || wanted === there) return { object, left: [] };
  const owners = ownersOf(live, replicas);
  const isOwn = ownsWith(scaled);
  if (wanted === undefined && !owners.some(isOwn)) return { object, left: [] };
  const manager = (await scaled.autoscalers()).get(keyOf(refOf(object)));
  const contest = {
    kind: object.kind,
    steps: replicas,
    manager: 'kube-controller-manager',
    subresource: 'scale',
  };
  if (manager === undefined || isKept(contest, scaled.rules)) return { object, left: [] };
  const isOursAlone = owners.length > 0 && owners.every(isOwn);
  const settled = isOursAlone
    ? { ...object, spec: { ...objectAt(object, 'spec'), replicas: there } }
    : withoutPath(object, replicas);
  return { object: settled, left: [{ path: 'spec.replicas', manager, value: there, wanted }] };
}

/** Which owners of a field are, or are about to be, ourselves. */
function ownsWith({ live, fieldManager, rules, isForeign }: Scaled): (owner: FieldOwner) => boolean {
  const inherited = isForeign ? inheritedFrom(live, rules) : new Set<string>();
  return ({ manager, operation, subresource }) =>
    subresource === undefined &&
    ((manager === fieldManager && operation === 'Apply') || inherited.has(manager));
}
