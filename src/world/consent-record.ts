import {
  approversName,
  approvalsName,
  isFailure,
  known,
  labels,
  reasonOf,
  stringAt,
  stringsAt,
  systemNamespace,
  unknown,
  type Instant,
  type Known,
} from '../lib/index.ts';
import type { KubeObject } from '../objects/index.ts';
import type { KubeClient } from '../kube/index.ts';

/** Who may approve changes on a cluster, as the fleet that was applied last wrote it there. */
export interface LiveApprovers {
  readonly environment: string;
  /** Public keys, each a line `TYPE BASE64 COMMENT`. */
  readonly keys: readonly string[];
  readonly atLeast: number;
}

/** Approvals that were used on a cluster. */
export interface UsedApprovals {
  /** Hash of the plan that was begun last and did not end well yet; empty when it did. */
  readonly plan: string;
  /** Id of an approval -> when it expires. */
  readonly ids: ReadonlyMap<string, Instant>;
}

/** What a cluster itself says about approvals. */
export interface ClusterConsent {
  readonly approvers: LiveApprovers | undefined;
  readonly used: UsedApprovals;
}

const config = (name: string) => ({ group: '', kind: 'ConfigMap', namespace: systemNamespace, name });

/** Reads both; unknown when one of them cannot be read: then nobody can say that no approval is needed. */
export async function readConsent(client: KubeClient): Promise<Known<ClusterConsent>> {
  try {
    const [approvers, used] = await Promise.all([
      client.get(config(approversName)),
      client.get(config(approvalsName)),
    ]);
    return known({ approvers: approversFrom(approvers), used: usedFrom(used) });
  } catch (error) {
    if (isFailure(error, 'TORYO_KUBE_FORBIDDEN', 'TORYO_KUBE_ANSWER')) return unknown(reasonOf(error));
    throw error;
  }
}

/** An object that somebody emptied by hand lets nobody approve: it never counts as none. */
function approversFrom(object: KubeObject | undefined): LiveApprovers | undefined {
  if (object === undefined) return undefined;
  const atLeast = Number(stringAt(object, 'data', 'atLeast'));
  return {
    environment: stringAt(object, 'data', 'environment') ?? '',
    keys: (stringAt(object, 'data', 'keys') ?? '').split('\n').filter((line) => line !== ''),
    atLeast: Number.isInteger(atLeast) && atLeast > 0 ? atLeast : 1,
  };
}

const idPattern = /^[0-9a-f]{64}$/;

function usedFrom(object: KubeObject | undefined): UsedApprovals {
  const data = stringsAt(object, 'data');
  const ids = Object.entries(data).filter(([key]) => idPattern.test(key));
  return { plan: data['plan'] ?? '', ids: new Map(ids) };
}

/** The object that says what was used; ids that expired before `at` are dropped, for they count nowhere any more. */
export function usedObject(used: UsedApprovals, at: Instant, fleet: string): KubeObject {
  const kept = [...used.ids].filter(([, expires]) => !(Date.parse(expires) < Date.parse(at)));
  return {
    apiVersion: 'v1',
    kind: 'ConfigMap',
    metadata: {
      name: approvalsName,
      namespace: systemNamespace,
      labels: { [labels.component]: 'approvals', [labels.fleet]: fleet },
    },
    data: { plan: used.plan, ...Object.fromEntries(kept) },
  };
}
