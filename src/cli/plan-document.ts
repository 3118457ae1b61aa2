import { apiVersion } from '../lib/index.ts';
import { ownerName } from '../objects/index.ts';
import type { Plan } from '../deliver/index.ts';
import type { Provenance, Scope } from '../toryo.ts';

/** A plan as data: owners by name. */
export function planData(plan: Plan) {
  return {
    ...plan,
    waves: plan.waves.map((wave) => ({
      ...wave,
      clusters: wave.clusters.map((one) => ({
        ...one,
        changes: one.changes.map((change) => ({ ...change, owner: ownerName(change.owner) })),
      })),
    })),
  };
}

/** What a plan's file says besides the plan: for which fleet it is, and where its repository stands from the file's folder. */
export interface Imprint {
  readonly fleet: string;
  readonly scope: Scope;
  readonly root: string;
  readonly provenance: Provenance | undefined;
}

/** The text of a plan's file. Readers find out by its first two fields what it is. */
export function planDocument(plan: Plan, imprint: Imprint): string {
  const { fleet, scope, root, provenance } = imprint;
  const { hash, at, waves, ...rest } = planData(plan);
  const { deletions, prunes, adoptions = new Set<string>() } = scope.permissions;
  const document = {
    apiVersion,
    kind: 'Plan',
    hash,
    fleet,
    at,
    ...rest,
    scope: {
      clusters: scope.clusters,
      allowDelete: [...deletions].sort(),
      allowPrune: [...prunes].sort(),
      adopt: [...adoptions].sort(),
    },
    repository: { root, ...provenance },
    waves,
    approvals: [],
  };
  return `${JSON.stringify(document, null, 2)}\n`;
}
