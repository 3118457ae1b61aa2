import type { Type } from './type.ts';
import type { Value } from './value.ts';

/** One form of a function. */
export interface Overload {
  /** As cel-go calls it where a cost or a message depends on it. */
  readonly id: string;
  readonly isMember: boolean;
  /** The target first, for a member. */
  readonly params: readonly Type[];
  readonly result: Type;
  /** Never called with an error. */
  readonly run: (args: readonly Value[], scope: CallScope) => Value;
  /** In units of the API server; without it an ordinary cost. */
  readonly cost?: (args: readonly Value[], result: Value) => number;
  /** Minor version of Kubernetes it came with. */
  readonly since: number;
  /** Minor version in which it was gone again. */
  readonly until?: number;
}

/** What functions may ask of the evaluation they are in. */
export interface CallScope {
  readonly ask: (check: AccessCheck) => AccessAnswer | undefined;
}

/** A question that an expression asks of `authorizer`. */
export interface AccessCheck {
  /** Undefined: whoever sent the request. */
  readonly serviceAccount?: { readonly namespace: string; readonly name: string };
  readonly path?: string;
  readonly group?: string;
  readonly resource?: string;
  readonly subresource?: string;
  readonly namespace?: string;
  readonly name?: string;
  readonly fieldSelector?: string;
  readonly labelSelector?: string;
  readonly verb: string;
}

export interface AccessAnswer {
  readonly isAllowed: boolean;
  readonly reason?: string;
  readonly error?: string;
}

/** A function with all its forms, by its name. */
export type Functions = ReadonlyMap<string, readonly Overload[]>;
