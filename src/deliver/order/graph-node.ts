/** An object's RefKey, or the name of a gate: all of a kind, all of an owner, all tenants. */
export type NodeKey = string;

/** That one node waits for another. */
export interface Edge {
  readonly to: NodeKey;
  /** What is waited for: that it is stored, or that it is healthy too. */
  readonly tie: 'exists' | 'ready';
  /** What refers to it: `env DB_PASSWORD`, `needs`. */
  readonly by: string;
  /** The higher, the later it gives way in a circle. */
  readonly strength: number;
  /** When the target fails, what waits goes on. */
  readonly isOptional: boolean;
}

/** Something that has to be there, and what it waits for. */
export interface Node {
  readonly title: string;
  /** Among what may be written now the lowest tier goes first; undefined for a gate, which is written by nobody. */
  readonly tier: number | undefined;
  readonly edges: readonly Edge[];
}

/** How much a reference matters when references form a circle: the lowest gives way first. */
export const strengths = {
  /** Works without it. */
  optional: 0,
  /** All of a kind: isolation, quota, policy. */
  kind: 1,
  /** One object that has to be stored. */
  named: 2,
  /** One object that has to be healthy. */
  ready: 3,
  /** Without it the API server refuses the object. */
  required: 4,
  /** A person wrote it down. */
  declared: 5,
  /** More of the same, for the side of a gate on which its members stand. */
  gate: 0.5,
} as const;
