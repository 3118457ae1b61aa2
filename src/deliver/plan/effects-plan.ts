import { titleOf } from '../../objects/index.ts';
import type { Bundle } from '../../compile/index.ts';
import type { ClusterWorld } from '../../world/index.ts';
import { isWrite, type Change, type Effect } from './change.ts';
import { quotaEffects } from './quota-plan.ts';

/** What the changes do to quotas, and which of their pods Pod Security would warn about. Pure. */
export function effectsOf(
  bundle: Bundle,
  world: ClusterWorld,
  changes: readonly Change[],
): readonly Effect[] {
  return [...quotaEffects(bundle, world, changes), ...securityEffects(changes.filter(isWrite))];
}

const isPodSecurity = /PodSecurity/;

function securityEffects(writes: readonly Change[]): readonly Effect[] {
  return writes.flatMap((change) => {
    const texts = [...new Set((change.warnings ?? []).filter((text) => isPodSecurity.test(text)))];
    const subject = titleOf(change.subject);
    return texts.map((text): Effect => ({
      about: 'pod-security',
      subject,
      text: `${subject}: ${text}`,
      // The API server takes the workload and refuses its pods, and says which in the same words.
      isTooMuch: false,
    }));
  });
}
