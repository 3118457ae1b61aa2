import type { DiagnosticCode, PathStep } from '../../lib/index.ts';
import type { RuledPod } from './pod.ts';
import type { PodRules } from './rules.ts';

/** One place where a pod breaks a rule. */
export interface Offence {
  /** `container web`, `volume data`, `pod`: what the sentence names. */
  readonly subject: string;
  /** What stands there, where the sentence tells it. */
  readonly detail?: string | undefined;
  /** Below the pod's spec. */
  readonly path: readonly PathStep[];
  /** Key of the pod's annotation that says it instead of the path. */
  readonly annotation?: string | undefined;
  /** Field of a SecurityProfile that decides here, where it is not the rule's. */
  readonly field?: string;
  /** What stands at the path; undefined: nothing. */
  readonly actual: unknown;
  /** The value that would be right, where one alone is; `null`: the field is removed. */
  readonly fix?: unknown;
}

/**
 * One rule about pods, said twice: for here, and in CEL for policies. Both give the same sentences for the same pod, which a test proves
 * on real API servers.
 */
export interface PodRule {
  readonly code: DiagnosticCode;
  /** Field of a SecurityProfile that decides. */
  readonly field: string;
  /** What a pod that breaks it does wrong: `must not be privileged`. */
  readonly says: string;
  readonly offences: (pod: RuledPod, rules: PodRules) => readonly Offence[];
  /** CEL: a list of offenders, each `SUBJECT` or `SUBJECT (DETAIL, DETAIL)`. */
  readonly cel: string;
}

/** What a broken rule is told as, here and by the API server: `TRY-SEC-010 must not be privileged: container web (profile restricted)`. */
export function ruleSentence(rule: PodRule, offences: readonly Offence[], profile: string): string {
  const bySubject = Map.groupBy(offences, (one) => one.subject);
  const offenders = [...bySubject].map(([subject, all]) => {
    const details = all.flatMap((one) => one.detail ?? []);
    return details.length === 0 ? subject : `${subject} (${details.join(', ')})`;
  });
  return `${rule.code} ${rule.says}: ${offenders.join(', ')} (profile ${profile})`;
}

/** CEL: containers for which a condition on `c` holds and no Waiver lets them; `details` is a list of texts about `c`. */
export function containersWhere(code: DiagnosticCode, condition: string, details?: string): string {
  const waived = `variables.waivers.exists(w, w.rule == '${code}' && (w.container == '' || w.container == c.name))`;
  const subject = withDetails(`'container ' + c.name`, details);
  return `variables.containers.filter(c, (${condition}) && !${waived}).map(c, ${subject})`;
}

/** CEL: volumes for which a condition on `v` holds; `details` is a list of texts about `v`. */
export function volumesWhere(code: DiagnosticCode, condition: string, details: string): string {
  const subject = withDetails(`'volume ' + v.name`, details);
  return `variables.volumes.filter(v, (${condition}) && !${waivedPod(code)}).map(v, ${subject})`;
}

/** CEL: the pod itself, where a condition holds; `details` is a list of texts. */
export function podWhere(code: DiagnosticCode, condition: string, details?: string): string {
  return `(${condition}) && !${waivedPod(code)} ? [${withDetails(`'pod'`, details)}] : []`;
}

// What is no container's is let in by a Waiver that names none.
function waivedPod(code: DiagnosticCode): string {
  return `variables.waivers.exists(w, w.rule == '${code}' && w.container == '')`;
}

function withDetails(subject: string, details: string | undefined): string {
  return details === undefined ? subject : `${subject} + ' (' + ${details}.join(', ') + ')'`;
}
