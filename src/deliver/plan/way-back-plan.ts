import { isEqual } from '../../lib/index.ts';
import { guardPartOf } from '../../guard/index.ts';
import { isBuiltIn, keyOf, ownerName, refOf, titleOf, type Manifest } from '../../objects/index.ts';
import type { Bundle } from '../../compile/index.ts';
import type { ClusterWorld } from '../../world/index.ts';
import { isWrite, type Change } from './change.ts';

/** Kinds that are wholly what their manifest says: deleted, they can be made again from what was kept. */
const remade: ReadonlySet<string> = new Set([
  'ClusterRole',
  'ClusterRoleBinding',
  'ConfigMap',
  'CronJob',
  'DaemonSet',
  'Deployment',
  'HorizontalPodAutoscaler',
  'Ingress',
  'IngressClass',
  'LimitRange',
  'MutatingAdmissionPolicy',
  'MutatingAdmissionPolicyBinding',
  'NetworkPolicy',
  'PodDisruptionBudget',
  'PriorityClass',
  'ResourceQuota',
  'Role',
  'RoleBinding',
  'Service',
  'ServiceAccount',
  'ValidatingAdmissionPolicy',
  'ValidatingAdmissionPolicyBinding',
]);

/** Owner -> why what is about to be delivered cannot be undone by applying the manifests before. */
export function noWayBackOf(
  bundle: Bundle,
  world: ClusterWorld,
  changes: readonly Change[],
  pinned: ReadonlySet<string>,
): ReadonlyMap<string, string> {
  const manifests = new Map(bundle.manifests.map((one) => [keyOf(refOf(one.object)), one]));
  const reasons = new Map<string, string>();
  for (const change of changes.filter(isWrite)) {
    const owner = ownerName(change.owner);
    if (reasons.has(owner)) continue;
    const reason = pinned.has(owner)
      ? 'its state is pinned'
      : lossOf(change, manifests.get(keyOf(change.subject)), world);
    if (reason !== undefined) reasons.set(owner, reason);
  }
  return reasons;
}

/** What a change does that no manifest brings back. */
function lossOf(change: Change, manifest: Manifest | undefined, world: ClusterWorld): string | undefined {
  const title = titleOf(change.subject);
  const { kind } = change.subject;
  if (change.action === 'delete')
    return isRemade(change) ? undefined : `${title} is deleted, and what it held with it`;
  if (kind === 'CustomResourceDefinition' && change.action === 'configure')
    return `${title} changes: fields and stored versions do not come back`;
  if (kind === 'Job' && change.action === 'create') return `${title} runs: what it does is not undone`;
  if (kind === 'Secret' && changesData(change, manifest, world))
    return `${title} changes: values of Secrets are not kept`;
  return undefined;
}

function isRemade({ subject }: Change): boolean {
  const { group, kind } = subject;
  // Guards and their kind hold nothing but what Toryo compiled.
  if (guardPartOf(subject) !== undefined) return true;
  return remade.has(kind) && isBuiltIn({ apiVersion: group === '' ? 'v1' : `${group}/v1` });
}

function changesData(change: Change, manifest: Manifest | undefined, world: ClusterWorld): boolean {
  if (change.action !== 'configure') return false;
  const live = world.live.get(keyOf(change.subject));
  if (live?.is !== 'known' || manifest === undefined) return true;
  const after = world.predicted.get(keyOf(change.subject))?.object ?? manifest.object;
  return !isEqual(live.value?.['data'] ?? {}, after['data'] ?? {});
}
