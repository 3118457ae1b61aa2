import { stringAt } from '../../lib/index.ts';
import type { KubeObject } from '../manifest.ts';
import { failed, healthy, progressing, suspended, unsure, type Health } from './state.ts';

const good = new Set(
  (
    'accepted active applied available bound complete completed compliant created deployed done enabled established ' +
    'exists finished green healthy health_ok initialized installed issued normal ok online operational provisioned ready reconciled ' +
    'released running scheduled succeeded success successful successfully synced up valid'
  ).split(' '),
);
const stopped = new Set(['suspended', 'paused', 'hibernated', 'stopped']);
const busy =
  /\b(appl|boot|build|changes|clon|configur|creat|delet|deploy|download|drain|expand|final|import|in ?progress|init|install|migrat|new\b|not (ready|reconciled)|pausing|pending|prepar|progress|promot|provision|queue|reconcil|renew|requested|resiz|restart|restor|roll|scal|schedul|setup|start|stopping|submitted|sync|terminat|uninit|uninstall|unready|updat|upgrad|validating|wait|yellow\b)/;
const bad =
  /\b(abort|already exists|back ?off|blocked|cancel|cannot|conflict|crash|degraded|denied|duplicate|err|exceeded|fail|forbidden|invalid|limit reached|lost\b|malformed|mismatch|missing|no .*found|non ?compliant|not (allowed|controlled|found|set)|red\b|refused|reject|stalled|terminal\b|time(d )?out|unable|unauthorized|unhealthy|unreachable|unsupported|violat|warn)/;

/** `UpdateFailed`, `update_failed` and `Update failed` as the same words: `update failed`. */
function wordsOf(text: string): string {
  return text
    .replaceAll(/([a-z0-9])([A-Z])/g, '$1 $2')
    .replaceAll(/([A-Z])([A-Z][a-z])/g, '$1 $2')
    .replaceAll(/[^A-Za-z]+/g, ' ')
    .toLowerCase();
}

/** What a phase says, whatever its letter case: `Running` is healthy, `UpdateFailed` failed, `Creating` progressing, `Blue` unknown. */
export function healthOfPhase(phase: string, why: string): Health {
  const word = phase.toLowerCase();
  if (good.has(word)) return healthy();
  if (stopped.has(word)) return suspended(why);
  if (isBad(phase)) return failed(why);
  return busy.test(wordsOf(phase)) ? progressing(why) : unsure(why);
}

/** The sentence that a controller left in its status. */
export function messageOf(object: KubeObject): string | undefined {
  const names = ['message', 'errorMessage', 'failureMessage', 'error', 'reason'];
  return names.map((name) => stringAt(object, 'status', name)).find((text) => (text ?? '') !== '');
}

/** True for a reason that does not go away by waiting: `ValidationFailed`, `SecretSyncedError`, not `Creating`. */
export function isBad(reason: string): boolean {
  return bad.test(wordsOf(reason));
}

/** True for a message that starts by saying so. */
export function tellsError(message: string): boolean {
  return /^(error|failed|cannot|invalid)\b/i.test(message);
}
