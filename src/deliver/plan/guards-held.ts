import { canonical } from '../../lib/index.ts';
import { guardNamedIn, guardSpecsOf, type GuardSpec } from '../../guard/index.ts';
import { refOf, titleOf, type KubeObject } from '../../objects/index.ts';

/** A namespace of an owner that went back, or is to go back, and what may hold it. */
export interface HeldSpace {
  /** As the revision gone back to has it. */
  readonly kept: KubeObject;
  readonly live: KubeObject;
  /** True: its owner is back; false: it is still to go. */
  readonly isBack: boolean;
  /** The Guards of the cluster. */
  readonly guards: readonly KubeObject[];
  /** What Tenant/platform goes back to when it is told to; empty where it cannot. */
  readonly before: readonly KubeObject[];
}

/**
 * What holds a namespace other than what its revision of before was made with: Guards are Tenant/platform's and go back with it alone.
 * One sentence with what to do; undefined when there is nothing to say. Pure.
 */
export function heldText({ kept, live, isBack, guards, before }: HeldSpace): string | undefined {
  const [now, then] = [guardSpecsOf(guards), guardSpecsOf(before)];
  const named = guardNamedIn(kept) ?? '';
  const spec = now.get(!isBack && now.has(named) ? named : (guardNamedIn(live) ?? ''));
  const earlier = then.get(named);
  if (spec === undefined || isSame(spec, earlier ?? now.get(named))) return undefined;
  const held = `profile ${spec.profile} still holds ${titleOf(refOf(kept))}`;
  return earlier === undefined
    ? `${held}, and Tenant/platform has no revision to go back to with the one of before: commit it, then \`toryo apply\``
    : `${held}, for Guards go back with Tenant/platform: \`toryo wave rollback Tenant/platform\``;
}

function isSame(left: GuardSpec, right: GuardSpec | undefined): boolean {
  return canonical(left) === canonical(right);
}
