import { approversName, systemNamespace } from '../lib/index.ts';
import type { KubeObject } from '../objects/index.ts';
import type { Cluster, Fleet } from '../spec/index.ts';

/**
 * Who may approve the next changes of a cluster, as an object on it: the change after this one is judged by what is there, not
 * by what it says itself.
 */
export function approversObjects(fleet: Fleet, { environment }: Cluster): readonly KubeObject[] {
  const approvers = fleet.approverKeys.get(environment);
  if (approvers === undefined || approvers.keys.length === 0) return [];
  return [
    {
      apiVersion: 'v1',
      kind: 'ConfigMap',
      metadata: { name: approversName, namespace: systemNamespace },
      data: {
        environment,
        atLeast: String(approvers.atLeast),
        keys: approvers.keys.map((key) => `${key}\n`).join(''),
      },
    },
  ];
}
