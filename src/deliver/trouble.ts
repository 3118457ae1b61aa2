import { isFailure, type ToryoError } from '../lib/index.ts';
import { statusOf } from '../kube/index.ts';

/** True for an API server that does not answer, or says itself that it cannot now: nobody knows anything about an object. */
export function isAway(error: unknown): error is ToryoError {
  if (isFailure(error, 'TORYO_KUBE_UNREACHABLE', 'TORYO_KUBE_BUSY')) return true;
  // 500 is about the request: a webhook that cannot be called, for one. These are about the server.
  return isFailure(error, 'TORYO_KUBE_SERVER') && [502, 503, 504].includes(statusOf(error)?.code ?? 0);
}

/** True for what an API server says about one request; false where it, or this run, can do nothing more. */
export function isRefusal(error: unknown): error is ToryoError {
  return (
    isFailure(error) &&
    !isAway(error) &&
    !isFailure(error, 'TORYO_INTERRUPTED', 'TORYO_KUBE_UNAUTHENTICATED', 'TORYO_LEASE_LOST')
  );
}

/** The outcome that an error stands for. */
export function outcomeOf(error: unknown): 'unreachable' | 'blocked' | 'failed' {
  const isOutOfReach = isFailure(
    error,
    'TORYO_KUBE_CERTIFICATE',
    'TORYO_KUBE_UNAUTHENTICATED',
    'TORYO_KUBE_FORBIDDEN',
    'TORYO_KUBECONFIG',
    'TORYO_EXEC_PLUGIN',
  );
  if (isOutOfReach || isAway(error)) return 'unreachable';
  const isRefused = isFailure(error, 'TORYO_LOCKED', 'TORYO_BLOCKED', 'TORYO_PLAN_STALE', 'TORYO_APPROVAL');
  return isRefused ? 'blocked' : 'failed';
}

/** Waits for all, and throws the first error after the last has ended: what is still being written would be written without a lease. */
export async function allEnded(work: readonly Promise<unknown>[]): Promise<void> {
  const ends = await Promise.allSettled(work);
  for (const end of ends) if (end.status === 'rejected') throw end.reason;
}
